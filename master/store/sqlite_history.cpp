// Lists of jobs, and forgetting them.
#include "master/store/sqlite_store.hpp"

namespace prove {

std::vector<JobRow> SqliteStore::jobs(const JobFilter& filter) const {
    return all<JobRow>(
        "SELECT * FROM jobs j WHERE (?1 = '' OR j.id < ?2) AND (?3 = '' OR operation = ?3) "
        "AND (?4 = 0 OR ended = 0) "
        "AND (?5 = '' OR EXISTS (SELECT 1 FROM job_targets t WHERE t.target = ?5 AND t.job = j.id)) "
        "ORDER BY id DESC LIMIT ?6",
        sqlite::job_row, [&](auto& s) {
            s.bind(std::string(filter.before ? "before" : ""));
            s.bind(filter.before ? filter.before->raw() : JobId::Raw{});
            s.bind(filter.operation).bind(filter.active_only).bind(filter.target);
            s.bind(static_cast<std::uint64_t>(filter.limit));
        });
}

bool SqliteStore::prune(const Retention& retention, std::int64_t now_ms) {
    const std::lock_guard lock(writer_mutex_);
    {
        const std::lock_guard state(mutex_);
        if (failure_) return false;
    }
    return prune_some(retention, now_ms);
}

bool SqliteStore::prune_some(const Retention& retention, std::int64_t now_ms) {
    const auto pragma = [&](const char* sql) {
        auto& statement = writer_.prepare(sql);
        statement.step();
        const auto value = statement.integer();
        statement.reset();
        return value;
    };
    const auto used = (pragma("PRAGMA page_count") - pragma("PRAGMA freelist_count")) * pragma("PRAGMA page_size");
    const bool too_big = static_cast<std::uint64_t>(used) > retention.bytes;
    writer_.run("BEGIN IMMEDIATE");
    // The oldest jobs first; a hundred at a time, so that no commit has to wait long.
    auto& remove = writer_.prepare(
        "DELETE FROM jobs WHERE id IN (SELECT id FROM jobs WHERE ended = 1 AND (?1 OR ended_ms < ?2) "
        "ORDER BY id LIMIT 100)");
    remove.bind(too_big).bind(now_ms - retention.age_ms).step();
    auto& changes = writer_.prepare("SELECT changes()");
    changes.step();
    const bool removed = changes.integer() > 0;
    changes.reset();
    writer_
        .prepare(
            "DELETE FROM results WHERE job IN (SELECT id FROM jobs WHERE operation = 'fetch' AND ended = 1 AND "
            "ended_ms < ?1)")
        .bind(now_ms - retention.fetched_ms)
        .step();
    writer_.run("COMMIT");
    if (removed) writer_.script("PRAGMA incremental_vacuum; PRAGMA wal_checkpoint(PASSIVE)");
    return removed;
}

}  // namespace prove
