// The store in memory: the same answers as the database gives (one test suite runs over both).
#include "master/store/memory_store.hpp"

#include <algorithm>

namespace prove {

struct MemoryStore::Apply {
    MemoryStore& store;

    void operator()(const JobRow& row) const { store.jobs_[row.id] = row; }
    void operator()(const JobTargetRow& row) const { store.targets_[{row.job, row.target}] = row; }
    void operator()(const ResultRow& row) const { store.results_[{row.job, row.target}] = row; }
    void operator()(const EventRow& row) const { store.events_[{row.job, row.number}] = row; }
    void operator()(const KeyRow& row) const { store.keys_[row.id] = row; }
    void operator()(const DropKey& row) const {
        const auto found = store.keys_.find(row.id);
        if (found != store.keys_.end() && found->second.state == KeyState::pending) store.keys_.erase(found);
    }
    void operator()(const AgentRow& row) const { store.agents_[row.key] = row; }
    void operator()(const TokenRow& row) const { store.tokens_[row.id] = row; }
    void operator()(const FactsRow& row) const {
        store.facts_[row.key] = row;
        ++store.facts_version_;
    }
    void operator()(const SettingRow& row) const { store.settings_[row.name] = row.text; }
    void operator()(const PauseRow& row) const { store.pauses_[{row.schedule, row.expression}] = row; }
    void operator()(const DropPause& row) const { store.pauses_.erase({row.schedule, row.expression}); }
    void operator()(const SlotRow& row) const { store.slots_[{row.schedule, row.target}] = row; }
    void operator()(const StandingRow& row) const { store.standings_[row.target] = row; }
    void operator()(const ForgetTarget& row) const {
        store.standings_.erase(row.target);
        std::erase_if(store.slots_, [&](const auto& entry) { return entry.first.second == row.target; });
    }
    void operator()(AuditRow row) const {
        row.number = store.audit_.size() + 1;
        row.hash = audit_hash(store.audit_head(), row);
        store.audit_.push_back(std::move(row));
    }
};

namespace {

template <class Map, class Key>
auto found_in(const Map& map, const Key& key) -> std::optional<typename Map::mapped_type> {
    const auto found = map.find(key);
    return found == map.end() ? std::nullopt : std::optional<typename Map::mapped_type>(found->second);
}

template <class Map>
auto values_of(const Map& map) {
    std::vector<typename Map::mapped_type> values;
    for (const auto& [key, value] : map) values.push_back(value);
    return values;
}

}  // namespace

void MemoryStore::write(Batch batch, Done done) {
    if (error_) return done(&*error_);
    if (held_) {
        queue_.push_back({std::move(batch), std::move(done)});
        return;
    }
    apply(batch, done);
}

std::size_t MemoryStore::commit(std::size_t most) {
    const std::size_t count = std::min(most, queue_.size());
    for (std::size_t i = 0; i < count; ++i) {
        auto waiting = std::move(queue_.front());
        queue_.pop_front();
        apply(waiting.batch, waiting.done);
    }
    return count;
}

void MemoryStore::apply(const Batch& batch, const Done& done) {
    if (error_) return done(&*error_);
    const auto is_refused = [this](const Write& write) {
        if (const auto* const job = std::get_if<JobRow>(&write)) return job->id == refused_;
        const auto* const target = std::get_if<JobTargetRow>(&write);
        return target != nullptr && target->job == refused_;
    };
    if (std::any_of(batch.begin(), batch.end(), is_refused)) {
        const Error error(ErrorKind::invalid, "this job is refused");
        return done(&error);
    }
    for (const auto& row : batch) std::visit(Apply{*this}, row);
    done(nullptr);
}

std::optional<JobRow> MemoryStore::job(const JobId& id) const {
    return found_in(jobs_, id);
}

std::vector<JobId> MemoryStore::jobs_beginning(const std::string& prefix, std::size_t limit) const {
    std::vector<JobId> ids;
    for (const auto& [id, row] : jobs_)
        if (id.text().starts_with(prefix) && ids.size() < limit) ids.push_back(id);
    return ids;
}

std::vector<JobRow> MemoryStore::jobs(const JobFilter& filter) const {
    std::vector<JobRow> rows;
    for (auto at = jobs_.rbegin(); at != jobs_.rend() && rows.size() < filter.limit; ++at) {
        const auto& row = at->second;
        if (filter.before && row.id >= *filter.before) continue;
        if (!filter.operation.empty() && row.operation != filter.operation) continue;
        if (filter.active_only && row.ended) continue;
        if ((filter.by_hand_only || !filter.schedule.empty()) && row.schedule != filter.schedule) continue;
        if (!filter.target.empty() && !targets_.contains({row.id, TargetId(filter.target)})) continue;
        rows.push_back(row);
    }
    return rows;
}

std::vector<JobTargetRow> MemoryStore::job_targets(const JobId& id) const {
    std::vector<JobTargetRow> rows;
    for (auto at = targets_.lower_bound({id, TargetId()}); at != targets_.end() && at->first.first == id; ++at)
        rows.push_back(at->second);
    return rows;
}

std::optional<JobTargetRow> MemoryStore::job_target(const JobId& job, const TargetId& target) const {
    return found_in(targets_, std::pair(job, target));
}

std::map<TargetEnd, std::size_t> MemoryStore::job_ends(const JobId& id) const {
    std::map<TargetEnd, std::size_t> ends;
    for (const auto& row : job_targets(id))
        if (row.phase == TargetPhase::ended) ++ends[row.end];
    return ends;
}

std::optional<ResultRow> MemoryStore::result(const JobId& job, const TargetId& target) const {
    return found_in(results_, std::pair(job, target));
}

std::vector<EventRow> MemoryStore::events(const JobId& job, std::uint64_t after, std::size_t limit) const {
    std::vector<EventRow> rows;
    for (auto at = events_.upper_bound({job, after}); at != events_.end() && at->first.first == job; ++at) {
        if (rows.size() == limit) break;
        rows.push_back(at->second);
    }
    return rows;
}

std::uint64_t MemoryStore::last_event(const JobId& job) const {
    std::uint64_t last = 0;
    for (auto at = events_.upper_bound({job, 0}); at != events_.end() && at->first.first == job; ++at)
        last = at->first.second;
    return last;
}

std::vector<RunRow> MemoryStore::runs(const RunFilter& filter) const {
    std::vector<RunRow> rows;
    for (auto at = jobs_.rbegin(); at != jobs_.rend() && rows.size() < filter.limit; ++at) {
        if (filter.before && at->first >= *filter.before) continue;
        if (!filter.operation.empty() && at->second.operation != filter.operation) continue;
        if (!filter.schedule.empty() && at->second.schedule != filter.schedule) continue;
        const auto run = found_in(targets_, std::pair(at->first, filter.target));
        if (!run || (filter.notable_only && !is_notable(at->second, *run))) continue;
        rows.push_back({at->second, *run});
    }
    return rows;
}

std::vector<RunRow> MemoryStore::not_well(std::size_t limit,
                                          const std::function<bool(const TargetId&)>& counts) const {
    std::vector<RunRow> rows;
    for (auto at = targets_.rbegin(); at != targets_.rend() && rows.size() < limit; ++at)
        if (at->second.phase == TargetPhase::ended && at->second.end != TargetEnd::done && counts(at->first.second))
            rows.push_back({jobs_.at(at->first.first), at->second});
    return rows;
}

Store::Figures MemoryStore::figures() const {
    return {0, queue_.size()};
}

std::optional<JobTargetRow> MemoryStore::last_run(const TargetId& target, const std::string& operation) const {
    for (auto at = jobs_.rbegin(); at != jobs_.rend(); ++at) {
        if (at->second.operation != operation) continue;
        const auto row = found_in(targets_, std::pair(at->first, target));
        if (row && row->phase == TargetPhase::ended) return row;
    }
    return std::nullopt;
}

std::vector<KeyRow> MemoryStore::keys() const {
    auto rows = values_of(keys_);
    std::stable_sort(rows.begin(), rows.end(),
                     [](const auto& a, const auto& b) { return a.first_seen_ms < b.first_seen_ms; });
    return rows;
}

std::optional<AgentRow> MemoryStore::agent(const KeyId& key) const {
    return found_in(agents_, key);
}
std::vector<AgentRow> MemoryStore::agents() const {
    return values_of(agents_);
}
std::vector<TokenRow> MemoryStore::tokens() const {
    return values_of(tokens_);
}
std::optional<FactsRow> MemoryStore::facts(const KeyId& key) const {
    return found_in(facts_, key);
}
std::optional<std::string> MemoryStore::setting(const std::string& name) const {
    return found_in(settings_, name);
}

std::optional<StandingRow> MemoryStore::standing(const TargetId& target) const {
    return found_in(standings_, target);
}
std::vector<StandingRow> MemoryStore::standings() const {
    return values_of(standings_);
}
std::vector<TargetId> MemoryStore::remembered(std::int64_t before_ms) const {
    std::map<TargetId, std::int64_t> latest;
    const auto add = [&](const TargetId& target, std::int64_t time_ms) {
        auto& known = latest.try_emplace(target, time_ms).first->second;
        known = std::max(known, time_ms);
    };
    for (const auto& [target, row] : standings_) add(target, std::max(row.judged_ms, row.drift_ms));
    for (const auto& [key, row] : slots_) add(row.target, row.taken_ms);
    std::vector<TargetId> names;
    for (const auto& [target, time_ms] : latest)
        if (time_ms < before_ms) names.push_back(target);
    return names;
}

std::vector<PauseRow> MemoryStore::pauses() const {
    auto rows = values_of(pauses_);
    std::stable_sort(rows.begin(), rows.end(), [](const auto& a, const auto& b) { return a.created_ms < b.created_ms; });
    return rows;
}

std::vector<SlotRow> MemoryStore::slots(const std::string& schedule) const {
    std::vector<SlotRow> rows;
    for (auto at = slots_.lower_bound({schedule, TargetId()}); at != slots_.end() && at->first.first == schedule; ++at)
        rows.push_back(at->second);
    return rows;
}

std::vector<AuditRow> MemoryStore::audit(std::uint64_t after, std::size_t limit) const {
    std::vector<AuditRow> rows;
    for (std::size_t i = after; i < audit_.size() && rows.size() < limit; ++i) rows.push_back(audit_[i]);
    return rows;
}

bool MemoryStore::prune(const Retention& retention, std::int64_t now_ms) {
    for (const auto& [id, row] : jobs_) {
        if (row.operation == "fetch" && row.ended && row.ended_ms < now_ms - retention.fetched_ms)
            std::erase_if(results_, [&, job = id](const auto& entry) { return entry.first.first == job; });
        if (!row.ended || row.ended_ms >= now_ms - retention.age_ms) continue;
        const auto job = id;
        std::erase_if(targets_, [&](const auto& entry) { return entry.first.first == job; });
        std::erase_if(results_, [&](const auto& entry) { return entry.first.first == job; });
        std::erase_if(events_, [&](const auto& entry) { return entry.first.first == job; });
        jobs_.erase(job);
        return true;
    }
    return false;
}

}  // namespace prove
