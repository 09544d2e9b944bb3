// The operations at the target, each through the boundary that agent and prove-cli use.
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <thread>

#include "agent/actions/families.hpp"
#include "tests/support/engine_tests.hpp"
#include "tests/support/state_run_yaml.hpp"

using namespace prove;

namespace {

struct Listening final : ActionEvents {
    void output(const std::string& state, OutputStream stream, std::string_view bytes) override {
        (stream == OutputStream::out ? out : err) += bytes;
        if (!state.empty()) states_with_output.push_back(state);
    }
    void state_started(const StateInvocation& invocation) override { heard += "+" + invocation.state.text(); }
    void state_finished(const StateInvocation& invocation) override { heard += "-" + invocation.state.text(); }
    void note(const std::string& text) override { notes.push_back(text); }
    std::string out, err, heard;
    std::vector<std::string> states_with_output, notes;
};

class Target {
  public:
    ActionResult run(const std::string& operation, const Value& body) {
        ActionContext context{functions,
                              contents,
                              clock,
                              events,
                              [this] { return std::make_unique<LinuxHost>(clock); },
                              folder.path() + "/ledger"};
        context.facts_folder = folder.path() + "/facts.d";
        context.cancellation = &cancellation;
        context.job = "01testjob";
        return run_action(operation, body, context);
    }
    ActionResult cmd(const std::string& shell, std::int64_t timeout_ms = 30'000) {
        CmdBody body;
        body.shell = shell;
        body.timeout_ms = timeout_ms;
        return run("cmd", to_value(body));
    }
    ActionResult states(RunMode mode, const std::string& yaml) {
        StatesBody body;
        body.mode = mode;
        body.run = to_value(test::RunYaml(replace_all(yaml, "$/", folder.path() + "/"), contents).run());
        return run("states", to_value(body));
    }

    TemporaryFolder folder{"prove-actions"};
    FunctionRegistry functions = all_functions();
    prove::testing::MemoryContent contents;
    SystemClock clock;
    Listening events;
    Cancellation cancellation;
};

CmdResultBody body_of(const ActionResult& result) {
    return cmd_result_body_from(result.body);
}

}  // namespace

TEST_CASE("ping answers", "[actions]") {
    const ActionResult result = Target().run("ping", Value::object());
    CHECK(result.end == JobResult::End::done);
    CHECK(result.body == Value::object());
}

TEST_CASE("an operation that this Prove does not have is refused", "[actions]") {
    const ActionResult result = Target().run("reboot", Value::object());
    CHECK(result.end == JobResult::End::refused);
    CHECK(result.reason == "this Prove has no operation 'reboot'");
}

TEST_CASE("S46 a body with unknown fields fails the job with a clear text", "[actions]") {
    const ActionResult result = Target().run("ping", read_json(R"({"extra": 1})"));
    CHECK(result.end == JobResult::End::failed);
    CHECK(result.reason.find("'extra'") != std::string::npos);
    CHECK(Target().run("cmd", read_json(R"({"shell": 5})")).end == JobResult::End::failed);
    CHECK(Target().run("states", read_json("[]")).end == JobResult::End::failed);
}

TEST_CASE("facts gathers what was asked for, and names custom facts that could not be had", "[actions]") {
    Target target;
    make_folders(target.folder.path() + "/facts.d");
    write_file_durably(target.folder.path() + "/facts.d/site.json", R"({"city": "Oslo"})", 0644);
    const ActionResult all = target.run("facts", Value::object());
    CHECK(all.end == JobResult::End::done);
    CHECK(all.body.at("facts").at("custom").at("site").at("city").text() == "Oslo");
    CHECK(all.body.find("problems") == nullptr);

    const ActionResult some = target.run("facts", read_json(R"({"names": ["os.family"]})"));
    CHECK(some.body.at("facts").find("os") != nullptr);
    CHECK(some.body.at("facts").find("custom") == nullptr);

    write_file_durably(target.folder.path() + "/facts.d/broken.json", "{", 0644);
    CHECK(target.run("facts", Value::object()).body.at("problems").list().size() == 1);
}

// ---- cmd

TEST_CASE("cmd gives the exit code and both streams, and tells them while it runs", "[actions]") {
    Target target;
    const ActionResult result = target.cmd("echo out; echo err >&2; exit 3");
    CHECK(result.end == JobResult::End::failed);
    CHECK(result.reason == "exit code 3");
    CHECK(body_of(result).exit_code == 3);
    CHECK(body_of(result).out == "out\n");
    CHECK(body_of(result).err == "err\n");
    CHECK(target.events.out == "out\n");
    CHECK(target.events.err == "err\n");
    CHECK(target.cmd("true").end == JobResult::End::done);
}

TEST_CASE("S84 cmd runs with a fixed environment, the job's id and what the operator adds", "[actions]") {
    Target target;
    CmdBody body;
    body.argv = {"/bin/sh", "-c", "echo $PROVE_JOB $EXTRA $LANG $SECRET; pwd; cat"};
    body.env = {{"EXTRA", "more"}};
    body.cwd = target.folder.path();
    body.input = "input";
    const std::string out = body_of(target.run("cmd", to_value(body))).out;
    CHECK(out == "01testjob more C.UTF-8\n" + target.folder.path() + "\ninput");
}

TEST_CASE("A7 A8 cmd ends with its whole process tree when its time is over", "[actions]") {
    Target target;
    const std::int64_t began = target.clock.boot_ms();
    const ActionResult result = target.cmd("sleep 999 & setsid sleep 999", 300);
    CHECK(result.end == JobResult::End::failed);
    CHECK(result.reason.find("did not end within 300") != std::string::npos);
    CHECK(body_of(result).timed_out);
    CHECK(target.clock.boot_ms() - began < 20'000);
}

TEST_CASE("A7 cmd ends when it is cancelled, and does not start after that", "[actions]") {
    Target target;
    std::thread canceller([&] {
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
        target.cancellation.cancel("by root");
    });
    const ActionResult result = target.cmd("sleep 999");
    canceller.join();
    CHECK(result.end == JobResult::End::cancelled);
    CHECK(target.cmd("touch " + target.folder.path() + "/late").end == JobResult::End::cancelled);
    CHECK_FALSE(exists(target.folder.path() + "/late"));
}

TEST_CASE("cmd says when a signal ended the command, and when it is not there", "[actions]") {
    Target target;
    CHECK(target.cmd("kill -TERM $$").reason == "ended by signal 15");
    CmdBody body;
    body.argv = {"/no/such/program"};
    const ActionResult result = target.run("cmd", to_value(body));
    CHECK(result.end == JobResult::End::failed);
    CHECK(result.reason.find("/no/such/program") != std::string::npos);
}

TEST_CASE("cmd keeps a part of very much output, and says that it is cut", "[actions]") {
    Target target;
    const ActionResult result = target.cmd("head -c 3000000 /dev/zero; head -c 3000000 /dev/zero >&2");
    CHECK(body_of(result).truncated);
    CHECK(write_json(result.body).size() < result_limit);
    CHECK_NOTHROW(read_json(write_json(result.body)));  // as the master does (P3)
}

TEST_CASE("cmd wants a program or a shell line, and not both", "[actions]") {
    CmdBody both;
    both.shell = "true";
    both.argv = {"true"};
    const Value body = [&] {
        try {
            return to_value(both);
        } catch (const Error&) {
            return Value::object();
        }
    }();
    CHECK(Target().run("cmd", body).end == JobResult::End::failed);
    CHECK(Target().run("cmd", Value::object()).end == JobResult::End::failed);
}

// ---- states

TEST_CASE("states applies and plans, and tells states as they come", "[actions]") {
    Target target;
    const char* const wanted = "a: [{fn: file.managed, path: $/a, content: x}]\n";
    const ActionResult plan = target.states(RunMode::plan, wanted);
    CHECK(plan.end == JobResult::End::done);
    CHECK(run_report_from(plan.body.at("report")).invocations.at(0).outcome == Outcome::would_change);
    CHECK_FALSE(exists(target.folder.path() + "/a"));
    // A plan leaves nothing behind, not even a ledger.
    CHECK(list_folder(target.folder.path()).empty());

    const ActionResult apply = target.states(RunMode::apply, wanted);
    CHECK(apply.end == JobResult::End::done);
    CHECK(run_report_from(apply.body.at("report")).invocations.at(0).outcome == Outcome::changed);
    CHECK(read_whole_file(target.folder.path() + "/a") == "x");
    CHECK(target.events.heard == "+a-a+a-a");
}

TEST_CASE("a failed run is a failed result that names the state and its reason", "[actions]") {
    Target target;
    const ActionResult result = target.states(RunMode::apply, "bad: [{fn: cmd.run, cmd: 'echo oops; exit 4'}]\n");
    CHECK(result.end == JobResult::End::failed);
    CHECK(result.reason.find("'bad' failed: ") == 0);
    CHECK(target.events.out == "oops\n");
    CHECK(target.events.states_with_output == std::vector<std::string>{"bad"});
}

TEST_CASE("debts are kept in the ledger's folder from run to run", "[actions]") {
    Target target;
    const char* const wanted =
        "a: [{fn: file.managed, path: $/a, content: x, notify: [r]}]\n"
        "r: {lazy: true, parts: [{fn: cmd.run, cmd: 'test -e $/allowed'}]}\n";
    CHECK(target.states(RunMode::apply, wanted).end == JobResult::End::failed);
    write_file_durably(target.folder.path() + "/allowed", "");
    const ActionResult second = target.states(RunMode::apply, wanted);
    const RunReport report = run_report_from(second.body.at("report"));
    CHECK(test::story(report) == "a:ok r:changed");
    CHECK(report.invocations.at(1).why == StateInvocation::Why::owed);
    CHECK(test::story(run_report_from(target.states(RunMode::apply, wanted).body.at("report"))) == "a:ok");
}

TEST_CASE("what was applied is remembered from run to run, and a host that moved since is told as drift", "[actions]") {
    Target target;
    const std::string wanted = "a: [{fn: file.managed, path: $/a, content: x}]\n", path = target.folder.path() + "/a";
    const auto cause = [&](RunMode mode) {
        const RunReport report = run_report_from(target.states(mode, wanted).body.at("report"));
        REQUIRE(report.notes.empty());
        return report.invocations.at(0).cause;
    };
    CHECK(cause(RunMode::plan) == Cause::intended);
    CHECK_FALSE(exists(target.folder.path() + "/ledger"));
    CHECK(cause(RunMode::apply) == Cause::intended);
    CHECK(cause(RunMode::apply) == Cause::none);
    write_file_durably(path, "by hand", 0644);
    CHECK(cause(RunMode::plan) == Cause::drift);
    CHECK(cause(RunMode::apply) == Cause::drift);
    CHECK(read_whole_file(path) == "x");
}

TEST_CASE("a converged run does not write anew what was applied", "[actions]") {
    Target target;
    const std::string wanted = "a: [{fn: file.managed, path: $/a, content: x}]\n", ledger = target.folder.path() + "/ledger";
    target.states(RunMode::apply, wanted);
    // Written anew it would be another file: a hard link shows whether it is.
    std::filesystem::create_hard_link(ledger + "/applied", ledger + "/before");
    target.states(RunMode::apply, wanted);
    CHECK(std::filesystem::equivalent(ledger + "/applied", ledger + "/before"));
}

TEST_CASE("where what was applied cannot be read the run says so, and remembers anew", "[actions]") {
    Target target;
    const std::string wanted = "a: [{fn: file.managed, path: $/a, content: x}]\n", ledger = target.folder.path() + "/ledger";
    target.states(RunMode::apply, wanted);
    write_file_durably(ledger + "/applied", "not this");
    write_file_durably(target.folder.path() + "/a", "by hand", 0644);
    const RunReport report = run_report_from(target.states(RunMode::apply, wanted).body.at("report"));
    CHECK(report.invocations.at(0).cause == Cause::intended);
    REQUIRE(report.notes.size() == 1);
    CHECK(report.notes[0] == "what was applied last is not known, so every change counts as intended: '" + ledger +
                                 "/applied' is damaged");
    CHECK(read_applied(ledger).size() == 1);
}

TEST_CASE("facts are there for the conditions that ask for them", "[actions]") {
    Target target;
    const ActionResult result = target.states(
        RunMode::apply, "a: [{fn: file.managed, path: $/a, content: x, onlyif: {fact: kernel.name=Linux}}]\n");
    CHECK(run_report_from(result.body.at("report")).invocations.at(0).outcome == Outcome::changed);
}

TEST_CASE("A6 a second apply waits for the first, and says for whom", "[actions]") {
    Target target;
    auto lock = RunLock::try_acquire(target.folder.path() + "/ledger", "job 01other, process 7");
    REQUIRE(lock);
    std::thread release([&] {
        while (target.events.notes.empty()) std::this_thread::sleep_for(std::chrono::milliseconds(5));
        lock.reset();
    });
    const ActionResult result = target.states(RunMode::apply, "a: [{fn: file.managed, path: $/a, content: x}]\n");
    release.join();
    CHECK(result.end == JobResult::End::done);
    CHECK(target.events.notes == std::vector<std::string>{"waiting for job 01other, process 7"});
}

TEST_CASE("a plan waits for nobody", "[actions]") {
    Target target;
    const auto lock = RunLock::try_acquire(target.folder.path() + "/ledger", "job 01other");
    CHECK(target.states(RunMode::plan, "a: [{fn: file.managed, path: $/a, content: x}]\n").end == JobResult::End::done);
}

TEST_CASE("a large run comes by its hash", "[actions]") {
    Target target;
    const StateRun run =
        test::RunYaml("a: [{fn: file.directory, path: " + target.folder.path() + "/d}]\n", target.contents).run();
    const std::string text = write_json(to_value(run));
    StatesBody body;
    body.mode = RunMode::apply;
    body.blob = BlobRef{target.contents.add(text).hash, text.size()};
    CHECK(target.run("states", to_value(body)).end == JobResult::End::done);
    CHECK(is_folder(target.folder.path() + "/d"));
}

TEST_CASE("a report that is too large is cut, and says what is missing", "[actions]") {
    RunReport report;
    report.target = TargetId("here");
    for (int i = 0; i < 200; ++i) {
        StateInvocation invocation;
        invocation.state = StateId("s" + std::to_string(i));
        StatePartInvocation part;
        part.function = "file.managed";
        part.output = std::string(500, 'o');
        part.changes.push_back({"file /x", "content", "a", "b", std::string(1'000, 'd'), false});
        invocation.parts.push_back(part);
        report.invocations.push_back(invocation);
    }
    const std::size_t whole = write_json(to_value(report)).size();
    CHECK(within_limit(report, whole) == to_value(report));
    for (const std::size_t limit : {whole - 1, whole / 2, whole / 4, whole / 10, whole / 50}) {
        INFO("limit " << limit);
        const Value cut = within_limit(report, limit);
        CHECK(write_json(cut).size() <= limit);
        CHECK_FALSE(run_report_from(cut).notes.empty());
    }
    CHECK(run_report_from(within_limit(report, whole - 1)).invocations.size() == 200);
}
