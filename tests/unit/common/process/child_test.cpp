// Long-lived children: pipes, limits, and an end with their owner.
#include "common/process/child.hpp"

#include <catch2/catch.hpp>
#include <fcntl.h>
#include <unistd.h>

#include <array>

#include "common/files/files.hpp"
#include "proto/error.hpp"
#include "tests/support/processes.hpp"

using namespace prove;
using namespace std::chrono_literals;

namespace {

ChildOptions shell(const std::string& line) {
    ChildOptions options;
    options.argv = {"/bin/sh", "-c", line};
    return options;
}

std::string read_line(const Fd& fd) {
    std::string line;
    char c = 0;
    while (::read(fd.get(), &c, 1) == 1 && c != '\n') line.push_back(c);
    return line;
}

}  // namespace

TEST_CASE("a child answers through its pipes until its input ends", "[process]") {
    ChildProcess child(shell("while read line; do echo \"got $line\"; done; exit 4"));
    write_all(child.input(), "one\n", "a child");
    CHECK(read_line(child.output()) == "got one");
    CHECK_FALSE(child.ended().has_value());
    write_all(child.input(), "two\n", "a child");
    CHECK(read_line(child.output()) == "got two");
    child.input().close();
    REQUIRE(child.wait(5s));
    CHECK(child.ended() == "exit code 4");
}

TEST_CASE("a child that goes out of scope is killed and reaped, with its group", "[process]") {
    int inner = 0;
    {
        ChildProcess child(shell("sleep 60 & echo $!; wait"));
        inner = std::stoi(read_line(child.output()));
        CHECK_FALSE(has_ended(inner));
    }
    CHECK(comes_true(2s, [&] { return has_ended(inner); }));
    CHECK(read_whole_file("/proc/thread-self/children").empty());
}

TEST_CASE("waiting for a child that runs on ends in time", "[process]") {
    ChildProcess child(shell("sleep 60"));
    CHECK_FALSE(child.wait(20ms));
    child.kill();
    CHECK(child.ended() == "signal 9");
    CHECK(child.wait(0ms));
}

TEST_CASE("a child has limits, no core dumps, and no secrets of ours", "[process]") {
    ChildOptions options = shell("ulimit -c; ulimit -t; ulimit -v; ulimit -n; ls /proc/$$/fd; env | wc -l");
    options.limits.cpu_seconds = 20;
    options.limits.memory_bytes = 256u << 20;
    options.limits.open_files = 32;
    ChildProcess child(options);
    CHECK(read_line(child.output()) == "0");
    CHECK(read_line(child.output()) == "20");
    CHECK(read_line(child.output()) == "262144");
    CHECK(read_line(child.output()) == "32");
    for (const char* number : {"0", "1", "2"}) CHECK(read_line(child.output()) == number);
    CHECK(read_line(child.output()) == "4");  // PATH, HOME, LANG, and sh's own PWD
}

TEST_CASE("a child that uses up its processor time is killed", "[process]") {
    ChildOptions options = shell("while :; do :; done");
    options.limits.cpu_seconds = 1;
    ChildProcess child(options);
    REQUIRE(child.wait(10s));
    CHECK(child.ended()->rfind("signal", 0) == 0);
}

TEST_CASE("further descriptors are given by position", "[process]") {
    std::array<int, 2> ends{};
    REQUIRE(::pipe2(ends.data(), O_CLOEXEC) == 0);
    const Fd read_end(ends[0]);
    Fd write_end(ends[1]);
    ChildOptions options = shell("echo hello >&3");
    options.extra = {&write_end};
    ChildProcess child(options);
    write_end.close();
    CHECK(read_line(read_end) == "hello");
}

// ThreadSanitizer turns vfork into fork, so that its parent does not wait for the exec.
#ifndef __SANITIZE_THREAD__
TEST_CASE("a child that cannot be started is an error at once", "[process]") {
    ChildOptions options;
    options.argv = {"/no/such/program"};
    CHECK_THROWS_AS(ChildProcess(options), Error);
    CHECK(read_whole_file("/proc/thread-self/children").empty());
}
#endif
