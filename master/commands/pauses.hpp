// Operators' hands on what schedules begin: which pauses there are, and for whom. An expression is kept as it was written
// and evaluated whenever it is asked for, so a pause of 'role:web' also holds the web server that comes tomorrow. Only
// looks; thread-safe.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "master/commands/choose.hpp"
#include "master/commands/master.hpp"

namespace prove {

class Pauses {
  public:
    Pauses(const Store& store, const TargetList& targets, const Clock& clock)
        : store_(store), targets_(targets), clock_(clock) {}

    // Those whose end has not come, oldest first.
    std::vector<PauseRow> current() const;
    // The same that hold something on this target. One that cannot be judged for it (its variables do not render, say)
    // holds it: what was paused must not begin for a mistake elsewhere.
    std::vector<PauseRow> on(const TargetId& target, const Snapshot* snapshot) const;
    // What holds a schedule on a target; of several the one that ends last.
    std::optional<PauseRow> holding(const TargetId& target, const std::string& schedule, const Snapshot* snapshot) const;
    // Each with the targets of `among` that it means.
    std::vector<PauseView> views(const std::vector<TargetId>& among, const Snapshot* snapshot) const;

    // The row of a new one. Throws Error(usage).
    PauseRow checked(const PauseAsked& asked, const Decider& by, const Snapshot* snapshot) const;
    // The one that was written so. Throws Error(usage) that says which ones hold what the expression means, where it is
    // none of them.
    PauseRow find(const std::string& schedule, const std::string& expression, const Snapshot* snapshot) const;

  private:
    bool means(const PauseRow& row, const TargetId& target, const Snapshot* snapshot) const;

    const Store& store_;
    const TargetList& targets_;
    const Clock& clock_;
};

}  // namespace prove
