// A difference for eyes, and as data.
#include <algorithm>
#include <array>

#include "common/text/text.hpp"
#include "master/looking/run_diff.hpp"
#include "proto/error.hpp"

namespace prove {

namespace {

std::string indented(const std::string& text, const std::string& indent) {
    std::string result;
    for (const std::string& line : split_lines(text)) result += indent + line + "\n";
    return result;
}

std::string field_text(const RunDiff::Field& field, const std::string& indent) {
    const std::string name = indent + escape_control(field.name);
    if (field.hidden) return name + ": differs (sensitive)\n";
    if (!field.diff.empty()) {
        // Without the two lines that name the files, which are one here.
        std::vector<std::string> lines = split_lines(escape_control_keep_lines(field.diff));
        if (lines.size() > 2 && lines[0].rfind("---", 0) == 0) lines.erase(lines.begin(), lines.begin() + 2);
        return name + "\n" + indented(join(lines, "\n"), indent + "  ");
    }
    const std::string before = escape_control(field.before), after = escape_control(field.after);
    if (before.empty()) return name + ": now " + after + "\n";
    if (after.empty()) return name + ": no longer " + before + "\n";
    return name + ": " + before + " -> " + after + "\n";
}

Value to_value(const RunDiff::Field& field) {
    Value value = Value::object();
    value.set("name", field.name);
    if (field.hidden) value.set("hidden", true);
    if (!field.before.empty()) value.set("before", field.before);
    if (!field.after.empty()) value.set("after", field.after);
    if (!field.diff.empty()) value.set("diff", field.diff);
    return value;
}

Value fields_value(const std::vector<RunDiff::Field>& fields) {
    Value list = Value::array();
    for (const RunDiff::Field& field : fields) list.push(to_value(field));
    return list;
}

RunDiff::Field field_from(const Value& value) {
    Fields fields(value, "a field of a difference");
    RunDiff::Field field;
    field.name = fields.text("name");
    field.before = fields.text("before", "");
    field.after = fields.text("after", "");
    field.diff = fields.text("diff", "");
    field.hidden = fields.boolean("hidden", false);
    fields.end();
    return field;
}

std::vector<RunDiff::Field> fields_from(const Value* list) {
    std::vector<RunDiff::Field> result;
    if (list != nullptr)
        for (const Value& field : list->list()) result.push_back(field_from(field));
    return result;
}

RunDiff::State state_from(const Value& value) {
    static constexpr std::array kinds = {RunDiff::Kind::added, RunDiff::Kind::removed, RunDiff::Kind::changed,
                                         RunDiff::Kind::moved};
    Fields fields(value, "a state of a difference");
    RunDiff::State state;
    const std::string name = fields.text("change");
    const auto kind = std::find_if(kinds.begin(), kinds.end(), [&](auto one) { return name_of(one) == name; });
    if (kind == kinds.end()) throw Error(ErrorKind::invalid, "a difference with an unknown change");
    state.kind = *kind;
    state.id = fields.text("state");
    state.place = fields.text("place");
    state.summary = fields.text("summary");
    state.fields = fields_from(fields.optional("fields"));
    state.after_state = fields.text("after", "");
    fields.end();
    return state;
}

}  // namespace

const char* name_of(RunDiff::Kind kind) {
    switch (kind) {
        case RunDiff::Kind::added: return "added";
        case RunDiff::Kind::removed: return "removed";
        case RunDiff::Kind::changed: return "changed";
        case RunDiff::Kind::moved: return "moved";
    }
    return "";
}

std::string diff_text(const RunDiff& diff) {
    std::string result;
    for (const RunDiff::Field& field : diff.options) result += field_text(field, "  ~ option ");
    for (const RunDiff::State& state : diff.states) {
        const char* mark = state.kind == RunDiff::Kind::added ? "+" : state.kind == RunDiff::Kind::removed ? "-" : "~";
        const std::string what = state.kind != RunDiff::Kind::moved ? state.summary
                                 : state.after_state.empty()        ? "stands first now"
                                                                    : "stands after " + state.after_state + " now";
        result += std::string("  ") + mark + " " + escape_control(state.id + "  " + state.place + "  " + what) + "\n";
        for (const RunDiff::Field& field : state.fields) result += field_text(field, "      ");
    }
    return result;
}

Value to_value(const RunDiff& diff) {
    Value value = Value::object();
    if (!diff.options.empty()) value.set("options", fields_value(diff.options));
    Value states = Value::array();
    for (const RunDiff::State& state : diff.states) {
        Value one = Value::object();
        one.set("state", state.id);
        one.set("change", name_of(state.kind));
        one.set("place", state.place);
        one.set("summary", state.summary);
        if (!state.fields.empty()) one.set("fields", fields_value(state.fields));
        if (!state.after_state.empty()) one.set("after", state.after_state);
        states.push(std::move(one));
    }
    value.set("states", std::move(states));
    return value;
}

RunDiff run_diff_from(const Value& value) {
    Fields fields(value, "a difference");
    RunDiff diff;
    diff.options = fields_from(fields.optional("options"));
    for (const Value& state : fields.required("states").list()) diff.states.push_back(state_from(state));
    fields.end();
    return diff;
}

}  // namespace prove
