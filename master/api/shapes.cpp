// Rows to JSON. Times are milliseconds since 1970, absent where something never happened.
#include "master/api/shapes.hpp"

namespace prove {

namespace {

void set_time(Value& target, const char* name, std::int64_t time_ms) {
    if (time_ms != 0) target.set(name, time_ms);
}

void set_text(Value& target, const char* name, const std::string& text) {
    if (!text.empty()) target.set(name, text);
}

Value list_of(const std::vector<std::string>& texts) {
    Value result = Value::array();
    for (const auto& text : texts) result.push(text);
    return result;
}

}  // namespace

Value shape_of(const JobRow& row) {
    Value result = Value::object();
    result.set("job", row.id.text());
    result.set("operation", row.operation);
    result.set("target", row.expression);
    result.set("options", row.options);
    result.set("who", row.who);
    result.set("from", row.from);
    result.set("created_ms", row.created_ms);
    result.set("not_after_ms", row.not_after_ms);
    set_text(result, "catalog", row.catalog);
    result.set("targets", row.targets);
    result.set("ended", row.ended);
    set_time(result, "ended_ms", row.ended_ms);
    set_text(result, "cancelled_by", row.cancelled_by);
    set_text(result, "schedule", row.schedule);
    set_time(result, "slot_ms", row.slot_ms);
    return result;
}

Value shape_of(const JobTargetRow& row) {
    Value result = Value::object();
    result.set("target", row.target.text());
    result.set("phase", name_of(row.phase));
    if (row.phase == TargetPhase::ended) result.set("end", name_of(row.end));
    set_text(result, "reason", row.reason);
    set_text(result, "cause", row.cause);
    set_time(result, "accepted_ms", row.accepted_ms);
    set_time(result, "ended_ms", row.ended_ms);
    if (!row.summary.is_null()) result.set("summary", row.summary);
    if (row.late) result.set("late", true);
    return result;
}

Value shape_of(const JobView& view, bool with_targets) {
    Value result = shape_of(view.job);
    Value ends = Value::object();
    for (const auto& [end, count] : view.ends) ends.set(name_of(end), count);
    result.set("ends", std::move(ends));
    if (!with_targets) return result;
    Value rows = Value::array();
    for (const auto& row : view.targets) {
        Value one = shape_of(row);
        rows.push(std::move(one));
    }
    result.set("targets_ends", std::move(rows));
    return result;
}

Value shape_of(const RunRow& row) {
    Value result = shape_of(row.run);
    result.set("job", row.job.id.text());
    result.set("operation", row.job.operation);
    result.set("options", row.job.options);
    result.set("who", row.job.who);
    result.set("from", row.job.from);
    result.set("created_ms", row.job.created_ms);
    set_text(result, "catalog", row.job.catalog);
    set_text(result, "schedule", row.job.schedule);
    set_time(result, "slot_ms", row.job.slot_ms);
    return result;
}

Value shape_of(const EventRow& row) {
    Value result = Value::object();
    result.set("number", row.number);
    result.set("time_ms", row.time_ms);
    result.set("event", row.kind);
    set_text(result, "target", row.target.text());
    result.set("body", row.body);
    return result;
}

Value shape_of(const KeyRow& row) {
    Value result = Value::object();
    result.set("key", row.id.hex());
    result.set("name", row.name.text());
    result.set("state", name_of(row.state));
    result.set("fingerprint", row.fingerprint);
    set_text(result, "machine", row.machine);
    set_text(result, "address", row.address);
    set_text(result, "note", row.note);
    set_text(result, "decided_by", row.decided_by);
    set_time(result, "first_seen_ms", row.first_seen_ms);
    set_time(result, "last_seen_ms", row.last_seen_ms);
    set_time(result, "decided_ms", row.decided_ms);
    return result;
}

Value shape_of(const TokenRow& row) {
    Value result = Value::object();
    result.set("id", row.id);
    set_text(result, "pattern", row.pattern);
    result.set("made_by", row.made_by);
    result.set("created_ms", row.created_ms);
    result.set("expires_ms", row.expires_ms);
    set_time(result, "used_ms", row.used_ms);
    if (!row.used_by.is_zero()) result.set("used_by", row.used_by.hex());
    return result;
}

Value shape_of(const TargetRow& row) {
    Value result = Value::object();
    result.set("name", row.name.text());
    set_text(result, "host", row.host);
    set_text(result, "executor", row.executor);
    result.set("in_catalog", row.in_catalog);
    result.set("status", row.status);
    set_time(result, "connected_ms", row.connected_ms);
    set_time(result, "seen_ms", row.seen_ms);
    if (row.clock_ahead_ms != 0) result.set("clock_ahead_ms", row.clock_ahead_ms);
    set_text(result, "version", row.version);
    set_text(result, "fingerprint", row.fingerprint);
    result.set("groups", list_of(row.groups));
    result.set("roles", list_of(row.roles));
    if (row.last_run) {
        Value last = shape_of(*row.last_run);
        last.set("job", row.last_run->job.text());
        result.set("last_run", std::move(last));
    }
    if (!row.pauses.empty()) {
        Value pauses = Value::array();
        for (const auto& pause : row.pauses) pauses.push(shape_of(pause));
        result.set("pauses", std::move(pauses));
    }
    return result;
}

Value shape_of(const PauseView& view) {
    Value result = shape_of(view.row);
    Value targets = Value::array();
    for (const auto& target : view.targets) targets.push(target.text());
    result.set("targets", std::move(targets));
    return result;
}

Value shape_of(const Overview& view) {
    Value result = Value::object();
    result.set("version", view.version);
    result.set("started_ms", view.started_ms);
    Value targets = Value::object(), phases = Value::object(), silent = Value::array(), clocks = Value::array(), not_well = Value::array();
    for (const auto& [status, times] : view.targets) targets.set(status, times);
    for (const auto& [phase, times] : view.job_targets) phases.set(name_of(phase), times);
    for (const auto& [target, seen_ms] : view.silent) {
        Value one = Value::object();
        one.set("target", target);
        set_time(one, "seen_ms", seen_ms);
        silent.push(std::move(one));
    }
    for (const auto& [target, ahead_ms] : view.wrong_clocks) {
        Value one = Value::object();
        one.set("target", target);
        one.set("ahead_ms", ahead_ms);
        clocks.push(std::move(one));
    }
    for (const auto& run : view.not_well) not_well.push(shape_of(run));
    Value standings = Value::object();
    for (const auto& [standing, times] : view.standings) standings.set(name_of(standing), times);
    result.set("targets", std::move(targets));
    result.set("standings", std::move(standings));
    result.set("silent", std::move(silent));
    result.set("wrong_clocks", std::move(clocks));
    result.set("keys_pending", view.keys_pending);
    result.set("keys_in_conflict", view.keys_in_conflict);
    result.set("catalog", shape_of(view.catalog));
    result.set("jobs", view.jobs);
    result.set("job_targets", std::move(phases));
    result.set("runs", view.since_start.runs);
    result.set("runs_not_well", view.since_start.not_well);
    result.set("states_changed", view.since_start.states_changed);
    result.set("states_drifted", view.since_start.states_drifted);
    result.set("not_well", std::move(not_well));
    Value pauses = Value::array();
    for (const auto& pause : view.pauses) pauses.push(shape_of(pause));
    result.set("pauses", std::move(pauses));
    result.set("database_bytes", view.database_bytes);
    if (view.database_full) result.set("database_full", true);
    return result;
}

Value shape_of(const CatalogStatus& status) {
    Value result = Value::object();
    result.set("directory", status.directory);
    set_text(result, "hash", status.hash);
    set_text(result, "revision", status.revision);
    set_time(result, "loaded_ms", status.loaded_ms);
    set_text(result, "next", status.next);
    result.set("looked_at", status.looked_at);
    result.set("targets", status.targets);
    result.set("compiled", status.compiled);
    if (status.checking) result.set("checking", true);
    if (status.refused) result.set("refused", true);
    Value problems = Value::array();
    for (const auto& problem : status.problems) problems.push(to_value(problem));
    result.set("problems", std::move(problems));
    return result;
}

}  // namespace prove
