// What becomes of the slots that fall due (flow 3 of the design). Each is written down before anything is begun for it, then
// the master is asked for a job; where there is no master for a minute, this agent runs what it keeps, by itself. A slot
// ends in one of: a job of the master's, a run of this agent's own, or a reason why there was none. Pure over its door,
// the journal and a clock; one thread, the core's.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "agent/daemon/agent_journal.hpp"
#include "agent/daemon/job_starter.hpp"
#include "agent/daemon/own_runs.hpp"
#include "agent/daemon/schedule_keeper.hpp"
#include "agent/daemon/sheet_store.hpp"

namespace prove {

class ScheduledRuns {
 public:
    // What the agent around it does for it.
    struct Door {
        virtual ~Door() = default;
        virtual bool connected() const = 0;
        // Why not, where it is not; may be empty.
        virtual std::string trouble() const = 0;
        virtual void ask(const RunRequest& request) = 0;     // may be lost
        // A run of this agent's own: recorded, with its slot, before it starts. Throws Error(full).
        virtual void start_own(const JobOrder& order, const OwnRun& own) = 0;
        // One that was not begun, for the master and its history. Throws Error(full).
        virtual void tell_own(const OwnRun& own, const std::string& reason) = 0;
        virtual std::string refusal(const std::string& operation) const = 0;
        virtual JobId new_own_job() = 0;                     // later than any before
        // What this run needs is to stay on this host.
        virtual void kept(const StatesBody& run) = 0;
    };
    struct Parts {
        Door& door;
        AgentJournal& journal;
        Mail& mail;
        const Clock& clock;
        Disk& disk;
        Self self;
        Logger log;
        std::string boot_id;
    };
    explicit ScheduledRuns(const Parts& parts)
        : parts_(parts), store_(parts.disk, parts.journal, parts.mail, parts.self) {}

    // Takes up what was kept; to be called once, after the jobs of the last life were reported.
    void start();
    // A sheet of the master's. Throws Error(refused) for an older one than is held.
    void sheet_came(const Verified& verified, const std::vector<std::string>& frames);
    // An `apply` of everything was accepted, which may be repeated without the master.
    void state_run_came(std::uint64_t generation, const std::vector<std::string>& frames);
    // Keys have changed: what they signed is looked at again.
    void keys_changed();
    void connected();

    // Does what is due. Where nothing may begin, only looks whether there is a master.
    void tick(bool may_begin);
    std::int64_t next_ms() const;        // by the boot clock

    // Whether the reply was to one of its own requests.
    bool answered(const RunReply& reply);
    // Why a job for this slot must not be run here; empty where it may.
    std::string refusal(const ScheduledSlot& slot) const;
    // What is recorded together with a job for it; nothing where an operator wanted it between two slots.
    static std::optional<SlotRecord> record_of(const ScheduledSlot& slot);
    void accepted(const ScheduledSlot& slot, const JobId& job);
    void ended(const JobResult& result);
    // It runs because a slot was due: nobody waits for it.
    bool is_of_slot(const JobId& job) const;

    std::string sheet_hash() const;      // hex; empty: there is none
    Value status();

    static constexpr std::int64_t patience_ms = 60'000;      // with a master that is away
    static constexpr std::int64_t ask_again_ms = 30'000;     // where no answer comes
    static constexpr std::int64_t remind_ms = 300'000;       // where one came, and no job

 private:
    // A slot that was taken up and has not ended.
    struct Going {
        Slot slot;
        std::string request;
        std::int64_t ask_at_ms = 0;      // boot clock
        std::string waits;               // what the master said
        std::optional<JobId> job;        // it runs
        std::int64_t begun_ms = 0;       // since then
    };
    void keep_contents();
    void adopt(const ScheduleSheet& sheet);
    void restore(const std::string& name, const SlotRecord& record);
    void drop_sheet(const std::string& why);
    void work();
    void forget_what_was_ahead(const std::string& name);
    void keep_time();
    void take_up(const ScheduleKeeper::Due& due, const SheetEntry& entry);
    void go_on(const std::string& name, Going& going, const SheetEntry& entry);
    void run_alone(const std::string& name, Going& going, const SheetEntry& entry);
    void give_up(const std::string& name, const Slot& slot, const std::string& why, bool tell);
    std::string reason_to_hold(const SheetEntry& entry, std::int64_t start_ms) const;
    RunMode mode_of(const SheetEntry& entry) const;
    OwnRun own_of(const std::string& name, std::int64_t due_ms) const;
    std::string request_for(const std::string& name, std::int64_t due_ms) const;
    Value status_of(const SheetEntry& entry) const;
    const SheetEntry* entry_of(const std::string& name) const;
    std::string why_alone() const;
    std::int64_t by_boot(std::int64_t ms) const;

    Parts parts_;
    SheetStore store_;
    ScheduleKeeper keeper_;
    std::optional<ScheduleSheet> sheet_;
    std::string trouble_;                // with what was kept
    std::map<std::string, Going> going_; // by schedule
    std::optional<std::int64_t> away_since_ms_;  // the master, by the boot clock
    std::int64_t hold_off_ms_ = 0;       // nothing is begun before, for want of space
    std::optional<std::int64_t> full_since_ms_;
    bool may_begin_ = true;
};

}  // namespace prove
