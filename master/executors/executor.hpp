// Ways to reach a target. An Executor opens Sessions, a Session runs operations: events while they run, one result at
// the end. What an operation does is the Actions' business, and the same whichever way it went.
#pragma once

#include <memory>
#include <string>

#include "agent/actions/action.hpp"
#include "common/process/cancel.hpp"
#include "proto/ids.hpp"

namespace prove {

// One open conversation with one target. One thread at a time.
struct Session {
    virtual ~Session() = default;
    // Blocks until it has ended. Never throws for what happens on the target: that is in the result.
    virtual ActionResult run(const std::string& operation, const Value& body, ActionEvents& events,
                             const Cancellation& cancellation) = 0;
};

// What a target says of itself, in the body's `facts`: asked before it is known what is to be done there, and of no
// interest to who watches.
ActionResult ask_facts(Session& session, const Cancellation& cancellation);

struct Executor {
    virtual ~Executor() = default;
    virtual std::string name() const = 0;  // as the option `executor` has it: "local"
    // Throws Error(unavailable) where the target cannot be reached, and Error(cancelled). `content` serves the files of its StateRun, `late`
    // its late states (null: they fail).
    virtual std::unique_ptr<Session> open(const TargetId& target, ContentSource& content, LateSource* late,
                                          const Cancellation& cancellation) = 0;
};

}  // namespace prove
