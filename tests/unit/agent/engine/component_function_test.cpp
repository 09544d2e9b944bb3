// A component's own function on a real machine: asked, told, proved, and every way in which a program can misbehave.
#include <catch2/catch.hpp>

#include "tests/support/engine_tests.hpp"

using namespace prove;
using namespace prove::test;
using Catch::Matchers::Contains;

namespace {

// Wants a line in a file: args.path, args.line.
const std::string shell_program = R"SH(#!/bin/sh
request=$(cat)
path=$(printf '%s' "$request" | sed 's/.*"path":"\([^"]*\)".*/\1/')
line=$(printf '%s' "$request" | sed 's/.*"line":"\([^"]*\)".*/\1/')
if grep -qx "$line" "$path" 2>/dev/null; then echo '{"changed": false}'; exit; fi
case $request in
*'"verb":"apply"'*) echo "$line" >> "$path"; echo "told to apply" >&2; echo '{}' ;;
*) echo "{\"changed\": true, \"changes\": [\"the line $line\"]}" ;;
esac
)SH";

const std::string python_program = R"PY(#!/usr/bin/python3
import json, pathlib, sys
request = json.load(sys.stdin)
file = pathlib.Path(request["args"]["path"])
has = file.exists() and request["args"]["line"] in file.read_text().splitlines()
if request["verb"] == "apply" and not has:
    file.write_text(request["args"]["line"] + "\n")
print(json.dumps({"changed": not has, "changes": [] if has else ["the line " + request["args"]["line"]]}))
)PY";

// A part of the function shop.line as the compiler writes it.
std::string part(const std::string& program, const std::string& more = "") {
    std::string yaml = "it:\n  - fn: component.function\n    function: shop.line\n    args: {path: $/lines, line: milk}\n    content: |\n";
    for (const auto& line : split_lines(program)) yaml += "      " + line + "\n";
    return yaml + (more.empty() ? "" : "    " + more + "\n");
}

// Why a program failed, and what is left of its words.
std::string reason(const std::string& script, RunMode mode = RunMode::apply, const std::string& more = "") {
    RealMachine machine;
    const auto report = machine.run(part("#!/bin/sh\n" + script, more), mode);
    const auto& it = last(report, "it");
    CHECK(it.outcome == Outcome::failed);
    return it.parts.at(0).reason;
}

}  // namespace

TEST_CASE("a component's own function is asked what it would change, told to do it, and proved by being asked again") {
    for (const auto& program : {shell_program, python_program}) {
        RealMachine machine;
        const auto planned = machine.run(part(program), RunMode::plan);
        CHECK(story(planned) == "it:would_change");
        REQUIRE(last(planned, "it").parts.at(0).changes.size() == 1);
        CHECK(last(planned, "it").parts[0].changes[0].resource == "shop.line");
        CHECK(last(planned, "it").parts[0].changes[0].aspect == "the line milk");
        CHECK_FALSE(exists(machine.folder.path() + "/lines"));

        const auto applied = machine.run(part(program));
        CHECK(story(applied) == "it:changed");
        CHECK(last(applied, "it").parts[0].changes == last(planned, "it").parts[0].changes);
        CHECK(last(applied, "it").parts[0].subject == "shop.line");
        CHECK(read_whole_file(machine.folder.path() + "/lines") == "milk\n");
        CHECK(story(machine.run(part(program))) == "it:ok");
        CHECK(story(machine.run(part(program), RunMode::plan)) == "it:ok");
    }
}

TEST_CASE("a component's own function that would change nothing is not told to apply") {
    RealMachine machine;
    const std::string program = "#!/bin/sh\ncat >> $/asked; echo '{\"changed\": false}'\n";
    CHECK(story(machine.run(part(replace_all(program, "$/", machine.folder.path() + "/")))) == "it:ok");
    CHECK(read_whole_file(machine.folder.path() + "/asked") ==
          "{\"verb\":\"plan\",\"args\":{\"path\":\"" + machine.folder.path() + "/lines\",\"line\":\"milk\"}}\n");
}

TEST_CASE("a component's own function that still wants something after it was told to apply is unproved") {
    RealMachine machine;
    const auto report = machine.run(part("#!/bin/sh\necho '{\"changed\": true, \"changes\": [\"more milk\"]}'\n"));
    CHECK(story(report) == "it:unproved");
    CHECK(last(report, "it").parts[0].reason == "it was changed, but a second look still wants shop.line changed");
}

TEST_CASE("in a plan, a component's own function is unknown after a state that would change something") {
    RealMachine machine;
    const auto report = machine.run("first: [{fn: file.directory, path: $/made}]\n" + part(shell_program), RunMode::plan);
    CHECK(story(report) == "first:would_change it:unknown");
    CHECK(last(report, "it").parts[0].reason == "depends on what state 'first' would change");
}

TEST_CASE("what a component's own function says on standard error is its part's output, its answer is not") {
    RealMachine machine;
    CHECK(last(machine.run(part(shell_program)), "it").parts[0].output == "told to apply\n");
}

TEST_CASE("of a sensitive part none of the program's words are shown") {
    RealMachine machine;
    const auto report = machine.run(part(shell_program, "sensitive: true"));
    CHECK(story(report) == "it:changed");
    CHECK(write_json(to_value(report)).find("milk") == std::string::npos);
    CHECK(write_json(to_value(report)).find("told to apply") == std::string::npos);
    const auto failed = machine.run(part("#!/bin/sh\necho '{\"error\": \"no milk\"}'\n", "sensitive: true"));
    CHECK(write_json(to_value(failed)).find("milk") == std::string::npos);
}

TEST_CASE("a program that fails says so by an error in its answer, or by its exit code and last words") {
    CHECK(reason("echo '{\"error\": \"the shop is closed\"}'") == "'shop.line', told to plan, failed: the shop is closed");
    CHECK(reason("echo 'no such shop' >&2; exit 3") == "'shop.line', told to plan, ended with exit code 3: no such shop");
    CHECK(reason("exit 3") == "'shop.line', told to plan, ended with exit code 3");
    CHECK(reason("cat | grep -q apply && exit 4; echo '{\"changed\": true}'") ==
          "'shop.line', told to apply, ended with exit code 4");
    CHECK(reason("exit 1", RunMode::plan) == "'shop.line', told to plan, ended with exit code 1");
}

TEST_CASE("S1 an answer that is none is told with what is wrong and what an answer is") {
    const std::string form =
        "; it is {\"changed\": true|false, \"changes\": [\"a line\", ...]} or {\"error\": \"why\"}";
    const std::string gave = "'shop.line', told to plan, gave an answer that is none: ";
    CHECK(reason("true") == "'shop.line', told to plan, gave no answer on standard output");
    CHECK_THAT(reason("echo hello"), Contains(gave) && Contains(form));
    CHECK_THAT(reason("echo '{\"changed\": true} {}'"), Contains(gave));
    CHECK_THAT(reason("echo '[]'"), Contains(gave));
    CHECK_THAT(reason("echo '{}'"), Contains(gave) && Contains("changed"));
    CHECK_THAT(reason("echo '{\"changed\": \"yes\"}'"), Contains(gave));
    CHECK_THAT(reason("echo '{\"changed\": true, \"chnages\": []}'"), Contains(gave) && Contains("chnages"));
    CHECK_THAT(reason("echo '{\"changed\": true, \"changes\": \"one\"}'"), Contains(gave));
    CHECK_THAT(reason("echo '{\"changed\": false, \"changes\": [\"one\"]}'"),
               Contains("'changed' is false, but 'changes' has lines"));
    CHECK_THAT(reason("printf '{\"changed\": true, \"changes\": [\"\\377\"]}'"), Contains(gave));
    CHECK_THAT(reason("printf '{\"a\":%.0s' $(seq 100); printf '1'; printf '}%.0s' $(seq 100)"), Contains(gave));
    CHECK_THAT(reason("echo -n '{\"changed\": true, \"changes\": ['; for i in $(seq 1001); do echo -n '\"x\",'; done; echo '\"x\"]}'"),
               Contains("more than 1000 lines"));
}

TEST_CASE("S1 an answer of a gigabyte is an error, and is not kept") {
    CHECK(reason("head -c 1000000000 /dev/zero") ==
          "'shop.line', told to plan, answered with more than 1 MiB, the most that an answer may be");
}

TEST_CASE("a program that hangs is ended in its part's time, with all that it started") {
    CHECK(reason("sleep 1000 & sleep 1000", RunMode::apply, "timeout: 300ms") ==
          "'shop.line', told to plan, did not end in time and was stopped");
}

TEST_CASE("a program that a signal ends is told so") {
    CHECK(reason("kill -SEGV $$") == "'shop.line', told to plan, was ended by signal 11");
}

TEST_CASE("a program that this machine cannot run is told so") {
    const auto reason_of_bytes = [](const std::string& program) {
        RealMachine machine;
        return last(machine.run(part(program)), "it").parts.at(0).reason;
    };
    CHECK(reason_of_bytes("no script\n") ==
          "cannot run 'shop.line': it is neither a script that begins with #! nor a program for this machine");
    CHECK(reason_of_bytes("#!/no/such/interpreter\n") ==
          "cannot run 'shop.line': the interpreter in its first line is not there");
    // A program for another architecture: its number is at byte 18.
    std::string other = read_whole_file("/bin/true").substr(0, 64);
    other[18] = 0x2a;
    RealMachine machine;
    StateRun run = RunYaml(part("#!/bin/sh\n"), machine.contents).run();
    run.nodes.at(0).variants.at(0).parts.at(0).arguments.set(
        "content", prove::testing::blob(machine.contents.add(other)));
    CHECK(last(machine.run(run), "it").parts.at(0).reason ==
          "cannot run 'shop.line': it is neither a script that begins with #! nor a program for this machine");
}

TEST_CASE("a function that needs an agent fails where none stays, in a plan as in an apply, and works where one does") {
    const std::string run =
        "it:\n  - fn: component.function\n    function: shop.queue\n    needs_agent: true\n    content: x\n"
        "own:\n  - fn: test.resident\n"
        "other:\n  - fn: test.any\n";
    int ran = 0;
    const auto machine_with = [&ran](bool resident) {
        auto machine = std::make_unique<PaperMachine>();
        Function resident_one = own_function("test.resident", [&ran](const Arguments&, Host&) { ++ran; });
        resident_one.schema.needs_agent = true;
        machine->functions.add(std::move(resident_one));
        machine->functions.add(own_function("test.any", [](const Arguments&, Host&) {}));
        machine->resident = resident;
        return machine;
    };
    const std::string words =
        " needs an agent that stays on the host, and only with 'executor: agent', through a master, is there one";
    for (const RunMode mode : {RunMode::plan, RunMode::apply}) {
        const auto report = machine_with(false)->run(run, mode);
        CHECK(report.end == RunReport::End::failed);
        CHECK(last(report, "it").outcome == Outcome::failed);
        CHECK(last(report, "it").parts.at(0).reason == "'shop.queue'" + words);
        CHECK(last(report, "own").parts.at(0).reason == "'test.resident'" + words);
        CHECK(last(report, "other").outcome == Outcome::ok);
        CHECK(ran == 0);
    }
    CHECK(last(machine_with(true)->run(run), "own").outcome == Outcome::ok);
    CHECK(ran > 0);
}
