// Compiles a catalog for every target that was ever seen, so that what is wrong in a state file is told when it was
// written and not when a job needs it. In a thread of others, one target at a time, so that jobs do not wait for it. What
// it finds is shown and nothing more: what a target's states are hangs on the facts that its host tells, and no host may
// keep a catalog from the others.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "common/log/log.hpp"
#include "master/commands/snapshot.hpp"

namespace prove {

class CatalogCheck {
  public:
    // Runs work in another thread, in order.
    using Post = std::function<void(std::function<void()>)>;
    struct Found {
        std::size_t compiled = 0;  // targets, so far
        bool finished = true;
        std::vector<Diagnostic> errors;
    };
    CatalogCheck(const TargetDirectory& targets, const Logger& log) : targets_(targets), log_(log) {}
    // Before, nothing is checked. Whoever runs the work is gone before this is.
    void use(Post post);
    // Checks this one; what is still to be done of another is left.
    void begin(std::shared_ptr<const Snapshot> snapshot);
    Found found() const;
    // Calls `done` when the check that goes on has ended, at once where none does.
    void when_finished(std::function<void()> done);

  private:
    struct One {
        std::shared_ptr<const Snapshot> snapshot;
        std::size_t next = 0, compiled = 0;
        Diagnostics errors;
    };
    void step(const std::shared_ptr<One>& check);
    void finish(const One& check);

    const TargetDirectory& targets_;
    Logger log_;
    mutable std::mutex mutex_;  // over all below
    Post post_;
    std::shared_ptr<One> current_;
    std::vector<std::function<void()>> waiting_;
};

}  // namespace prove
