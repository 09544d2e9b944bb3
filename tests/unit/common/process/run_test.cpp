// Running commands: real ones, with nothing left of them where we ended them.
#include "common/process/run.hpp"

#include <catch2/catch.hpp>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <thread>
#include <vector>

#include "common/files/files.hpp"
#include "common/text/text.hpp"
#include "common/time/clock.hpp"
#include "proto/error.hpp"
#include "tests/support/processes.hpp"

using namespace prove;
using namespace std::chrono_literals;

namespace {

Command command(std::vector<std::string> argv) {
    Command result;
    result.argv = std::move(argv);
    return result;
}

// A sleeping command that no other process looks like.
std::string unique_sleep() {
    static std::atomic<int> number{0};
    return "sleep 999." + std::to_string(::getpid()) + std::to_string(++number);
}

std::string mark_of(std::string sleep) {
    sleep[5] = '\0';  // as /proc has it
    return sleep;
}

ErrorKind kind_of(const Command& wrong) {
    try {
        run_command(wrong);
    } catch (const Error& error) {
        return error.kind();
    }
    FAIL("it was run");
    return ErrorKind::internal;
}

}  // namespace

TEST_CASE("a command gives its exit code, its output and its errors", "[process]") {
    const auto result = run_command(Command::shell("echo out; echo err >&2; exit 3"));
    CHECK(result.exit_code == 3);
    CHECK(result.out == "out\n");
    CHECK(result.err == "err\n");
    CHECK(result.signal == 0);
    CHECK_FALSE(result.succeeded());
    CHECK(run_command(command({"true"})).succeeded());
}

TEST_CASE("a signal that ends a command is told, also as an exit code", "[process]") {
    const auto result = run_command(Command::shell("kill -9 $$"));
    CHECK(result.signal == 9);
    CHECK(result.exit_code == 137);
    CHECK_FALSE(result.timed_out);
}

TEST_CASE("S84 arguments reach the program as they are, without a shell", "[process]") {
    CHECK(run_command(command({"printf", "%s|", "a b", "$HOME", "", "*", "'"})).out == "a b|$HOME||*|'|");
}

TEST_CASE("S84 the environment is fixed: PATH, HOME, LANG, and what the command adds", "[process]") {
    REQUIRE(::setenv("PROVE_TEST_LEAK", "secret", 1) == 0);
    Command env = command({"env"});
    env.env["PROVE_JOB"] = "01jd8zk4";
    auto lines = split_lines(run_command(env).out);
    std::sort(lines.begin(), lines.end());
    REQUIRE(lines.size() == 4);
    CHECK(lines[0].rfind("HOME=/", 0) == 0);
    CHECK(lines[1] == "LANG=C.UTF-8");
    CHECK(lines[2].rfind("PATH=/usr/local/sbin:", 0) == 0);
    CHECK(lines[3] == "PROVE_JOB=01jd8zk4");
    env.env["A=B"] = "x";
    CHECK(kind_of(env) == ErrorKind::invalid);
}

TEST_CASE("S84 a command inherits no descriptor but its three, and has a session of its own", "[process]") {
    const int leaked = ::dup(1);  // without close-on-exec
    const auto open = split_words(run_command(Command::shell("ls /proc/$$/fd")).out);
    CHECK(open == std::vector<std::string>{"0", "1", "2"});
    ::close(leaked);
    CHECK(run_command(Command::shell("test $(ps -o sid= -p $$) = $$")).succeeded());
}

TEST_CASE("S84 a command begins with no signal ignored or blocked", "[process]") {
    ::signal(SIGPIPE, SIG_IGN);
    const auto status = run_command(command({"grep", "-E", "^Sig(Blk|Ign)", "/proc/self/status"})).out;
    ::signal(SIGPIPE, SIG_DFL);
    CHECK(status == "SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n");
}

TEST_CASE("a command gets its input, or none at all", "[process]") {
    Command cat = command({"cat"});
    CHECK(run_command(cat).out.empty());
    cat.input = std::string(300'000, 'x');
    CHECK(run_command(cat).out == cat.input);
}

TEST_CASE("a command runs in its folder and with its umask", "[process]") {
    const TemporaryFolder folder;
    Command shell = Command::shell("pwd; umask");
    shell.cwd = folder.path();
    shell.umask = 0027;
    CHECK(run_command(shell).out == folder.path() + "\n0027\n");
    CHECK(run_command(Command::shell("pwd")).out == "/\n");
}

TEST_CASE("a command runs as another user with exactly that user's groups", "[process]") {
    if (::geteuid() != 0) return;
    Command id = Command::shell("id -u; id -g; id -G; echo $HOME");
    id.user = "nobody";
    CHECK(run_command(id).out == "65534\n65534\n65534\n/nonexistent\n");
    id.user = "65534";
    id.group = "daemon";
    CHECK(split_lines(run_command(id).out)[1] == "1");
    id.user = "no-such-user";
    CHECK(kind_of(id) == ErrorKind::missing);
    id.user = "nobody";
    id.group = "no-such-group";
    CHECK(kind_of(id) == ErrorKind::missing);
}

TEST_CASE("what cannot be started is an error that says why", "[process]") {
    CHECK(kind_of(command({"no-such-program-here"})) == ErrorKind::missing);
    CHECK(kind_of(command({"/no/such/program"})) == ErrorKind::missing);
    CHECK(kind_of(command({"/etc/passwd"})) == ErrorKind::refused);
    CHECK(kind_of(command({})) == ErrorKind::invalid);
    CHECK(kind_of(command({""})) == ErrorKind::invalid);
    CHECK(kind_of(command({"echo", std::string("a\0b", 3)})) == ErrorKind::invalid);
    Command nowhere = command({"true"});
    nowhere.cwd = "/no/such/folder";
    CHECK(kind_of(nowhere) == ErrorKind::missing);
    try {
        run_command(nowhere);
    } catch (const Error& error) {
        CHECK(error.text() == "cannot run 'true' in '/no/such/folder': no such file or directory");
    }
}

TEST_CASE("output comes as it is written, and more than the limit is dropped but still streamed", "[process]") {
    std::size_t streamed = 0;
    CommandOptions options;
    options.output = [&](OutputStream stream, std::string_view bytes) {
        if (stream == OutputStream::out) streamed += bytes.size();
    };
    Command big = Command::shell("head -c 3000000 /dev/zero; head -c 10 /dev/zero >&2");
    big.output_limit = 1'000;
    const auto result = run_command(big, options);
    CHECK(streamed == 3'000'000);
    CHECK(result.out.size() == 1'000);
    CHECK(result.err.size() == 10);
    CHECK(result.truncated);
}

TEST_CASE("output is streamed while the command still runs", "[process]") {
    const TemporaryFolder folder;
    const std::string seen = folder.path() + "/seen";
    CommandOptions options;
    options.output = [&](OutputStream, std::string_view) { write_file_durably(seen, ""); };
    // It ends only when its first line was heard.
    Command waits = Command::shell("echo first; while ! test -e " + seen + "; do sleep 0.01; done");
    waits.timeout = 10s;
    CHECK(run_command(waits, options).succeeded());
}

TEST_CASE("A7 cancelling ends the whole tree, sessions of its own included", "[process]") {
    const std::string sleep = unique_sleep();
    Cancellation cancellation;
    CommandOptions options;
    options.cancellation = &cancellation;
    options.output = [&](OutputStream, std::string_view) { cancellation.cancel("by me"); };
    const auto result =
        run_command(Command::shell(sleep + " & setsid " + sleep + " & echo started; setsid " + sleep), options);
    CHECK(result.cancelled);
    CHECK_FALSE(result.timed_out);
    CHECK_FALSE(result.succeeded());
    CHECK(result.duration < 2s);
    CHECK(count_processes(mark_of(sleep)) == 0);
}

TEST_CASE("A7 a double fork into a session of its own does not escape", "[process]") {
    const std::string sleep = unique_sleep();
    Command escapes = Command::shell("(setsid sh -c '" + sleep + " & " + sleep + " &' &) ; " + sleep);
    escapes.timeout = 300ms;
    CHECK(run_command(escapes).timed_out);
    CHECK(count_processes(mark_of(sleep)) == 0);
}

TEST_CASE("A7 what ignores SIGTERM is killed within two seconds", "[process]") {
    const std::string sleep = unique_sleep();
    Command stubborn = Command::shell("trap '' TERM; setsid sh -c \"trap '' TERM; " + sleep + "; " + sleep + "\" & " +
                                      sleep + "; " + sleep);
    stubborn.timeout = 200ms;
    const auto result = run_command(stubborn);
    CHECK(result.timed_out);
    CHECK(result.signal == SIGKILL);
    CHECK(result.duration < 2s);
    CHECK(count_processes(mark_of(sleep)) == 0);
}

TEST_CASE("a stopped command ends too", "[process]") {
    Command stopped = Command::shell("kill -STOP $$");
    stopped.timeout = 200ms;
    const auto result = run_command(stopped);
    CHECK(result.timed_out);
    CHECK(result.signal == SIGTERM);
}

TEST_CASE("A8 a daemon that keeps the output open does not hang the run, and stays", "[process]") {
    const std::string sleep = unique_sleep();
    const auto result = run_command(Command::shell("setsid " + sleep + " & echo $!"));
    CHECK(result.succeeded());
    CHECK(result.duration < 2s);
    CHECK(count_processes(mark_of(sleep)) == 1);
    ::kill(std::stoi(result.out), SIGKILL);
}

TEST_CASE("a command that was cancelled before it began ends at once", "[process]") {
    Cancellation cancellation;
    cancellation.cancel("too late");
    CommandOptions options;
    options.cancellation = &cancellation;
    const auto result = run_command(command({"sleep", "60"}), options);
    CHECK(result.cancelled);
    CHECK(result.duration < 2s);
}

TEST_CASE("an exception from the output's receiver ends the command", "[process]") {
    const std::string sleep = unique_sleep();
    CommandOptions options;
    options.output = [](OutputStream, std::string_view) { throw Error(ErrorKind::full, "no room"); };
    CHECK_THROWS_AS(run_command(Command::shell("echo x; setsid " + sleep), options), Error);
    CHECK(count_processes(mark_of(sleep)) == 0);
}

TEST_CASE("a command starts only after its supervisor was shown", "[process]") {
    const TemporaryFolder folder;
    const std::string mark = folder.path() + "/ready";
    CommandOptions options;
    int shown = 0;
    options.before_start = [&](int pid) {
        shown = pid;
        write_file_durably(mark, "");
    };
    const auto result = run_command(Command::shell("test -e " + mark + " && ps -o ppid= -p $$"), options);
    REQUIRE(result.succeeded());
    CHECK(std::stoi(result.out) == shown);
}

TEST_CASE("many commands run at once in one process, none takes another's child", "[process]") {
    std::vector<std::thread> threads;
    std::atomic<int> right{0};
    for (int thread = 0; thread < 8; ++thread)
        threads.emplace_back([&, thread] {
            for (int i = 0; i < 20; ++i) {
                const int code = (thread * 20 + i) % 200;
                const auto result = run_command(
                    Command::shell("(setsid true &); echo " + std::to_string(code) + "; exit " + std::to_string(code)));
                if (result.exit_code == code && result.out == std::to_string(code) + "\n") ++right;
            }
        });
    for (auto& thread : threads) thread.join();
    CHECK(right == 160);
}

TEST_CASE("no descriptor and no child is left after many runs", "[process]") {
    const auto open_before = list_folder("/proc/self/fd").size();
    for (int i = 0; i < 50; ++i) run_command(command({"true"}));
    Command slow = command({"sleep", "60"});
    slow.timeout = 20ms;
    run_command(slow);
    CHECK_THROWS_AS(run_command(command({"no-such-program-here"})), Error);
    CHECK(list_folder("/proc/self/fd").size() == open_before);
    CHECK(read_whole_file("/proc/thread-self/children").empty());
}

TEST_CASE("a program that is given by its bytes runs from memory, as a script or not, and leaves no file", "[process]") {
    Command command;
    command.argv = {"sums", "1", "2"};
    command.program = std::make_shared<const std::string>("#!/bin/sh\necho $(($1 + $2)); cat; ls /proc/self/fd | wc -l\n");
    command.input = "told\n";
    const auto script = run_command(command);
    CHECK(script.out.rfind("3\ntold\n", 0) == 0);
    command.argv = {"true"};
    command.program = std::make_shared<const std::string>(read_whole_file("/bin/true"));
    CHECK(run_command(command).exit_code == 0);
    command.program = std::make_shared<const std::string>("no program");
    CHECK_THROWS_WITH(run_command(command), "cannot run 'true': it is neither a script that begins with #! nor a program for "
                                            "this machine");
}
