// Programs that ask in a terminal and nowhere else.
#include <catch2/catch.hpp>

#include "common/process/terminal.hpp"
#include "proto/error.hpp"

using namespace prove;

namespace {

int asked_shell(const std::string& script, const std::optional<std::string>& answer, int& asked) {
    return run_in_terminal({"/bin/sh", "-c", script}, [&] {
        ++asked;
        return answer;
    });
}

constexpr const char* question = "printf 'Password: ' >/dev/tty; IFS= read -r p </dev/tty; [ \"$p\" = 'right one' ]";

}  // namespace

TEST_CASE("a program that asks in its terminal gets the answer there", "[process]") {
    int asked = 0;
    CHECK(asked_shell(question, "right one", asked) == 0);
    CHECK(asked_shell(question, "wrong", asked) == 1);
    CHECK(asked == 2);
}

TEST_CASE("one that does not ask is not answered, and its exit code is what it ends with", "[process]") {
    int asked = 0;
    CHECK(asked_shell("echo hello >/dev/tty; exit 7", "x", asked) == 7);
    CHECK(asked_shell("kill -9 $$", "x", asked) == 137);
    CHECK(asked == 0);
}

TEST_CASE("it is answered once: what it asks after that is its own affair", "[process]") {
    int asked = 0;
    CHECK(asked_shell("for i in 1 2; do printf 'Password:' >/dev/tty; done; read p </dev/tty; exit 3", std::nullopt,
                      asked) == 3);
    CHECK(asked == 1);
}

TEST_CASE("a program that is not there cannot be run in a terminal either", "[process]") {
    CHECK_THROWS_WITH(run_in_terminal({"/does/not/exist"}, [] { return std::optional<std::string>(); }),
                      Catch::Contains("cannot run '/does/not/exist'"));
}
