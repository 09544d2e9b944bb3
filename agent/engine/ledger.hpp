// Ledgers: where debts are kept between runs. One in memory for tests and plans, one over a journal that a crash cannot
// lose. And RunLock, which keeps two runs on one host from colliding (A6): whoever writes the ledger holds it.
#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>

#include "agent/engine/engine.hpp"
#include "common/files/journal.hpp"
#include "common/files/lock.hpp"

namespace prove {

class MemoryLedger final : public Ledger {
  public:
    MemoryLedger() = default;
    explicit MemoryLedger(const std::vector<Debt>& owed) : owed_(owed.begin(), owed.end()) {}
    std::vector<Debt> owed() const override { return {owed_.begin(), owed_.end()}; }
    void add(const std::vector<Debt>& debts) override { owed_.insert(debts.begin(), debts.end()); }
    void strike(const std::vector<Debt>& debts) override {
        for (const Debt& debt : debts) owed_.erase(debt);
    }

  private:
    std::set<Debt> owed_;
};

// Over a journal on a disk, which is borrowed. Throws Error(invalid) where the journal is damaged.
class JournalLedger final : public Ledger {
  public:
    JournalLedger(Disk& disk, const std::string& name);
    std::vector<Debt> owed() const override { return {owed_.begin(), owed_.end()}; }
    void add(const std::vector<Debt>& debts) override;
    void strike(const std::vector<Debt>& debts) override;

  private:
    void replay(const JournalRecord& record);
    void write(std::uint8_t type, const std::vector<Debt>& debts);
    void compact_if_worth_it();

    std::set<Debt> owed_;
    Journal journal_;
};

// Where root's debts are kept, whoever runs: the agent, prove-exec or prove-cli. So each pays what another owes, and
// none runs while another does.
inline constexpr const char* root_ledger_folder = "/var/lib/prove/ledger";
// That one as root, else a user's own, below $XDG_STATE_HOME (or ~/.local/state).
std::string host_ledger_folder();
// The ledger in the file `debts` of a folder of our own, which is made where it is missing.
std::unique_ptr<Ledger> open_ledger(const std::string& folder);
// For a plan, which leaves nothing behind: the debts of that folder, or none where it is not there.
std::unique_ptr<Ledger> look_at_ledger(const std::string& folder);

// What was applied last on this host, beside its debts; nothing where no run has said so. Throws Error(invalid) where
// the file is damaged.
AppliedStates read_applied(const std::string& folder);
void write_applied(const std::string& folder, const AppliedStates& applied);

// Held while a run is applied; who waits for it gets it in the order of coming. The kernel gives it back however its
// holder ends.
class RunLock {
  public:
    // `holder` is shown to others who want it: "job 01jd8zk4q2, pid 71". Nothing where another has it.
    static std::optional<RunLock> try_acquire(const std::string& folder, const std::string& holder);
    // Waits until it is free, and calls `waiting` once with who holds it. Throws Error(cancelled).
    static RunLock acquire(const std::string& folder, const std::string& holder, const Cancellation* cancellation,
                           const std::function<void(const std::string& holder)>& waiting);
    // Who held it last; empty where nobody said.
    static std::string holder(const std::string& folder);

  private:
    RunLock(QueuePlace place, FileLock lock) : place_(std::move(place)), lock_(std::move(lock)) {}
    static std::optional<RunLock> lock_if_first(QueuePlace& place, const std::string& folder,
                                                const std::string& holder);

    QueuePlace place_;  // given up last
    FileLock lock_;     // tells who has it
};

}  // namespace prove
