// What the master remembers: one struct per table, values only. A row is written whole and replaces the one with the
// same key, so that a write may be repeated. Times are milliseconds since 1970.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "proto/envelope.hpp"
#include "proto/ids.hpp"
#include "proto/value.hpp"

namespace prove {

// How a target of a job ended. Every target that was meant gets exactly one.
enum class TargetEnd { done, failed, refused, expired, cancelled, interrupted, unreachable };
const char* name_of(TargetEnd end);
TargetEnd target_end_from(const std::string& name);  // throws Error(invalid)

// Where a target of a job is until it has ended.
enum class TargetPhase {
    preparing,  // its command is being made (a StateRun is compiled)
    waiting,    // ready; the agent has not taken it yet
    running,    // the agent has accepted it
    ended,
};
const char* name_of(TargetPhase phase);
TargetPhase target_phase_from(const std::string& name);

struct JobRow {
    JobId id;
    std::string operation;            // "ping", "facts", "cmd", "states"
    std::string expression;           // as the operator wrote it
    Value options = Value::object();  // the operation's own, checked
    std::string who;                  // "root", "alice"
    std::string from;                 // "socket uid 1000", "agent web1"
    std::int64_t created_ms = 0;
    std::int64_t not_after_ms = 0;  // an agent that has not taken it by then never will
    std::int64_t wait_ms = 0;       // how long an agent that is not connected is waited for
    std::string catalog;            // hash of the catalog that it was made from, hex; empty where none is needed
    std::uint64_t targets = 0;
    bool ended = false;
    std::int64_t ended_ms = 0;
    std::string cancelled_by;  // who asked to stop it; empty otherwise
    std::string schedule;      // that it was made by; empty: by a person, or an agent that was asked to by one
    std::int64_t slot_ms = 0;  // and for which of its moments, as the schedule has them
    std::map<TargetEnd, std::size_t> ends;  // once it has ended: how many targets ended how
    bool operator==(const JobRow&) const = default;
};

struct JobTargetRow {
    JobId job;
    TargetId target;
    KeyId key;  // zero where no agent of that name is accepted
    TargetPhase phase = TargetPhase::preparing;
    TargetEnd end = TargetEnd::done;  // counts once phase is ended
    std::string reason;
    std::string cause;  // "catalog": its states do not compile; "report": its run had failures; else empty
    std::int64_t accepted_ms = 0, ended_ms = 0;
    Value summary;             // small: {"ok": 41, "changed": 2}, {"exit_code": 1}; null where there is none
    bool late = false;         // its result came after it had ended as expired or unreachable, and is kept too
    std::string cancelled_by;  // who asked to stop it, or its whole job, before it had ended; empty otherwise
    bool operator==(const JobTargetRow&) const = default;
};

// What a target answered: the body of its JobResult as JSON text, or {"diagnostics": [...]} of one that did not
// compile.
struct ResultRow {
    JobId job;
    TargetId target;
    std::int64_t stored_ms = 0;
    std::string body;
    bool operator==(const ResultRow&) const = default;
};

// One thing that happened in a job; numbered from 1 without a gap, per job. `kind` and its body:
//   "accepted" {}                           the target's agent has taken the job
//   "output" {stream, base64, state?}       a command's output, as it comes
//   "state_started" {state}
//   "state_finished" {invocation}
//   "target_ended" {end, reason, cause?, summary?}
//   "late_result" {end}
//   "events_cut" {}                         too many; outputs and states are in the results
//   "job_ended" {}                          the last one
struct EventRow {
    JobId job;
    std::uint64_t number = 0;
    std::int64_t time_ms = 0;
    TargetId target;  // empty for job_ended and events_cut
    std::string kind;
    Value body = Value::object();
    bool operator==(const EventRow&) const = default;
};

enum class KeyState { pending, accepted, rejected, revoked, conflict };
const char* name_of(KeyState state);
KeyState key_state_from(const std::string& name);

struct KeyRow {
    KeyId id;
    std::string identity;  // the signed record as it came (S12)
    PublicSignKey sign;
    PublicTransportKey transport;
    PublicSealKey seal;
    KeyState state = KeyState::pending;
    TargetId name;            // given on acceptance; before that, what the agent asked for
    std::string fingerprint;  // S20, as people compare it
    std::string machine;      // machine fingerprint, hex
    std::string address;      // where it was last seen from
    std::string note;         // why it is in conflict or what it replaces; empty where nothing is to say
    std::string decided_by;   // who accepted, rejected or revoked it; "token <id>"
    std::int64_t first_seen_ms = 0, last_seen_ms = 0, decided_ms = 0;
    bool operator==(const KeyRow&) const = default;
};
struct DropKey {  // pending ones only (S24)
    KeyId id;
    bool operator==(const DropKey&) const = default;
};

// What the master remembers of an accepted agent's connections (S54 to S56).
struct AgentRow {
    KeyId key;
    std::string journal;
    std::uint64_t counter = 0;
    std::vector<std::string> old_journals;  // the last eight before this one
    std::string version, boot_id;
    std::int64_t connected_ms = 0, seen_ms = 0;
    bool operator==(const AgentRow&) const = default;
};

struct TokenRow {
    std::string id;       // 16 hex digits
    PublicSignKey key;    // of the seed; the seed itself is never here (S22)
    std::string pattern;  // a glob that the name must match; empty: any
    std::string made_by;
    std::int64_t created_ms = 0, expires_ms = 0;
    std::int64_t used_ms = 0;  // 0: not yet
    KeyId used_by;
    bool operator==(const TokenRow&) const = default;
};

struct FactsRow {  // belongs to a key, not to a name (S70)
    KeyId key;
    std::int64_t time_ms = 0;
    Value facts;
    bool operator==(const FactsRow&) const = default;
};

struct SettingRow {  // cluster id, reserved sequence ...
    std::string name, text;
    bool operator==(const SettingRow&) const = default;
};

// An operator's hand on what schedules begin. The expression is evaluated whenever it is asked what the pause holds, so a
// target that comes later is held as well. Pausing the same again replaces the row.
struct PauseRow {
    std::string schedule;    // empty: whatever any schedule begins
    std::string expression;  // of targets
    std::string why, who, from;
    std::int64_t created_ms = 0, until_ms = 0;
    bool operator==(const PauseRow&) const = default;
};
// "'web*' is paused for schedule nightly until 2026-11-23 10:15 UTC by alice: moving racks".
std::string sentence_of(const PauseRow& row);
// As docs/openapi.yml describes it.
Value shape_of(const PauseRow& row);
PauseRow pause_from(const Value& shape);
struct DropPause {
    std::string schedule, expression;
    bool operator==(const DropPause&) const = default;
};

// The last slot of a schedule that was taken for a target whose clock the master keeps. It is written before anything is
// begun for it: what came of it is told by `note`, or by a job whose slot it is; where neither is there, that is not known.
struct SlotRow {
    std::string schedule;
    TargetId target;
    std::int64_t due_ms = 0, taken_ms = 0;
    std::string times;             // of the schedule: others count from when they are first seen
    std::string job;               // text of the last JobId that was made, for this slot or one before it; empty: none
    std::int64_t job_due_ms = 0;   // the slot of that job
    std::string note;              // why no job was made for this slot
    bool operator==(const SlotRow&) const = default;
};

// Who did what (S89). The store numbers and chains it (S90) when it is committed.
struct AuditRow {
    std::uint64_t number = 0;  // from 1; given by the store
    std::int64_t time_ms = 0;
    std::string who, from;
    std::string command;   // "states.apply", "keys.accept", "journal.lost"
    std::string decision;  // "allowed", "denied", "noticed"
    std::vector<std::string> targets;
    std::string job;      // text of the JobId, or empty
    std::string catalog;  // hash, hex, or empty
    std::string detail;
    Hash hash;  // h(n); given by the store
    bool operator==(const AuditRow&) const = default;
};
Value to_value(const AuditRow& row);  // all but the hash
// h(n) = H("prove.audit.v1" || h(n-1) || record), where record is the row's JSON without its hash.
Hash audit_hash(const Hash& before, const AuditRow& row);

// How a target stood when its states were last looked at as a whole.
enum class Standing {
    converged,  // nothing is left to do
    differs,    // a plan would change something, or cannot know
    failed,     // something failed or is unproved
    held,       // what was left needs the master, which was away
};
const char* name_of(Standing standing);
Standing standing_from(const std::string& name);  // throws Error(invalid)

// What the runs of a target's states found, the latest of them and over time (jobs/standing.hpp). It outlives them.
struct StandingRow {
    TargetId target;
    KeyId key;  // whose it is: another host of this name begins anew
    Standing standing = Standing::converged;
    std::int64_t since_ms = 0;   // the first of the runs, one after another, that found it so
    std::int64_t judged_ms = 0;  // the last of them; 0: none has looked at all its states yet
    JobId job;                   // that one
    std::string catalog;         // hash of the catalog that it was judged by, hex
    std::int64_t drift_ms = 0;   // when a run last found that the host had moved; 0: never
    Value found = Value::object();
    bool operator==(const StandingRow&) const = default;
};

// Of a target that is gone: how it stands and its slots go, its history stays as long as any.
struct ForgetTarget {
    TargetId target;
    bool operator==(const ForgetTarget&) const = default;
};

using Write = std::variant<JobRow, JobTargetRow, ResultRow, EventRow, KeyRow, DropKey, AgentRow, TokenRow, FactsRow,
                           SettingRow, AuditRow, PauseRow, DropPause, SlotRow, StandingRow, ForgetTarget>;

}  // namespace prove
