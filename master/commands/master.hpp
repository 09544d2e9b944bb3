// Everything that can be asked of a running master, as the HTTP API needs it: one function per request. Thread-safe.
// What changes something takes a Permit and answers through a callback, once it is durable, from a thread of the
// master's (hand it over, do not work in it). What only looks answers at once.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "master/jobs/permit.hpp"
#include "master/jobs/run_counts.hpp"
#include "master/store/store.hpp"
#include "proto/error.hpp"
#include "proto/ids.hpp"
#include "proto/messages.hpp"
#include "proto/state_run.hpp"

namespace prove {

// What came of an asynchronous request: exactly one of the two is set. The error keeps its type: a CatalogError has all
// its diagnostics.
template <class T>
struct Answer {
    std::optional<T> value;
    std::shared_ptr<const Error> error;
};
template <class T>
using Reply = std::function<void(Answer<T>)>;
struct Nothing {};

// Give this to ask for a job.
struct JobAsked {
    std::string operation;   // "ping", "facts", "cmd", "states" ...
    std::string expression;  // a target expression
    // By operation; unknown members are refused. ping: {}. facts: {names: [..]}. cmd: {argv: [..]} or {shell: ".."},
    // and user, cwd, env {K: V}, timeout_ms, input. states: {mode: "plan"|"apply", states: [ID..], variables: {..}}, or
    // `state` in the place of the catalog's. fetch: {path}.
    Value options = Value::object();
    std::optional<std::int64_t> wait_ms;      // for agents that are not connected; default 10 s
    std::optional<std::int64_t> lifetime_ms;  // default 1 h, at most 7 d (S15)
    // Made from the catalog in force also where a newer one is on disk and refused; else that is an error, so that nobody
    // who has just edited it takes the old states for the new.
    bool in_force = false;
    std::optional<ScheduledSlot> scheduled;  // where a schedule asks
};
// A pause, and whom of those that are asked about it holds now.
struct PauseView {
    PauseRow row;
    std::vector<TargetId> targets;  // by name
};
struct PauseAsked {
    std::string expression;
    std::string schedule;  // empty: all
    std::string why;
    std::int64_t for_ms = 0;
};
struct JobMade {
    JobId id;
    std::size_t targets = 0;
    std::vector<PauseView> paused = {};  // what holds schedules on its targets: this job goes on all the same
};

struct JobView {
    JobRow job;
    std::map<TargetEnd, std::size_t> ends;
    std::vector<JobTargetRow> targets;  // in order of name; empty in lists
};

struct TargetRow {
    TargetId name;
    std::string host, executor;
    bool in_catalog = false;
    std::string status;                          // "connected", "disconnected", "pending", "conflict", "ssh", "unknown"
    std::int64_t connected_ms = 0, seen_ms = 0;  // 0: never
    std::int64_t clock_ahead_ms = 0;             // where a connected agent's is wrong: how far ahead of the master's
    std::string version;                         // of the agent; empty where never seen
    std::string fingerprint;
    std::vector<std::string> groups, roles;
    std::optional<JobTargetRow> last_run;  // of states
    std::vector<PauseRow> pauses;          // that hold something on it
};

struct CatalogStatus {
    std::string directory;
    std::string hash;  // hex; empty where none could be loaded yet
    std::int64_t loaded_ms = 0;
    std::size_t targets = 0;
    std::string revision;              // of Git: "commit 1a2b3c4d5e6f of branch main"
    std::string next;                  // the hash of one that is on disk and being checked, to take its place
    std::size_t looked_at = 0;         // targets that the check of the newest has come by
    std::size_t compiled = 0;          // of them, those that were ever seen
    bool checking = false;             // the newest is still being compiled for its targets
    bool refused = false;              // what is on disk now is not in use; the one before it is
    std::vector<Diagnostic> problems;  // of what is on disk now, so far as it is known
};

// All of it in one look.
struct Overview {
    std::string version;
    std::int64_t started_ms = 0;
    std::map<std::string, std::size_t> targets;  // by status
    std::map<Standing, std::size_t> standings;   // of those that a run has looked at whole
    std::map<std::string, std::int64_t> silent;  // when those were last seen that ought to be connected and are not
    std::map<std::string, std::int64_t> wrong_clocks;  // of connected agents' machines: how far ahead, in ms
    std::size_t keys_pending = 0, keys_in_conflict = 0;
    CatalogStatus catalog;
    std::size_t jobs = 0;  // that have not ended
    std::map<TargetPhase, std::size_t> job_targets;  // of them
    RunCounts::Totals since_start;
    std::vector<RunRow> not_well;  // the newest runs that did not end well
    std::vector<PauseRow> pauses;  // that hold something now
    std::uint64_t database_bytes = 0;
    bool database_full = false;
};

struct TokenAsked {
    std::int64_t lifetime_ms = 3'600'000;  // at most 24 h (S22)
    std::string pattern;                   // glob for the name; empty: any
    std::string address;                   // "host:port" of enrolment, as agents reach it; empty: from the settings
};
struct TokenMade {
    std::string id;
    std::string token;  // shown once, stored nowhere
    std::int64_t expires_ms = 0;
};

// Which records of the audit log: the newest below `before`, or, with `after`, the oldest above that number.
struct AuditAsked {
    std::optional<std::uint64_t> after;
    std::uint64_t before = UINT64_MAX;
    std::size_t limit = 100;
};
struct AuditCheck {
    std::uint64_t records = 0;
    std::string head;  // hex
    std::optional<std::uint64_t> first_bad;
};

// While it lives, `changed` is called after each commit that added events to the job. Read with events(); nothing is
// lost when the order is: watch, then read until there is no more, then wait.
class Watch {
  public:
    virtual ~Watch() = default;
};

class Master {
  public:
    virtual ~Master() = default;

    // Which permission a job of this operation and these options needs; Error(usage) where they are wrong.
    virtual Permission permission_for(const JobAsked& asked) const = 0;
    // The answer comes once the job is durable. Errors: usage (expression, options, no target matches, unknown name),
    // catalog (none that could be used), full, unavailable (stopping).
    virtual void submit(const Permit& permit, JobAsked asked, Reply<JobMade> reply) = 0;
    // A file for a job that is asked for next and names it by its hash. Error(usage) where it is too large.
    virtual BlobRef give_content(const Permit& permit, std::string bytes) = 0;
    virtual void cancel(const Permit& permit, const JobId& job, std::optional<TargetId> only, Reply<Nothing> reply) = 0;

    // From a whole id or the unique beginning of one; Error(missing) or Error(usage) where it is ambiguous.
    virtual JobId find_job(const std::string& text) const = 0;
    virtual std::vector<JobView> jobs(const Permit& permit, const JobFilter& filter) const = 0;
    virtual JobView job(const Permit& permit, const JobId& id) const = 0;
    virtual std::optional<ResultRow> result(const Permit& permit, const JobId& id, const TargetId& target) const = 0;
    // Of one target. Error(usage) where it has none and nobody knows it.
    virtual std::vector<RunRow> runs(const Permit& permit, const RunFilter& filter) const = 0;
    virtual std::optional<RunRow> run(const Permit& permit, const JobId& id, const TargetId& target) const = 0;
    virtual std::vector<EventRow> events(const Permit& permit, const JobId& id, std::uint64_t after,
                                         std::size_t limit) const = 0;
    // Once true, events() has all that there are (but for late results).
    virtual bool has_ended(const Permit& permit, const JobId& id) const = 0;
    virtual std::unique_ptr<Watch> watch(const Permit& permit, const JobId& id, std::function<void()> changed) = 0;

    virtual std::vector<TargetRow> targets(const Permit& permit, const std::string& expression) const = 0;  // "*": all
    // How they stand, and what drifted since that time (fleet_standing.hpp).
    virtual Value drift(const Permit& permit, const std::string& expression, std::int64_t from_ms) const = 0;
    virtual void overview(const Permit& permit, Reply<Overview> reply) = 0;
    // Figures for Prometheus, in its text form.
    virtual void metrics(const Permit& permit, Reply<std::string> reply) = 0;
    virtual CatalogStatus catalog(const Permit& permit) const = 0;
    virtual void reload_catalog(const Permit& permit, Reply<CatalogStatus> reply) = 0;
    // The states of a target and what joins them. Errors: usage, missing, and catalog where they do not compile.
    virtual void graph(const Permit& permit, std::string target, Reply<Value> reply) = 0;
    // What differs in the states of targets from those of each one's last apply, or from those that the catalog with this
    // hash (or its beginning) made; targets with the same change together. Errors: usage, and missing where the one
    // target that is meant cannot be compared; of several it is told beside the others.
    virtual void diff(const Permit& permit, std::string expression, std::string from, Reply<Value> reply) = 0;

    virtual std::vector<KeyRow> keys(const Permit& permit) const = 0;
    // `which`: a name, a fingerprint (with or without dashes, or its beginning from 8 characters on) or a key id.
    // Error(missing): none; Error(usage): several, shown with their fingerprints. Accepting a key whose name another
    // accepted key has needs `replace`; then the old one is revoked in the same transaction.
    virtual void accept_key(const Permit& permit, std::string which, std::optional<TargetId> name, bool replace,
                            Reply<KeyRow> reply) = 0;
    virtual void reject_key(const Permit& permit, std::string which, Reply<KeyRow> reply) = 0;
    virtual void revoke_key(const Permit& permit, std::string which, Reply<KeyRow> reply) = 0;
    virtual void make_token(const Permit& permit, TokenAsked asked, Reply<TokenMade> reply) = 0;
    virtual std::vector<TokenRow> tokens(const Permit& permit) const = 0;
    // The master's own: fingerprint of its root set (S20), as agents show it.
    virtual std::string fingerprint() const = 0;

    // The schedules of the catalog in force: all of them as they are, or one with how each of its targets stands. Errors:
    // missing, unavailable (no catalog is in force).
    virtual Value schedules(const Permit& permit) const = 0;
    virtual Value schedule(const Permit& permit, const std::string& name) const = 0;
    // Pauses hold what schedules begin, and nothing that somebody asks for. Errors: usage (no reason, no end, an expression
    // that means nobody by a name in it, an unknown schedule).
    virtual std::vector<PauseView> pauses(const Permit& permit) const = 0;
    virtual void pause(const Permit& permit, PauseAsked asked, Reply<PauseView> reply) = 0;
    // The pause that was written so ends. Error(usage) where there is none, with those that hold what is meant.
    virtual void resume(const Permit& permit, std::string expression, std::string schedule, Reply<PauseView> reply) = 0;

    // In the order in which they were written.
    virtual std::vector<AuditRow> audit(const Permit& permit, const AuditAsked& asked) const = 0;
    virtual AuditCheck check_audit(const Permit& permit) const = 0;
};

}  // namespace prove
