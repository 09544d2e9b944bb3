// The store in one SQLite file (D1): WAL, synchronous=FULL, one writer thread. Batches that wait while a commit is on
// its way go into the next one together, so the cost of a sync is shared exactly when there is load, and a lone batch
// never waits. Reads have a connection of their own behind a lock.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

#include "master/store/schema.hpp"
#include "master/store/sqlite_rows.hpp"
#include "master/store/store.hpp"

namespace prove {

namespace {

using sqlite::Connection;
using sqlite::Statement;

constexpr std::size_t rows_per_commit = 2000;  // a bound on how long one commit may take
constexpr const char* head_setting = "audit.head";

// The file must be ours alone (S94): SQLite makes its other files with the same mode.
void check_private(const std::string& file) {
    const int fd = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) throw system_error("cannot open the database '" + file + "'", errno);
    struct stat info {};
    const int result = ::fstat(fd, &info);
    ::close(fd);
    if (result != 0) throw system_error("cannot look at the database '" + file + "'", errno);
    if (info.st_uid != ::geteuid() || (info.st_mode & 077) != 0)
        throw Error(ErrorKind::refused, "the database '" + file +
                                            "' must belong to the user that runs the master and be closed to all "
                                            "others; try: chown and chmod 600");
}

void prepare_schema(Connection& database, const std::string& file) {
    // auto_vacuum counts only before anything is written.
    database.script(
        "PRAGMA auto_vacuum=INCREMENTAL; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; "
        "PRAGMA trusted_schema=OFF; "
        "PRAGMA cell_size_check=ON; PRAGMA wal_autocheckpoint=1000;");
    auto& version = database.prepare("PRAGMA user_version");
    version.step();
    const auto found = version.integer();
    version.reset();
    if (found > schema_version)
        throw Error(ErrorKind::refused, "the database '" + file + "' has format " + std::to_string(found) +
                                            ", which is newer than this prove-master knows (" +
                                            std::to_string(schema_version) + "); start the newer version");
    if (found == schema_version) return;
    database.script("BEGIN IMMEDIATE");
    if (found < 1) database.script(schema_1);
    if (found < 2) database.script(schema_2);
    database.script(("PRAGMA user_version=" + std::to_string(schema_version) + "; COMMIT").c_str());
}

class SqliteStore final : public Store {
  public:
    SqliteStore(const std::string& file, const Logger& log)
        : log_(log), writer_((check_private(file), file), Connection::Kind::writer) {
        prepare_schema(writer_, file);
        reader_ = std::make_unique<Connection>(file, Connection::Kind::reader);
        load_audit_head();
        thread_ = std::thread([this] { run(); });
    }
    ~SqliteStore() override {
        {
            const std::lock_guard lock(mutex_);
            stopping_ = true;
        }
        arrived_.notify_all();
        thread_.join();
    }

    void write(Batch batch, Done done) override {
        std::optional<Error> refused;
        {
            const std::lock_guard lock(mutex_);
            if (failure_)
                refused = failure_;
            else
                queue_.push_back({std::move(batch), std::move(done)});
        }
        if (refused) return done(&*refused);
        arrived_.notify_one();
    }

    std::optional<JobRow> job(const JobId& id) const override {
        return one<JobRow>("SELECT * FROM jobs WHERE id = ?", sqlite::job_row, [&](auto& s) { s.bind(id.raw()); });
    }
    std::vector<JobId> jobs_beginning(const std::string& prefix, std::size_t limit) const override {
        // substr and not LIKE or GLOB: what people type is no pattern.
        return all<JobId>(
            "SELECT id FROM jobs WHERE text >= ?1 AND substr(text, 1, length(?1)) = ?1 ORDER BY text LIMIT ?2",
            [](Statement& at) { return JobId(at.bytes<JobId::Raw>()); },
            [&](auto& s) { s.bind(prefix).bind(static_cast<std::uint64_t>(limit)); });
    }
    std::vector<JobRow> jobs(const JobFilter& filter) const override;
    std::vector<JobTargetRow> job_targets(const JobId& id) const override {
        return all<JobTargetRow>("SELECT * FROM job_targets WHERE job = ? ORDER BY target", sqlite::job_target_row,
                                 [&](auto& s) { s.bind(id.raw()); });
    }
    std::optional<JobTargetRow> job_target(const JobId& job, const TargetId& target) const override {
        return one<JobTargetRow>("SELECT * FROM job_targets WHERE job = ? AND target = ?", sqlite::job_target_row,
                                 [&](auto& s) { s.bind(job.raw()).bind(target.text()); });
    }
    std::map<TargetEnd, std::size_t> job_ends(const JobId& id) const override {
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
    std::optional<ResultRow> result(const JobId& job, const TargetId& target) const override {
        return one<ResultRow>("SELECT * FROM results WHERE job = ? AND target = ?", sqlite::result_row,
                              [&](auto& s) { s.bind(job.raw()).bind(target.text()); });
    }
    std::vector<EventRow> events(const JobId& job, std::uint64_t after, std::size_t limit) const override {
        return all<EventRow>("SELECT * FROM events WHERE job = ? AND number > ? ORDER BY number LIMIT ?",
                             sqlite::event_row,
                             [&](auto& s) { s.bind(job.raw()).bind(after).bind(static_cast<std::uint64_t>(limit)); });
    }
    std::uint64_t last_event(const JobId& job) const override {
        return static_cast<std::uint64_t>(
            number("SELECT coalesce(max(number), 0) FROM events WHERE job = ?", [&](auto& s) { s.bind(job.raw()); }));
    }
    std::optional<JobTargetRow> last_run(const TargetId& target, const std::string& operation) const override {
        return one<JobTargetRow>(
            "SELECT t.* FROM job_targets t JOIN jobs j ON j.id = t.job "
            "WHERE t.target = ? AND j.operation = ? AND t.ending <> '' ORDER BY t.job DESC LIMIT 1",
            sqlite::job_target_row, [&](auto& s) { s.bind(target.text()).bind(operation); });
    }
    std::vector<KeyRow> keys() const override {
        return all<KeyRow>("SELECT * FROM keys ORDER BY first_seen_ms, id", sqlite::key_row, [](auto&) {});
    }
    std::optional<AgentRow> agent(const KeyId& key) const override {
        return one<AgentRow>("SELECT * FROM agents WHERE key = ?", sqlite::agent_row, [&](auto& s) { s.bind(key); });
    }
    std::vector<TokenRow> tokens() const override {
        return all<TokenRow>("SELECT * FROM tokens ORDER BY created_ms, id", sqlite::token_row, [](auto&) {});
    }
    std::optional<FactsRow> facts(const KeyId& key) const override {
        return one<FactsRow>("SELECT * FROM facts WHERE key = ?", sqlite::facts_row, [&](auto& s) { s.bind(key); });
    }
    std::uint64_t facts_version() const override { return facts_version_; }
    std::optional<std::string> setting(const std::string& name) const override {
        return one<std::string>(
            "SELECT text FROM settings WHERE name = ?", [](Statement& at) { return at.text(); },
            [&](auto& s) { s.bind(name); });
    }
    std::vector<AuditRow> audit(std::uint64_t after, std::size_t limit) const override {
        return all<AuditRow>("SELECT * FROM audit WHERE number > ? ORDER BY number LIMIT ?", sqlite::audit_row,
                             [&](auto& s) { s.bind(after).bind(static_cast<std::uint64_t>(limit)); });
    }
    std::uint64_t audit_count() const override { return head().first; }
    Hash audit_head() const override { return head().second; }
    bool prune(const Retention& retention, std::int64_t now_ms) override;

  private:
    struct Waiting {
        Batch batch;
        Done done;
    };

    template <class Bind, class Each>
    void read(const char* sql, Bind bind, Each each) const {
        const std::lock_guard lock(reader_mutex_);
        auto& statement = reader_->prepare(sql);
        bind(statement);
        while (statement.step()) each(statement);
    }
    template <class Row, class From, class Bind>
    std::vector<Row> all(const char* sql, From from, Bind bind) const {
        std::vector<Row> rows;
        read(sql, bind, [&](Statement& at) { rows.push_back(from(at)); });
        return rows;
    }
    template <class Row, class From, class Bind>
    std::optional<Row> one(const char* sql, From from, Bind bind) const {
        auto rows = all<Row>(sql, from, bind);
        return rows.empty() ? std::nullopt : std::optional<Row>(std::move(rows.front()));
    }
    template <class Bind>
    std::int64_t number(const char* sql, Bind bind) const {
        std::int64_t result = 0;
        read(sql, bind, [&](Statement& at) { result = at.integer(); });
        return result;
    }

    void run();
    void close(const Error& error);
    std::vector<Waiting> take();
    using Errors = std::vector<std::optional<Error>>;
    Errors commit(const std::vector<Waiting>& batches);
    std::optional<Error> put_batch(const Batch& batch);
    void add_audit(AuditRow row);
    void load_audit_head();
    std::pair<std::uint64_t, Hash> head() const;
    bool prune_some(const Retention& retention, std::int64_t now_ms);

    Logger log_;
    Connection writer_;  // the writer thread's, once it runs; prune() takes writer_mutex_ too
    std::mutex writer_mutex_;
    std::uint64_t audit_number_ = 0;  // of the last record that is committed or in this transaction
    Hash audit_hash_;
    std::atomic<std::uint64_t> facts_version_ = 0;
    mutable std::mutex reader_mutex_;
    std::unique_ptr<Connection> reader_;

    std::mutex mutex_;  // over the four below
    std::condition_variable arrived_;
    std::deque<Waiting> queue_;
    std::optional<Error> failure_;
    bool stopping_ = false;
    std::thread thread_;
};

void SqliteStore::run() {
    for (;;) {
        auto batches = take();
        if (batches.empty()) return;
        const auto errors = commit(batches);
        for (std::size_t i = 0; i < batches.size(); ++i) {
            const auto& error = errors[i];
            if (error && error->kind() == ErrorKind::failed) close(*error);
            batches[i].done(error ? &*error : nullptr);
        }
    }
}

void SqliteStore::close(const Error& error) {
    const std::lock_guard lock(mutex_);
    if (failure_) return;
    log_.error("the database failed; the master must be started again", {{"reason", error.text()}});
    failure_ = error;
}

// What waits, up to the bound; empty once the store is to stop and nothing is left.
std::vector<SqliteStore::Waiting> SqliteStore::take() {
    std::unique_lock lock(mutex_);
    arrived_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
    std::vector<Waiting> batches;
    std::size_t rows = 0;
    while (!queue_.empty() && (batches.empty() || rows + queue_.front().batch.size() <= rows_per_commit)) {
        rows += queue_.front().batch.size();
        batches.push_back(std::move(queue_.front()));
        queue_.pop_front();
    }
    return batches;
}

// One transaction for all; a batch that breaks a constraint is taken out of it alone.
SqliteStore::Errors SqliteStore::commit(const std::vector<Waiting>& batches) {
    const std::lock_guard lock(writer_mutex_);
    {
        const std::lock_guard state(mutex_);
        if (failure_) return Errors(batches.size(), failure_);
    }
    const auto number = audit_number_;
    const auto hash = audit_hash_;
    Errors errors;
    try {
        writer_.run("BEGIN IMMEDIATE");
        for (const auto& waiting : batches) errors.push_back(put_batch(waiting.batch));
        if (audit_number_ != number)
            sqlite::put(writer_, SettingRow{head_setting, std::to_string(audit_number_) + " " + audit_hash_.hex()});
        writer_.run("COMMIT");
        // Not before: who asks meanwhile still gets the facts of before.
        for (const auto& waiting : batches) facts_version_ += has_facts(waiting.batch) ? 1 : 0;
        return errors;
    } catch (const Error& error) {
        audit_number_ = number;
        audit_hash_ = hash;
        try {
            writer_.run("ROLLBACK");
        } catch (const Error&) {
            // SQLite has rolled back by itself already, as it does when a write to the disk fails.
        }
        return Errors(batches.size(), error);
    }
}

std::optional<Error> SqliteStore::put_batch(const Batch& batch) {
    const auto number = audit_number_;
    const auto hash = audit_hash_;
    writer_.run("SAVEPOINT batch");
    try {
        for (const auto& row : batch) {
            if (const auto* record = std::get_if<AuditRow>(&row))
                add_audit(*record);
            else
                sqlite::put(writer_, row);
        }
        writer_.run("RELEASE batch");
        return std::nullopt;
    } catch (const Error& error) {
        if (error.kind() != ErrorKind::invalid) throw;
        writer_.run("ROLLBACK TO batch");
        writer_.run("RELEASE batch");
        audit_number_ = number;
        audit_hash_ = hash;
        return error;
    }
}

void SqliteStore::add_audit(AuditRow row) {
    row.number = audit_number_ + 1;
    row.hash = audit_hash(audit_hash_, row);
    sqlite::put_audit(writer_, row);
    audit_number_ = row.number;
    audit_hash_ = row.hash;
}

void SqliteStore::load_audit_head() {
    std::tie(audit_number_, audit_hash_) = head();
}

std::pair<std::uint64_t, Hash> SqliteStore::head() const {
    const auto text = setting(head_setting);
    if (!text) return {0, Hash{}};
    const auto space = text->find(' ');
    const auto hash = space == std::string::npos ? std::nullopt : Hash::from_hex_text(text->substr(space + 1));
    if (!hash) throw Error(ErrorKind::failed, "the database is damaged: the head of the audit log cannot be read");
    return {std::stoull(text->substr(0, space)), *hash};
}

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
    writer_.prepare("DELETE FROM results WHERE job IN (SELECT id FROM jobs WHERE operation = 'fetch' AND ended = 1 AND ended_ms < ?1)")
        .bind(now_ms - retention.fetched_ms).step();
    writer_.run("COMMIT");
    if (removed) writer_.script("PRAGMA incremental_vacuum; PRAGMA wal_checkpoint(PASSIVE)");
    return removed;
}

}  // namespace

std::unique_ptr<Store> open_sqlite_store(const std::string& file, const Logger& log) {
    try {
        return std::make_unique<SqliteStore>(file, log);
    } catch (const Error& error) {
        if (error.kind() != ErrorKind::full) throw;
        throw Error(ErrorKind::full, "there is no space left for the database '" + file +
                                         "': make some on its file system and start again; nothing is lost");
    }
}

}  // namespace prove
