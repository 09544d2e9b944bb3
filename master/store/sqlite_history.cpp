// Lists of what has become many, and forgetting it. A million results are usual (a thousand hosts, every half hour, for
// three weeks), so each list names the index that it goes by, and what is forgotten goes in small portions, between
// which others write.
#include <algorithm>
#include <limits>

#include "master/store/sqlite_store.hpp"

namespace prove {

using sqlite::Statement;

namespace {

constexpr std::int64_t rows_per_portion = 500;
constexpr std::int64_t pages_per_portion = 2'000;

// Where a list begins: below every job there is.
JobId::Raw begin_of(const std::optional<JobId>& before) {
    JobId::Raw raw;
    raw.bytes.fill(0xff);
    return before ? before->raw() : raw;
}

// Each goes from the newest job to older ones and stops as soon as it has enough.
const char* list_of_jobs(const JobFilter& filter) {
    const bool of_schedule = filter.by_hand_only || !filter.schedule.empty();
    if (filter.active_only)
        return "SELECT * FROM jobs j INDEXED BY jobs_active WHERE ended = 0 AND id < ?1 AND (?2 = '' OR operation = "
               "?2) "
               "AND (?3 = '' OR EXISTS (SELECT 1 FROM job_targets t WHERE t.target = ?3 AND t.job = j.id)) "
               "AND (?4 = 0 OR schedule = ?5) ORDER BY id DESC LIMIT ?6";
    if (!filter.target.empty())
        return "SELECT j.* FROM job_targets t INDEXED BY job_targets_by_target CROSS JOIN jobs j ON j.id = t.job "
               "WHERE t.target = ?3 AND t.job < ?1 AND (?2 = '' OR operation = ?2) "
               "AND (?4 = 0 OR schedule = ?5) ORDER BY t.job DESC LIMIT ?6";
    if (of_schedule)
        return "SELECT * FROM jobs INDEXED BY jobs_by_schedule WHERE schedule = ?5 AND id < ?1 "
               "AND (?2 = '' OR operation = ?2) AND ?3 = '' AND ?4 = 1 ORDER BY id DESC LIMIT ?6";
    return "SELECT * FROM jobs WHERE id < ?1 AND (?2 = '' OR operation = ?2) AND ?3 = '' AND ?4 = 0 AND ?5 = '' "
           "ORDER BY id DESC LIMIT ?6";
}

RunRow run_row(Statement& at) {
    RunRow row;
    row.run = sqlite::job_target_row(at);
    row.job = sqlite::job_row(at);
    return row;
}

std::int64_t pragma(sqlite::Connection& database, const char* sql) {
    auto& statement = database.prepare(sql);
    statement.step();
    const auto value = statement.integer();
    statement.reset();
    return value;
}

std::int64_t changes(sqlite::Connection& database) {
    return pragma(database, "SELECT changes()");
}

std::uint64_t used_bytes(sqlite::Connection& database) {
    const auto pages = pragma(database, "PRAGMA page_count") - pragma(database, "PRAGMA freelist_count");
    return static_cast<std::uint64_t>(pages * pragma(database, "PRAGMA page_size"));
}

}  // namespace

std::vector<JobRow> SqliteStore::jobs(const JobFilter& filter) const {
    return all<JobRow>(list_of_jobs(filter), sqlite::job_row, [&](auto& s) {
        s.bind(begin_of(filter.before)).bind(filter.operation).bind(filter.target);
        s.bind(filter.by_hand_only || !filter.schedule.empty()).bind(filter.schedule);
        s.bind(static_cast<std::uint64_t>(filter.limit));
    });
}

std::vector<RunRow> SqliteStore::runs(const RunFilter& filter) const {
    // Those of a schedule are between its first job and its last, so that one which runs once a week, or never did, is not
    // looked for in all that there is.
    return all<RunRow>(
        "SELECT t.*, j.* FROM job_targets t INDEXED BY job_targets_by_target CROSS JOIN jobs j ON j.id = t.job "
        "WHERE t.target = ?1 AND t.job <> ?2 AND t.job >= CASE WHEN ?6 = '' THEN x'' ELSE "
        "(SELECT min(id) FROM jobs INDEXED BY jobs_by_schedule WHERE schedule = ?6) END "
        "AND t.job <= CASE WHEN ?6 = '' THEN ?2 ELSE "
        "min(?2, (SELECT max(id) FROM jobs INDEXED BY jobs_by_schedule WHERE schedule = ?6)) END "
        "AND (?6 = '' OR j.schedule = ?6) AND (?3 = '' OR operation = ?3) "
        "AND (?4 = 0 OR ending <> 'done' OR operation = 'cmd' OR json_extract(summary, '$.changed') > 0 "
        "OR json_extract(summary, '$.would_change') > 0 OR json_extract(summary, '$.unknown') > 0 "
        "OR json_extract(summary, '$.held') > 0) ORDER BY t.job DESC LIMIT ?5",
        run_row, [&](auto& s) {
            s.bind(filter.target.text()).bind(begin_of(filter.before)).bind(filter.operation);
            s.bind(filter.notable_only).bind(static_cast<std::uint64_t>(filter.limit)).bind(filter.schedule);
        });
}

// Row by row: nobody knows beforehand how many do not count.
std::vector<RunRow> SqliteStore::not_well(std::size_t limit,
                                          const std::function<bool(const TargetId&)>& counts) const {
    const std::lock_guard lock(reader_mutex_);
    auto& statement = reader_->prepare(
        "SELECT t.*, j.* FROM job_targets t INDEXED BY job_targets_not_well CROSS JOIN jobs j ON j.id = t.job "
        "WHERE t.ending NOT IN ('', 'done') ORDER BY t.job DESC");
    std::vector<RunRow> rows;
    while (rows.size() < limit && statement.step())
        if (auto row = run_row(statement); counts(row.run.target)) rows.push_back(std::move(row));
    statement.reset();
    return rows;
}

Store::Figures SqliteStore::figures() const {
    Figures figures;
    {
        const std::lock_guard lock(reader_mutex_);
        figures.bytes = used_bytes(*reader_);
    }
    const std::lock_guard lock(mutex_);
    figures.waiting = queue_.size();
    return figures;
}

bool SqliteStore::prune(const Retention& retention, std::int64_t now_ms) {
    const std::lock_guard lock(writer_mutex_);
    {
        const std::lock_guard state(mutex_);
        if (failure_) return false;
    }
    const auto jobs = to_forget(retention, now_ms);
    bool forgot = false;
    try {
        writer_.run("BEGIN IMMEDIATE");
        forgot = forget_some(jobs);
        writer_
            .prepare(
                "DELETE FROM results WHERE job IN (SELECT id FROM jobs INDEXED BY jobs_fetched "
                "WHERE operation = 'fetch' AND ended = 1 AND ended_ms < ?)")
            .bind(now_ms - retention.fetched_ms)
            .step();
        writer_.run("COMMIT");
    } catch (const Error&) {
        roll_back();
        throw;
    }
    const bool gave = give_back_space(retention);
    if (forgot || gave) writer_.script("PRAGMA wal_checkpoint(PASSIVE)");
    return forgot || gave;
}

// Those that ended first; all that have, where there is more than is to be kept.
std::vector<JobId> SqliteStore::to_forget(const Retention& retention, std::int64_t now_ms) {
    const bool too_big = used_bytes(writer_) > retention.bytes;
    auto& oldest = writer_.prepare(
        "SELECT id FROM jobs INDEXED BY jobs_ended WHERE ended = 1 AND ended_ms < ? ORDER BY ended_ms LIMIT 100");
    oldest.bind(too_big ? std::numeric_limits<std::int64_t>::max() : now_ms - retention.age_ms);
    std::vector<JobId> jobs;
    while (oldest.step()) jobs.emplace_back(oldest.bytes<JobId::Raw>());
    return jobs;
}

// A job of ten thousand targets goes in many portions, its details first and itself last. True where there was
// anything.
bool SqliteStore::forget_some(const std::vector<JobId>& jobs) {
    constexpr const char* details[] = {
        "DELETE FROM events WHERE job = ?1 AND number IN (SELECT number FROM events WHERE job = ?1 LIMIT ?2)",
        "DELETE FROM results WHERE job = ?1 AND target IN (SELECT target FROM results WHERE job = ?1 LIMIT ?2)",
        ("DELETE FROM job_targets WHERE job = ?1 AND target IN "
         "(SELECT target FROM job_targets WHERE job = ?1 LIMIT ?2)")};
    std::int64_t room = rows_per_portion;
    for (const auto& id : jobs) {
        for (const char* const detail : details) {
            writer_.prepare(detail).bind(id.raw()).bind(room).step();
            room -= changes(writer_);
            if (room <= 0) return true;
        }
        writer_.prepare("DELETE FROM jobs WHERE id = ?").bind(id.raw()).step();
        --room;
    }
    return !jobs.empty();
}

// Free pages are used again, so a few of them stay; with the write-ahead log beside it the file never takes a twentieth
// more than it may.
bool SqliteStore::give_back_space(const Retention& retention) {
    const auto kept = static_cast<std::int64_t>(retention.bytes / 40) / pragma(writer_, "PRAGMA page_size");
    const auto too_many = pragma(writer_, "PRAGMA freelist_count") - kept;
    if (too_many <= 0) return false;
    const auto sql = "PRAGMA incremental_vacuum(" + std::to_string(std::min(too_many, pages_per_portion)) + ")";
    writer_.script(sql.c_str());
    return true;
}

}  // namespace prove
