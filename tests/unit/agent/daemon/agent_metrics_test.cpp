// The figures of an agent.
#include <catch2/catch.hpp>

#include "agent/daemon/agent_metrics.hpp"
#include "tests/support/fake_clock.hpp"

using namespace prove;
using namespace prove::test;

namespace {

JobResult run(RunMode mode, std::vector<std::pair<Outcome, Cause>> states, RunReport::End end = RunReport::End::done) {
    RunReport report;
    report.target = TargetId("web1");
    report.mode = mode;
    report.end = end;
    for (const auto& [outcome, cause] : states) {
        StateInvocation state;
        state.state = StateId("s" + std::to_string(report.invocations.size()));
        state.outcome = outcome;
        state.cause = cause;
        report.invocations.push_back(state);
    }
    JobResult result;
    result.started_ms = 1'000;
    result.finished_ms = 3'500;
    result.body = Value::object();
    result.body.set("report", to_value(report));
    return result;
}

bool has(const AgentMetrics& metrics, const std::string& line, const AgentCore::Status& status = {}) {
    const FakeClock clock;
    return metrics.text(status, clock).find("\n" + line + "\n") != std::string::npos;
}

}  // namespace

TEST_CASE("an agent counts its runs by what they were, who began them and how they ended", "[metrics]") {
    AgentMetrics metrics;
    metrics.ended(run(RunMode::apply, {{Outcome::ok, Cause::none}}));
    metrics.ended(run(RunMode::apply, {{Outcome::failed, Cause::none}}, RunReport::End::failed));
    auto own = run(RunMode::apply, {});
    own.own = OwnRun{};
    metrics.ended(own);
    JobResult command;
    command.body = Value::object();
    metrics.ended(command);
    CHECK(has(metrics, R"(prove_agent_runs_total{what="states apply",by="master",end="done"} 1)"));
    CHECK(has(metrics, R"(prove_agent_runs_total{what="states apply",by="master",end="failed"} 1)"));
    CHECK(has(metrics, R"(prove_agent_runs_total{what="states apply",by="itself",end="done"} 1)"));
    CHECK(has(metrics, R"(prove_agent_runs_total{what="other",by="master",end="done"} 1)"));
    CHECK(has(metrics, R"(prove_agent_last_run_timestamp_seconds{what="states apply"} 3.5)"));
    CHECK(has(metrics, R"(prove_agent_run_duration_seconds_sum{what="states apply"} 7.5)"));
}

TEST_CASE("an agent's last run is well or not", "[metrics]") {
    AgentMetrics metrics;
    metrics.ended(run(RunMode::apply, {{Outcome::failed, Cause::none}}, RunReport::End::failed));
    CHECK(has(metrics, R"(prove_agent_last_run_well{what="states apply"} 0)"));
    metrics.ended(run(RunMode::apply, {}));
    CHECK(has(metrics, R"(prove_agent_last_run_well{what="states apply"} 1)"));
}

TEST_CASE("an agent counts drift apart from what was intended", "[metrics]") {
    AgentMetrics metrics;
    metrics.ended(run(RunMode::apply, {{Outcome::changed, Cause::drift}, {Outcome::changed, Cause::intended}, {Outcome::changed, Cause::drift},
                                       {Outcome::ok, Cause::none}}));
    CHECK(has(metrics, R"(prove_agent_run_changes_total{cause="drift"} 2)"));
    CHECK(has(metrics, R"(prove_agent_run_changes_total{cause="intended"} 1)"));
    CHECK(has(metrics, R"(prove_agent_run_states_total{outcome="changed"} 3)"));
}

TEST_CASE("an agent tells how its connection and its queues stand", "[metrics]") {
    AgentCore::Status status;
    status.link = Link::State::up;
    status.unsent = 3;
    status.clock_skew_ms = -1'500;
    const AgentMetrics metrics;
    CHECK(has(metrics, "prove_agent_connected 1", status));
    CHECK(has(metrics, "prove_agent_results_waiting 3", status));
    CHECK(has(metrics, "prove_agent_clock_ahead_seconds -1.5", status));
    CHECK(has(metrics, "prove_agent_connected 0"));
}
