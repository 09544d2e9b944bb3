// The engine's door: executes one StateRun on one host and reports. The same for the agent, the one-shot program and
// the local executor. Blocking; runs in the caller's thread, with `parallelism` in others too; cancellation and
// progress come and go through the context.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "agent/functions/registry.hpp"
#include "agent/host/host.hpp"
#include "common/process/cancel.hpp"
#include "common/time/clock.hpp"
#include "proto/late.hpp"
#include "proto/outcome.hpp"
#include "proto/secret_text.hpp"
#include "proto/state_run.hpp"

namespace prove {

// A notification that is owed: written durably before the change that causes it, struck off when the notified state has
// succeeded (catalog.md, "The order of things").
struct Debt {
    StateId from;
    StateId to;
    bool operator==(const Debt&) const = default;
    auto operator<=>(const Debt&) const = default;
};

// Where debts are kept between runs. Both writes are durable when they return. One thread at a time.
struct Ledger {
    virtual ~Ledger() = default;
    virtual std::vector<Debt> owed() const = 0;
    virtual void add(const std::vector<Debt>& debts) = 0;  // adding one twice keeps it once
    virtual void strike(const std::vector<Debt>& debts) = 0;
};

// What each state wished for when it was applied last with success (causes.hpp).
using AppliedStates = std::map<StateId, Hash>;

// Hears what happens while it happens, one thing at a time, in whatever thread. Must not block for long.
struct Progress {
    virtual ~Progress() = default;
    virtual void state_started(const StateInvocation& invocation) = 0;
    virtual void state_finished(const StateInvocation& invocation) = 0;
    virtual void output(const StateId& state, OutputStream stream, std::string_view bytes) = 0;
};

struct EngineContext {
    const FunctionRegistry& functions;
    Host& host;              // the machine; a plan and a proof lay an OverlayHost over it
    ContentSource& content;  // whose Error(held) says: only the master has it, and is away
    Ledger& ledger;          // not written in a plan
    const Clock& clock;
    Value facts;                   // a mapping, for `fact:` conditions
    SecretTable secrets;           // what the run's marks stand for
    Progress* progress = nullptr;  // may be null
    const Cancellation* cancellation = nullptr;
    // A host as it is now, for what runs beside others (`parallelism`). Empty: nothing does.
    std::function<std::unique_ptr<Host>()> make_host;
    // Compiles late states; null: they cannot be compiled here, and fail. Its Error(held) holds the state.
    LateSource* late = nullptr;
    // What was applied last here, by which each change is called intended or drift; an apply leaves in it what is
    // applied now. Null: nothing is known of it, and changes have no cause.
    AppliedStates* applied = nullptr;
    // Whether an agent stays on this host when the run has ended, for functions that count on one.
    bool resident = false;
    // Waits between the attempts of a part that has `retry`. Empty: really waits, and ends early when cancelled.
    std::function<void(std::chrono::milliseconds)> wait;
};

// Never throws for what happens to states: that is in the report. Throws Error(invalid) for a StateRun that names
// functions this build does not have or arguments that they do not take (nothing has been done then).
RunReport execute(const StateRun& run, RunMode mode, const EngineContext& context);

}  // namespace prove
