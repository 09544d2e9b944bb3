// Counting results, and writing them down with how the agent stands.
#include "agent/daemon/agent_metrics.hpp"

#include "agent/daemon/daemon.hpp"
#include "common/process/own_usage.hpp"

namespace prove {

namespace {

using Kind = MetricsText::Kind;

double seconds(std::int64_t ms) {
    return static_cast<double>(ms) / 1000;
}

}  // namespace

void AgentMetrics::ended(const JobResult& result) {
    std::string what = "other";
    bool well = result.end == JobResult::End::done;
    if (const Value* value = result.body.is_mapping() ? result.body.find("report") : nullptr) {
        const auto report = run_report_from(*value);
        what = std::string("states ") + name_of(report.mode);
        well = well && report.end == RunReport::End::done;
        count_states(report);
    }
    ++runs_[{what, result.own ? "itself" : "master", well || result.end != JobResult::End::done ? name_of(result.end) : "failed"}];
    last_[what] = {result.finished_ms, well};
    durations_[what].add(seconds(std::max<std::int64_t>(0, result.finished_ms - result.started_ms)));
}

void AgentMetrics::count_states(const RunReport& report) {
    for (const auto& state : report.invocations) {
        if (state.outcome != Outcome::ok && state.outcome != Outcome::skipped) ++states_[name_of(state.outcome)];
        if (state.cause != Cause::none) ++changes_[name_of(state.cause)];
    }
}

std::string AgentMetrics::text(const AgentCore::Status& status, const Clock& clock) const {
    MetricsText text;
    const auto usage = own_usage();
    text.family("prove_agent_info", Kind::gauge, "Which prove-agent this is.").sample(1, {{"version", prove_version()}, {"name", status.name}});
    text.gauge("prove_agent_connected", "1 while there is a connection to the master.", status.link == Link::State::up ? 1 : 0);
    text.gauge("prove_agent_connection_changed_timestamp_seconds", "Since when the connection is as it is.",
               seconds(clock.wall_ms() - (clock.boot_ms() - status.link_since_ms)));
    text.gauge("prove_agent_clock_ahead_seconds", "How far this host's clock is ahead of the master's.", seconds(status.clock_skew_ms));
    text.gauge("prove_agent_jobs_running", "Jobs that run now.", static_cast<double>(status.running));
    text.gauge("prove_agent_results_waiting", "Results that the master has not stored yet.", static_cast<double>(status.unsent));
    text.family("prove_agent_refused_total", Kind::counter, "Messages that were refused.");
    for (const auto& [reason, times] : status.refused) text.sample(static_cast<double>(times), {{"reason", reason}});
    text.family("prove_agent_runs_total", Kind::counter, "Jobs that ended, by what they were and who began them.");
    for (const auto& [kind, times] : runs_)
        text.sample(static_cast<double>(times), {{"what", kind.what}, {"by", kind.by}, {"end", kind.end}});
    text.family("prove_agent_run_states_total", Kind::counter, "States of runs by how they came out, but for ok and skipped.");
    for (const auto& [outcome, times] : states_) text.sample(static_cast<double>(times), {{"outcome", outcome}});
    text.family("prove_agent_run_changes_total", Kind::counter,
                "States that changed or would: since the catalog did (intended), or since the host moved (drift).");
    for (const auto& [cause, times] : changes_) text.sample(static_cast<double>(times), {{"cause", cause}});
    text.family("prove_agent_last_run_timestamp_seconds", Kind::gauge, "When the last run ended.");
    for (const auto& [what, last] : last_) text.sample(seconds(last.finished_ms), {{"what", what}});
    text.family("prove_agent_last_run_well", Kind::gauge, "1 where the last run ended well.");
    for (const auto& [what, last] : last_) text.sample(last.well ? 1 : 0, {{"what", what}});
    text.family("prove_agent_run_duration_seconds", Kind::histogram, "How long runs took.");
    for (const auto& [what, times] : durations_) text.sample(times, {{"what", what}});
    text.counter("prove_agent_cpu_seconds_total", "Processor time of prove-agent, without the commands that it starts.", usage.cpu_seconds);
    text.gauge("prove_agent_resident_memory_bytes", "Memory of prove-agent.", static_cast<double>(usage.resident_bytes));
    return text.text();
}

}  // namespace prove
