// The clock of schedules for targets that have no agent to keep it: those that are reached through ssh. What is due is
// taken in the store before anything is begun for it, so that a restart, a clock that is set and a day of 23 hours neither
// skip nor double a run; what was missed becomes one. All calls come from one thread, and `post` brings answers back to it.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "common/log/log.hpp"
#include "master/catalog/schedule.hpp"
#include "master/commands/pauses.hpp"

namespace prove {

// What is due for one target.
struct ClockedRun {
    std::string schedule;
    TargetId target;
    std::int64_t due_ms = 0;
    RunMode mode = RunMode::plan;  // of states; an apply outside its windows is a plan
    bool operator==(const ClockedRun&) const = default;
};

class ScheduleClock {
  public:
    // What became of asking for a run's job: exactly one is set.
    struct Made {
        JobId job;
        std::string error;
    };
    struct Parts {
        const Clock& clock;
        Store& store;
        const TargetList& targets;
        const Pauses& pauses;
        Logger log;
        std::function<void(std::function<void()>)> post;
        // Asks for the job of a run. `made` is called once, in any thread; it may take long, where others go first.
        std::function<void(const ClockedRun&, std::function<void(Made)> made)> ask;
    };
    explicit ScheduleClock(Parts parts) : parts_(std::move(parts)) {}

    // To be called every second or so, with the catalog in force (null: none).
    void tick(std::shared_ptr<const Snapshot> snapshot);

  private:
    struct Entry {
        std::shared_ptr<const Snapshot> snapshot;  // that owns the schedule
        const ScheduleDefinition* schedule = nullptr;
        SlotRow row;
        std::int64_t start_ms = 0;  // of the first slot after the row's
        bool undecided = false;     // taken, and it is not known what came of it: the master died there
    };
    using Key = std::pair<std::string, TargetId>;

    void look(const std::shared_ptr<const Snapshot>& snapshot);
    Entry entry_of(const ScheduleDefinition& schedule, const TargetId& target, const std::optional<SlotRow>& stored);
    void consider(Entry& entry);
    void decide(Entry& entry, const Slot& slot);
    std::string why_not(const Entry& entry, const Slot& slot) const;
    bool still_runs(const SlotRow& row) const;
    std::optional<JobId> found_job(const SlotRow& row) const;
    void take(Entry& entry, const Slot& slot, const std::string& note);
    void write_taken();
    void not_written(const std::string& reason);
    void begin(const std::vector<ClockedRun>& runs);
    void answered(const ClockedRun& run, const Made& made);

    Parts parts_;
    std::shared_ptr<const Snapshot> snapshot_;
    std::uint64_t version_ = 0;  // of what was known of targets at the last look
    std::int64_t next_look_boot_ms_ = 0;
    std::int64_t rests_until_boot_ms_ = 0;  // while the store takes nothing
    std::map<Key, Entry> entries_;
    std::set<Key> asking_;  // for a job, and no answer yet
    Batch taken_;                  // in this tick
    std::vector<ClockedRun> due_;  // of them, those whose jobs are to be asked for once that is durable
};

}  // namespace prove
