// The store in one SQLite file (D1): WAL, synchronous=FULL, one writer thread. Batches that wait while a commit is on
// its way go into the next one together, so the cost of a sync is shared exactly when there is load, and a lone batch
// never waits. Reads have a connection of their own behind a lock. sqlite_store.cpp writes, sqlite_reads.cpp reads,
// sqlite_history.cpp lists what has become many and forgets it.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

#include "master/store/sqlite_rows.hpp"
#include "master/store/store.hpp"

namespace prove {

class SqliteStore final : public Store {
  public:
    SqliteStore(const std::string& file, const Logger& log);
    ~SqliteStore() override;
    SqliteStore(const SqliteStore&) = delete;
    SqliteStore& operator=(const SqliteStore&) = delete;

    void write(Batch batch, Done done) override;

    std::optional<JobRow> job(const JobId& id) const override;
    std::vector<JobId> jobs_beginning(const std::string& prefix, std::size_t limit) const override;
    std::vector<JobRow> jobs(const JobFilter& filter) const override;
    std::vector<JobTargetRow> job_targets(const JobId& id) const override;
    std::optional<JobTargetRow> job_target(const JobId& job, const TargetId& target) const override;
    std::map<TargetEnd, std::size_t> job_ends(const JobId& id) const override;
    std::optional<ResultRow> result(const JobId& job, const TargetId& target) const override;
    std::vector<EventRow> events(const JobId& job, std::uint64_t after, std::size_t limit) const override;
    std::uint64_t last_event(const JobId& job) const override;
    std::vector<RunRow> runs(const RunFilter& filter) const override;
    std::vector<RunRow> not_well(std::size_t limit, const std::function<bool(const TargetId&)>& counts) const override;
    std::optional<JobTargetRow> last_run(const TargetId& target, const std::string& operation) const override;
    std::vector<KeyRow> keys() const override;
    std::optional<AgentRow> agent(const KeyId& key) const override;
    std::vector<AgentRow> agents() const override;
    std::vector<TokenRow> tokens() const override;
    std::optional<FactsRow> facts(const KeyId& key) const override;
    std::uint64_t facts_version() const override;
    std::optional<std::string> setting(const std::string& name) const override;
    std::vector<PauseRow> pauses() const override;
    std::vector<SlotRow> slots(const std::string& schedule) const override;
    std::optional<StandingRow> standing(const TargetId& target) const override;
    std::vector<StandingRow> standings() const override;
    std::vector<TargetId> remembered(std::int64_t before_ms) const override;
    std::vector<AuditRow> audit(std::uint64_t after, std::size_t limit) const override;
    std::uint64_t audit_count() const override;
    Hash audit_head() const override;
    Figures figures() const override;
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
        read(sql, bind, [&](sqlite::Statement& at) { rows.push_back(from(at)); });
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
        read(sql, bind, [&](sqlite::Statement& at) { result = at.integer(); });
        return result;
    }

    void run();
    void close(const Error& error);
    std::vector<Waiting> take();
    using Errors = std::vector<std::optional<Error>>;
    Errors commit(const std::vector<Waiting>& batches);
    void roll_back();
    std::optional<Error> put_batch(const Batch& batch);
    void add_audit(AuditRow row);
    void load_audit_head();
    std::pair<std::uint64_t, Hash> head() const;
    std::vector<JobId> to_forget(const Retention& retention, std::int64_t now_ms);
    bool forget_some(const std::vector<JobId>& jobs);
    bool give_back_space(const Retention& retention);

    Logger log_;
    sqlite::Connection writer_;  // the writer thread's, once it runs; prune() takes writer_mutex_ too
    std::mutex writer_mutex_;
    std::uint64_t audit_number_ = 0;  // of the last record that is committed or in this transaction
    Hash audit_hash_;
    std::atomic<std::uint64_t> facts_version_ = 0;
    mutable std::mutex reader_mutex_;
    std::unique_ptr<sqlite::Connection> reader_;

    mutable std::mutex mutex_;  // over the four below
    std::condition_variable arrived_;
    std::deque<Waiting> queue_;
    std::optional<Error> failure_;
    bool stopping_ = false;
    std::thread thread_;
};

}  // namespace prove
