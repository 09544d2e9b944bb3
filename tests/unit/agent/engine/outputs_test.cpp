// Values that are known only during the run: what a state gives, where it may stand, and what is said where it is not
// there.
#include <catch2/catch.hpp>

#include "tests/support/engine_tests.hpp"

using namespace prove;
using namespace prove::test;

namespace {

// A function that gives a text, and says how often it was asked.
struct Teller {
    std::string text = "told";
    int asked = 0;
    Function function() {
        Function result = own_function("test.tell", [](const Arguments&, Host&) {});
        result.schema.outputs = {{.name = "said", .type = ArgumentType::text, .help = "what it tells"}};
        result.read_outputs = [this](const Arguments&, const HostReader&) {
            ++asked;
            Value outputs = Value::object();
            outputs.set("said", text);
            return outputs;
        };
        return result;
    }
};

class TellingMachine : public PaperMachine {
  public:
    TellingMachine() { functions.add(teller.function()); }
    std::string read(const std::string& path) { return host.read_file(Path(path)); }
    Teller teller;
};

}  // namespace

TEST_CASE("an argument may be what another state gives", "[outputs]") {
    TellingMachine machine;
    machine.teller.text = "/blog";
    const RunReport report = machine.run(
        "a: [{fn: test.tell}]\n"
        "b: {requires: [a], parts: [{fn: file.directory, path: !out a.said}]}\n");
    CHECK(story(report) == "a:ok b:changed");
    CHECK(report.invocations[1].parts[0].subject == "/blog");
    CHECK(machine.host.stat(Path("/blog")).has_value());
}

TEST_CASE("a file's content may be what another state gives", "[outputs]") {
    TellingMachine machine;
    machine.run(
        "a: [{fn: test.tell}]\nb: {requires: [a], parts: [{fn: file.managed, path: /f, content: !out a.said}]}\n");
    CHECK(machine.read("/f") == "told");
    const RunReport again = machine.run(
        "a: [{fn: test.tell}]\nb: {requires: [a], parts: [{fn: file.managed, path: /f, content: !out a.said}]}\n");
    CHECK(story(again) == "a:ok b:ok");
}

TEST_CASE("what another state gives may stand in a list or a mapping", "[outputs]") {
    RealMachine machine;
    const RunReport report = machine.run(
        "a: [{fn: cmd.read, cmd: [echo, one two]}]\n"
        "b: {requires: [a], parts: [{fn: cmd.run, cmd: [sh, -c, 'echo \"$0 $X\" > $/f', !out a.stdout],\n"
        "                            env: {X: !out a.stdout}}]}\n");
    CHECK(story(report) == "a:ok b:changed");
    CHECK(machine.read("f") == "one two one two\n");
}

TEST_CASE("the holes of a rendered file are filled with what other states give", "[outputs]") {
    TellingMachine machine;
    auto run =
        RunYaml(
            "a: [{fn: test.tell}]\n"
            "b: {requires: [a], parts: [{fn: file.managed, path: /f, content: 'x = <1>; y = <2>; again <1>'}]}\n",
            machine.contents)
            .run();
    machine.teller.text = "<2>";  // what it says is never looked into again
    Value holes = Value::object();
    holes.set("<1>", read_json(R"({"$out": "a.said"})"));
    holes.set("<2>", read_json(R"({"$out": "a.said"})"));
    run.nodes[1].variants[0].parts[0].arguments.mapping().find("content")->set("holes", holes);
    CHECK(story(machine.run(run)) == "a:ok b:changed");
    CHECK(machine.read("/f") == "x = <2>; y = <2>; again <2>");
}

TEST_CASE("outputs work in conditions and in probes", "[outputs]") {
    const std::string yaml =
        "a: [{fn: test.tell}]\n"
        "b: {requires: [a], onlyif: {equals: [!out a.said, yes]}, parts: [{fn: file.directory, path: /b}]}\n"
        "c: {requires: [a], probe: {p: {equals: [!out a.said, yes]}}, parts: [{fn: file.directory, path: '/c-${p}'}]}\n"
        "d: {requires: [a], parts: [{fn: file.directory, path: /d, unless: [{equals: [!out a.said, yes]}]}]}\n";
    TellingMachine told;
    const RunReport report = told.run(yaml);
    CHECK(story(report) == "a:ok b:skipped c:changed d:changed");
    CHECK(report.invocations[1].reason == "onlyif: {equals: [!out a.said, yes]} does not hold");
    CHECK(told.host.stat(Path("/c-false")).has_value());
    TellingMachine yes;
    yes.teller.text = "yes";
    CHECK(story(yes.run(yaml)) == "a:ok b:changed c:changed d:skipped");
    CHECK(yes.host.stat(Path("/c-true")).has_value());
}

TEST_CASE("of a state that ran again the latest outputs count", "[outputs]") {
    TellingMachine machine;
    machine.run(
        "a: [{fn: test.tell}]\nb: {requires: [a], parts: [{fn: file.managed, path: /f, content: !out a.said}]}\n"
        "c: {parts: [{fn: file.directory, path: /c}], notify: [a]}\n"
        "d: {requires: [c], parts: [{fn: file.managed, path: /g, content: !out a.said}]}\n");
    CHECK(machine.teller.asked == 2);
    CHECK(machine.read("/g") == "told");
}

TEST_CASE("an output that is not there fails whoever names it, and says why", "[outputs]") {
    TellingMachine machine;
    const RunReport skipped = machine.run(
        "a: {onlyif: {exists: /nowhere}, parts: [{fn: test.tell}]}\n"
        "b: {requires: [a], parts: [{fn: file.managed, path: /f, content: !out a.said}]}\n");
    CHECK(story(skipped) == "a:skipped b:failed");
    CHECK(skipped.invocations[1].reason ==
          "the output 'said' of 'a' is not there, since that state was skipped: onlyif: {exists: /nowhere} does not "
          "hold");
    const RunReport lazy = machine.run(
        "a: {lazy: true, parts: [{fn: test.tell}]}\n"
        "b: {requires: [a], parts: [{fn: file.managed, path: /f, content: !out a.said}]}\n");
    CHECK(last(lazy, "b").reason ==
          "the output 'said' of 'a' is not there, since that state has given nothing in this run");
}

TEST_CASE("who names the output of a failed state is skipped, as by any requirement", "[outputs]") {
    TellingMachine machine;
    const RunReport report = machine.run(
        "a: [{fn: file.line, path: /nowhere, line: x}, {fn: test.tell}]\n"
        "b: {requires: [a], parts: [{fn: file.managed, path: /f, content: !out a.said}]}\n");
    CHECK(story(report) == "a:failed b:skipped");
}

TEST_CASE("an output that is no right argument fails its part in the argument's own words", "[outputs]") {
    TellingMachine machine;
    machine.teller.text = "blog";
    const RunReport report =
        machine.run("a: [{fn: test.tell}]\nb: {requires: [a], parts: [{fn: file.directory, path: !out a.said}]}\n");
    CHECK(story(report) == "a:ok b:failed");
    CHECK(report.invocations[1].reason.find("argument 'path' of file.directory:") == 0);
    CHECK(report.invocations[1].reason.find("blog") != std::string::npos);
}

TEST_CASE("in a plan an output is known where it can be read, and unknown until then", "[outputs]") {
    const std::string yaml =
        "a: [{fn: cmd.read, cmd: [cat, $/name]}]\n"
        "b: {requires: [a], parts: [{fn: file.managed, path: $/f, content: !out a.stdout}]}\n";
    RealMachine machine;
    machine.write("name", "blog\n");
    CHECK(story(machine.run(yaml, RunMode::plan)) == "a:ok b:would_change");
    const RunReport later = machine.run("z: [{fn: file.managed, path: $/name, content: shop}]\n" + yaml, RunMode::plan);
    CHECK(story(later) == "z:would_change a:ok b:unknown");
    CHECK(last(later, "b").reason == "depends on the output 'stdout' of 'a'");
    CHECK(story(machine.run("z: [{fn: file.managed, path: $/name, content: shop}]\n" + yaml)) ==
          "z:changed a:ok b:changed");
    CHECK(machine.read("f") == "shop");
}

TEST_CASE("a plan runs no command for outputs that nobody names", "[outputs]") {
    RealMachine machine;
    machine.run("a: [{fn: cmd.read, cmd: [touch, $/touched]}]\n", RunMode::plan);
    CHECK(machine.read("touched").empty());
    CHECK(list_folder(machine.folder.path()).empty());
}

TEST_CASE("cmd.run gives what it wrote, and its exit code", "[outputs]") {
    RealMachine machine;
    const RunReport report = machine.run(
        "a: [{fn: cmd.run, cmd: 'echo out; echo err >&2; exit 3', success_codes: [3]}]\n"
        "b: {requires: [a], parts: [{fn: file.managed, path: $/f, content: !out a.stdout}]}\n"
        "c: {requires: [a], onlyif: {equals: [!out a.exit_code, 3]}, parts: [{fn: file.managed, path: $/g, content: "
        "!out a.stderr}]}\n");
    CHECK(story(report) == "a:changed b:changed c:changed");
    CHECK(machine.read("f") == "out");
    CHECK(machine.read("g") == "err\n");
    // What it wrote stands in the report once.
    CHECK(report.invocations[0].parts[0].outputs.is_null());
    CHECK(report.invocations[0].parts[0].output.find("out") != std::string::npos);
}

TEST_CASE("a command that looks is tried again as any other", "[outputs]") {
    PaperMachine machine;
    int times = 0;
    Function function = own_function("test.late", [](const Arguments&, Host&) {});
    function.read_outputs = [&](const Arguments&, const HostReader&) -> Value {
        if (++times < 3) throw Error(ErrorKind::timeout, "not yet");
        return Value::object();
    };
    machine.functions.add(std::move(function));
    const RunReport report = machine.run("a: [{fn: test.late, retry: {attempts: 5, delay: 1s}}]\n");
    CHECK(story(report) == "a:ok");
    CHECK(report.invocations[0].parts[0].attempts == 3);
}

TEST_CASE("what a sensitive part gives is used and never shown", "[outputs]") {
    RealMachine machine;
    machine.write("key", "canary-7c1");
    const RunReport report = machine.run(
        "a: [{fn: cmd.read, cmd: [cat, $/key], sensitive: true}]\n"
        "b: {requires: [a], parts: [{fn: file.managed, path: $/f, content: !out a.stdout, sensitive: true}]}\n"
        "c: {requires: [a], onlyif: {exists: !out a.stdout}, parts: [{fn: file.directory, path: $/c}]}\n"
        "d: {requires: [a], onlyif: {command: [!out a.stdout]}, parts: [{fn: file.directory, path: $/d}]}\n");
    CHECK(story(report) == "a:ok b:changed c:failed d:failed");
    CHECK(machine.read("f") == "canary-7c1");
    CHECK(write_json(to_value(report)).find("canary") == std::string::npos);
}
