// Outcomes by name, counted, and reports in their wire form. A position is written "FILE:LINE:COLUMN", always with both
// numbers, so that the form people read in JSON output is also the one that reads back exactly.
#include "proto/outcome.hpp"

#include "proto/wire.hpp"

#include <charconv>
#include <map>

namespace prove {

namespace {

std::string position_text(const SourcePosition& position) {
    return position.file_name() + ":" + std::to_string(position.line) + ":" + std::to_string(position.column);
}

std::uint32_t number_in(std::string_view text) {
    std::uint32_t number = 0;
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
    if (text.empty() || parsed.ec != std::errc() || parsed.ptr != text.data() + text.size())
        throw Error(ErrorKind::invalid, "malformed position");
    return number;
}

SourcePosition position_from(const Value* value) {
    if (value == nullptr) return {};
    const std::string_view text = value->text();
    const auto column = text.rfind(':');
    const auto line = column == std::string_view::npos || column == 0 ? column : text.rfind(':', column - 1);
    if (line == std::string_view::npos || line >= column) throw Error(ErrorKind::invalid, "malformed position");
    return SourcePosition{std::make_shared<const std::string>(text.substr(0, line)),
                          number_in(text.substr(line + 1, column - line - 1)), number_in(text.substr(column + 1))};
}

std::chrono::milliseconds milliseconds(Fields& fields, const char* key) {
    return std::chrono::milliseconds(count_field(fields, key));
}

Value to_value(const Change& change);
Value to_value(const StatePartInvocation& part);

template <class T>
void set_all(Value& target, const char* key, const std::vector<T>& items) {
    if (items.empty()) return;
    Value list = Value::array();
    for (const auto& item : items) list.push(to_value(item));
    target.set(key, std::move(list));
}

template <class Read>
auto all_from(Fields& fields, const char* key, Read read) {
    std::vector<decltype(read(std::declval<const Value&>()))> result;
    if (const Value* const found = fields.optional(key))
        for (const auto& item : found->list()) result.push_back(read(item));
    return result;
}

Value to_value(const Change& change) {
    Value result = Value::object();
    result.set("resource", change.resource);
    result.set("aspect", change.aspect);
    set_if(result, "before", change.before);
    set_if(result, "after", change.after);
    set_if(result, "diff", change.diff);
    set_if(result, "event", change.event);
    return result;
}

Change change_from(const Value& value) {
    Fields fields(value, "change");
    Change result;
    result.resource = fields.text("resource");
    result.aspect = fields.text("aspect");
    result.before = fields.text("before", "");
    result.after = fields.text("after", "");
    result.diff = fields.text("diff", "");
    result.event = fields.boolean("event", false);
    fields.end();
    return result;
}

Value to_value(const StatePartInvocation& part) {
    Value result = Value::object();
    result.set("function", part.function);
    set_if(result, "subject", part.subject);
    set_if(result, "description", part.description);
    if (part.position.known()) result.set("position", position_text(part.position));
    result.set("outcome", name_of(part.outcome));
    set_if(result, "changed", part.changed);
    set_if(result, "reason", part.reason);
    set_all(result, "changes", part.changes);
    set_if(result, "output", part.output);
    if (!part.outputs.is_null()) result.set("outputs", part.outputs);
    if (part.attempts != 1) result.set("attempts", part.attempts);
    result.set("ms", static_cast<std::int64_t>(part.duration.count()));
    set_if(result, "sensitive", part.sensitive);
    return result;
}

StatePartInvocation part_from(const Value& value) {
    Fields fields(value, "part");
    StatePartInvocation result;
    result.function = fields.text("function");
    result.subject = fields.text("subject", "");
    result.description = fields.text("description", "");
    result.position = position_from(fields.optional("position"));
    result.outcome = outcome_from(fields.text("outcome"));
    result.changed = fields.boolean("changed", false);
    result.reason = fields.text("reason", "");
    result.changes = all_from(fields, "changes", change_from);
    result.output = fields.text("output", "");
    if (const Value* const outputs = fields.optional("outputs")) result.outputs = outputs->mapping();
    result.attempts = static_cast<int>(count_field(fields, "attempts", 1'000'000, 1));
    result.duration = milliseconds(fields, "ms");
    result.sensitive = fields.boolean("sensitive", false);
    fields.end();
    return result;
}

RunReport::End run_end_from(const std::string& name) {
    using End = RunReport::End;
    return enum_named(name, {End::done, End::failed, End::cancelled, End::interrupted}, "end");
}

}  // namespace

const char* name_of(RunMode mode) {
    return mode == RunMode::plan ? "plan" : "apply";
}

const char* name_of(Outcome outcome) {
    switch (outcome) {
        case Outcome::ok:
            return "ok";
        case Outcome::changed:
            return "changed";
        case Outcome::failed:
            return "failed";
        case Outcome::unproved:
            return "unproved";
        case Outcome::skipped:
            return "skipped";
        case Outcome::would_change:
            return "would_change";
        case Outcome::unknown:
            return "unknown";
        case Outcome::rescued:
            return "rescued";
        case Outcome::held:
            return "held";
    }
    return "failed";
}

Outcome outcome_from(const std::string& name) {
    return enum_named(name,
                      {Outcome::ok, Outcome::changed, Outcome::failed, Outcome::unproved, Outcome::skipped,
                       Outcome::would_change, Outcome::unknown, Outcome::rescued, Outcome::held},
                      "outcome");
}

const char* name_of(Cause cause) {
    switch (cause) {
        case Cause::none:
            return "none";
        case Cause::intended:
            return "intended";
        case Cause::drift:
            return "drift";
    }
    return "none";
}

Cause cause_from(const std::string& name) {
    return enum_named(name, {Cause::none, Cause::intended, Cause::drift}, "cause");
}

const char* name_of(StateInvocation::Why why) {
    switch (why) {
        case StateInvocation::Why::written:
            return "written";
        case StateInvocation::Why::notified:
            return "notified";
        case StateInvocation::Why::owed:
            return "owed";
        case StateInvocation::Why::asked:
            return "asked";
    }
    return "written";
}

const char* name_of(RunReport::End end) {
    switch (end) {
        case RunReport::End::done:
            return "done";
        case RunReport::End::failed:
            return "failed";
        case RunReport::End::cancelled:
            return "cancelled";
        case RunReport::End::interrupted:
            return "interrupted";
    }
    return "failed";
}

OutcomeCounts count(const RunReport& report) {
    std::map<StateId, Outcome> latest;
    for (const auto& invocation : report.invocations) {
        latest[invocation.state] = invocation.outcome;
        if (!invocation.rescued_by.empty()) latest.erase(invocation.state);
    }
    OutcomeCounts counts;
    for (const auto& [state, outcome] : latest) {
        switch (outcome) {
            case Outcome::ok:
                ++counts.ok;
                break;
            case Outcome::changed:
                ++counts.changed;
                break;
            case Outcome::failed:
                ++counts.failed;
                break;
            case Outcome::unproved:
                ++counts.unproved;
                break;
            case Outcome::skipped:
                ++counts.skipped;
                break;
            case Outcome::would_change:
                ++counts.would_change;
                break;
            case Outcome::unknown:
                ++counts.unknown;
                break;
            case Outcome::rescued:
                ++counts.rescued;
                break;
            case Outcome::held:
                ++counts.held;
                break;
        }
    }
    return counts;
}

bool is_failure(const StateInvocation& invocation) {
    const bool failed = invocation.outcome == Outcome::failed || invocation.outcome == Outcome::unproved;
    return failed && invocation.rescued_by.empty();
}

Value to_value(const StateInvocation& invocation) {
    Value result = Value::object();
    result.set("state", invocation.state.text());
    if (invocation.position.known()) result.set("position", position_text(invocation.position));
    if (invocation.why != StateInvocation::Why::written) result.set("why", name_of(invocation.why));
    if (!invocation.notified_by.empty()) {
        Value notified_by = Value::array();
        for (const auto& state : invocation.notified_by) notified_by.push(state.text());
        result.set("notified_by", std::move(notified_by));
    }
    if (invocation.number != 1) result.set("number", invocation.number);
    if (!invocation.probes.empty()) result.set("probes", list_of_texts(invocation.probes));
    result.set("outcome", name_of(invocation.outcome));
    set_if(result, "changed", invocation.changed);
    if (invocation.cause != Cause::none) result.set("cause", name_of(invocation.cause));
    set_if(result, "reason", invocation.reason);
    set_if(result, "because_of", invocation.because_of.text());
    set_if(result, "rescued_by", invocation.rescued_by.text());
    set_all(result, "parts", invocation.parts);
    result.set("ms", static_cast<std::int64_t>(invocation.duration.count()));
    return result;
}

StateInvocation state_invocation_from(const Value& value) {
    using Why = StateInvocation::Why;
    Fields fields(value, "state invocation");
    StateInvocation result;
    result.state = StateId(name_text(fields.required("state"), "state id"));
    result.position = position_from(fields.optional("position"));
    result.why = enum_named(fields.text("why", "written"), {Why::written, Why::notified, Why::owed, Why::asked}, "why");
    for (const auto& state : fields.texts("notified_by")) result.notified_by.emplace_back(state);
    result.number = static_cast<int>(count_field(fields, "number", 1'000'000, 1));
    result.probes = fields.texts("probes");
    result.outcome = outcome_from(fields.text("outcome"));
    result.changed = fields.boolean("changed", false);
    result.cause = cause_from(fields.text("cause", "none"));
    result.reason = fields.text("reason", "");
    result.because_of = StateId(fields.text("because_of", ""));
    result.rescued_by = StateId(fields.text("rescued_by", ""));
    result.parts = all_from(fields, "parts", part_from);
    result.duration = milliseconds(fields, "ms");
    fields.end();
    return result;
}

Value to_value(const RunReport& report) {
    Value result = Value::object();
    result.set("target", report.target.text());
    result.set("mode", name_of(report.mode));
    result.set("catalog", report.catalog);
    result.set("end", name_of(report.end));
    set_if(result, "reason", report.reason);
    set_all(result, "invocations", report.invocations);
    if (!report.notes.empty()) result.set("notes", list_of_texts(report.notes));
    result.set("started_ms", report.started_ms);
    result.set("ms", static_cast<std::int64_t>(report.duration.count()));
    return result;
}

RunReport run_report_from(const Value& value) {
    Fields fields(value, "run report");
    RunReport result;
    result.target = TargetId(name_text(fields.required("target"), "target"));
    result.mode = enum_named(fields.text("mode"), {RunMode::plan, RunMode::apply}, "mode");
    result.catalog = fields.text("catalog");
    result.end = run_end_from(fields.text("end"));
    result.reason = fields.text("reason", "");
    result.invocations = all_from(fields, "invocations", state_invocation_from);
    result.notes = fields.texts("notes");
    result.started_ms = fields.integer("started_ms");
    result.duration = milliseconds(fields, "ms");
    fields.end();
    return result;
}

}  // namespace prove
