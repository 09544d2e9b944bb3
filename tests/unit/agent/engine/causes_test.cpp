// Why a run changes something: "`intended` (the compiled state differs from the last one applied) or `drift` (it does
// not: the host moved)".
#include <catch2/catch.hpp>

#include "tests/support/engine_tests.hpp"

using namespace prove;
using namespace prove::test;

namespace {

// "motd:drift reload:drift", of those that changed.
std::string causes(const RunReport& report) {
    std::string text;
    for (const StateInvocation& invocation : report.invocations)
        if (invocation.changed)
            text += (text.empty() ? "" : " ") + invocation.state.text() + ":" + name_of(invocation.cause);
    return text;
}

struct RememberingMachine : PaperMachine {
    RememberingMachine() { applied = &last_applied; }
    // By hand, behind the back of all runs.
    void move(const std::string& path, const std::string& content) {
        applied = nullptr;
        run("hand: [{fn: file.managed, path: " + path + ", content: " + content + "}]\n");
        applied = &last_applied;
    }
    AppliedStates last_applied;
};

const std::string motd = "motd: [{fn: file.managed, path: /motd, content: hello, notify: [told]}]\n";
const std::string told = "told: {lazy: true, parts: [{fn: cmd.run, cmd: 'echo told'}]}\n";

}  // namespace

TEST_CASE("what is applied for the first time is intended, and a host that moved since is drift", "[causes]") {
    RememberingMachine machine;
    CHECK(causes(machine.run(motd + told)) == "motd:intended told:intended");
    CHECK(causes(machine.run(motd + told)) == "");
    machine.move("/motd", "other");
    CHECK(causes(machine.run(motd + told)) == "motd:drift told:drift");
}

TEST_CASE("another wish is intended, also on a host that moved", "[causes]") {
    RememberingMachine machine;
    machine.run(motd + told);
    machine.move("/motd", "other");
    const std::string other = "motd: [{fn: file.managed, path: /motd, content: bye, notify: [told]}]\n" + told;
    CHECK(causes(machine.run(other)) == "motd:intended told:intended");
}

TEST_CASE("a plan says the cause as well, and does not count as applied", "[causes]") {
    RememberingMachine machine;
    CHECK(causes(machine.run(motd + told, RunMode::plan)) == "motd:intended told:intended");
    CHECK(machine.last_applied.empty());
    machine.run(motd + told);
    machine.move("/motd", "other");
    CHECK(causes(machine.run(motd + told, RunMode::plan)) == "motd:drift told:drift");
}

TEST_CASE("where a state is written, and what it notifies, is no other wish", "[causes]") {
    RememberingMachine machine;
    machine.run(motd + told);
    machine.move("/motd", "other");
    const std::string moved =
        "first: [{fn: file.directory, path: /first}]\n"
        "motd: {requires: [first], parts: [{fn: file.managed, path: /motd, content: hello}]}\n";
    CHECK(causes(machine.run(moved)) == "first:intended motd:drift");
}

TEST_CASE("a wish that failed was not applied: the change is intended until it succeeds", "[causes]") {
    RememberingMachine machine;
    bool works = false;
    machine.functions.add(own_function("test.step", [&works](const Arguments&, Host&) {
        if (!works) throw Error(ErrorKind::failed, "not yet");
    }));
    const std::string wanted = "motd: [{fn: file.managed, path: /motd, content: hello}, {fn: test.step}]\n";
    CHECK(causes(machine.run(wanted)) == "motd:intended");
    machine.move("/motd", "other");
    CHECK(causes(machine.run(wanted)) == "motd:intended");
    works = true;
    machine.run(wanted);
    machine.move("/motd", "other");
    CHECK(causes(machine.run(wanted)) == "motd:drift");
}

TEST_CASE("a command that is wanted in every run is no drift, and one that the host asks for is", "[causes]") {
    // Each alone: on paper nothing is known after a command.
    const auto twice = [](const std::string& wanted) {
        RealMachine machine;
        AppliedStates applied;
        machine.applied = &applied;
        machine.run(wanted);
        remove_file(machine.folder.path() + "/made");
        return causes(machine.run(wanted));
    };
    CHECK(twice("always: [{fn: cmd.run, cmd: 'true'}]\n") == "always:intended");
    CHECK(twice("once: [{fn: cmd.run, cmd: 'touch $/made', creates: $/made}]\n") == "once:drift");
    CHECK(twice("some: {unless: [{exists: $/never}], parts: [{fn: cmd.run, cmd: 'true'}]}\n") == "some:drift");
    CHECK(twice("some: {probe: {p: [{missing: $/never}]}, parts: [{fn: cmd.run, cmd: 'true'}]}\n") == "some:drift");
}

TEST_CASE("a state that an intended change notifies is intended, and so is one that both notify", "[causes]") {
    RememberingMachine machine;
    const auto wanted = [](const std::string& text) {
        return "a: [{fn: file.managed, path: /a, content: '" + text +
               "', notify: [both]}]\n"
               "b: [{fn: file.managed, path: /b, content: same, notify: [both]}]\n"
               "both: {lazy: true, defer: true, parts: [{fn: cmd.run, cmd: 'echo both'}]}\n";
    };
    machine.run(wanted("one"));
    machine.move("/b", "other");
    CHECK(causes(machine.run(wanted("one"))) == "b:drift both:drift");
    machine.move("/b", "other");
    CHECK(causes(machine.run(wanted("two"))) == "a:intended b:drift both:intended");
}

TEST_CASE("a group moved as its members did", "[causes]") {
    RememberingMachine machine;
    const std::string wanted =
        "a: [{fn: file.managed, path: /a, content: x}]\nb: [{fn: file.managed, path: /b, content: x}]\nall: {group: "
        "[a, "
        "b]}\n";
    CHECK(causes(machine.run(wanted)) == "a:intended b:intended all:intended");
    machine.move("/b", "other");
    CHECK(causes(machine.run(wanted)) == "b:drift all:drift");
}

TEST_CASE("who has nothing to compare with names no cause", "[causes]") {
    PaperMachine machine;
    CHECK(causes(machine.run(motd + told)) == "motd:none told:none");
}

TEST_CASE("a whole run forgets states that are no more, and a run of some of them does not", "[causes]") {
    RememberingMachine machine;
    machine.run(motd + told + "other: [{fn: file.directory, path: /other}]\n");
    REQUIRE(machine.last_applied.size() == 3);
    StateRun some = RunYaml(motd + told, machine.contents).run();
    some.partial = true;
    machine.run(some);
    CHECK(machine.last_applied.size() == 3);
    machine.run(motd + told);
    CHECK(machine.last_applied.size() == 2);
}

TEST_CASE("what was applied is kept beside the debts, and what is damaged is not believed", "[causes][ledger]") {
    const TemporaryFolder folder;
    const std::string path = folder.path() + "/ledger";
    CHECK(read_applied(path).empty());
    const AppliedStates applied{{StateId("a b"), hash_of("x")}, {StateId("motd"), hash_of("y")}};
    write_applied(path, applied);
    CHECK(read_applied(path) == applied);
    const std::string whole = read_whole_file(path + "/applied");
    for (const std::string& bad : {whole.substr(0, whole.size() - 1), whole.substr(1), "x" + whole, whole + "\n"}) {
        write_file_durably(path + "/applied", bad);
        CHECK_THROWS_AS(read_applied(path), Error);
    }
}
