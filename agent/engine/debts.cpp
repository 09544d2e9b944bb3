// See debts.hpp.
#include "agent/engine/debts.hpp"

namespace prove {

void DebtBook::add_earlier(const Debt& debt) {
    entries_[debt].confirmed = true;
}

std::vector<Debt> DebtBook::incur(const std::vector<Debt>& debts, Claim claim) {
    std::vector<Debt> fresh;
    for (const Debt& debt : debts) {
        const auto [entry, added] = entries_.try_emplace(debt);
        entry->second.claims.insert(claim);
        if (added) fresh.push_back(debt);
    }
    return fresh;
}

std::vector<Debt> DebtBook::settle(Claim claim, bool changed, std::uint64_t now) {
    std::vector<Debt> gone;
    for (auto entry = entries_.begin(); entry != entries_.end();) {
        Entry& state = entry->second;
        const bool claimed = state.claims.erase(claim) != 0;
        if (claimed && changed) {
            state.confirmed = true;
            state.fired = false;
            state.since = now;
        }
        if (claimed && !state.confirmed && state.claims.empty()) {
            gone.push_back(entry->first);
            entry = entries_.erase(entry);
        } else {
            ++entry;
        }
    }
    return gone;
}

void DebtBook::fired(const Debt& debt) {
    const auto entry = entries_.find(debt);
    if (entry != entries_.end()) entry->second.fired = true;
}

std::vector<Debt> DebtBook::paid(const StateId& to, std::uint64_t began) {
    std::vector<Debt> struck;
    for (auto entry = entries_.begin(); entry != entries_.end();) {
        const Entry& state = entry->second;
        // A claim without its change yet: the change may come after this invocation, so the debt is kept.
        if (entry->first.to == to && state.claims.empty() && state.since < began) {
            struck.push_back(entry->first);
            entry = entries_.erase(entry);
        } else {
            ++entry;
        }
    }
    return struck;
}

std::vector<Debt> DebtBook::due() const {
    std::vector<Debt> result;
    for (const auto& [debt, state] : entries_)
        if (state.confirmed && !state.fired) result.push_back(debt);
    return result;
}

std::vector<StateId> DebtBook::due_from(const StateId& from) const {
    std::vector<StateId> result;
    for (auto entry = entries_.lower_bound(Debt{from, StateId{}}); entry != entries_.end() && entry->first.from == from;
         ++entry)
        if (entry->second.confirmed && !entry->second.fired) result.push_back(entry->first.to);
    return result;
}

}  // namespace prove
