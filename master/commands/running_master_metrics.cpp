// Figures: for Prometheus, and for a person's one look at how all of it stands.
#include <algorithm>
#include <map>
#include <set>

#include "common/process/own_usage.hpp"
#include "common/text/metrics_text.hpp"
#include "master/commands/running_master.hpp"

namespace prove {

namespace {

using Kind = MetricsText::Kind;

constexpr std::size_t most_not_well = 5;

std::vector<PauseRow> pauses_now(const Store& store, const Clock& clock) {
    auto rows = store.pauses();
    std::erase_if(rows, [now = clock.wall_ms()](const PauseRow& row) { return row.until_ms <= now; });
    return rows;
}

double seconds(std::int64_t time_ms) {
    return static_cast<double>(time_ms) / 1000;
}

void write_targets(MetricsText& text, const std::vector<TargetList::Contact>& contacts) {
    std::map<std::pair<std::string, std::string>, std::size_t> by_status;
    for (const auto& one : contacts) ++by_status[{one.executor, one.status}];
    text.family("prove_targets", Kind::gauge, "Targets by how they are reached and how they stand.");
    for (const auto& [what, times] : by_status)
        text.sample(static_cast<double>(times), {{"executor", what.first}, {"status", what.second}});
    text.family("prove_target_last_seen_timestamp_seconds", Kind::gauge, "When a target was last heard of.");
    for (const auto& one : contacts)
        if (one.seen_ms != 0) text.sample(seconds(one.seen_ms), {{"target", one.name.text()}});
    text.family("prove_target_clock_ahead_seconds", Kind::gauge, "How far the clock of a connected agent's host is ahead of the master's.");
    for (const auto& one : contacts)
        if (one.status == "connected") text.sample(seconds(one.clock_ahead_ms), {{"target", one.name.text()}});
}

// Of targets that there still are, and of which a run has looked at all states.
std::vector<StandingRow> that_count(std::vector<StandingRow> standings, const std::vector<TargetId>& names) {
    std::erase_if(standings, [&](const StandingRow& row) {
        return row.judged_ms == 0 || !std::binary_search(names.begin(), names.end(), row.target);
    });
    return standings;
}

void write_standings(MetricsText& text, const std::vector<StandingRow>& standings) {
    std::map<Standing, std::size_t> by_standing;
    for (const auto& one : standings) ++by_standing[one.standing];
    text.family("prove_standings", Kind::gauge, "Targets by how the last run that looked at all their states found them.");
    for (const auto& [standing, times] : by_standing)
        text.sample(static_cast<double>(times), {{"standing", name_of(standing)}});
    text.family("prove_target_judged_timestamp_seconds", Kind::gauge, "When a run last looked at all states of a target.");
    for (const auto& one : standings)
        text.sample(seconds(one.judged_ms), {{"target", one.target.text()}});
}

void write_keys(MetricsText& text, const std::vector<KeyRow>& keys) {
    std::map<KeyState, std::size_t> by_state;
    for (const auto state : {KeyState::pending, KeyState::accepted, KeyState::rejected, KeyState::revoked, KeyState::conflict})
        by_state[state] = 0;
    for (const auto& key : keys) ++by_state[key.state];
    text.family("prove_keys", Kind::gauge, "Agents' keys by state.");
    for (const auto& [state, times] : by_state) text.sample(static_cast<double>(times), {{"state", name_of(state)}});
}

std::size_t errors_of(const CatalogStatus& catalog) {
    std::size_t errors = 0;
    for (const auto& problem : catalog.problems) errors += problem.severity == Diagnostic::Severity::error;
    return errors;
}

void write_catalog(MetricsText& text, const CatalogStatus& catalog) {
    text.gauge("prove_catalog_errors", "Errors of the catalog that is on disk now.",
               static_cast<double>(errors_of(catalog)));
    text.gauge("prove_catalog_refused", "1 where the catalog on disk is not in force, for its errors.",
               catalog.refused ? 1 : 0);
    text.gauge("prove_catalog_loaded_timestamp_seconds", "When the catalog in force was loaded.",
               seconds(catalog.loaded_ms));
}

void write_queues(MetricsText& text, const Dispatch::Figures& now, const Store::Figures& store) {
    text.gauge("prove_jobs_active", "Jobs that have not ended.", static_cast<double>(now.jobs));
    text.family("prove_job_targets", Kind::gauge, "Targets of jobs that have not ended, by phase.");
    for (const auto& [phase, times] : now.targets) text.sample(static_cast<double>(times), {{"phase", name_of(phase)}});
    text.gauge("prove_store_waiting", "Changes that are on their way to the database.",
               static_cast<double>(now.unstored + store.waiting));
    text.gauge("prove_store_full", "1 while the database has no space left.", now.full ? 1 : 0);
    text.gauge("prove_database_bytes", "What the database holds; history makes way at its limit.",
               static_cast<double>(store.bytes));
}

void write_process(MetricsText& text, const std::string& version, std::int64_t started_ms) {
    const auto usage = own_usage();
    text.family("prove_master_info", Kind::gauge, "Which prove-master this is.").sample(1, {{"version", version}});
    text.gauge("prove_master_start_timestamp_seconds", "When this master started.", seconds(started_ms));
    text.counter("prove_master_cpu_seconds_total", "Processor time of prove-master.", usage.cpu_seconds);
    text.gauge("prove_master_resident_memory_bytes", "Memory of prove-master.",
               static_cast<double>(usage.resident_bytes));
}

}  // namespace

void RunningMaster::overview(const Permit& permit, Reply<Overview> reply) {
    permit.expect(Permission::targets_read);
    loop_([this, reply = std::move(reply)] {
        front_([this, reply, now = dispatch_.figures()] {
            Overview view;
            view.version = version_;
            view.started_ms = started_ms_;
            std::set<TargetId> names;
            for (const auto& one : targets_.contacts(catalog_.usable().get())) {
                names.insert(one.name);
                ++view.targets[one.status];
                if (Connections::is_wrong(one.clock_ahead_ms)) view.wrong_clocks[one.name.text()] = one.clock_ahead_ms;
                if (one.status == "disconnected") view.silent[one.name.text()] = one.seen_ms;
            }
            for (const auto& one : store_.standings()) view.standings[one.standing] += one.judged_ms != 0 && names.contains(one.target);
            for (const auto& key : keys_.all()) {
                view.keys_pending += key.state == KeyState::pending;
                view.keys_in_conflict += key.state == KeyState::conflict;
            }
            view.catalog = catalog_.looked();
            view.jobs = now.jobs;
            view.job_targets = now.targets;
            view.since_start = dispatch_.counts().totals();
            view.not_well = store_.not_well(most_not_well, [&](const TargetId& name) { return names.contains(name); });
            view.pauses = pauses_now(store_, clock_);
            view.database_bytes = store_.figures().bytes;
            view.database_full = now.full;
            reply({std::move(view), nullptr});
        });
    });
}

void RunningMaster::metrics(const Permit& permit, Reply<std::string> reply) {
    permit.expect(Permission::targets_read);
    gather_metrics(std::move(reply));
}

// What dispatch knows is known in the loop; what reads the store is gathered in the front's thread.
void RunningMaster::gather_metrics(Reply<std::string> reply) {
    loop_([this, reply = std::move(reply)] {
        front_([this, reply, now = dispatch_.figures()] {
            MetricsText text;
            const auto snapshot = catalog_.usable();
            write_targets(text, targets_.contacts(snapshot.get()));
            write_standings(text, that_count(store_.standings(), targets_.names(snapshot.get())));
            write_keys(text, keys_.all());
            write_catalog(text, catalog_.looked());
            write_queues(text, now, store_.figures());
            text.gauge("prove_pauses", "Pauses that hold what schedules begin.",
                       static_cast<double>(pauses_now(store_, clock_).size()));
            dispatch_.counts().write(text);
            write_process(text, version_, started_ms_);
            reply({text.text(), nullptr});
        });
    });
}

}  // namespace prove
