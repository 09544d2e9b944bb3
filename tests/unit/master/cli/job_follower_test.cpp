// What a job's events become: text while it runs, lines of JSON, and the exit code.
#include <catch2/catch.hpp>

#include "common/text/text.hpp"
#include "tests/unit/master/cli/captured.hpp"
#include "tests/unit/master/cli/reports.hpp"

using namespace prove;
using namespace prove::test;

namespace {

struct Followed {
    ExitCode code = ExitCode::fault;
    std::string out, err;
};

Followed follow(StoryJobs& jobs, const std::string& operation, OutputFormat format = OutputFormat::text,
                RunMode mode = RunMode::apply, bool detailed = false) {
    jobs.tell("job_ended", "");
    GlobalOptions options;
    Followed result;
    CapturedStream out(stdout), err(stderr);
    {
        Console console({format, "never", false, false});
        Invocation invocation{options, console};
        JobRun run;
        run.wanted.operation = operation;
        run.wanted.expression = "*";
        run.mode = mode;
        run.detailed_exit_code = detailed;
        result.code = run_job(invocation, jobs, run);
    }
    result.out = out.text();
    result.err = err.text();
    return result;
}

Value cmd_result(int exit_code, const std::string& out = "") {
    CmdResultBody body;
    body.exit_code = exit_code;
    body.out = out;
    return to_value(body);
}

ExitCode code_of(std::initializer_list<const char*> ends) {
    StoryJobs jobs;
    int number = 0;
    for (const char* end : ends) jobs.ended("t" + std::to_string(++number), end);
    return follow(jobs, "ping").code;
}

}  // namespace

TEST_CASE("the exit code tells the worst that happened", "[cli]") {
    CHECK(code_of({"done", "done"}) == ExitCode::well);
    CHECK(code_of({"done", "failed", "unreachable"}) == ExitCode::target_failed);
    CHECK(code_of({"refused"}) == ExitCode::target_failed);
    CHECK(code_of({"interrupted", "done"}) == ExitCode::target_failed);
    CHECK(code_of({"unreachable", "done"}) == ExitCode::not_reached);
    CHECK(code_of({"expired", "cancelled"}) == ExitCode::not_reached);
    CHECK(code_of({"cancelled", "done"}) == ExitCode::cancelled);
}

TEST_CASE("a target that answers nonsense has failed, and the others are told as always", "[cli]") {
    for (const char* operation : {"cmd", "facts", "states"}) {
        StoryJobs jobs;
        jobs.ended("web1", "done").ended("web2", "done");
        Value nonsense = Value::object();
        nonsense.set("exit_code", "zero");
        nonsense.set("facts", 7);
        nonsense.set("report", "all is well");
        jobs.results["web1"] = nonsense;
        Value good = cmd_result(0);
        if (std::string(operation) == "facts") {
            good = Value::object();
            good.set("facts", Value::object());
        }
        if (std::string(operation) != "states") jobs.results["web2"] = good;
        for (const OutputFormat format : {OutputFormat::text, OutputFormat::json}) {
            StoryJobs told = jobs;
            const Followed followed = follow(told, operation, format, RunMode::plan, true);
            CHECK(followed.code == ExitCode::target_failed);
            CHECK(followed.out.find("its answer makes no sense: ") != std::string::npos);
            CHECK(followed.out.find("web2") != std::string::npos);
        }
    }
}

TEST_CASE("a target that never ended counts as not reached", "[cli]") {
    StoryJobs jobs;
    jobs.ended("web1", "done");
    jobs.targets = 2;
    CHECK(follow(jobs, "ping").code == ExitCode::not_reached);
}

TEST_CASE("an error in the catalog is 3, though other targets failed", "[cli]") {
    StoryJobs jobs;
    jobs.ended("web1", "failed", "its states do not compile", "catalog").ended("web2", "failed");
    Value diagnostic = Value::object();
    diagnostic.set("severity", "error");
    diagnostic.set("file", "states/site.yml");
    diagnostic.set("line", 12);
    diagnostic.set("column", 5);
    diagnostic.set("text", "unknown argument 'create' of cmd.run; did you mean 'creates'?");
    Value list = Value::array();
    list.push(diagnostic);
    jobs.results["web1"] = Value::object();
    jobs.results["web1"].set("diagnostics", list);
    const Followed told = follow(jobs, "states");
    CHECK(told.code == ExitCode::catalog);
    CHECK(told.out.find("states/site.yml:12:5: unknown argument 'create' of cmd.run; did you mean 'creates'?\n") !=
          std::string::npos);
    CHECK(told.out.find("1 error; nothing was sent to the targets that have them") != std::string::npos);
}

TEST_CASE("a plan with changes is 6 only when that was asked for", "[cli]") {
    StateInvocation wanted = state("motd", 1, Outcome::would_change, "file.managed", "/etc/motd");
    for (const bool detailed : {false, true}) {
        StoryJobs jobs;
        jobs.ended("web1", "done");
        jobs.results["web1"] = outcome("web1", report({wanted})).body;
        CHECK(follow(jobs, "states", OutputFormat::text, RunMode::plan, detailed).code ==
              (detailed ? ExitCode::plan_has_changes : ExitCode::well));
    }
    StoryJobs nothing;
    nothing.ended("web1", "done");
    nothing.results["web1"] = outcome("web1", report({}, 3)).body;
    CHECK(follow(nothing, "states", OutputFormat::text, RunMode::plan, true).code == ExitCode::well);
}

TEST_CASE("a plan that holds only unknown has found changes, and its exit code is 6", "[cli]") {
    StoryJobs jobs;
    jobs.ended("web1", "done");
    jobs.results["web1"] = outcome("web1", report({state("motd", 1, Outcome::unknown, "file.managed", "/etc/motd")})).body;
    CHECK(follow(jobs, "states", OutputFormat::text, RunMode::plan, true).code == ExitCode::plan_has_changes);
}

TEST_CASE("each error has its exit code", "[cli]") {
    CHECK(exit_code_for(ErrorKind::usage) == ExitCode::usage);
    CHECK(exit_code_for(ErrorKind::missing) == ExitCode::usage);
    CHECK(exit_code_for(ErrorKind::refused) == ExitCode::usage);
    CHECK(exit_code_for(ErrorKind::invalid) == ExitCode::usage);
    CHECK(exit_code_for(ErrorKind::catalog) == ExitCode::catalog);
    CHECK(exit_code_for(ErrorKind::unavailable) == ExitCode::no_master);
    CHECK(exit_code_for(ErrorKind::cancelled) == ExitCode::cancelled);
    CHECK(exit_code_for(ErrorKind::failed) == ExitCode::target_failed);
    CHECK(exit_code_for(ErrorKind::internal) == ExitCode::fault);
    CHECK(exit_code_for(ErrorKind::full) == ExitCode::fault);
    CHECK(exit_code_for(ErrorKind::timeout) == ExitCode::fault);
}

TEST_CASE("output of several targets comes in whole lines, each with its target's name", "[cli]") {
    StoryJobs jobs;
    jobs.targets = 0;
    jobs.output("web1", "on").output("web2", "up\nlo").output("web1", "e\ntwo\n").output("web2", "oops\n", "stderr");
    jobs.ended("web1", "done").ended("web2", "failed", "exit code 3");
    jobs.results["web1"] = cmd_result(0);
    jobs.results["web2"] = cmd_result(3);
    const Followed told = follow(jobs, "cmd");
    CHECK(told.out.find("web2  lo\nweb2  failed: exit code 3\n\n2 targets: 1 done, 1 failed") != std::string::npos);
    CHECK(told.out.rfind("web2  up\nweb1  one\nweb1  two\nweb1  done: exit code 0\n", 0) == 0);
    CHECK(told.err == "web2  oops\n");
    CHECK(told.code == ExitCode::target_failed);
}

TEST_CASE("one target's output is what the command wrote, and nothing else", "[cli]") {
    StoryJobs jobs;
    jobs.output("web1", "hello\nworld").ended("web1", "done");
    jobs.results["web1"] = cmd_result(0);
    CHECK(follow(jobs, "cmd").out == "hello\nworld\n");
}

TEST_CASE("output that did not come while the command ran comes with its result", "[cli]") {
    StoryJobs jobs;
    jobs.output("web1", "one\ntw").ended("web1", "done");
    jobs.results["web1"] = cmd_result(0, "one\ntwo\nthree\n");
    CHECK(follow(jobs, "cmd").out == "one\ntwo\nthree\n");

    StoryJobs gap;
    gap.output("web1", "one\n").output("web1", "three\n").ended("web1", "done");
    gap.results["web1"] = cmd_result(0, "one\ntwo\nthree\n");
    const Followed told = follow(gap, "cmd");
    CHECK(told.out == "one\nthree\none\ntwo\nthree\n");
    CHECK(told.err.find("some output was lost on its way") != std::string::npos);
}

TEST_CASE("output of a target that went away is not lost", "[cli]") {
    StoryJobs jobs;
    jobs.output("web1", "half a line").ended("web1", "interrupted", "the agent restarted");
    const Followed told = follow(jobs, "cmd");
    CHECK(told.out == "half a line\nweb1  interrupted: the agent restarted\n");
}

TEST_CASE("S14 a command's output cannot steer the terminal", "[cli][S14]") {
    StoryJobs jobs;
    jobs.output("web1", "\033]0;owned\007\tok\n\xff\xfe\n").ended("web1", "done");
    jobs.results["web1"] = cmd_result(0);
    const std::string out = follow(jobs, "cmd").out;
    CHECK(out.find('\033') == std::string::npos);
    CHECK(out.find('\007') == std::string::npos);
    CHECK(out.find("ok\n") != std::string::npos);
}

TEST_CASE("with --output json each line is one event or result, and the last one is the summary", "[cli]") {
    StoryJobs jobs;
    jobs.output("web1", "hi\n").ended("web1", "done").ended("web2", "unreachable", "not connected");
    jobs.results["web1"] = cmd_result(0);
    const Followed told = follow(jobs, "cmd", OutputFormat::json);
    const auto lines = split_lines(told.out);
    REQUIRE(lines.size() == 5);
    CHECK(lines[0] == R"({"event":"job","job":"01jd8zk4000000000000000000","targets":2})");
    CHECK(lines[1] == R"({"event":"output","target":"web1","time_ms":1800000000000,"stream":"stdout","text":"hi\n"})");
    const Value result = read_json(lines[2]);
    CHECK(result.at("event").text() == "result");
    CHECK(result.at("target").text() == "web1");
    CHECK(result.at("end").text() == "done");
    CHECK(result.at("body").at("exit_code").integer() == 0);
    CHECK(read_json(lines[3]).at("reason").text() == "not connected");
    CHECK(
        lines[4] ==
        R"({"event":"summary","job":"01jd8zk4000000000000000000","targets":2,"ends":{"done":1,"unreachable":1},"exit_code":5})");
    CHECK(told.err.empty());
}

TEST_CASE("with --output yaml each event is a document", "[cli]") {
    StoryJobs jobs;
    jobs.ended("web1", "done");
    const std::string out = follow(jobs, "ping", OutputFormat::yaml).out;
    CHECK(out.rfind("---\nevent: job\n", 0) == 0);
    CHECK(out.find("---\nevent: summary\n") != std::string::npos);
}

TEST_CASE("a change that reaches more than twenty targets is not made where nobody can be asked", "[cli]") {
    GlobalOptions options;
    Console console({OutputFormat::text, "never", false, false});
    Invocation invocation{options, console};
    StoryJobs jobs;
    jobs.targets = 20;
    CHECK(confirm_reach(invocation, jobs, "*", false, "this change"));
    jobs.targets = 21;
    CHECK(confirm_reach(invocation, jobs, "*", true, "this change"));
    CHECK_THROWS_WITH(confirm_reach(invocation, jobs, "*", false, "this change"),
                      "this change reaches 21 targets; say --yes if that is meant");
}
