// How a target stands, from one report after the other: "who is converged and since when; who drifted in what; which
// states change again and again".
#include <catch2/catch.hpp>

#include "master/jobs/standing.hpp"

using namespace prove;

namespace {

StateInvocation state(const std::string& id, Outcome outcome, Cause cause = Cause::none) {
    StateInvocation invocation;
    invocation.state = StateId(id);
    invocation.outcome = outcome;
    invocation.cause = cause;
    StatePartInvocation part;
    part.function = "file.managed";
    part.outcome = outcome;
    if (cause != Cause::none) {
        invocation.changed = part.changed = true;
        part.changes.push_back({"file /" + id, "content", "blake2b:aa", "blake2b:bb", "-a\n+b\n", false});
    }
    invocation.parts.push_back(part);
    return invocation;
}

StateInvocation reload(Cause cause) {
    StateInvocation invocation = state("reload", Outcome::changed, cause);
    invocation.why = StateInvocation::Why::notified;
    invocation.parts[0].changes = {{"unit nginx", "reload", "", "", "", true}};
    return invocation;
}

RunReport report(std::vector<StateInvocation> invocations, RunMode mode = RunMode::apply) {
    RunReport result;
    result.mode = mode;
    result.catalog = "c1";
    result.invocations = std::move(invocations);
    for (const auto& invocation : result.invocations)
        if (is_failure(invocation)) result.end = RunReport::End::failed;
    return result;
}

// A target and the runs that it had.
struct History {
    const StandingRow& run(const RunReport& found, bool whole = true) {
        time += 1000;
        row = standing_after(row, {TargetId("web1"), key, job, time, time - 500}, found, whole);
        return *row;
    }
    // One that is told now, and began long ago.
    const StandingRow& told(std::int64_t begun_ms, const RunReport& found, bool whole = true) {
        row = standing_after(row, {TargetId("web1"), key, job, begun_ms + 500, begun_ms}, found, whole);
        return *row;
    }
    const Value& drift() const { return row->found.at("drift"); }

    std::int64_t time = 0;
    KeyId key;
    JobId job;
    std::optional<StandingRow> row;
};

const StateInvocation well = state("motd", Outcome::ok);
const StateInvocation mended = state("motd", Outcome::changed, Cause::drift);
const StateInvocation intended = state("motd", Outcome::changed, Cause::intended);
const StateInvocation would = state("motd", Outcome::would_change, Cause::drift);

}  // namespace

TEST_CASE("a target is converged since the first run that left nothing to do", "[standing]") {
    History web1;
    CHECK(web1.run(report({intended})).standing == Standing::converged);
    web1.run(report({well}));
    CHECK(web1.run(report({well}, RunMode::plan)).since_ms == 1000);
    CHECK(web1.row->judged_ms == 3000);
    SECTION("and begins anew where it had moved") {
        CHECK(web1.run(report({mended})).since_ms == 4000);
    }
    SECTION("but not for a command that is wanted in every run") {
        StateInvocation command = state("always", Outcome::changed, Cause::intended);
        command.parts[0].changes = {{"command", "run", "", "", "", true}};
        CHECK(web1.run(report({command})).since_ms == 1000);
    }
}

TEST_CASE("a target differs, failed or is held as its last whole run says", "[standing]") {
    History web1;
    CHECK(web1.run(report({would}, RunMode::plan)).standing == Standing::differs);
    CHECK(web1.run(report({state("motd", Outcome::failed)})).standing == Standing::failed);
    CHECK(web1.run(report({state("late", Outcome::held), well})).standing == Standing::held);
    CHECK(web1.run(report({state("motd", Outcome::failed)}), false).standing == Standing::held);
    RunReport cancelled = report({well});
    cancelled.end = RunReport::End::cancelled;
    CHECK(web1.run(cancelled).standing == Standing::held);
    CHECK(web1.row->judged_ms == 3000);
}

TEST_CASE("what drifted is kept with its changes until other drift is found", "[standing]") {
    History web1;
    web1.run(report({mended, reload(Cause::drift)}));
    CHECK(web1.row->drift_ms == 1000);
    CHECK(write_json(web1.drift().at("states")) ==
          R"([{"state":"motd","place":"","end":"mended","changes":[{"resource":"file /motd","aspect":"content",)"
          R"("before":"blake2b:aa","after":"blake2b:bb","diff":"-a\n+b\n"}]}])");
    web1.run(report({well, intended}));
    CHECK(web1.drift().at("end").text() == "mended");
    CHECK(web1.row->drift_ms == 1000);
}

TEST_CASE("drift that only plans find is open since the first of them, until it is mended or gone", "[standing]") {
    History web1;
    web1.run(report({would}, RunMode::plan));
    web1.run(report({would}, RunMode::plan));
    CHECK(web1.drift().at("end").text() == "open");
    CHECK(web1.drift().at("since_ms").integer() == 1000);
    CHECK(web1.row->drift_ms == 2000);
    SECTION("mended") {
        web1.run(report({mended}));
        CHECK(web1.drift().at("end").text() == "mended");
        CHECK(web1.drift().at("since_ms").integer() == 1000);
    }
    SECTION("gone") {
        web1.run(report({}, RunMode::plan), false);
        CHECK(web1.drift().at("end").text() == "open");
        web1.run(report({well}, RunMode::plan));
        CHECK(web1.drift().at("end").text() == "gone");
        CHECK(web1.row->drift_ms == 2000);
    }
    SECTION("a run that failed to mend it leaves it open") {
        web1.run(report({state("motd", Outcome::failed, Cause::drift)}));
        CHECK(web1.drift().at("end").text() == "open");
    }
}

TEST_CASE("a report counts by when its run began, however late it is told: an older one changes nothing", "[standing]") {
    History web1;
    web1.time = 10'000;
    const auto newer = web1.run(report({well}));
    CHECK(web1.told(2'000, report({mended})) == newer);
    CHECK(web1.told(3'000, report({state("motd", Outcome::failed)})) == newer);
    CHECK(web1.told(4'000, report({would}, RunMode::plan), false) == newer);
    SECTION("but a newer one does, also where it is told late") {
        CHECK(web1.told(newer.judged_ms + 1, report({would}, RunMode::plan)).standing == Standing::differs);
    }
    SECTION("and another host of this name begins anew") {
        web1.key = KeyId::from_hex_text(std::string(32, 'b')).value();
        CHECK(web1.told(2'000, report({state("motd", Outcome::failed)})).standing == Standing::failed);
    }
    SECTION("a run of some states only puts no order") {
        web1.run(report({well}), false);
        CHECK(web1.told(10'600, report({state("motd", Outcome::failed)})).standing == Standing::failed);
    }
}

TEST_CASE("a state is unsteady when it changed in three of its last twelve applies without being told to", "[standing]") {
    History web1;
    for (int i = 0; i < 2; ++i) web1.run(report({mended}));
    web1.run(report({would}, RunMode::plan));
    CHECK(unsteady_states(*web1.row).empty());
    web1.run(report({well}));
    web1.run(report({mended}));
    REQUIRE(unsteady_states(*web1.row).size() == 1);
    CHECK(unsteady_states(*web1.row)[0].state == "motd");
    CHECK(unsteady_states(*web1.row)[0].changes == 3);
    CHECK(unsteady_states(*web1.row)[0].applies == 4);
    for (int i = 0; i < 11; ++i) web1.run(report({well}));
    CHECK(unsteady_states(*web1.row).empty());
    web1.run(report({well}));
    CHECK(web1.row->found.at("recent").mapping().empty());
}

TEST_CASE("changes of another catalog are no unsteadiness, and those of the same one are", "[standing]") {
    History web1;
    for (int i = 0; i < 5; ++i) {
        RunReport found = report({intended});
        found.catalog = "c" + std::to_string(i);
        web1.run(found);
    }
    CHECK(unsteady_states(*web1.row).empty());
    RunReport found = report({intended});
    found.catalog = "c4";
    for (int i = 0; i < 3; ++i) web1.run(found);
    CHECK(unsteady_states(*web1.row).size() == 1);
}

TEST_CASE("another host of the name begins anew", "[standing]") {
    History web1;
    for (int i = 0; i < 3; ++i) web1.run(report({mended}));
    web1.key.bytes.fill(1);
    web1.run(report({well}));
    CHECK(web1.row->since_ms == 4000);
    CHECK(web1.row->drift_ms == 0);
    CHECK(unsteady_states(*web1.row).empty());
}

TEST_CASE("what is kept of a drift has its limits", "[standing]") {
    History web1;
    std::vector<StateInvocation> many;
    for (int i = 0; i < 60; ++i) many.push_back(state("s" + std::to_string(i), Outcome::changed, Cause::drift));
    many[0].parts[0].changes = std::vector<Change>(20, many[0].parts[0].changes[0]);
    many[0].parts[0].changes[0].diff = std::string(5000, 'x');
    web1.run(report(many));
    CHECK(web1.drift().at("states").list().size() == 50);
    CHECK(web1.drift().at("more").integer() == 10);
    CHECK(web1.drift().at("states").list()[0].at("changes").list().size() == 10);
    CHECK(web1.drift().at("states").list()[0].at("changes").list()[0].at("diff").text().size() == 1003);
}
