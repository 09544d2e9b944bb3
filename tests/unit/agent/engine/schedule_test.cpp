// "The order of things" of the catalog's reference, sentence by sentence, on Schedule alone.
#include <catch2/catch.hpp>

#include "tests/support/state_run_text.hpp"

using prove::Outcome;
using prove::RunOptions;
using prove::StateId;
using prove::StateInvocation;
using prove::test::Play;
using prove::test::RunText;

// ---- "The next to run is always the first written state whose requirements are complete."

TEST_CASE("without requirements states run as they are written", "[schedule]") {
    CHECK(Play("a:\nb:\nc:\n").story() == "a b c");
}

TEST_CASE("the next to run is always the first written state whose requirements are complete", "[schedule]") {
    CHECK(Play("a: requires c\nb: requires a\nc:\nd:\n").story() == "c a b d");
}

TEST_CASE("a lazy state that nobody asks for does not run", "[schedule]") {
    CHECK(Play("a:\nreload: lazy\n").story() == "a");
}

TEST_CASE("a run of nothing ends at once", "[schedule]") {
    CHECK(Play("").story().empty());
}

// ---- "A notified state runs at once (after the part or state that notified it) ..."

TEST_CASE("a state that a part notifies runs between the parts", "[schedule]") {
    CHECK(Play("a: part notify reload; part\nb:\nreload: lazy\n", "a: changed").story() == "a{reload} b");
}

TEST_CASE("a state that a state notifies runs once, after its last part", "[schedule]") {
    CHECK(Play("a: part; part; notify reload\nb:\nreload: lazy\n", "a: changed changed").story() == "a reload b");
}

TEST_CASE("a state that changed nothing notifies nobody", "[schedule]") {
    CHECK(Play("a: part notify reload; notify page\nreload: lazy\npage: lazy\n").story() == "a");
}

TEST_CASE("what a notified state notifies runs before its siblings", "[schedule]") {
    CHECK(Play("n: notify a b\na: lazy; notify c\nb: lazy\nc: lazy\n", "n: changed; a: changed").story() == "n a c b");
}

TEST_CASE("between the parts of a state nothing runs but what they notified", "[schedule]") {
    CHECK(Play("n: notify a b\na: lazy; part notify c; part\nb: lazy\nc: lazy\n", "n: changed; a: changed").story() ==
          "n a{c} b");
}

TEST_CASE("a notified state with requirements still to come runs as soon as they have ended", "[schedule]") {
    CHECK(Play("a: notify reload\nb:\nc:\nreload: lazy; requires b\n", "a: changed").story() == "a b reload c");
}

// ---- "... with defer at the end of the run, deferred states among themselves by requirement, then as written."

TEST_CASE("a deferred state runs at the end of the run, several notifications becoming one invocation", "[schedule]") {
    const Play play("a: notify reboot\nb: notify reboot\nc:\nreboot: lazy; defer\n", "a: changed; b: changed");
    CHECK(play.story() == "a b c reboot");
    CHECK(play.of("reboot").notified_by == std::vector<StateId>{StateId("a"), StateId("b")});
}

TEST_CASE("deferred states run among themselves by requirement, then as written", "[schedule]") {
    CHECK(Play("x: defer; requires z\ny: defer\nz: defer\na:\n").story() == "a y z x");
}

TEST_CASE("who requires a deferred state waits for the end", "[schedule]") {
    CHECK(Play("d: defer\na: requires d\nb:\ne: defer\n").story() == "b d a e");
}

TEST_CASE("what a deferred state notifies runs at once", "[schedule]") {
    CHECK(Play("d: defer; notify r\ne: defer\nr: lazy\n", "d: changed").story() == "d r e");
}

// ---- "A notified state that is not lazy and has not run yet keeps its place and runs once."

TEST_CASE("a notified state that is not lazy and has not run yet keeps its place and runs once", "[schedule]") {
    const Play play("a: notify c\nb:\nc:\n", "a: changed");
    CHECK(play.story() == "a b c");
    CHECK(play.of("c").why == StateInvocation::Why::written);
    CHECK(play.of("c").notified_by == std::vector<StateId>{StateId("a")});
}

TEST_CASE("a notified state that has run already runs again at once", "[schedule]") {
    const Play play("vhost:\ncertificate: notify vhost\nb:\n", "certificate: changed");
    CHECK(play.story() == "vhost certificate vhost b");
    CHECK(play.of("vhost").number == 2);
    CHECK(play.of("vhost").why == StateInvocation::Why::notified);
}

// ---- "Notified while it runs itself, it runs again after that."

TEST_CASE("notified while it runs itself, a state runs again after that", "[schedule]") {
    CHECK(Play("a: part notify b; part\nb: lazy; notify a\nc:\n", "a: changed; b: changed").story() == "a{b} a c");
}

TEST_CASE("a state that notifies itself runs again after that", "[schedule]") {
    CHECK(Play("a: notify a\nb:\n", "a: changed").story() == "a a b");
}

// ---- "Notifications that wait for one state become one invocation."

TEST_CASE("notifications that wait for one state become one invocation", "[schedule]") {
    const Play play("a: part notify r; part notify r\nr: lazy; requires b\nb:\n", "a: changed changed");
    CHECK(play.story() == "a b r");
}

TEST_CASE("notifications that do not wait are invocations of their own", "[schedule]") {
    CHECK(Play("a: notify r\nb: notify r\nr: lazy\n", "a: changed; b: changed").story() == "a r b r");
}

// ---- "A state is complete when it and the invocations that it notified (unless deferred) have ended ..."

TEST_CASE("who requires a state waits for the invocations that it notified", "[schedule]") {
    CHECK(Play("a: notify r\nb: requires a\nr: lazy; requires c\nc:\n", "a: changed").story() == "a c r b");
}

TEST_CASE("who requires a state does not wait for the deferred ones that it notified", "[schedule]") {
    CHECK(Play("a: notify r\nb: requires a\nr: lazy; defer\n", "a: changed").story() == "a b r");
}

TEST_CASE("for a state that it notified a state counts as complete at once", "[schedule]") {
    CHECK(Play("a: part notify reload; part\nreload: lazy; requires a\n", "a: changed").story() == "a{reload}");
    CHECK(Play("a: notify reload\nreload: lazy; requires a\nb: requires a\n", "a: changed").story() == "a reload b");
}

TEST_CASE("a failed reload does not make the state that notified it failed", "[schedule]") {
    const Play play("a: notify reload\nreload: lazy\nb: requires a\n", "a: changed; reload: failed");
    CHECK(play.story() == "a reload! b");
}

// ---- "Requiring a state never runs a lazy one ..."

TEST_CASE("requiring a lazy state that was not asked for neither runs it nor waits for it", "[schedule]") {
    CHECK(Play("a: requires l\nl: lazy\n").story() == "a");
}

TEST_CASE("a required lazy state that was asked for must have succeeded", "[schedule]") {
    CHECK(Play("n: notify l\nl: lazy\na: requires l\n", "n: changed").story() == "n l a");
    const Play play("n: notify l\nl: lazy\na: requires l\n", "n: changed; l: failed");
    CHECK(play.story() == "n l! (a)");
    CHECK(play.of("a").reason == "requires 'l', which failed");
}

TEST_CASE("a required lazy state that was asked for is waited for", "[schedule]") {
    CHECK(Play("n: notify l\na: requires l\nb:\nl: lazy; requires b\n", "n: changed").story() == "n b l a");
}

TEST_CASE("a state skipped by its own condition counts as succeeded", "[schedule]") {
    CHECK(Play("a:\nb: requires a\n", "a: skipped").story() == "a b");
}

TEST_CASE("a state invoked several times counts by its latest invocation", "[schedule]") {
    CHECK(Play("a:\nb: notify a\nc: requires a\n", "a: failed; b: changed").story() == "a! b a c");
    CHECK(Play("a:\nb: notify a\nc: requires a\n", "a: ok failed; b: changed").story() == "a b a! (c)");
}

// ---- failures

TEST_CASE("a failed state skips what requires it and wakes its notify_failure states", "[schedule]") {
    const Play play("install: notify_failure page\nconfig: requires install\nrun: requires config\npage: lazy\n",
                    "install: failed");
    CHECK(play.story() == "install! page (config) (run)");
    CHECK(play.of("config").reason == "requires 'install', which failed");
    CHECK(play.of("config").because_of == StateId("install"));
}

TEST_CASE("D9 what is skipped names the state at the root of it", "[schedule]") {
    const Play play("a:\nb: requires a\nc: requires b\n", "a: failed");
    CHECK(play.of("c").reason == "requires 'b', which was skipped because 'a' failed");
    CHECK(play.of("c").because_of == StateId("a"));
}

TEST_CASE("a failed part ends its state and fires its notify_failure at once", "[schedule]") {
    const Play play("a: part notify_failure page; part notify never\npage: lazy\nnever: lazy\n", "a: failed changed");
    CHECK(play.story() == "a{page}!");
}

TEST_CASE("a state that notify_failure woke may require the state that failed", "[schedule]") {
    CHECK(Play("a: notify_failure page\npage: lazy; requires a\n", "a: failed").story() == "a! page");
}

TEST_CASE("a part that changes something and then fails fires notify_failure now; its notify stays owed",
          "[schedule]") {
    const Play play("a: part notify reload; notify_failure page\nreload: lazy\npage: lazy\n", "a: broken");
    CHECK(play.story() == "a! page");
    CHECK(play.owed() == "a>reload");
}

TEST_CASE("D1 a failure elsewhere does not lose what was notified", "[schedule]") {
    CHECK(Play("a: notify r\nb:\nr: lazy; defer\n", "a: changed; b: failed").story() == "a b! r");
}

TEST_CASE("a notified state whose requirement failed is skipped and stays owed", "[schedule]") {
    const Play play("b:\na: notify r\nr: lazy; requires b\n", "a: changed; b: failed");
    CHECK(play.story() == "b! a (r)");
    CHECK(play.owed() == "a>r");
}

TEST_CASE("with on_failure continue independent states go on", "[schedule]") {
    CHECK(Play("a:\nb:\n", "a: failed").story() == "a! b");
}

TEST_CASE("with on_failure stop no written state starts after a failure, but what was notified still runs",
          "[schedule]") {
    auto run = RunText("a: notify r\nb: notify_failure page\nc:\nd: defer\nr: lazy; defer\npage: lazy\n").run();
    run.options.on_failure = RunOptions::OnFailure::stop;
    const Play play(run, "a: changed; b: failed", {});
    CHECK(play.story() == "a b! page (c) (d) r");
    CHECK(play.of("c").because_of == StateId("b"));
    CHECK(play.of("c").reason == "not started: 'b' failed, and on_failure is stop");
}

// ---- limits

TEST_CASE("a state invoked more than 8 times in one run fails, and the message shows the loop", "[schedule]") {
    const std::string always = "changed changed changed changed changed changed changed changed changed changed";
    const Play play("a: notify b\nb: lazy; notify a\n", "a: " + always + "; b: " + always);
    CHECK(play.count("a") == 9);
    CHECK(play.count("b") == 8);
    CHECK(play.of("a").outcome == Outcome::failed);
    CHECK(play.of("a").reason == "invoked more than 8 times in one run: 'a' notifies 'b', which notifies 'a'");
}

TEST_CASE("a state over its limit fires notify_failure once and never runs again", "[schedule]") {
    std::string always;
    for (int i = 0; i < 40; ++i) always += " changed";
    const Play play("a: notify a; notify_failure page\npage: lazy; notify a\nb: notify a\n",
                    "a:" + always + "; page:" + always + "; b: changed");
    CHECK(play.count("a") == 9);
    CHECK(play.count("page") == 1);
}

TEST_CASE("states that wait for each other in a circle fail instead of hanging", "[schedule]") {
    const Play play("n: notify r\na: requires n\nr: lazy; requires a\n", "n: changed");
    CHECK(play.story() == "n a! (r)");
    CHECK(play.of("a").reason == "requires 'n', which waits for this state; use defer on what is notified");
}
