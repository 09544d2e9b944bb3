// Counting ends, and what their summaries say.
#include "master/jobs/run_counts.hpp"

namespace prove {

namespace {

// What a summary counts of states: one line each.
constexpr const char* outcomes[] = {"changed", "failed", "unproved", "would_change", "unknown", "held", "rescued"};
constexpr const char* causes[] = {"intended", "drift"};

std::uint64_t number_in(const Value& summary, const char* key) {
    const Value* found = summary.is_mapping() ? summary.find(key) : nullptr;
    return found != nullptr && found->is_integer() ? static_cast<std::uint64_t>(found->integer()) : 0;
}

std::string mode_of(const JobRow& job) {
    const Value* mode = job.options.is_mapping() ? job.options.find("mode") : nullptr;
    return mode != nullptr && mode->is_text() ? mode->text() : "";
}

std::string by(const JobRow& job) {
    return !job.schedule.empty() ? "schedule" : job.who.starts_with("agent ") ? "agent" : "operator";
}

double seconds_between(std::int64_t from_ms, std::int64_t to_ms) {
    return static_cast<double>(std::max<std::int64_t>(0, to_ms - from_ms)) / 1000;
}

}  // namespace

void RunCounts::count(const JobRow& job, const JobTargetRow& target) {
    const std::lock_guard lock(mutex_);
    ++runs_[{{job.operation, mode_of(job), by(job)}, target.end}];
    if (target.accepted_ms != 0) {
        durations_[job.operation].add(seconds_between(target.accepted_ms, target.ended_ms));
        waits_[job.operation].add(seconds_between(job.created_ms, target.accepted_ms));
    }
    if (job.operation != "states") return;
    for (const char* const outcome : outcomes) states_[outcome] += number_in(target.summary, outcome);
    for (const char* const cause : causes) changes_[cause] += number_in(target.summary, cause);
}

RunCounts::Totals RunCounts::totals() const {
    const std::lock_guard lock(mutex_);
    Totals totals;
    for (const auto& [what, times] : runs_) {
        totals.runs += times;
        if (what.second != TargetEnd::done) totals.not_well += times;
    }
    const auto in = [](const auto& map, const char* key) {
        const auto found = map.find(key);
        return found == map.end() ? 0 : found->second;
    };
    totals.states_changed = in(states_, "changed");
    totals.states_drifted = in(changes_, "drift");
    return totals;
}

void RunCounts::write(MetricsText& text) const {
    using Kind = MetricsText::Kind;
    const std::lock_guard lock(mutex_);
    text.family("prove_runs_total", Kind::counter, "Targets of jobs that ended, by how and by who began them.");
    for (const auto& [what, times] : runs_)
        text.sample(static_cast<double>(times), {{"operation", what.first.operation},
                                                 {"mode", what.first.mode},
                                                 {"by", what.first.by},
                                                 {"end", name_of(what.second)}});
    text.family("prove_run_states_total", Kind::counter, "States of runs by how they came out, but for ok and skipped.");
    for (const auto& [outcome, times] : states_) text.sample(static_cast<double>(times), {{"outcome", outcome}});
    text.family("prove_run_changes_total", Kind::counter,
                "States that changed or would: since the catalog did (intended), or since the host moved (drift).");
    for (const auto& [cause, times] : changes_) text.sample(static_cast<double>(times), {{"cause", cause}});
    text.family("prove_run_duration_seconds", Kind::histogram, "From a target's taking its job to its end.");
    for (const auto& [operation, times] : durations_) text.sample(times, {{"operation", operation}});
    text.family("prove_run_wait_seconds", Kind::histogram, "From a job's being asked for to a target's taking it.");
    for (const auto& [operation, times] : waits_) text.sample(times, {{"operation", operation}});
}

}  // namespace prove
