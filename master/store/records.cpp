// Names of what is stored, and the audit chain.
#include "master/store/records.hpp"

#include "common/text/duration.hpp"
#include "common/text/text.hpp"
#include "master/store/names.hpp"

namespace prove {

const char* name_of(TargetEnd end) {
    switch (end) {
        case TargetEnd::done:
            return "done";
        case TargetEnd::failed:
            return "failed";
        case TargetEnd::refused:
            return "refused";
        case TargetEnd::expired:
            return "expired";
        case TargetEnd::cancelled:
            return "cancelled";
        case TargetEnd::interrupted:
            return "interrupted";
        case TargetEnd::unreachable:
            return "unreachable";
    }
    return "";
}

TargetEnd target_end_from(const std::string& name) {
    return from_name(name,
                     {TargetEnd::done, TargetEnd::failed, TargetEnd::refused, TargetEnd::expired, TargetEnd::cancelled,
                      TargetEnd::interrupted, TargetEnd::unreachable},
                     "end of a target");
}

const char* name_of(TargetPhase phase) {
    switch (phase) {
        case TargetPhase::preparing:
            return "preparing";
        case TargetPhase::waiting:
            return "waiting";
        case TargetPhase::running:
            return "running";
        case TargetPhase::ended:
            return "ended";
    }
    return "";
}

TargetPhase target_phase_from(const std::string& name) {
    return from_name(name, {TargetPhase::preparing, TargetPhase::waiting, TargetPhase::running, TargetPhase::ended},
                     "phase of a target");
}

const char* name_of(Standing standing) {
    switch (standing) {
        case Standing::converged:
            return "converged";
        case Standing::differs:
            return "differs";
        case Standing::failed:
            return "failed";
        case Standing::held:
            return "held";
    }
    return "";
}

Standing standing_from(const std::string& name) {
    return from_name(name, {Standing::converged, Standing::differs, Standing::failed, Standing::held}, "standing");
}

const char* name_of(KeyState state) {
    switch (state) {
        case KeyState::pending:
            return "pending";
        case KeyState::accepted:
            return "accepted";
        case KeyState::rejected:
            return "rejected";
        case KeyState::revoked:
            return "revoked";
        case KeyState::conflict:
            return "conflict";
    }
    return "";
}

KeyState key_state_from(const std::string& name) {
    return from_name(name,
                     {KeyState::pending, KeyState::accepted, KeyState::rejected, KeyState::revoked, KeyState::conflict},
                     "state of a key");
}

Value to_value(const AuditRow& row) {
    Value value = Value::object();
    value.set("number", Value(row.number));
    value.set("time_ms", Value(row.time_ms));
    value.set("who", Value(row.who));
    value.set("from", Value(row.from));
    value.set("command", Value(row.command));
    value.set("decision", Value(row.decision));
    Value targets = Value::array();
    for (const auto& target : row.targets) targets.push(Value(target));
    value.set("targets", std::move(targets));
    value.set("job", Value(row.job));
    value.set("catalog", Value(row.catalog));
    value.set("detail", Value(row.detail));
    return value;
}

Hash audit_hash(const Hash& before, const AuditRow& row) {
    std::string input = "prove.audit.v1";
    input += before.view();
    input += write_json(to_value(row));
    return hash_of(input);
}

Value shape_of(const PauseRow& row) {
    Value result = Value::object();
    result.set("target", row.expression);
    if (!row.schedule.empty()) result.set("schedule", row.schedule);
    result.set("why", row.why);
    result.set("who", row.who);
    result.set("from", row.from);
    result.set("created_ms", row.created_ms);
    result.set("until_ms", row.until_ms);
    return result;
}

PauseRow pause_from(const Value& shape) {
    PauseRow row;
    row.expression = shape.at("target").text();
    if (const Value* schedule = shape.find("schedule")) row.schedule = schedule->text();
    row.why = shape.at("why").text();
    row.who = shape.at("who").text();
    row.from = shape.at("from").text();
    row.created_ms = shape.at("created_ms").integer();
    row.until_ms = shape.at("until_ms").integer();
    return row;
}

std::string sentence_of(const PauseRow& row) {
    return quoted(row.expression) + " is paused" + (row.schedule.empty() ? "" : " for schedule " + row.schedule) +
           " until " + show_moment(row.until_ms) + " by " + row.who + ": " + row.why;
}

}  // namespace prove
