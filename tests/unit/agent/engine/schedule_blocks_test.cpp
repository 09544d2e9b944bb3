// Blocks in the order of a run, on Schedule alone: "common keys for the states inside; the first failure skips the rest
// of the body, then `rescue`, then `always`; a block whose rescue succeeded succeeds, and is reported `rescued`".
#include <catch2/catch.hpp>

#include <functional>

#include "tests/support/state_run_text.hpp"

using prove::Outcome;
using prove::Schedule;
using prove::StateId;
using prove::StateInvocation;
using prove::test::Play;
using prove::test::RunText;

namespace {

// before, then a block with a body of a, b and c, a rescue of r and s, and a cleanup, then after.
const std::string whole =
    "before:\na:\nb:\nc:\nr:\ns:\ncleanup:\ndeploy: block a b c; rescue r s; always cleanup\nafter:\n";

}  // namespace

TEST_CASE("the contents of a block stand in the order where the block stands", "[blocks]") {
    CHECK(Play(whole).story() == "before a b c cleanup deploy after");
}

TEST_CASE("the first failure skips the rest of the body, then comes rescue, then always", "[blocks]") {
    const Play play(whole, "a: failed");
    CHECK(play.story() == "before a! (b) (c) r s cleanup deploy~ after");
    CHECK(play.of("b").reason == "'a' failed before it in the block 'deploy'");
    CHECK(play.of("b").because_of == StateId("a"));
}

TEST_CASE("what ran before the first failure stays as it is", "[blocks]") {
    CHECK(Play(whole, "b: failed").story() == "before a b! (c) r s cleanup deploy~ after");
    CHECK(Play(whole, "c: failed").story() == "before a b c! r s cleanup deploy~ after");
}

TEST_CASE("a block whose rescue succeeded succeeds, and is reported rescued", "[blocks]") {
    const Play play("a:\nr:\nd: block a; rescue r\nb: requires d\n", "a: failed");
    CHECK(play.story() == "a! r d~ b");
    CHECK(play.of("d").outcome == Outcome::rescued);
    CHECK(play.of("d").reason == "'a' failed");
}

TEST_CASE("a block whose rescue fails fails, and the rest of the rescue is skipped", "[blocks]") {
    const Play play(whole + "x: requires deploy\n", "a: failed; r: failed");
    CHECK(play.story() == "before a! (b) (c) r! (s) cleanup deploy! after (x)");
    CHECK(play.of("deploy").reason == "'a' failed, and in its rescue 'r' failed");
    CHECK(play.of("x").because_of == StateId("a"));
}

TEST_CASE("a block without a rescue fails where its body does, after its always", "[blocks]") {
    const Play play("a:\nb:\nc:\nd: block a b; always c\ne: requires d\n", "a: failed");
    CHECK(play.story() == "a! (b) c d! (e)");
    CHECK(play.of("d").reason == "'a' failed");
}

TEST_CASE("a block whose always fails fails, whatever its body did", "[blocks]") {
    CHECK(Play("a:\nc:\nd: block a; always c\n", "c: failed").of("d").reason == "in its 'always' 'c' failed");
    CHECK(Play("a:\nr:\nc:\nd: block a; rescue r; always c\n", "a: failed; c: failed").story() == "a! r c! d!");
}

TEST_CASE("all states of always run, though one of them fails", "[blocks]") {
    CHECK(Play("a:\nc:\ne:\nd: block a; always c e\n", "c: failed").story() == "a c! e d!");
}

TEST_CASE("a body that succeeds leaves the rescue out of the report", "[blocks]") {
    const Play play("a:\nr:\nd: block a; rescue r\n", "a: changed");
    CHECK(play.story() == "a d");
    CHECK(play.of("d").outcome == Outcome::changed);
}

TEST_CASE("a part that comes out failed after a change is a failure of the body as well", "[blocks]") {
    CHECK(Play("a:\nb:\nr:\nd: block a b; rescue r\n", "a: broken").story() == "a! (b) r d~");
}

TEST_CASE("a state of the body that its own condition skips is no failure", "[blocks]") {
    CHECK(Play("a:\nb:\nr:\nd: block a b; rescue r\n", "a: skipped").story() == "a b d");
}

// ---- requirements

TEST_CASE("requiring a block means requiring its end", "[blocks]") {
    CHECK(Play("x: requires d\na:\nc:\nd: block a; always c\n").story() == "a c d x");
}

TEST_CASE("who requires a state that failed is skipped, though its block was rescued", "[blocks]") {
    CHECK(Play("a:\nr:\nd: block a; rescue r\nx: requires a\ny: requires d\n", "a: failed").story() == "a! r d~ (x) y");
}

TEST_CASE("a block of which nothing could run for a requirement runs neither rescue nor always", "[blocks]") {
    const Play play("z:\na: requires z\nr: requires z\nc: requires z\nd: block a; rescue r; always c; requires z\n",
                    "z: failed");
    CHECK(play.story() == "z! (a) (c) (d)");
    CHECK(play.of("c").because_of == StateId("z"));
    CHECK(play.of("d").because_of == StateId("z"));
}

TEST_CASE("a state of the body that is skipped for a requirement of its own makes the block fail", "[blocks]") {
    const Play play("z:\na: requires z\nb:\nr:\nc:\nd: block a b; rescue r; always c\n", "z: failed");
    CHECK(play.story() == "z! (a) b c d!");
    CHECK(play.of("d").reason == "'a' was skipped");
}

TEST_CASE("always does not run where nothing of the body ran", "[blocks]") {
    const Play play("a:\nc:\nd: block a; always c\n", "a: skipped");
    CHECK(play.story() == "a (c) d");
    CHECK(play.of("c").reason == "nothing of the block 'd' ran");
}

TEST_CASE("the rescue waits for states of the body that wait for others", "[blocks]") {
    CHECK(Play("a:\nb: requires late\nr:\nd: block a b; rescue r\nlate:\n", "a: failed").story() == "a! (b) r d~ late");
    CHECK(Play("b: requires late\na:\nr:\nd: block b a; rescue r\nlate: \n", "a: failed").story() ==
          "a! (b) r d~ late");
}

// ---- nesting

TEST_CASE("a block that was rescued is no failure of the block around it", "[blocks]") {
    CHECK(Play("a:\nr:\ninner: block a; rescue r\nb:\nouter: block inner b; rescue x\nx:\n", "a: failed").story() ==
          "a! r inner~ b outer");
}

TEST_CASE("a block that fails is a failure of the block around it", "[blocks]") {
    const Play play("a:\ninner: block a\nb:\nx:\nouter: block inner b; rescue x\nafter: requires outer\n", "a: failed");
    CHECK(play.story() == "a! inner! (b) x outer~ after");
    CHECK(play.of("b").because_of == StateId("a"));
}

TEST_CASE("a failure skips the blocks that come after it in its body whole", "[blocks]") {
    const Play play("a:\nb:\nr:\nc:\ninner: block b; rescue r; always c\nouter: block a inner\n", "a: failed");
    CHECK(play.story() == "a! (b) (c) (inner) outer!");
    CHECK(play.of("inner").because_of == StateId("a"));
}

TEST_CASE("a block that had begun when a failure around it came ends with its always", "[blocks]") {
    // b2 waits for `late`, so that a runs, and fails, in the middle of the inner block.
    const Play play("b1:\nb2: requires a\nc:\ninner: block b1 b2; always c\na:\nouter: block inner a\n", "a: failed");
    CHECK(play.story() == "b1 a! (b2) c inner! outer!");
}

TEST_CASE("a rescue may hold a block, which runs only then", "[blocks]") {
    const std::string text = "a:\nr:\nr2:\nc:\ninner: block r; rescue r2; always c\nd: block a; rescue inner\n";
    CHECK(Play(text).story() == "a d");
    CHECK(Play(text, "a: failed").story() == "a! r c inner d~");
    CHECK(Play(text, "a: failed; r: failed").story() == "a! r! r2 c inner~ d~");
    CHECK(Play(text, "a: failed; r: failed; r2: failed").story() == "a! r! r2! c inner! d!");
}

// ---- notifications

TEST_CASE("a notified block that is lazy runs whole, in the place of who notified it", "[blocks]") {
    const std::string text = "n: part notify d; part\na:\nb:\nr:\nc:\nd: lazy; block a b; rescue r; always c\nx:\n";
    CHECK(Play(text).story() == "n x");
    const Play play(text, "n: changed");
    CHECK(play.story() == "n{a b c d} x");
    CHECK(play.of("a").why == StateInvocation::Why::notified);
    CHECK(Play(text, "n: changed; a: failed").story() == "n{a! (b) r c d~} x");
}

TEST_CASE("who requires the notifier of a block waits for the end of the block", "[blocks]") {
    CHECK(Play("n: notify d\nx: requires n\na: requires late\nd: lazy; block a\nlate:\n", "n: changed").story() ==
          "n late a d x");
}

TEST_CASE("a notified block whose states have run runs again", "[blocks]") {
    CHECK(Play("a:\nb:\nc:\nd: block a b; always c\nn: notify d\n", "n: changed").story() == "a b c d n a b c d");
    CHECK(Play("a:\nb:\nr:\nd: block a b; rescue r\nn: notify d\n", "n: changed; a: failed").story() ==
          "a! (b) r d~ n a b d");
}

TEST_CASE("a notified block whose states have not run yet keeps its place and runs once", "[blocks]") {
    CHECK(Play("n: notify d\nx:\na:\nb:\nd: block a b\n", "n: changed").story() == "n x a b d");
}

TEST_CASE("states of a block notify others as all states do", "[blocks]") {
    CHECK(Play("a: notify h\nb:\nd: block a b\nh: lazy\n", "a: changed").story() == "a h b d");
}

TEST_CASE("a lazy state in a block runs only when it is asked, and its failure is one of the block", "[blocks]") {
    const std::string text = "a: notify h\nh: lazy\nb:\nr:\nd: block a h b; rescue r\n";
    CHECK(Play(text).story() == "a b d");
    CHECK(Play(text, "a: changed; h: failed").story() == "a h! (b) r d~");
}

TEST_CASE("a failed reload outside of the block is no failure of the block", "[blocks]") {
    CHECK(Play("a: notify h\nb:\nr:\nd: block a b; rescue r\nh: lazy\n", "a: changed; h: failed").story() ==
          "a h! b d");
}

TEST_CASE("a state that is notified after the end of its block, and fails, is rescued as well", "[blocks]") {
    const Play play("a:\nr:\nc:\nd: block a; rescue r; always c\nn: notify a\n", "a: ok failed; n: changed");
    CHECK(play.story() == "a c d n a! r c d~");
}

// ---- meta.run: "run that state here"

namespace {

// The story of a run in which the first state has one part that runs the state `x`.
std::string running(const std::string& text, const std::string& state = "x") {
    const auto run = RunText(text).run();
    Schedule schedule(run, {});
    std::string story;
    const std::function<void()> go = [&] {
        while (auto step = schedule.next()) {
            const std::string id = step->invocation.state.text();
            story += (story.empty() || story.back() == '{' ? "" : " ") + id;
            if (step->action == prove::Step::Action::settled) continue;
            if (step->node == 0) {
                story += '{';
                schedule.run_here(0, *run.find(StateId(state)));
                go();
                story += '}';
            }
            schedule.finished(step->node, &run.nodes[step->node].variants[0], step->invocation.outcome, false);
        }
    };
    go();
    return story;
}

}  // namespace

TEST_CASE("meta.run runs a lazy state between the parts of the state that it stands in", "[blocks]") {
    CHECK(running("a:\nx: lazy\nb:\n") == "a{x} b");
    CHECK(running("a:\nx: lazy; defer\nb:\n") == "a{x} b");
}

TEST_CASE("meta.run of a written state that has not run yet runs it there, and only once", "[blocks]") {
    CHECK(running("a:\nb:\nx:\n") == "a{x} b");
    CHECK(running("a: requires x\nx:\n") == "x a{x}");
}

TEST_CASE("meta.run of a block runs the block whole", "[blocks]") {
    CHECK(running("a:\nb:\nc:\nx: lazy; block b c\nd:\n") == "a{b c x} d");
}

TEST_CASE("meta.run of a group runs its members", "[blocks]") {
    CHECK(running("a:\nb: lazy\nc: lazy\nx: lazy; group b c\nd:\n") == "a{b c x} d");
}

// ---- debts

TEST_CASE("a block that was not paid is owed as one, and paid by its success", "[blocks]") {
    const std::string text = "n: notify d\na:\nr:\nd: lazy; block a; rescue r\n";
    CHECK(Play(text, "n: changed; a: failed; r: failed").owed() == "n>d");
    const Play paid(text, "", {{StateId("n"), StateId("d")}});
    CHECK(paid.story() == "n a d");
    CHECK(paid.of("a").why == StateInvocation::Why::owed);
    CHECK(paid.owed().empty());
}

// ---- ends of the run

TEST_CASE("with on_failure stop a failure in a block stops the run only where the block fails", "[blocks]") {
    auto stopping = [](const std::string& text, const std::string& outcomes) {
        auto run = RunText(text).run();
        run.options.on_failure = prove::RunOptions::OnFailure::stop;
        return Play(run, outcomes, {}).story();
    };
    CHECK(stopping(whole, "a: failed") == "before a! (b) (c) r s cleanup deploy~ after");
    CHECK(stopping(whole, "a: failed; r: failed") == "before a! (b) (c) r! (s) cleanup deploy! (after)");
}

TEST_CASE("after a cancel neither rescue nor always runs", "[blocks]") {
    const auto run = RunText("a:\nb:\nr:\nc:\nd: block a b; rescue r; always c\n").run();
    Schedule schedule(run, {});
    auto step = schedule.next();
    REQUIRE(step);
    schedule.part_finished(step->node, run.nodes[0].variants[0], 0, {.failed = true});
    schedule.cancel("the run was cancelled");
    schedule.finished(step->node, &run.nodes[0].variants[0], Outcome::failed, false);
    while (auto rest = schedule.next()) {
        CHECK(rest->action == prove::Step::Action::settled);
        CHECK(rest->invocation.outcome == Outcome::skipped);
    }
}

TEST_CASE("a failure that was rescued is told from one that was not", "[blocks]") {
    const auto run = RunText("a:\nr:\ninner: block a; rescue r\nb:\ns:\nouter: block inner b; rescue s\n").run();
    const auto play = [&](const std::string& failing) {
        Schedule schedule(run, {});
        while (auto step = schedule.next()) {
            if (step->action != prove::Step::Action::run) continue;
            const auto& node = run.nodes[step->node];
            Outcome outcome = step->invocation.outcome;
            if (failing.find(node.id.text()) != std::string::npos) outcome = Outcome::failed;
            schedule.finished(step->node, &node.variants[0], outcome, false);
        }
        const auto rescuer = schedule.rescuer(0);
        return rescuer ? run.nodes[*rescuer].id.text() : "";
    };
    CHECK(play("a") == "inner");
    CHECK(play("a r") == "outer");
    CHECK(play("a r s").empty());
}

TEST_CASE("rescue and always clean up after the body, and nobody else does", "[blocks]") {
    const auto run = RunText("a:\nr:\nc:\nd: block a; rescue r; always c\nx:\n").run();
    const Schedule schedule(run, {});
    CHECK(schedule.cleans_up_after(1, 0));
    CHECK(schedule.cleans_up_after(2, 0));
    CHECK(schedule.cleans_up_after(2, 1));
    CHECK_FALSE(schedule.cleans_up_after(0, 1));
    CHECK_FALSE(schedule.cleans_up_after(4, 0));
}
