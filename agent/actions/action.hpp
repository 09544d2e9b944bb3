// The target's half of every operation: one file per Action, listed in all_actions.cpp. An Action reads its body, does
// its work, tells events while it does, and ends in one result. The same code runs in the agent, in the one-shot
// program and in prove-cli's own process; nothing here knows which. Blocking, in the caller's thread.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "agent/engine/engine.hpp"
#include "agent/host/host.hpp"
#include "common/process/cancel.hpp"
#include "common/time/clock.hpp"
#include "proto/messages.hpp"

namespace prove {

// Hears what happens while it happens, in the action's thread. Must not block for long.
struct ActionEvents {
    virtual ~ActionEvents() = default;
    // `state` is empty for the output of `cmd`.
    virtual void output(const std::string& state, OutputStream stream, std::string_view bytes) = 0;
    virtual void state_started(const StateInvocation& invocation) = 0;
    virtual void state_finished(const StateInvocation& invocation) = 0;
    // What people should know while they wait: "waiting for job 01jd8zk4q2, which runs on this host".
    virtual void note(const std::string& text) = 0;
};

struct ActionContext {
    const FunctionRegistry& functions;
    ContentSource& content;
    const Clock& clock;
    ActionEvents& events;
    // A host as it is now, for one run: its caches are filled once.
    std::function<std::unique_ptr<Host>()> make_host;
    std::string ledger_folder;  // debts between runs, and the lock of the run that goes on
    std::string facts_folder = "/etc/prove/facts.d";
    std::string job;                             // the job's id, for PROVE_JOB and for who waits; may be empty
    const Cancellation* cancellation = nullptr;  // may be null
    LateSource* late = nullptr;                  // compiles late states; null: nobody does
    bool resident = false;                       // this is the agent, which stays
};

struct ActionResult {
    JobResult::End end = JobResult::End::done;
    std::string reason;
    Value body;  // by operation, as JobResult has it
};

struct Action {
    virtual ~Action() = default;
    virtual std::string name() const = 0;
    // Throws Error where the body is not what it takes or the work cannot be done at all.
    virtual ActionResult run(const Value& body, const ActionContext& context) const = 0;
};

// Every Action of this build.
std::vector<std::unique_ptr<Action>> all_actions();

// The boundary: runs the named Action; an unknown name is refused, an Error becomes a failed or cancelled result.
ActionResult run_action(const std::string& operation, const Value& body, const ActionContext& context);

// A result's body is at most this long as JSON; above it is cut, and says so.
constexpr std::size_t result_limit = 4u << 20;

}  // namespace prove
