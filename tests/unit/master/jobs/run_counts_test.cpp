// What is counted of runs that ended.
#include <catch2/catch.hpp>

#include "master/jobs/run_counts.hpp"

using namespace prove;

namespace {

JobRow job(const std::string& operation, const std::string& who) {
    JobRow row;
    row.operation = operation;
    row.who = who;
    if (who.starts_with("schedule ")) row.schedule = who.substr(9);
    row.created_ms = 10'000;
    if (operation == "states") row.options.set("mode", "apply");
    return row;
}

JobTargetRow ended(TargetEnd end, const std::string& summary = "null") {
    JobTargetRow row;
    row.phase = TargetPhase::ended;
    row.end = end;
    row.accepted_ms = 12'000;
    row.ended_ms = 32'500;
    row.summary = read_json(summary);
    return row;
}

bool has(const RunCounts& counts, const std::string& line) {
    MetricsText text;
    counts.write(text);
    return text.text().find("\n" + line + "\n") != std::string::npos;
}

}  // namespace

TEST_CASE("runs are counted by what they were, who began them and how they ended", "[metrics]") {
    RunCounts counts;
    counts.count(job("states", "schedule nightly"), ended(TargetEnd::done));
    counts.count(job("states", "schedule hourly"), ended(TargetEnd::done));
    counts.count(job("states", "agent web1"), ended(TargetEnd::failed));
    counts.count(job("cmd", "alice"), ended(TargetEnd::unreachable));
    CHECK(has(counts, R"(prove_runs_total{operation="states",mode="apply",by="schedule",end="done"} 2)"));
    CHECK(has(counts, R"(prove_runs_total{operation="states",mode="apply",by="agent",end="failed"} 1)"));
    CHECK(has(counts, R"(prove_runs_total{operation="cmd",mode="",by="operator",end="unreachable"} 1)"));
    CHECK(counts.totals().runs == 4);
    CHECK(counts.totals().not_well == 2);
}

TEST_CASE("changes and drift are counted from what runs say of themselves", "[metrics]") {
    RunCounts counts;
    counts.count(job("states", "root"), ended(TargetEnd::done, R"({"changed": 3, "intended": 1, "drift": 2, "ok": 40})"));
    counts.count(job("states", "root"), ended(TargetEnd::failed, R"({"changed": 1, "drift": 1, "failed": 2})"));
    CHECK(has(counts, R"(prove_run_states_total{outcome="changed"} 4)"));
    CHECK(has(counts, R"(prove_run_states_total{outcome="failed"} 2)"));
    CHECK(has(counts, R"(prove_run_changes_total{cause="drift"} 3)"));
    CHECK(has(counts, R"(prove_run_changes_total{cause="intended"} 1)"));
    CHECK(counts.totals().states_changed == 4);
    CHECK(counts.totals().states_drifted == 3);
}

TEST_CASE("how long runs waited and took is measured of those that began", "[metrics]") {
    RunCounts counts;
    counts.count(job("cmd", "root"), ended(TargetEnd::done));
    auto never = ended(TargetEnd::expired);
    never.accepted_ms = 0;
    counts.count(job("cmd", "root"), never);
    CHECK(has(counts, R"(prove_run_wait_seconds_sum{operation="cmd"} 2)"));
    CHECK(has(counts, R"(prove_run_duration_seconds_sum{operation="cmd"} 20.5)"));
    CHECK(has(counts, R"(prove_run_duration_seconds_count{operation="cmd"} 1)"));
}
