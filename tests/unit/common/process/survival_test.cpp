// What becomes of a command when the program that runs it is killed. A fork of this test plays that program.
#include <catch2/catch.hpp>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/files/files.hpp"
#include "common/process/child.hpp"
#include "common/process/run.hpp"
#include "proto/error.hpp"
#include "tests/support/processes.hpp"

using namespace prove;
using namespace std::chrono_literals;

namespace {

// Forks a program that does `work`, waits for `started` to appear, kills it with SIGKILL.
template <class Work>
void kill_during(const std::string& started, Work work) {
    const pid_t program = ::fork();
    if (program == 0) {
        work();
        ::_exit(0);
    }
    REQUIRE(comes_true(10s, [&] { return exists(started); }));
    ::kill(program, SIGKILL);
    REQUIRE(::waitpid(program, nullptr, 0) == program);
}

}  // namespace

TEST_CASE("P2 a command ends with the program that runs it", "[process]") {
    const TemporaryFolder folder;
    const std::string pid = folder.path() + "/pid";
    kill_during(pid, [&] {
        run_command(Command::shell("echo $$ > " + pid + ".new; mv " + pid + ".new " + pid + "; exec sleep 60"));
    });
    CHECK(comes_true(3s, [&] { return has_ended(std::stoi(read_whole_file(pid))); }));
}

TEST_CASE("a command that is to survive goes on to its end, with its output taken away", "[process]") {
    const TemporaryFolder folder;
    const std::string started = folder.path() + "/started", done = folder.path() + "/done", go = folder.path() + "/go";
    kill_during(started, [&] {
        CommandOptions options;
        options.survives_us = true;
        run_command(Command::shell("touch " + started + "; while ! test -e " + go +
                                   "; do sleep 0.01; done; head -c 1000000 /dev/zero && touch " + done),
                    options);
    });
    write_file_durably(go, "");
    CHECK(comes_true(5s, [&] { return exists(done); }));
}

TEST_CASE("a long-lived child ends with the program that started it", "[process]") {
    const TemporaryFolder folder;
    const std::string pid = folder.path() + "/pid";
    kill_during(pid, [&] {
        ChildOptions options;
        options.argv = {"/bin/sh", "-c", "echo $$ > " + pid + ".new; mv " + pid + ".new " + pid + "; exec sleep 60"};
        ChildProcess child(options);
        child.wait(60s);
    });
    CHECK(comes_true(3s, [&] { return has_ended(std::stoi(read_whole_file(pid))); }));
}
