// Debts, groups, plans and cancelling, as the order of things has them, on Schedule alone.
#include <catch2/catch.hpp>

#include "tests/support/state_run_text.hpp"

using prove::Debt;
using prove::NodeIndex;
using prove::Outcome;
using prove::Schedule;
using prove::StateId;
using prove::StateInvocation;
using prove::Step;
using prove::test::Play;
using prove::test::RunText;

namespace {

Debt debt(const char* from, const char* to) {
    return {StateId(from), StateId(to)};
}

const char* const the_case =
    "vhost: part notify reload\n"
    "reload: lazy\n"
    "certificate: requires vhost; notify vhost\n";

}  // namespace

// ---- the case that the language is made for

TEST_CASE("the certificate case: vhost, reload, certificate, vhost with TLS, reload", "[schedule]") {
    const Play play(the_case, "vhost: changed changed; certificate: changed");
    CHECK(play.story() == "vhost{reload} certificate vhost{reload}");
    CHECK(play.owed().empty());
}

TEST_CASE("the certificate case: a second run does nothing more than look", "[schedule]") {
    CHECK(Play(the_case).story() == "vhost certificate");
}

TEST_CASE("the certificate case, killed after the certificate: vhost is written once and reloaded once", "[schedule]") {
    const Play play(the_case, "vhost: changed", {debt("certificate", "vhost")});
    CHECK(play.story() == "vhost{reload} certificate");
    CHECK(play.owed().empty());
}

TEST_CASE("the certificate case, killed between vhost and its reload: reloaded before the certificate", "[schedule]") {
    const Play play(the_case, "certificate: changed; vhost: ok changed", {debt("vhost", "reload")});
    CHECK(play.story() == "vhost reload certificate vhost{reload}");
    CHECK(play.owed().empty());
}

// ---- "Debts of an earlier run are paid where the notifying state completes ..."

TEST_CASE("debts of an earlier run are paid where the notifying state completes", "[schedule]") {
    const Play play("a:\nb:\nc:\nr: lazy\n", "", {debt("b", "r")});
    CHECK(play.story() == "a b r c");
    CHECK(play.of("r").why == StateInvocation::Why::owed);
    CHECK(play.of("r").notified_by == std::vector<StateId>{StateId("b")});
    CHECK(play.owed().empty());
}

TEST_CASE("debts of a state that is not in the run are paid at the end of the run", "[schedule]") {
    const Play play("a:\nr: lazy\nb:\n", "", {debt("gone", "r")});
    CHECK(play.story() == "a b r");
    CHECK(play.owed().empty());
}

TEST_CASE("debts of a lazy state that nobody asked for are paid at the end of the run", "[schedule]") {
    CHECK(Play("l: lazy\na:\nr: lazy\n", "", {debt("l", "r")}).story() == "a r");
}

TEST_CASE("a debt to a deferred state is paid at the end of the run", "[schedule]") {
    CHECK(Play("a:\nr: lazy; defer\nb:\n", "", {debt("a", "r")}).story() == "a b r");
}

TEST_CASE("a debt is joined with a notification of this run", "[schedule]") {
    const Play play("a: notify r\nr: lazy\n", "a: changed", {debt("a", "r")});
    CHECK(play.story() == "a r");
    CHECK(play.of("r").why == StateInvocation::Why::notified);
    CHECK(play.owed().empty());
}

TEST_CASE("a debt is paid by any later success of what is owed", "[schedule]") {
    const Play play("a: notify r\nb:\nr: lazy\n", "a: changed", {debt("b", "r")});
    CHECK(play.story() == "a r b");
    CHECK(play.owed().empty());
}

TEST_CASE("if the notifying state fails the debt stays", "[schedule]") {
    const Play play("a:\nr: lazy\n", "a: failed", {debt("a", "r")});
    CHECK(play.story() == "a!");
    CHECK(play.owed() == "a>r");
}

TEST_CASE("if the notifying state is skipped for a requirement the debt stays", "[schedule]") {
    const Play play("x:\na: requires x\nr: lazy\n", "x: failed", {debt("a", "r")});
    CHECK(play.story() == "x! (a)");
    CHECK(play.owed() == "a>r");
}

TEST_CASE("if the notifying state is skipped by its own condition the debt is paid", "[schedule]") {
    CHECK(Play("a:\nr: lazy\n", "a: skipped", {debt("a", "r")}).story() == "a r");
}

TEST_CASE("a debt to a state that is gone is dropped and reported", "[schedule]") {
    const Play play("a:\n", "", {debt("a", "gone")});
    CHECK(play.story() == "a");
    CHECK(play.owed().empty());
    REQUIRE(play.notes().size() == 1);
    CHECK(play.notes()[0].find("'gone'") != std::string::npos);
}

TEST_CASE("in a run of some states only, debts of and to others stay as they are", "[schedule]") {
    auto run = RunText("a:\nr: lazy\n").run();
    run.partial = true;
    const Play play(run, "", {debt("other", "r"), debt("a", "elsewhere")});
    CHECK(play.story() == "a");
    CHECK(play.owed() == "a>elsewhere other>r");
    CHECK(play.notes().empty());
}

TEST_CASE("a debt stays until what is owed has succeeded, and is tried once in a run", "[schedule]") {
    const Play play("a:\nr: lazy\n", "r: failed", {debt("a", "r")});
    CHECK(play.story() == "a r!");
    CHECK(play.owed() == "a>r");
}

TEST_CASE("what a failed part owes is paid when its state completes later in the run", "[schedule]") {
    const Play play("a: part notify r\nb: notify a\nr: lazy\n", "a: broken ok; b: changed");
    CHECK(play.story() == "a! b a r");
    CHECK(play.owed().empty());
}

TEST_CASE("a change made while what is owed runs is owed anew", "[schedule]") {
    // r notifies a, which changes and notifies r while r still runs: one success must not strike both.
    const Play play("a: notify r\nr: lazy; part notify a; part\n", "a: changed changed; r: changed ok ok failed");
    CHECK(play.story() == "a r{a} r!");
    CHECK(play.owed() == "a>r");
}

TEST_CASE("a debt is in the ledger before the change, and gone again where nothing changed", "[schedule]") {
    const auto run = RunText("a: part notify r\nr: lazy\n").run();
    Schedule schedule(run, {});
    const auto step = schedule.next();
    REQUIRE(step);
    const auto& variant = run.nodes[0].variants[0];
    CHECK(schedule.incur(0, variant, 0) == std::vector<Debt>{debt("a", "r")});
    CHECK(schedule.incur(0, variant, 0).empty());
    schedule.part_finished(0, variant, 0, {});
    CHECK(schedule.take_struck() == std::vector<Debt>{debt("a", "r")});
    schedule.finished(0, &variant, Outcome::ok, false);
    CHECK_FALSE(schedule.next());
}

TEST_CASE("a debt of an earlier run is not struck because nothing changed this time", "[schedule]") {
    const auto run = RunText("a: part notify r\nr: lazy\n").run();
    Schedule schedule(run, {debt("a", "r")});
    schedule.next();
    const auto& variant = run.nodes[0].variants[0];
    CHECK(schedule.incur(0, variant, 0).empty());
    schedule.part_finished(0, variant, 0, {});
    CHECK(schedule.take_struck().empty());
}

// ---- groups

TEST_CASE("a group succeeds when all members did", "[schedule]") {
    CHECK(Play("g: group a b\na:\nb:\nc: requires g\n").story() == "a b g c");
    const Play play("g: group a b\na:\nb:\nc: requires g\n", "b: failed");
    CHECK(play.story() == "a b! g! (c)");
    CHECK(play.of("g").because_of == StateId("b"));
    CHECK(play.of("c").because_of == StateId("b"));
}

TEST_CASE("a group has changed when any member has", "[schedule]") {
    CHECK(Play("a:\nb:\ng: group a b; notify r\nr: lazy\n", "b: changed").story() == "a b g r");
    CHECK(Play("a:\nb:\ng: group a b; notify r\nr: lazy\n").story() == "a b g");
}

TEST_CASE("notifying a group notifies its lazy members", "[schedule]") {
    const Play play("n: notify g\ng: group a b l\na:\nb: lazy\nl: lazy\n", "n: changed");
    CHECK(play.story() == "n b l a g");
    CHECK(play.of("b").notified_by == std::vector<StateId>{StateId("n")});
}

TEST_CASE("a member that changes again makes its group notify again", "[schedule]") {
    CHECK(Play("a:\ng: group a; notify r\nb: notify a\nr: lazy\n", "a: changed changed; b: changed").story() ==
          "a g r b a g r");
}

TEST_CASE("what a group notifies is owed from the change of its member on", "[schedule]") {
    const auto run = RunText("a:\ng: group a; notify r\nr: lazy\n").run();
    Schedule schedule(run, {});
    schedule.next();
    CHECK(schedule.incur(0, run.nodes[0].variants[0], 0) == std::vector<Debt>{debt("g", "r")});
}

TEST_CASE("a debt of a group is paid where the group completes", "[schedule]") {
    CHECK(Play("a:\nb:\ng: group a b\nc:\nr: lazy\n", "", {debt("g", "r")}).story() == "a b g r c");
}

TEST_CASE("a reload that a group notifies may require the group, and one that a member notifies as well",
          "[schedule]") {
    CHECK(Play("a:\ng: group a; notify r\nr: lazy; requires g\n", "a: changed").story() == "a g r");
    CHECK(Play("a: notify r\ng: group a\nr: lazy; requires g\n", "a: changed").story() == "a r g");
}

// ---- plans

TEST_CASE("in a plan an unknown notifier makes what it notifies unknown", "[schedule]") {
    const Play play("a: notify r\nr: lazy; notify s\ns: lazy\nb:\n", "a: unknown");
    CHECK(play.story() == "a? r? s? b");
    CHECK(play.of("r").reason == "depends on whether 'a' changes something");
}

TEST_CASE("a doubt does not go round in circles", "[schedule]") {
    CHECK(Play("a: notify b\nb: lazy; notify a\n", "a: unknown").story() == "a? b? a?");
}

TEST_CASE("what is notified by doubt and for certain runs", "[schedule]") {
    CHECK(Play("a: notify r\nb: notify r\nr: lazy; defer\n", "a: unknown; b: changed").story() == "a? b r");
}

TEST_CASE("a written state keeps its place whether it is notified by doubt or not", "[schedule]") {
    CHECK(Play("a: notify b\nb:\n", "a: unknown").story() == "a? b");
}

// ---- cancelling, looking ahead

TEST_CASE("P23 nothing starts after a cancellation: the rest is skipped, and what is owed stays owed", "[schedule]") {
    const auto run = RunText("a: notify r\nb:\nr: lazy\n").run();
    Schedule schedule(run, {});
    schedule.next();
    const auto& variant = run.nodes[0].variants[0];
    schedule.incur(0, variant, 0);
    schedule.cancel("the run was cancelled: enough");
    schedule.part_finished(0, variant, 0, {.changed = true});
    schedule.finished(0, &variant, Outcome::changed, true);
    const auto rest = schedule.next();
    REQUIRE(rest);
    CHECK(rest->action == Step::Action::settled);
    CHECK(rest->invocation.state == StateId("b"));
    CHECK(rest->invocation.outcome == Outcome::skipped);
    CHECK(rest->invocation.reason == "the run was cancelled: enough");
    CHECK_FALSE(schedule.next());
    CHECK(schedule.take_struck().empty());
}

TEST_CASE("looking ahead sees the written states that are ready, and stops at the first that is not", "[schedule]") {
    const auto run = RunText("a:\nb:\nl: lazy\nd: defer\nc:\nw: requires a\ne:\n").run();
    Schedule schedule(run, {});
    schedule.next();
    std::vector<NodeIndex> seen;
    schedule.following([&](NodeIndex node) {
        seen.push_back(node);
        return true;
    });
    CHECK(seen == std::vector<NodeIndex>{1, 4});
}

TEST_CASE("whether a state has changed something is asked of its members where it is a group", "[schedule]") {
    const auto run = RunText("a:\nb:\ng: group a b\n").run();
    Schedule schedule(run, {});
    schedule.next();
    CHECK(schedule.changed(2) == Schedule::Changed::no);
    schedule.part_finished(0, run.nodes[0].variants[0], 0, {.changed = true});
    schedule.finished(0, &run.nodes[0].variants[0], Outcome::changed, true);
    CHECK(schedule.changed(0) == Schedule::Changed::yes);
    CHECK(schedule.changed(1) == Schedule::Changed::no);
    CHECK(schedule.changed(2) == Schedule::Changed::yes);
}
