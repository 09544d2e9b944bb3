// Compiles a new catalog for every target that was ever seen, and says whether it may take the place of the one in force.
// It is refused where it is wrong in a way that no host's facts can be the cause of: a target that compiles with the
// same facts under the catalog in force, or a state file without a template that was right there. What was wrong before,
// and what hangs on an odd fact, is shown and keeps nothing from the others.
//
// In threads of others, a target at a time, so that jobs do not wait for it.
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
        std::size_t looked_at = 0;  // targets, so far
        std::size_t compiled = 0;   // of them, those that were ever seen
        bool finished = true;
        bool refused = false;
        std::vector<Diagnostic> errors;
    };
    // Called once for each check, in a thread of the work: when all targets are through, or a hundred after one refused
    // it. Most errors of an edit are then known, and nobody waits for ten thousand targets that have the same one.
    using Decided = std::function<void(const Found&)>;
    CatalogCheck(const TargetDirectory& targets, const Logger& log) : targets_(targets), log_(log) {}
    // Before, nothing can be checked. Whoever runs the work is gone before this is. `lanes`: at once.
    void use(Post post, std::size_t lanes);
    bool is_possible() const;
    // Checks this one against the one in force, null where there is none: then it is only shown what is wrong. What is
    // still to be done of another check is left, and that one is never decided.
    void begin(std::shared_ptr<const Snapshot> snapshot, std::shared_ptr<const Snapshot> in_force, Decided decided);
    Found found() const;
    // Calls `done` when the check that goes on has ended, at once where none does.
    void when_finished(std::function<void()> done);

  private:
    struct One {
        std::shared_ptr<const Snapshot> snapshot, in_force;
        Decided decided;
        std::size_t next = 0, looked_at = 0, compiled = 0, lanes = 0;
        bool refused = false, is_decided = false;
        std::size_t refused_at = 0;  // how many had been looked at then
        Diagnostics errors;
    };
    void check_files(const std::shared_ptr<One>& check);
    void step(const std::shared_ptr<One>& check);
    void add(One& check, const Diagnostics& errors, bool refuses);
    void decide(One& check, const Found& found) const;
    void lane_ended(const std::shared_ptr<One>& check);
    static Found found_by(const One& check);

    const TargetDirectory& targets_;
    Logger log_;
    mutable std::mutex mutex_;  // over all below
    Post post_;
    std::size_t lanes_ = 1;
    std::shared_ptr<One> current_;
    std::vector<std::function<void()>> waiting_;
};

}  // namespace prove
