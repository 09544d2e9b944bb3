// What must hold after every event (reliability.md, section 4), and what must come true once the faults have stopped.
// The machines tell what they do; the first thing that is wrong stays. Invariants keep their own books: they believe
// the store and the journals only about what those have made durable.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>

#include "agent/daemon/agent_journal.hpp"
#include "master/store/store.hpp"
#include "proto/late.hpp"
#include "tests/support/simulator/network.hpp"

namespace prove::sim {

class Invariants {
  public:
    // `only` is the number of the one that counts; empty: all do.
    Invariants(Stage& stage, const Store& store, std::string only)
        : stage_(stage), store_(store), only_(std::move(only)) {}

    const std::string& failure() const { return failure_; }
    void fail(const std::string& what);

    // --- what the machines tell
    void submitted(const JobId& job, const std::set<std::string>& targets) { targets_[job] = targets; }
    void acknowledged(const JobId& job);
    void executed(const std::string& agent, const JobId& job);
    // 12: of its own making, and any run of a schedule's slot: none is begun twice.
    void executed_own(const std::string& agent, const JobId& job);
    void executed_slot(const std::string& agent, std::int64_t due_ms);
    // 11: a piece is for the agent that has it, and made of the results that it told.
    void late_came(const std::string& agent, const LateReply& reply, const LateRequest& asked, bool was_kept);
    void finished(const std::string& agent, const JobId& job) { finished_.emplace(job, agent); }
    void master_sends(const Frames& frames);
    void agent_sends(const std::string& agent, const Frames& frames);
    void look_at(const std::string& agent, const AgentJournal& journal, const KeyId& master);
    void journal_opened(const std::string& agent, const AgentJournal& journal);
    void revoked(const std::string& agent, const KeyId& key);

    // 2, 7 and P12 over all that is stored; after each commit.
    void look_at_store();
    // 10 and P3: everything has ended, everybody is there, and what was finished has arrived.
    void expect_all_ended();

    struct Counts {
        std::size_t jobs = 0, executions = 0, results = 0;
        std::size_t slots = 0, own_runs = 0;
        std::size_t late_asked = 0, late_kept = 0;  // pieces that the master made, and that an agent had already
    };
    Counts counts() const;

  private:
    struct Watched {
        std::uint64_t sequence = 0, low_water = 0, generation = 0;
        std::string journal;
        std::set<JobId> told_accepted;
    };
    struct Revoked {
        std::string agent;
        std::int64_t at_ms = 0;
    };
    void read_audit();
    void check_revoked(const Frames& frames, const Seen& seen);

    Stage& stage_;
    const Store& store_;
    std::string only_, failure_;
    std::map<JobId, std::set<std::string>> targets_;
    std::set<JobId> acknowledged_;
    std::map<std::pair<JobId, std::string>, int> executions_;
    std::map<std::pair<std::string, std::int64_t>, int> slots_;
    std::size_t own_runs_ = 0;
    std::size_t late_asked_ = 0, late_kept_ = 0;
    std::set<std::pair<JobId, std::string>> finished_;
    std::map<std::string, Watched> agents_;
    std::map<KeyId, Revoked> revoked_;
    std::map<std::uint64_t, MessageId> master_sequences_;
    std::set<std::string> audited_;
    std::uint64_t audit_read_ = 0;
};

}  // namespace prove::sim
