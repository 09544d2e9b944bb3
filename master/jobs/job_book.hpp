// The jobs that have not ended, in memory, and what changes in them on its way to the store. Each target of each job
// ends exactly once, here and nowhere else. Pure but for the store: no network, no threads; time comes in as numbers.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "master/jobs/prepare.hpp"
#include "master/jobs/run_counts.hpp"
#include "master/store/store.hpp"

namespace prove {

struct ActiveTarget {
    JobTargetRow row;
    bool carried = false;             // reached without an agent
    std::optional<Frames> command;    // once it is prepared; the same bytes every time it is sent (S58)
    std::uint64_t sequence = 0;       // of the command
    bool left = false;                // the command has left the master: the agent may have it
    bool fetch_waits = false;         // asked for before it was ready
    std::int64_t resend_boot_ms = 0;  // when it is sent again where nothing was heard
    std::int64_t resend_delay_ms = 0;
    std::int64_t cancel_boot_ms = 0;        // when cancel is sent again
    std::int64_t cancel_until_boot_ms = 0;  // an agent that is away is not waited for longer

    bool ended() const { return row.phase == TargetPhase::ended; }
};

struct ActiveJob {
    JobRow row;
    std::map<TargetId, ActiveTarget> targets;
    std::map<KeyId, TargetId> by_key;
    std::shared_ptr<const Preparer> preparer;
    std::size_t open = 0;  // targets that have not ended
    std::size_t preparing = 0;
    std::uint64_t last_event = 0;
    std::uint64_t event_bytes = 0;
    bool events_cut = false;
    std::int64_t created_boot_ms = 0;   // or when this life of the master took it over
    std::vector<KeyId> ready;           // whose commands were prepared since the last announcement
    std::int64_t announce_boot_ms = 0;  // when what is ready is announced at the latest; 0: nothing waits

    ActiveTarget* target_of(const KeyId& key);
};

class JobBook {
  public:
    // What is to become durable together, and what may be told once it is.
    struct Changes {
        Batch batch;
        std::set<JobId> jobs;                         // that have new events
        std::vector<std::pair<KeyId, JobId>> stored;  // results that agents may forget
        // Called once with null, or with why it never became durable.
        struct Then {
            JobId job;  // that it belongs to; zero: to none
            std::function<void(const Error*)> call;
        };
        std::vector<Then> then;
        bool empty() const { return batch.empty() && stored.empty() && then.empty(); }
    };

    // A job that is durable already.
    ActiveJob& add(ActiveJob job);
    ActiveJob* find(const JobId& id);
    std::map<JobId, ActiveJob>& all() { return jobs_; }

    void event(ActiveJob& job, const TargetId& target, std::string kind, Value body, std::int64_t now_ms);
    void accepted(ActiveJob& job, ActiveTarget& target, std::int64_t now_ms);
    // The one place where a target ends, and is counted; a second end is a fault of ours (Error(internal)).
    void end(ActiveJob& job, ActiveTarget& target, const Judged& how, std::int64_t now_ms);
    void result(ActiveJob& job, const ActiveTarget& target, std::string body, std::int64_t now_ms);
    // Writes a target as it stands.
    void save(const ActiveTarget& target) { changes_.batch.push_back(target.row); }
    void add_change(Write row) { changes_.batch.push_back(std::move(row)); }
    void add_stored(const KeyId& key, const JobId& job) { changes_.stored.emplace_back(key, job); }
    void add_then(const JobId& job, std::function<void(const Error*)> call) {
        changes_.then.push_back({job, std::move(call)});
    }
    RunCounts& counts() { return counts_; }
    void touch(const JobId& job) { changes_.jobs.insert(job); }

    std::size_t waiting_changes() const { return changes_.batch.size(); }
    bool has_changes() const { return !changes_.empty(); }
    Changes take_changes();
    // A batch that did not get into the store: it goes first when that is tried again.
    void put_back(Changes changes);
    // The same in parts that do not need each other: what belongs to no job, and what belongs to each.
    static std::vector<Changes> parted(Changes changes);
    // Forgets the jobs that have ended; called once their ends are durable.
    void forget(const std::set<JobId>& jobs);

  private:
    std::map<JobId, ActiveJob> jobs_;
    Changes changes_;
    RunCounts counts_;
};

}  // namespace prove
