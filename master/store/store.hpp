// The master's memory: everything that must outlive a crash goes through here, and nothing else does. Writes are
// batches that are committed whole, in the order in which they were given; reads see what is committed. Thread-safe.
// sqlite_store is the default; memory_store serves tests and the simulator.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/log/log.hpp"
#include "master/store/records.hpp"

namespace prove {

using Batch = std::vector<Write>;
bool has_facts(const Batch& batch);

// Which jobs to list; newest first.
struct JobFilter {
    std::size_t limit = 50;
    std::optional<JobId> before;  // older than this one: the next page
    std::string operation;        // empty: any
    std::string target;           // jobs that meant this target; empty: any
    bool active_only = false;
    bool by_hand_only = false;  // not those that a schedule made
    std::string schedule;       // those that this one made; empty: any
};

// What a target of a job came to, with the job.
struct RunRow {
    JobRow job;
    JobTargetRow run;
};
// Which runs of a target to list; newest first.
struct RunFilter {
    TargetId target;
    std::size_t limit = 50;
    std::optional<JobId> before;
    std::string operation;      // empty: any
    std::string schedule;       // those that this one began; empty: any
    bool notable_only = false;  // see is_notable()
};
// Whether a run is worth a second look: it did not end well, changed something or would, or was a command, of which
// nobody knows.
bool is_notable(const JobRow& job, const JobTargetRow& run);

// What is kept (A13): results, events and jobs beyond these go, oldest first; jobs that have not ended always stay.
struct Retention {
    std::int64_t age_ms = 30LL * 24 * 3600 * 1000;
    std::uint64_t bytes = 1ULL << 30;
    std::int64_t fetched_ms = 3600 * 1000;  // files that were fetched from targets, after their job has ended
};

struct Store {
    virtual ~Store() = default;

    // `done` gets null once the batch is durable, else the Error: full (no space), invalid (a row of it contradicts
    // what is stored: a second key with one name, a target of no job), failed (anything else; then the store is closed,
    // since after a failed sync nothing is known any more: D3). It is called from the store's own thread, in the order
    // of the batches, and should only hand over.
    using Done = std::function<void(const Error*)>;
    virtual void write(Batch batch, Done done) = 0;

    virtual std::optional<JobRow> job(const JobId& id) const = 0;
    // The jobs whose text begins so; at most `limit`.
    virtual std::vector<JobId> jobs_beginning(const std::string& prefix, std::size_t limit) const = 0;
    virtual std::vector<JobRow> jobs(const JobFilter& filter) const = 0;
    virtual std::vector<JobTargetRow> job_targets(const JobId& id) const = 0;
    virtual std::optional<JobTargetRow> job_target(const JobId& job, const TargetId& target) const = 0;
    // How many targets of a job ended how.
    virtual std::map<TargetEnd, std::size_t> job_ends(const JobId& id) const = 0;
    virtual std::optional<ResultRow> result(const JobId& job, const TargetId& target) const = 0;
    virtual std::vector<EventRow> events(const JobId& job, std::uint64_t after, std::size_t limit) const = 0;
    virtual std::uint64_t last_event(const JobId& job) const = 0;  // 0: none
    virtual std::vector<RunRow> runs(const RunFilter& filter) const = 0;
    // The newest targets of jobs that did not end as done, of those that `counts`; it may not ask the store.
    virtual std::vector<RunRow> not_well(std::size_t limit,
                                         const std::function<bool(const TargetId&)>& counts) const = 0;
    // The last job of an operation that ended for this target, for `targets`.
    virtual std::optional<JobTargetRow> last_run(const TargetId& target, const std::string& operation) const = 0;

    virtual std::vector<KeyRow> keys() const = 0;
    virtual std::optional<AgentRow> agent(const KeyId& key) const = 0;
    virtual std::vector<AgentRow> agents() const = 0;
    virtual std::vector<TokenRow> tokens() const = 0;
    virtual std::optional<FactsRow> facts(const KeyId& key) const = 0;
    // Rises with every change of any facts, when it can be read.
    virtual std::uint64_t facts_version() const = 0;
    virtual std::optional<std::string> setting(const std::string& name) const = 0;

    virtual std::vector<PauseRow> pauses() const = 0;  // oldest first; those whose end has come, too
    virtual std::vector<SlotRow> slots(const std::string& schedule) const = 0;
    virtual std::optional<StandingRow> standing(const TargetId& target) const = 0;
    virtual std::vector<StandingRow> standings() const = 0;  // by name
    // Who has a standing or slots, and none of them of that time or later; by name.
    virtual std::vector<TargetId> remembered(std::int64_t before_ms) const = 0;

    virtual std::vector<AuditRow> audit(std::uint64_t after, std::size_t limit) const = 0;
    virtual std::uint64_t audit_count() const = 0;
    virtual Hash audit_head() const = 0;  // zero: none yet

    // How much room it takes, without what could be reused, and how many batches wait to be written.
    struct Figures {
        std::uint64_t bytes = 0;
        std::size_t waiting = 0;
    };
    virtual Figures figures() const = 0;
    // Forgets what Retention does not keep; a part of it at a time, true while there is more to do.
    virtual bool prune(const Retention& retention, std::int64_t now_ms) = 0;
};

// Opens or makes the database `file`; throws Error (refused: newer format or wrong owner or mode; failed: damaged).
std::unique_ptr<Store> open_sqlite_store(const std::string& file, const Logger& log);

// Writes and waits until it is durable; throws the Error. Not for the event loop.
void write_and_wait(Store& store, Batch batch);
// The first record of the chain that does not fit, or nullopt (S90).
std::optional<std::uint64_t> first_bad_audit(const Store& store);

}  // namespace prove
