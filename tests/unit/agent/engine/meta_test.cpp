// The meta functions as the engine carries them out: what fails, what is rescued, what runs in the place of another.
#include <catch2/catch.hpp>

#include "tests/support/engine_tests.hpp"

using namespace prove;
using test::last;
using test::PaperMachine;
using test::story;

TEST_CASE("meta.noop does nothing, and notifies nobody", "[meta]") {
    PaperMachine machine;
    CHECK(story(machine.run("a: [{fn: meta.noop, notify: [b]}]\nb: {lazy: true, parts: [{fn: meta.noop}]}\n")) ==
          "a:ok");
}

TEST_CASE("meta.fail fails with its message, in a plan as well", "[meta]") {
    PaperMachine machine;
    const char* const wanted =
        "a: [{fn: meta.fail, message: not on this host}]\nb: {requires: [a], parts: [{fn: meta.noop}]}\n";
    for (const RunMode mode : {RunMode::plan, RunMode::apply}) {
        const RunReport report = machine.run(wanted, mode);
        CHECK(story(report) == "a:failed b:skipped");
        CHECK(last(report, "a").reason == "not on this host");
        CHECK(report.end == RunReport::End::failed);
    }
}

TEST_CASE("meta.assert is ok where all holds, and fails with its message and what does not hold", "[meta]") {
    PaperMachine machine;
    const char* const wanted =
        "a: [{fn: file.managed, path: /a, content: x}]\n"
        "b: [{fn: meta.assert, that: [{exists: /a}, {missing: /b}]}]\n"
        "c: [{fn: meta.assert, that: [{exists: /a}, {exists: /b}], message: make b first}]\n"
        "d: [{fn: meta.assert, that: [{exists: /b}]}]\n";
    const RunReport report = machine.run(wanted);
    CHECK(story(report) == "a:changed b:ok c:failed d:failed");
    CHECK(last(report, "c").reason == "make b first: {exists: /b} does not hold");
    CHECK(last(report, "d").reason == "{exists: /b} does not hold");
}

TEST_CASE("meta.assert in a plan is judged by what the run would have made by then", "[meta]") {
    PaperMachine machine;
    const RunReport plan = machine.run(
        "a: [{fn: file.managed, path: /a, content: x}]\nb: [{fn: meta.assert, that: [{exists: /a}]}]\n", RunMode::plan);
    CHECK(story(plan) == "a:would_change b:ok");
}

TEST_CASE("a run whose failures were all rescued is a good one, and the report says who rescued them", "[meta]") {
    PaperMachine machine;
    const char* const wanted =
        "a: [{fn: meta.fail, message: no}]\n"
        "b: [{fn: file.managed, path: /b, content: x}]\n"
        "r: [{fn: file.managed, path: /r, content: x}]\n"
        "c: [{fn: file.managed, path: /c, content: x}]\n"
        "d: {block: [a, b], rescue: [r], always: [c]}\n";
    const RunReport report = machine.run(wanted);
    CHECK(story(report) == "a:failed b:skipped r:changed c:changed d:rescued");
    CHECK(report.end == RunReport::End::done);
    CHECK(last(report, "a").rescued_by == StateId("d"));
    CHECK(last(report, "d").changed);
    CHECK_FALSE(machine.host.stat(Path("/b")));
}

TEST_CASE("a plan of a block whose body would fail shows what its rescue would change", "[meta]") {
    PaperMachine machine;
    const char* const wanted =
        "a: [{fn: meta.fail, message: no}]\n"
        "r: [{fn: file.managed, path: /r, content: x}]\n"
        "d: {block: [a], rescue: [r]}\n";
    CHECK(story(machine.run(wanted, RunMode::plan)) == "a:failed r:would_change d:rescued");
    CHECK_FALSE(machine.host.stat(Path("/r")));
}

TEST_CASE("a failure that nobody rescued makes the run a failed one, whatever always did", "[meta]") {
    PaperMachine machine;
    const RunReport report =
        machine.run("a: [{fn: meta.fail, message: no}]\nc: [{fn: meta.noop}]\nd: {block: [a], always: [c]}\n");
    CHECK(story(report) == "a:failed c:ok d:failed");
    CHECK(report.end == RunReport::End::failed);
    CHECK(last(report, "a").rescued_by.empty());
}

TEST_CASE("a rescue may put back what the body changed; that is no flapping", "[meta]") {
    PaperMachine machine;
    machine.run("f: [{fn: file.managed, path: /f, content: old}]\n");
    const std::string body =
        "a: [{fn: file.managed, path: /f, content: new}]\nb: [{fn: meta.fail, message: no}]\n"
        "r: [{fn: file.managed, path: /f, content: old}]\n";
    CHECK(story(machine.run(body + "d: {block: [a, b], rescue: [r]}\n")) == "a:changed b:failed r:changed d:rescued");
    // The same without a block.
    const RunReport flapping = machine.run(body);
    CHECK(story(flapping) == "a:changed b:failed r:failed");
    CHECK_THAT(last(flapping, "r").reason, Catch::Contains("flapping"));
}

TEST_CASE("meta.run runs a state between the parts of another, and comes out as it did", "[meta]") {
    PaperMachine machine;
    const char* const wanted =
        "a: [{fn: file.managed, path: /a, content: x}, {fn: meta.run, state: t, notify: [n]},"
        " {fn: file.managed, path: /c, content: x}]\n"
        "t: {lazy: true, parts: [{fn: file.managed, path: /t, content: x}]}\n"
        "n: {lazy: true, parts: [{fn: meta.noop}]}\n";
    const RunReport first = machine.run(wanted);
    CHECK(story(first) == "a:changed t:changed n:ok");
    REQUIRE(last(first, "a").parts.size() == 3);
    CHECK(last(first, "a").parts[1].outcome == Outcome::changed);
    CHECK(last(first, "t").notified_by == std::vector<StateId>{StateId("a")});
    CHECK(story(machine.run(wanted)) == "a:ok t:ok");
    CHECK(machine.ledger.owed().empty());
}

TEST_CASE("a state that fails fails the meta.run that runs it, and what comes after is skipped", "[meta]") {
    PaperMachine machine;
    const RunReport report = machine.run(
        "a: [{fn: meta.run, state: t}, {fn: file.managed, path: /c, content: x}]\n"
        "t: {lazy: true, parts: [{fn: meta.fail, message: no}]}\n");
    CHECK(story(report) == "a:failed t:failed");
    CHECK(last(report, "a").reason == "'t' failed: no");
    CHECK_FALSE(machine.host.stat(Path("/c")));
}

TEST_CASE("a failure of what meta.run ran in a body is rescued with it", "[meta]") {
    PaperMachine machine;
    const RunReport report = machine.run(
        "t: {lazy: true, parts: [{fn: meta.fail, message: no}]}\n"
        "a: [{fn: meta.run, state: t}]\n"
        "r: [{fn: meta.noop}]\n"
        "d: {block: [a], rescue: [r]}\n");
    CHECK(story(report) == "a:failed t:failed r:ok d:rescued");
    CHECK(report.end == RunReport::End::done);
    CHECK(last(report, "t").rescued_by == StateId("d"));
}

TEST_CASE("a meta.run that its own condition keeps from running runs nothing", "[meta]") {
    PaperMachine machine;
    CHECK(story(machine.run("a: [{fn: meta.run, state: t, onlyif: {exists: /no}}]\n"
                            "t: {lazy: true, parts: [{fn: meta.noop}]}\n")) == "a:skipped");
}

TEST_CASE("a plan of meta.run is a plan of what it runs", "[meta]") {
    PaperMachine machine;
    CHECK(story(machine.run("a: [{fn: meta.run, state: t}]\n"
                            "t: {lazy: true, parts: [{fn: file.managed, path: /t, content: x}]}\n",
                            RunMode::plan)) == "a:would_change t:would_change");
}

TEST_CASE("states that run each other fail instead of going round", "[meta]") {
    PaperMachine machine;
    const RunReport report =
        machine.run("a: [{fn: meta.run, state: b}]\nb: {lazy: true, parts: [{fn: meta.run, state: a}]}\n");
    CHECK(report.end == RunReport::End::failed);
    CHECK_THAT(last(report, "b").reason, Catch::Contains("runs already"));
}
