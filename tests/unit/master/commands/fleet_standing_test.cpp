// How a fleet stands together, from the rows of its targets.
#include <catch2/catch.hpp>

#include "master/commands/fleet_standing.hpp"
#include "master/jobs/standing.hpp"

using namespace prove;

namespace {

TargetList::Contact target(const std::string& name, const std::string& status = "connected") {
    TargetList::Contact row;
    row.name = TargetId(name);
    row.status = status;
    return row;
}

StandingRow drifted(const std::string& name, const std::string& path, std::int64_t time_ms, RunMode mode = RunMode::apply) {
    RunReport report;
    report.mode = mode;
    StateInvocation& invocation = report.invocations.emplace_back();
    invocation.state = StateId("motd");
    invocation.outcome = mode == RunMode::apply ? Outcome::changed : Outcome::would_change;
    invocation.changed = true;
    invocation.cause = Cause::drift;
    StatePartInvocation& part = invocation.parts.emplace_back();
    part.changes.push_back({"file " + path, "mode", "0600", "0644", "", false});
    return standing_after(std::nullopt, {TargetId(name), {}, {}, time_ms, time_ms}, report, true);
}

}  // namespace

TEST_CASE("identical drift of several targets is one, and what most have comes first", "[drift]") {
    const Value all = fleet_standing({target("a"), target("b"), target("c")},
                                     {drifted("a", "/other", 10), drifted("b", "/motd", 20), drifted("c", "/motd", 30, RunMode::plan)}, 0);
    const auto& drift = all.at("drift").list();
    REQUIRE(drift.size() == 2);
    CHECK(write_json(drift[0].at("changes")) == R"([{"resource":"file /motd","aspect":"mode","before":"0600","after":"0644"}])");
    REQUIRE(drift[0].at("targets").list().size() == 2);
    CHECK(drift[0].at("targets").list()[0].at("end").text() == "mended");
    CHECK(drift[0].at("targets").list()[1].at("end").text() == "open");
    CHECK(write_json(all.at("counts")) == R"({"converged":2,"differs":1})");
}

TEST_CASE("drift that was found long ago, or on other targets, is left out", "[drift]") {
    const Value all = fleet_standing({target("a"), target("b")}, {drifted("a", "/x", 10), drifted("b", "/x", 20), drifted("c", "/x", 30)}, 15);
    REQUIRE(all.at("drift").list().size() == 1);
    CHECK(all.at("drift").list()[0].at("targets").list().size() == 1);
    CHECK(all.at("targets").list()[0].at("drift_ms").integer() == 10);
}

TEST_CASE("a host that got the name of another one is not taken for it", "[drift]") {
    auto renamed = target("a"), same = target("b"), without_key = target("c");
    renamed.key = KeyId::from_hex_text(std::string(32, 'b')).value();
    same.key = KeyId::from_hex_text(std::string(32, 'c')).value();
    auto of_same = drifted("b", "/x", 20);
    of_same.key = same.key;
    const Value all = fleet_standing({renamed, same, without_key}, {drifted("a", "/x", 10), of_same, drifted("c", "/x", 30)}, 0);
    CHECK(write_json(all.at("counts")) == R"({"converged":2,"unknown":1})");
    CHECK(all.at("targets").list()[0].at("standing").text() == "unknown");
}

TEST_CASE("who is not connected has not been heard from, but for hosts that are only reached when needed", "[drift]") {
    auto away = target("away", "disconnected");
    away.seen_ms = 7;
    const Value all = fleet_standing({target("here"), target("there", "ssh"), away, target("new", "unknown")}, {}, 0);
    CHECK(write_json(all.at("silent")) ==
          R"([{"target":"away","status":"disconnected","seen_ms":7},{"target":"new","status":"unknown"}])");
    CHECK(write_json(all.at("counts")) == R"({"unknown":4})");
}
