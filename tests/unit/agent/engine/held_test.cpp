// What a run cannot do without its master is held: "reported as held, not failed; dependents are skipped because of it;
// a run with only held ones is done".
#include <catch2/catch.hpp>

#include "tests/support/engine_tests.hpp"
#include "tests/support/state_run_text.hpp"

using namespace prove;
using namespace prove::test;

namespace {

class AwayMaster final : public ContentSource, public LateSource {
  public:
    std::string fetch(const Hash&) override { throw Error(ErrorKind::held, "its content is with the master"); }
    LatePiece piece(const LateRequest&) override { throw Error(ErrorKind::held, "only the master can compile it"); }
};

// On paper, with contents that only the master has.
struct LonelyMachine : PaperMachine {
    RunReport run_alone(const std::string& yaml, RunMode mode = RunMode::apply) {
        EngineContext context{functions, host, master, ledger, clock, Value::object()};
        context.late = &master;
        context.wait = [this](std::chrono::milliseconds time) { waits.push_back(time); };
        return execute(RunYaml(yaml, contents).run(), mode, context);
    }
    AwayMaster master;
};

}  // namespace

TEST_CASE("a held state is no failure, and what requires it is skipped because of it", "[held]") {
    const Play play("a:\nb: requires a\nc: requires b\nd:\n", "a: held");
    CHECK(play.story() == "a% (b) (c) d");
    CHECK(play.of("b").reason == "requires 'a', which is held");
    CHECK(play.of("c").reason == "requires 'b', which was skipped because 'a' is held");
    CHECK(play.of("c").because_of == StateId("a"));
}

TEST_CASE("what waits for a failure is not told of a held state", "[held]") {
    CHECK(Play("a: notify_failure page\npage: lazy\n", "a: held").story() == "a%");
    StateRun run = RunText("a:\nb:\n").run();
    run.options.on_failure = RunOptions::OnFailure::stop;
    CHECK(Play(run, "a: held", {}).story() == "a% b");
}

TEST_CASE("a group with a held member is held, and with a failed one it failed", "[held]") {
    CHECK(Play("a:\nb:\ng: group a b\nc: requires g\n", "a: held").story() == "a% b g% (c)");
    CHECK(Play("a:\nb:\ng: group a b\n", "a: held; b: failed").story() == "a% b! g!");
    CHECK(Play("a:\nb: requires a\ng: group b\n", "a: held").of("g").reason == "its member 'b' was skipped");
    CHECK(Play("a:\nb: requires a\ng: group b\n", "a: held").of("g").outcome == Outcome::held);
}

TEST_CASE("a held state ends the body of its block, but is nothing to rescue from", "[held]") {
    const std::string block = "a:\nb:\nr:\nclean:\nd: block a b; rescue r; always clean\nafter: requires d\n";
    const Play play(block, "a: held");
    CHECK(play.story() == "a% (b) clean d% (after)");
    CHECK(play.of("b").reason == "'a' is held before it in the block 'd'");
    CHECK(play.of("d").reason == "'a' is held");
    SECTION("a failure in its always is one all the same") {
        CHECK(Play(block, "a: held; clean: failed").story() == "a% (b) clean! d! (after)");
    }
    SECTION("a body that failed is rescued as ever") {
        CHECK(Play(block, "a: changed; b: failed").story() == "a b! r clean d~ after");
    }
}

TEST_CASE("what a held state owes and is owed stays owed", "[held]") {
    const Play first("a: part; part; notify reload\nreload: lazy\n", "a: changed held");
    CHECK(first.story() == "a%");
    CHECK(first.owed() == "a>reload");
    const Play second("a:\nreload: lazy\n", "reload: held", {{StateId("a"), StateId("reload")}});
    CHECK(second.story() == "a reload%");
    CHECK(second.owed() == "a>reload");
}

TEST_CASE("a file whose content only an absent master has is held, and everything else is done", "[held]") {
    LonelyMachine machine;
    const char* const wanted =
        "file: [{fn: file.managed, path: /motd, content: hello, retry: {attempts: 3}}, {fn: cmd.run, cmd: 'echo b'}]\n"
        "after: {requires: [file], parts: [{fn: file.directory, path: /after}]}\n"
        "other: [{fn: file.directory, path: /srv}]\n";
    for (const RunMode mode : {RunMode::plan, RunMode::apply}) {
        const RunReport report = machine.run_alone(wanted, mode);
        CHECK(story(report) == (mode == RunMode::apply ? "file:held after:skipped other:changed"
                                                       : "file:held after:skipped other:would_change"));
        CHECK(report.end == RunReport::End::done);
        CHECK(last(report, "file").reason == "its content is with the master");
        CHECK(last(report, "file").parts.at(1).reason == "an earlier part of this state is held");
        CHECK(last(report, "file").parts.at(0).attempts == 1);
        CHECK(count(report).held == 1);
    }
}

TEST_CASE("a late state without a master is held", "[held]") {
    LonelyMachine machine;
    const RunReport report = machine.run_alone(
        "a: [{fn: file.directory, path: /a}]\n"
        "late: {requires: [a], parts: [{fn: meta.late, basis: b, results: {}}]}\n"
        "after: {requires: [late], parts: [{fn: file.directory, path: /after}]}\n"
        "both: {group: [a, late]}\n");
    CHECK(story(report) == "a:changed late:held after:skipped both:held");
    CHECK(last(report, "late").reason == "only the master can compile it");
    CHECK(report.end == RunReport::End::done);
}

TEST_CASE("a state that runs a held one in its place is held too", "[held]") {
    LonelyMachine machine;
    const RunReport report = machine.run_alone(
        "inner: {lazy: true, parts: [{fn: file.managed, path: /x, content: hello}]}\n"
        "outer: [{fn: meta.run, state: inner}]\n");
    CHECK(story(report) == "outer:held inner:held");
    CHECK(last(report, "outer").reason == "'inner' is held: its content is with the master");
}

TEST_CASE("a failure beside a held state makes the run a failed one", "[held]") {
    LonelyMachine machine;
    machine.functions.add(
        own_function("test.fail", [](const Arguments&, Host&) { throw Error(ErrorKind::failed, "it does not work"); }));
    const RunReport report =
        machine.run_alone("file: [{fn: file.managed, path: /motd, content: hello}]\nbad: [{fn: test.fail}]\n");
    CHECK(story(report) == "file:held bad:failed");
    CHECK(report.end == RunReport::End::failed);
}
