// fetch at the target: one regular file, whole, or why not.
#include <catch2/catch.hpp>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/actions/families.hpp"
#include "agent/host/linux_host.hpp"
#include "common/files/files.hpp"
#include "common/time/clock.hpp"
#include "proto/fetched.hpp"
#include "tests/support/engine_tests.hpp"

using namespace prove;

namespace {

struct Deaf final : ActionEvents {
    void output(const std::string&, OutputStream, std::string_view) override {}
    void state_started(const StateInvocation&) override {}
    void state_finished(const StateInvocation&) override {}
    void note(const std::string&) override {}
};

struct Files {
    TemporaryFolder folder{"prove-fetch"};
    std::string path(const std::string& name) const { return folder.path() + "/" + name; }
    ActionResult fetch(const std::string& name) const {
        const FunctionRegistry functions = all_functions();
        prove::testing::MemoryContent contents;
        const SystemClock clock;
        Deaf events;
        Value body = Value::object();
        body.set("path", path(name));
        return run_action("fetch", body, {functions, contents, clock, events, [&] { return std::make_unique<LinuxHost>(clock); }, ""});
    }
    std::string refusal(const std::string& name) const {
        const ActionResult result = fetch(name);
        CHECK(result.end == JobResult::End::failed);
        CHECK(result.body.is_null());
        const std::string shown = "'" + path(name) + "'";
        const auto at = result.reason.find(shown);
        return at == std::string::npos ? result.reason
                                       : result.reason.substr(0, at) + "IT" + result.reason.substr(at + shown.size());
    }
};

}  // namespace

TEST_CASE("a file is fetched with its bytes, owner and mode", "[fetch]") {
    const Files files;
    for (const std::string& bytes : {std::string(), std::string("\0\xff\n", 3), std::string(most_fetched, 'x')}) {
        write_file_durably(files.path("a b"), bytes, 0640);
        const ActionResult result = files.fetch("a b");
        REQUIRE(result.end == JobResult::End::done);
        const Fetched fetched = fetched_from(result.body);
        CHECK(fetched.bytes == bytes);
        CHECK(fetched.mode == 0640);
        CHECK(fetched.path == files.path("a b"));
        CHECK_FALSE(fetched.user.empty());
    }
}

TEST_CASE("what is no regular file, or too large, is not fetched, and why", "[fetch]") {
    const Files files;
    CHECK(files.refusal("missing") == "there is no file IT");
    make_folders(files.path("folder"));
    CHECK(files.refusal("folder") == "IT is a folder; copy takes one file at a time");
    CHECK(::symlink("/etc/shadow", files.path("link").c_str()) == 0);
    CHECK(files.refusal("link") == "IT is a symbolic link to '/etc/shadow'; name the file itself");
    CHECK(::mkfifo(files.path("pipe").c_str(), 0600) == 0);
    CHECK(files.refusal("pipe") == "IT is no regular file");
    write_file_durably(files.path("large"), std::string(most_fetched + 1, 'x'));
    CHECK(files.refusal("large") == "IT has 2.0 MiB; copy takes at most 2 MiB from a target");
    CHECK(files.refusal("../x").find("..") != std::string::npos);
}

TEST_CASE("a file that grows while it is read, or tells no size, is cut off by the limit and refused", "[fetch]") {
    const Files files;
    Value body = Value::object();
    body.set("path", "/proc/self/pagemap");  // has no size, and endless bytes
    CHECK_THROWS_AS(LinuxHost(SystemClock()).read_file(Path("/proc/self/pagemap"), most_fetched), Error);
    write_file_durably(files.path("x"), "");
    CHECK(files.fetch("x").end == JobResult::End::done);
}
