// What became of it: outcomes, changes, and the report of a run, from one part up to the whole. Values only; the agent
// sends them, the store keeps them, the CLI prints them.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "proto/ids.hpp"
#include "proto/position.hpp"
#include "proto/state_run.hpp"
#include "proto/value.hpp"

namespace prove {

enum class RunMode { plan, apply };
const char* name_of(RunMode mode);

// What became of a part, or of a state (the worst of its parts).
enum class Outcome {
    ok,       // was so already
    changed,  // was made so, and proved where the function can be
    failed,
    unproved,      // made so, but a second look still wants something
    skipped,       // not run, and why
    would_change,  // plan only
    unknown,       // plan only: cannot be known, and what it depends on
    rescued,       // of a block: something in its body failed, and its rescue made it good
    held,          // needs the master, which was away: no failure, and done by a run that has one
};
const char* name_of(Outcome outcome);
Outcome outcome_from(const std::string& name);  // throws Error(invalid)

// Why a run changes something: what is wanted is not what was applied last, or it is, and the host has moved. `none` of
// what changes nothing.
enum class Cause { none, intended, drift };
const char* name_of(Cause cause);
Cause cause_from(const std::string& name);  // throws Error(invalid)

// One thing that a Host's verb did (or, in a plan, would do). `before` and `after` are exact and comparable: a mode, an
// owner, "absent", "blake2b:<hex>"; `diff` is for people.
struct Change {
    std::string resource;  // "file /etc/motd", "unit nginx.service", "package curl", "user deploy"
    std::string aspect;    // "content", "mode", "owner", "group", "existence", "running", "enabled", "version"...
    std::string before;
    std::string after;
    std::string diff;    // unified diff, or "binary: 10 bytes -> 20 bytes"; empty for sensitive ones
    bool event = false;  // a reload, a restart, a command: it happened, nothing was compared
    bool operator==(const Change&) const = default;
};

// One execution of a StatePart.
struct StatePartInvocation {
    std::string function;
    std::string subject;      // what it is about: "/etc/motd", "nginx"
    std::string description;  // the part's, or else its state's
    SourcePosition position;
    Outcome outcome = Outcome::ok;
    bool changed = false;  // changed something, whatever the outcome says (failed ones may have)
    std::string reason;    // why failed, unproved, skipped, unknown or held
    std::vector<Change> changes;
    std::string output;  // tail of a command's output, at most 16 KiB, valid UTF-8
    Value outputs;       // null, or a mapping of the function's declared outputs
    int attempts = 1;
    std::chrono::milliseconds duration{0};
    bool sensitive = false;
    bool operator==(const StatePartInvocation&) const = default;
};

// One execution of a Node.
struct StateInvocation {
    enum class Why { written, notified, owed, asked };
    StateId state;
    SourcePosition position;
    Why why = Why::written;
    std::vector<StateId> notified_by;  // who asked, for notified and owed ones
    int number = 1;                    // the nth invocation of this state in the run
    std::vector<std::string> probes;   // "cert=true"
    Outcome outcome = Outcome::ok;
    bool changed = false;
    Cause cause = Cause::none;  // of what changed, or would
    std::string reason;         // why skipped, failed or held
    StateId because_of;  // for skipped: the state at the root of it, empty otherwise
    StateId rescued_by;  // for failed: the block whose rescue made it good, known at the end of the run; else empty
    std::vector<StatePartInvocation> parts;
    std::chrono::milliseconds duration{0};
    bool operator==(const StateInvocation&) const = default;
};

struct RunReport {
    enum class End { done, failed, cancelled, interrupted };
    TargetId target;
    RunMode mode = RunMode::apply;
    std::string catalog;
    End end = End::done;  // failed: at least one invocation failed or came out unproved, and was not rescued
    std::string reason;   // for cancelled and interrupted ones
    std::vector<StateInvocation> invocations;  // in the order in which they began
    std::vector<std::string> notes;            // "a debt to 'x' was dropped: no state of that name any more"
    std::int64_t started_ms = 0;               // wall clock, ms since 1970
    std::chrono::milliseconds duration{0};
    bool operator==(const RunReport&) const = default;
};
const char* name_of(StateInvocation::Why why);
const char* name_of(RunReport::End end);

struct OutcomeCounts {
    int ok = 0, changed = 0, failed = 0, unproved = 0, skipped = 0, would_change = 0, unknown = 0, rescued = 0, held = 0;
};
// States counted by the invocation that began last, as the summary line shows them. A failure that was rescued counts
// with its block, which is `rescued`.
OutcomeCounts count(const RunReport& report);
// Whether it is one that makes its run a failed one.
bool is_failure(const StateInvocation& invocation);

Value to_value(const StateInvocation& invocation);
StateInvocation state_invocation_from(const Value& value);
Value to_value(const RunReport& report);
RunReport run_report_from(const Value& value);

}  // namespace prove
