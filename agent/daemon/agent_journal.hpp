// What the agent must not forget (S49 to S53): its jobs from acceptance until their results are stored at the master,
// what it has counted, and how far each sender's sequence has come. Every change is durable when its function returns,
// unless it says otherwise. Knows no network and no time. One thread.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "agent/daemon/journal_records.hpp"
#include "common/files/disk.hpp"
#include "common/files/journal.hpp"
#include "common/log/log.hpp"
#include "common/time/random.hpp"
#include "proto/messages.hpp"

namespace prove {

// So long a disk may be full before details are given up for it.
constexpr std::int64_t full_patience_ms = 300'000;

class AgentJournal {
 public:
    struct Limits {
        std::size_t journal_bytes = 64u << 20;
        std::size_t outbox_bytes = 256u << 20;
        std::size_t inline_bytes = 256u << 10;       // a result over this goes to a file of its own (S64)
        std::size_t jobs = 10'000;                   // remembered; above, expired ones go early
        std::size_t most_jobs = 100'000;             // above, no more are accepted
    };
    struct Job {
        enum class State { accepted, done, stored };
        AcceptedRecord accepted;
        State state = State::accepted;
        std::string message;                         // of done ones: the result message as JSON
        std::optional<BlobRef> blob;                 // where its body is in a file of its own
        std::optional<OwnRun> own;                   // of runs that this agent made itself
        bool is_bare = false;                        // of done ones: no details are here, or not any more
    };

    // Opens the journal on `disk` or makes one. A damaged one is put aside and a new one begun, with a new id, so that
    // the master can tell (S55); Error(refused) for one of a newer format. Disk and random outlive it.
    AgentJournal(Disk& disk, Random& random, const Logger& log) : AgentJournal(disk, random, log, Limits()) {}
    AgentJournal(Disk& disk, Random& random, const Logger& log, const Limits& limits);

    const JournalId& id() const { return id_; }
    // A number for the next hello: higher than any before (S56).
    std::uint64_t next_hello();
    // A sequence number for the next message, never used before, also after a crash (S48): blocks are reserved ahead.
    std::uint64_t next_sequence();

    std::uint64_t low_water(const KeyId& sender) const;
    void raise_low_water(const KeyId& sender, std::uint64_t sequence);
    std::uint64_t generation() const { return generation_; }

    const Job* find(const JobId& job) const;
    // Throws Error(full) where there is no room: the job must not start then. The slot that it is for is taken with it.
    void accept(const AcceptedRecord& record, const std::optional<SlotRecord>& slot = {});
    // The same for a run of this agent's own, which takes its slot with it: both or neither are recorded.
    void accept_own(const JobId& job, const OwnRun& own, std::int64_t now_ms);
    // The result of an accepted job. A large body moves into a file. Throws Error(full) where there is no space; the caller
    // keeps the result and tries again.
    void finish(JobResult result);
    // The same on a disk that stays full: the details of the oldest results go, and its own last.
    void finish_at_any_price(JobResult result);
    // The master has it: the result goes, the job's id stays until it has expired. Not durable at once: at worst the
    // result is sent once more.
    void stored(const JobId& job);
    // Forgets stored jobs that expired a day before `now_ms`, and results that nobody took for a week; low water rises
    // with them (S50). Runs of this agent's own stay until they are stored: nobody else knows of them.
    void purge(std::int64_t now_ms);

    std::vector<JobId> jobs_in(Job::State state) const;
    // The body of a result, where `hash` is one in the outbox of that job and its file is whole.
    std::optional<std::string> blob(const JobId& job, const Hash& hash) const;
    // The file of a result's body is damaged or gone: what is left is how the job ended, and that.
    void give_up_blob(const JobId& job);
    // Makes room on a full disk: the details of the oldest result go. False where there are none any more.
    bool drop_oldest_details();
    std::size_t size() const { return jobs_.size(); }
    std::size_t outbox_bytes() const { return outbox_bytes_; }

    // By schedule: the last slot that was taken. What is not `durable` becomes so with the next record that is.
    const std::map<std::string, SlotRecord>& slots() const { return slots_; }
    void set_slot(const SlotRecord& slot, bool durable = true);
    void forget_slot(const std::string& schedule);
    // The number of the newest that was kept; 0: none was.
    std::uint64_t kept(Kept which) const;
    void raise_kept(Kept which, std::uint64_t number);
    const std::optional<TimeRecord>& time() const { return time_; }
    void set_time(const TimeRecord& time);

 private:
    void open(const Logger& log);
    void replay(const JournalRecord& record);
    void replay_done(const DoneRecord& record);
    void write(JournalRecordType type, const std::string& payload, bool durable = true);
    void compact_when_filling();
    void make_room(std::size_t bytes);
    void drop_body(Job& job, const std::string& why);
    void replay_own(const OwnRunRecord& record);
    void forget(const JobId& job);
    bool stays_inline(const std::string& message) const;
    void hold(Job& job, std::string message, std::optional<BlobRef> blob);
    void let_go(Job& job);
    void remove_orphans();
    static std::string outbox_name(const JobId& job);

    Disk& disk_;
    Random& random_;
    Limits limits_;
    std::unique_ptr<Journal> journal_;
    JournalId id_;
    std::uint64_t hello_ = 0;
    std::uint64_t sequence_ = 0;         // the last one used
    std::uint64_t reserved_ = 0;         // those below it may be used
    std::uint64_t generation_ = 0;
    std::map<KeyId, std::uint64_t> low_water_;
    std::map<JobId, Job> jobs_;
    std::map<std::string, SlotRecord> slots_;
    std::map<Kept, std::uint64_t> kept_;
    std::optional<TimeRecord> time_;
    std::size_t outbox_bytes_ = 0;       // messages and files
    std::size_t message_bytes_ = 0;      // messages alone: they stand in the journal
};

}  // namespace prove
