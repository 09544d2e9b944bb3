// Secrets on the target: put in where a part runs, and in nothing that the run reports.
#include <catch2/catch.hpp>

#include "agent/engine/redactor.hpp"
#include "tests/support/engine_tests.hpp"

using namespace prove;
using namespace prove::test;

namespace {

const std::string mark = secret_mark("prove1.01234567.aGVsbG8=");
const std::string canary = "kanarienvogel-4711";
// "!secret '...'" in YAML: a text with the mark in it.
const std::string secret = "!secret 'x" + mark + "y'";

struct Listener final : Progress {
    std::string heard;
    void state_started(const StateInvocation& invocation) override { heard += write_json(to_value(invocation)); }
    void state_finished(const StateInvocation& invocation) override { heard += write_json(to_value(invocation)); }
    void output(const StateId&, OutputStream, std::string_view bytes) override { heard += bytes; }
};

// A machine that has the secret, and all that it tells of a run.
struct SecretMachine : RealMachine {
    SecretMachine() {
        secrets = {{mark, canary}};
        progress = &listener;
    }
    // All that the run says, to whom it may concern.
    std::string said(const std::string& yaml, RunMode mode = RunMode::apply) {
        report = run(yaml, mode);
        return write_json(to_value(report)) + listener.heard;
    }
    bool tells(const std::string& yaml, RunMode mode = RunMode::apply) {
        return said(yaml, mode).find(canary) != std::string::npos;
    }
    Listener listener;
    RunReport report;
};

}  // namespace

TEST_CASE("a secret is put into arguments, lists, mappings, contents and conditions where they are used", "[secrets]") {
    SecretMachine machine;
    CHECK_FALSE(machine.tells("a: [{fn: file.managed, path: $/a, content: " + secret +
                              ", sensitive: true}]\n"
                              "b: [{fn: cmd.run, cmd: [sh, -c, 'printf \"%s $E\" \"$0\" > $/b', " +
                              secret + "], env: {E: " + secret +
                              "}, sensitive: true}]\n"
                              "c: {onlyif: {equals: [" +
                              secret + ", x" + canary +
                              "y]}, parts: [{fn: file.managed, path: $/c, content: c}]}\n"
                              "d: [{fn: cmd.run, cmd: " +
                              "!secret 'echo " + mark + " > $/d'" + ", sensitive: true}]\n"));
    CHECK(story(machine.report) == "a:changed b:changed c:changed d:changed");
    CHECK(machine.read("a") == "x" + canary + "y");
    CHECK(machine.read("b") == "x" + canary + "y x" + canary + "y");
    CHECK(machine.read("d") == canary + "\n");
}

TEST_CASE("the marks of a rendered file are filled, beside its outputs", "[secrets]") {
    SecretMachine machine;
    auto run =
        RunYaml("a: [{fn: file.managed, path: " + machine.folder.path() + "/a, content: 'password " + mark + "'}]\n",
                machine.contents)
            .run();
    Value holes = Value::object();
    Value value = Value::object();
    value.set("$secret", mark);
    holes.set(mark, value);
    run.nodes[0].variants[0].parts[0].arguments.mapping().find("content")->set("holes", holes);
    LinuxHost host(machine.clock);
    EngineContext context{machine.functions, host, machine.contents, machine.memory, machine.clock, Value::object()};
    context.secrets = machine.secrets;
    CHECK(story(execute(run, RunMode::apply, context)) == "a:changed");
    CHECK(machine.read("a") == "password " + canary);
    context.secrets.clear();
    CHECK(execute(run, RunMode::plan, context).invocations[0].parts[0].reason ==
          "a secret that this names did not come with the states");
}

TEST_CASE("S91 nothing that a part with a secret does is told, however it ends", "[secrets]") {
    SecretMachine machine;
    machine.write("old", "before\n");
    const std::string yaml = "diff: [{fn: file.managed, path: $/old, content: " + secret +
                             ", sensitive: true}]\n"
                             "path: [{fn: file.managed, path: !secret '$/" +
                             mark +
                             "', content: x, sensitive: true}]\n"
                             "fails: [{fn: cmd.run, cmd: !secret 'echo " +
                             mark + "; echo " + mark +
                             " >&2; exit 3', sensitive: true}]\n"
                             "none: [{fn: cmd.run, cmd: [!secret '/nowhere/" +
                             mark +
                             "'], sensitive: true}]\n"
                             "fail: [{fn: meta.fail, message: " +
                             secret +
                             ", sensitive: true}]\n"
                             "mode: [{fn: file.directory, path: $/d, mode: !secret '" +
                             mark +
                             "', sensitive: true}]\n"
                             "cond: {onlyif: {command: !secret 'echo " +
                             mark +
                             "; false'}, parts: [{fn: cmd.run, cmd: 'true'}]}\n"
                             "args: [{fn: cmd.run, cmd: 'true', unless: {command: [!secret '/nowhere/" +
                             mark +
                             "']}}]\n"
                             "where: [{fn: meta.assert, that: {exists: !secret '/nowhere/" +
                             mark + "'}, sensitive: true}]\n";
    CHECK_FALSE(machine.tells(yaml, RunMode::plan));
    CHECK_FALSE(machine.tells(yaml));
    CHECK(story(machine.report) ==
          "diff:changed path:changed fails:failed none:failed fail:failed mode:failed cond:skipped args:failed "
          "where:failed");
    CHECK(last(machine.report, "cond").reason == "onlyif: 'echo ***; false' does not hold");
    CHECK(machine.said(yaml).find("blake2b") == std::string::npos);
}

TEST_CASE("S91 what another part reads out of a file with a secret in it is taken out of all that is told",
          "[secrets]") {
    SecretMachine machine;
    machine.write("f", "password " + canary + "\n");
    CHECK_FALSE(
        machine.tells("read: [{fn: cmd.read, cmd: [cat, $/f]}]\n"
                      "run: [{fn: cmd.run, cmd: 'cat $/f; cat $/f >&2; exit 1'}]\n"
                      "edit: [{fn: file.line, path: $/f, line: more, match: more}]\n"
                      "write: [{fn: file.managed, path: $/f, content: nothing}]\n"));
    CHECK(story(machine.report) == "read:ok run:failed edit:changed write:changed");
    CHECK(last(machine.report, "write").parts[0].changes[0].diff.find("-password ***") != std::string::npos);
    CHECK(last(machine.report, "run").parts[0].output.find("password ***") != std::string::npos);
}

TEST_CASE("a secret that comes in pieces is held back until it is known", "[secrets]") {
    const Redactor redactor({{mark, canary}, {"m2", "kanal"}});
    Redactor::Stream stream(redactor);
    CHECK(stream.next("say kan") == "say ");
    CHECK(stream.next("arienvogel-47").empty());
    CHECK(stream.next("11, kana") == "***, ");
    CHECK(stream.next("da") == "kanada");
    CHECK(stream.next("end ka") == "end ");
    CHECK(stream.rest() == "ka");
    std::string out;
    for (const char c : "x" + canary + canary + "y") out += stream.next(std::string(1, c));
    CHECK(out + stream.rest() == "x******y");
}

TEST_CASE("of a secret with several lines each longer line is taken out", "[secrets]") {
    const Redactor redactor({{mark, "-----BEGIN-----\nMIIEvQIBADAN\nabc\n"}});
    CHECK(redactor.text("+-----BEGIN-----\n+MIIEvQIBADAN\n+abc\n") == "+***\n+***\n+abc\n");
    CHECK(redactor.text("-----BEGIN-----\nMIIEvQIBADAN\nabc") == "***");
}

TEST_CASE("secrets of three characters and less are not looked for, since they stand in any text", "[secrets]") {
    CHECK(Redactor({{mark, "abc"}, {"m", ""}}).text("abcdef") == "abcdef");
    CHECK(Redactor({{mark, "abcd"}}).text("abcdef") == "***ef");
}

TEST_CASE("a secret is taken out as JSON writes it too, and out of the words of a component's program", "[secrets]") {
    const Redactor redactor({{mark, "a\"b\\c\nd"}});
    CHECK(redactor.text(R"({"key": "a\"b\\c\nd"})") == R"({"key": "***"})");
    StateInvocation invocation;
    invocation.parts.emplace_back().changes.push_back({"shop.line", "the line a\"b\\c\nd", "", "done", ""});
    redactor.redact(invocation);
    CHECK(invocation.parts[0].changes[0].aspect == "the line ***");
}

TEST_CASE("S91 a component's program has its secrets on its input, and what it says of them is not told", "[secrets]") {
    SecretMachine machine;
    const std::string program =
        "    content: |\n"
        "      #!/bin/sh\n"
        "      request=$(cat)\n"
        "      echo \"$request\" > $/got\n"
        "      me=$$; cat /proc/${me}/cmdline /proc/${me}/environ > $/told\n"
        "      echo \"$request\" >&2\n";
    const std::string call =
        "it:\n  - fn: component.function\n    function: shop.line\n    sensitive: true\n    args: {deep: [{word: " +
        secret + "}]}\n" + program;
    CHECK_FALSE(
        machine.tells(call + "      echo '{\"changed\": true, \"changes\": [\"'" + canary + "'\"]}'\n", RunMode::plan));
    CHECK(story(machine.report) == "it:would_change");
    CHECK(machine.read("got").find("\"word\":\"x" + canary + "y\"") != std::string::npos);
    CHECK_FALSE(machine.read("told").empty());
    CHECK(machine.read("told").find(canary) == std::string::npos);
    for (const std::string& end : std::vector<std::string>{"echo '{\"error\": \"'" + canary + "'\"}'", "exit 3",
                                                           "echo \"$request\"", "kill -9 $$"}) {
        INFO(end);
        CHECK_FALSE(machine.tells(call + "      " + end + "\n"));
        CHECK(story(machine.report) == "it:failed");
    }
}
