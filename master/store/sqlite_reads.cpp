// Everything that is looked up in the database, but for long lists.
#include "master/store/sqlite_store.hpp"

namespace prove {

using sqlite::Statement;

std::optional<JobRow> SqliteStore::job(const JobId& id) const {
    return one<JobRow>("SELECT * FROM jobs WHERE id = ?", sqlite::job_row, [&](auto& s) { s.bind(id.raw()); });
}

std::vector<JobId> SqliteStore::jobs_beginning(const std::string& prefix, std::size_t limit) const {
    // substr and not LIKE or GLOB: what people type is no pattern.
    return all<JobId>(
        "SELECT id FROM jobs WHERE text >= ?1 AND substr(text, 1, length(?1)) = ?1 ORDER BY text LIMIT ?2",
        [](Statement& at) { return JobId(at.bytes<JobId::Raw>()); },
        [&](auto& s) { s.bind(prefix).bind(static_cast<std::uint64_t>(limit)); });
}

std::vector<JobTargetRow> SqliteStore::job_targets(const JobId& id) const {
    return all<JobTargetRow>("SELECT * FROM job_targets WHERE job = ? ORDER BY target", sqlite::job_target_row,
                             [&](auto& s) { s.bind(id.raw()); });
}

std::optional<JobTargetRow> SqliteStore::job_target(const JobId& job, const TargetId& target) const {
    return one<JobTargetRow>("SELECT * FROM job_targets WHERE job = ? AND target = ?", sqlite::job_target_row,
                             [&](auto& s) { s.bind(job.raw()).bind(target.text()); });
}

std::map<TargetEnd, std::size_t> SqliteStore::job_ends(const JobId& id) const {
    std::map<TargetEnd, std::size_t> ends;
    read(
        "SELECT ending, count(*) FROM job_targets WHERE job = ? AND ending <> '' GROUP BY ending",
        [&](auto& s) { s.bind(id.raw()); },
        [&](Statement& at) {
            const auto end = target_end_from(at.text());
            ends[end] = static_cast<std::size_t>(at.integer());
        });
    return ends;
}

std::optional<ResultRow> SqliteStore::result(const JobId& job, const TargetId& target) const {
    return one<ResultRow>("SELECT * FROM results WHERE job = ? AND target = ?", sqlite::result_row,
                          [&](auto& s) { s.bind(job.raw()).bind(target.text()); });
}

std::vector<EventRow> SqliteStore::events(const JobId& job, std::uint64_t after, std::size_t limit) const {
    return all<EventRow>("SELECT * FROM events WHERE job = ? AND number > ? ORDER BY number LIMIT ?", sqlite::event_row,
                         [&](auto& s) { s.bind(job.raw()).bind(after).bind(static_cast<std::uint64_t>(limit)); });
}

std::uint64_t SqliteStore::last_event(const JobId& job) const {
    return static_cast<std::uint64_t>(
        number("SELECT coalesce(max(number), 0) FROM events WHERE job = ?", [&](auto& s) { s.bind(job.raw()); }));
}

std::optional<JobTargetRow> SqliteStore::last_run(const TargetId& target, const std::string& operation) const {
    return one<JobTargetRow>(
        "SELECT t.* FROM job_targets t JOIN jobs j ON j.id = t.job "
        "WHERE t.target = ? AND j.operation = ? AND t.ending <> '' ORDER BY t.job DESC LIMIT 1",
        sqlite::job_target_row, [&](auto& s) { s.bind(target.text()).bind(operation); });
}

std::vector<KeyRow> SqliteStore::keys() const {
    return all<KeyRow>("SELECT * FROM keys ORDER BY first_seen_ms, id", sqlite::key_row, [](auto&) {});
}

std::optional<AgentRow> SqliteStore::agent(const KeyId& key) const {
    return one<AgentRow>("SELECT * FROM agents WHERE key = ?", sqlite::agent_row, [&](auto& s) { s.bind(key); });
}

std::vector<AgentRow> SqliteStore::agents() const {
    return all<AgentRow>("SELECT * FROM agents", sqlite::agent_row, [](auto&) {});
}

std::vector<TokenRow> SqliteStore::tokens() const {
    return all<TokenRow>("SELECT * FROM tokens ORDER BY created_ms, id", sqlite::token_row, [](auto&) {});
}

std::optional<FactsRow> SqliteStore::facts(const KeyId& key) const {
    return one<FactsRow>("SELECT * FROM facts WHERE key = ?", sqlite::facts_row, [&](auto& s) { s.bind(key); });
}

std::uint64_t SqliteStore::facts_version() const {
    return facts_version_;
}
std::optional<std::string> SqliteStore::setting(const std::string& name) const {
    return one<std::string>(
        "SELECT text FROM settings WHERE name = ?", [](Statement& at) { return at.text(); },
        [&](auto& s) { s.bind(name); });
}

std::optional<StandingRow> SqliteStore::standing(const TargetId& target) const {
    return one<StandingRow>("SELECT * FROM standings WHERE target = ?", sqlite::standing_row,
                            [&](auto& s) { s.bind(target.text()); });
}
std::vector<StandingRow> SqliteStore::standings() const {
    return all<StandingRow>("SELECT * FROM standings ORDER BY target", sqlite::standing_row, [](auto&) {});
}
std::vector<TargetId> SqliteStore::remembered(std::int64_t before_ms) const {
    return all<TargetId>(
        "SELECT target FROM (SELECT target, max(judged_ms, drift_ms) AS at FROM standings "
        "UNION ALL SELECT target, taken_ms FROM slots) GROUP BY target HAVING max(at) < ? ORDER BY target",
        [](Statement& at) { return TargetId(at.text()); }, [&](auto& s) { s.bind(before_ms); });
}
std::vector<PauseRow> SqliteStore::pauses() const {
    return all<PauseRow>("SELECT * FROM pauses ORDER BY created_ms, schedule, expression", sqlite::pause_row, [](auto&) {});
}
std::vector<SlotRow> SqliteStore::slots(const std::string& schedule) const {
    return all<SlotRow>("SELECT * FROM slots WHERE schedule = ? ORDER BY target", sqlite::slot_row,
                        [&](auto& s) { s.bind(schedule); });
}
std::vector<AuditRow> SqliteStore::audit(std::uint64_t after, std::size_t limit) const {
    return all<AuditRow>("SELECT * FROM audit WHERE number > ? ORDER BY number LIMIT ?", sqlite::audit_row,
                         [&](auto& s) { s.bind(after).bind(static_cast<std::uint64_t>(limit)); });
}

std::uint64_t SqliteStore::audit_count() const {
    return head().first;
}
Hash SqliteStore::audit_head() const {
    return head().second;
}

}  // namespace prove
