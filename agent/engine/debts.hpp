// The debts of one run: which notifications are owed, since when, and whether they were fired already. Pure; Schedule
// keeps one, and Runner writes to the Ledger what it says. A debt is incurred before the change that causes it is made
// (only a claim then: the change may not come), confirmed by the change, and paid when what it owes has succeeded.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "agent/engine/engine.hpp"

namespace prove {

class DebtBook {
  public:
    // Whose change it is: a node and the number of its part.
    using Claim = std::pair<NodeIndex, std::size_t>;

    // A debt that an earlier run left.
    void add_earlier(const Debt& debt);
    // Before a change: what must be written to the ledger, the debts that are not there yet.
    std::vector<Debt> incur(const std::vector<Debt>& debts, Claim claim);
    // After it: the debts of this claim hold from `now` on where something changed. Else they are as they were before,
    // and those are given that nothing holds up any more.
    std::vector<Debt> settle(Claim claim, bool changed, std::uint64_t now);
    // The notification was given: it is not given again for the same change.
    void fired(const Debt& debt);
    // `to` succeeded in an invocation that began at `began`: what was owed by then is paid. Gives what to strike.
    std::vector<Debt> paid(const StateId& to, std::uint64_t began);
    void forget(const Debt& debt) { entries_.erase(debt); }

    // Owed and not fired in this run.
    std::vector<Debt> due() const;
    std::vector<StateId> due_from(const StateId& from) const;
    bool empty() const { return entries_.empty(); }

  private:
    struct Entry {
        bool confirmed = false;
        bool fired = false;
        std::uint64_t since = 0;
        std::set<Claim> claims;
    };
    std::map<Debt, Entry> entries_;
};

}  // namespace prove
