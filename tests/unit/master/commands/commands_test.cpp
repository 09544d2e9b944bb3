// Each operation's master half: options in, results summed up.
#include "master/commands/command.hpp"

#include <catch2/catch.hpp>

using namespace prove;

namespace {

Value object(std::initializer_list<std::pair<const char*, Value>> members) {
    Value value = Value::object();
    for (const auto& [name, member] : members) value.set(name, member);
    return value;
}

Value list(std::initializer_list<const char*> texts) {
    Value value = Value::array();
    for (const auto* text : texts) value.push(Value(text));
    return value;
}

Judged judge_cmd(CmdResultBody body) {
    return cmd_command()->judge(Value::object(), JobResult{}, to_value(body));
}

}  // namespace

TEST_CASE("options that were checked are checked again to the same", "[commands]") {
    const auto check_twice = [](const MasterCommand& command, const Value& options) {
        const auto once = command.checked(options);
        CHECK(command.permission(once) == command.permission(options));
        const TargetId target("web1");
        if (!command.needs_catalog()) CHECK_NOTHROW(command.prepare({target, once, nullptr, Value()}));
        return once;
    };
    check_twice(*ping_command(), Value::object());
    check_twice(*facts_command(), object({{"names", list({"os"})}}));
    check_twice(*cmd_command(), object({{"shell", "uptime"}, {"env", object({{"A", "b"}})}, {"input", "x"}}));
    const auto states = states_command();
    CHECK(states->checked(check_twice(*states, object({{"mode", "plan"}}))) ==
          states->checked(object({{"mode", "plan"}})));
    const Value chosen = check_twice(
        *states, object({{"mode", "plan"}, {"tags", list({"db"})}, {"skip_tags", list({"slow"})}}));
    CHECK(chosen.at("tags") == list({"db"}));
    CHECK(chosen.at("skip_tags") == list({"slow"}));
}

TEST_CASE("cmd takes a program or a shell line, not both and not neither", "[commands]") {
    const auto cmd = cmd_command();
    CHECK_THROWS_AS(cmd->checked(Value::object()), Error);
    CHECK_THROWS_AS(cmd->checked(object({{"shell", "x"}, {"argv", list({"x"})}})), Error);
    CHECK_THROWS_AS(cmd->checked(object({{"argv", list({""})}})), Error);
    CHECK_THROWS_AS(cmd->checked(object({{"shell", "x"}, {"timeout_ms", 0}})), Error);
    CHECK_THROWS_WITH(cmd->checked(object({{"shell", "x"}, {"input", std::string(60'000, 'x')}})),
                      Catch::Contains("48 KiB"));
    CHECK_NOTHROW(cmd->checked(object({{"argv", list({"ls", ""})}})));
}

TEST_CASE("what is wrong with options is the asker's fault", "[commands]") {
    for (const auto* operation : {"ping", "facts", "cmd", "states"}) {
        const CommandTable table;
        try {
            table.find(operation).checked(object({{"surprise", 1}}));
            FAIL("taken");
        } catch (const Error& error) {
            CHECK(error.kind() == ErrorKind::usage);
        }
    }
}

TEST_CASE("a command that failed is a target that failed, and the reason says how", "[commands]") {
    CmdResultBody body;
    CHECK(judge_cmd(body).end == TargetEnd::done);
    body.exit_code = 3;
    CHECK(judge_cmd(body).end == TargetEnd::failed);
    CHECK(judge_cmd(body).reason == "exit code 3");
    CHECK(judge_cmd(body).summary.at("exit_code") == Value(3));
    body.exit_code = -1;
    body.signal = 9;
    CHECK(judge_cmd(body).reason == "ended by signal 9");
    body.timed_out = true;
    CHECK(judge_cmd(body).reason == "not done within its time");
}

TEST_CASE("a run is summed up by its counts, and one with failures is a failed target", "[commands]") {
    RunReport report;
    report.target = TargetId("web1");
    report.mode = RunMode::apply;
    StateInvocation good, bad;
    good.state = StateId("a");
    good.outcome = Outcome::changed;
    good.changed = true;
    bad.state = StateId("b");
    bad.outcome = Outcome::failed;
    report.invocations = {good, bad};
    report.end = RunReport::End::failed;
    JobResult result;
    const auto judged = states_command()->judge(object({{"mode", "apply"}}), result, object({{"report", to_value(report)}}));
    CHECK(judged.end == TargetEnd::failed);
    CHECK(judged.cause == "report");
    CHECK(judged.reason == "1 state failed");
    CHECK(judged.summary.at("changed") == Value(1));
    CHECK(judged.summary.at("failed") == Value(1));
}

TEST_CASE("S6 a result that is not what it should be is refused, not believed", "[commands]") {
    const auto states = states_command();
    CHECK_THROWS_AS(states->judge(object({{"mode", "apply"}}), JobResult{}, object({{"report", "all well"}})), Error);
    CHECK(states->judge(object({{"mode", "apply"}}), JobResult{}, Value("text")).summary.is_null());
    CHECK_THROWS_AS(cmd_command()->judge(Value::object(), JobResult{}, object({{"exit_code", "zero"}})), Error);
}

TEST_CASE("a run of states is one of all that a target has where nothing was chosen or given, and tells its drift", "[commands]") {
    RunReport report;
    report.target = TargetId("web1");
    StateInvocation& moved = report.invocations.emplace_back();
    moved.state = StateId("motd");
    moved.outcome = Outcome::changed;
    moved.cause = Cause::drift;
    moved.parts.emplace_back().function = "file.managed";
    const Value body = object({{"report", to_value(report)}});
    const auto states = states_command();
    const auto judged = states->judge(object({{"mode", "apply"}}), JobResult{}, body);
    REQUIRE(judged.report);
    CHECK(judged.whole);
    CHECK(judged.summary.at("drift") == Value(1));
    Value chosen = Value::array();
    chosen.push("motd");
    for (const char* option : {"states", "tags", "skip_tags"})
        CHECK_FALSE(states->judge(object({{"mode", "apply"}, {option, chosen}}), JobResult{}, body).whole);
    CHECK_FALSE(states->judge(object({{"mode", "apply"}, {"variables", object({{"a", 1}})}}), JobResult{}, body).whole);
    CHECK_FALSE(cmd_command()->judge(Value::object(), JobResult{}, body).report);
}

TEST_CASE("S4 a state function that somebody chooses needs the permission of cmd, also to plan it", "[commands]") {
    const auto states = states_command();
    const Value state = object({{"function", "cmd.run"}, {"arguments", object({{"cmd", "true"}})}});
    for (const char* mode : {"plan", "apply"}) {
        const Value options = states->checked(object({{"mode", mode}, {"state", state}}));
        CHECK(states->permission(options) == Permission::cmd);
        CHECK(states->checked(options) == options);
    }
    CHECK(fetch_command()->permission(Value::object()) == Permission::cmd);
}

TEST_CASE("one function stands in the place of the catalog's states, so none of them can be chosen", "[commands]") {
    const Value state = object({{"function", "cmd.run"}});
    for (const char* choice : {"states", "tags", "skip_tags"})
        CHECK_THROWS_WITH(states_command()->checked(object({{"mode", "plan"}, {"state", state}, {choice, list({"x"})}})),
                          "'state' is in the place of the catalog's states, so none of them can be chosen");
    CHECK_THROWS_AS(states_command()->checked(object({{"mode", "plan"}, {"state", "cmd.run"}})), Error);
}

TEST_CASE("a job names its content by hash and size, and has no bytes in its options", "[commands]") {
    const Value content = object({{"hash", hash_of("hello").hex()}, {"size", 5}});
    const Value options = states_command()->checked(
        object({{"mode", "apply"}, {"state", object({{"function", "file.managed"}, {"content", content}})}}));
    CHECK(states_command()->contents(options) == std::vector<BlobRef>{{hash_of("hello"), 5}});
    CHECK(states_command()->contents(states_command()->checked(object({{"mode", "plan"}}))).empty());
    CHECK_THROWS_AS(states_command()->checked(object({{"mode", "plan"}, {"state", object({{"function", "x"}, {"content", "hello"}})}})), Error);
}

TEST_CASE("fetch takes one absolute path", "[commands]") {
    const auto fetch = fetch_command();
    CHECK(fetch->checked(object({{"path", "/etc/motd"}})) == object({{"path", "/etc/motd"}}));
    for (const char* path : {"", "etc/motd", "/etc/../x"}) CHECK_THROWS_AS(fetch->checked(object({{"path", path}})), Error);
    CHECK_THROWS_AS(fetch->checked(Value::object()), Error);
    CHECK_THROWS_AS(fetch->checked(object({{"path", "/x"}, {"more", 1}})), Error);
}
