// Comparing two runs.
#include "master/looking/run_diff.hpp"

#include <algorithm>
#include <unordered_map>

#include "common/text/diff.hpp"
#include "common/text/text.hpp"
#include "common/text/utf8.hpp"
#include "master/looking/shown_state.hpp"

namespace prove {

namespace {

std::string one_line(const Value& value) {
    if (value.is_text() && value.text().empty()) return "''";
    return value.is_text() && value.text().find_first_of("\n") == std::string::npos ? value.text() : write_json(value);
}

bool has_lines(const Value& value) {
    return value.is_text() && value.text().find('\n') != std::string::npos;
}

// "content 3fa9c2d10b44 (120 bytes)"
std::string shown_content(const Value& value) {
    const Value* hash = value.is_mapping() ? value.find("$blob") : nullptr;
    if (hash == nullptr) return one_line(value);
    return hash->text().substr(0, 12) + " (" + counted(static_cast<std::size_t>(value.at("size").integer()), "byte") + ")";
}

std::string shown(const ShownField* field) {
    if (field == nullptr || field->hidden) return "";
    return field->content ? shown_content(field->value) : one_line(field->value);
}

// Both may be null, not at once.
RunDiff::Field compared(const ShownField* before, const ShownField* after) {
    RunDiff::Field field;
    field.name = after != nullptr ? after->name : before->name;
    field.hidden = (before != nullptr && before->hidden) || (after != nullptr && after->hidden);
    if (field.hidden) return field;
    field.before = shown(before);
    field.after = shown(after);
    if (before == nullptr || after == nullptr) return field;
    if (before->content && after->content) {
        field.diff = unified_diff(*before->content, *after->content, "content");
    } else if (has_lines(before->value) || has_lines(after->value)) {
        if (before->value.is_text() && after->value.is_text())
            field.diff = unified_diff(before->value.text(), after->value.text(), "text");
    }
    return field;
}

std::vector<RunDiff::Field> compare(const std::vector<ShownField>& before, const std::vector<ShownField>& after) {
    std::vector<RunDiff::Field> result;
    const auto find = [](const std::vector<ShownField>& fields, const std::string& name) {
        const auto found = std::find_if(fields.begin(), fields.end(), [&](const auto& one) { return one.name == name; });
        return found == fields.end() ? nullptr : &*found;
    };
    for (const ShownField& field : before)
        if (find(after, field.name) == nullptr) result.push_back(compared(&field, nullptr));
    for (const ShownField& field : after) {
        const ShownField* old = find(before, field.name);
        if (old == nullptr || !(old->value == field.value)) result.push_back(compared(old, &field));
    }
    return result;
}

Value options_value(const RunOptions& options) {
    Value value = Value::object();
    value.set("on_failure", options.on_failure == RunOptions::OnFailure::stop ? "stop" : "continue");
    value.set("verify", options.verify);
    value.set("max_invocations", options.max_invocations);
    value.set("parallelism", options.parallelism);
    return value;
}

std::vector<ShownField> option_fields(const RunOptions& options) {
    std::vector<ShownField> fields;
    const Value value = options_value(options);
    for (const Mapping::Member& member : value.mapping()) fields.push_back({member.key, member.value, nullptr, false});
    return fields;
}

// Which of `places` (all different) are not in a longest row of them that rises: the fewest that were moved.
std::vector<bool> moved(const std::vector<std::size_t>& places) {
    std::vector<std::size_t> ends;                        // index of the smallest end of a row of each length
    std::vector<std::size_t> before(places.size(), places.size());
    for (std::size_t i = 0; i < places.size(); ++i) {
        const auto end = std::lower_bound(ends.begin(), ends.end(), i,
                                          [&](std::size_t a, std::size_t b) { return places[a] < places[b]; });
        if (end != ends.begin()) before[i] = *std::prev(end);
        if (end == ends.end())
            ends.push_back(i);
        else
            *end = i;
    }
    std::vector<bool> result(places.size(), true);
    for (std::size_t at = ends.empty() ? places.size() : ends.back(); at < places.size(); at = before[at])
        result[at] = false;
    return result;
}

class Comparison {
  public:
    Comparison(const Compiled& before, const Compiled& after, const FunctionRegistry& functions)
        : before_(before), after_(after), functions_(functions) {
        for (std::size_t i = 0; i < before.run->nodes.size(); ++i) old_[before.run->nodes[i].id.text()] = i;
    }

    RunDiff diff() {
        RunDiff result;
        result.options = compare(option_fields(before_.run->options), option_fields(after_.run->options));
        find_moved();
        std::vector<bool> kept(before_.run->nodes.size());
        const std::string* last = nullptr;
        for (const Node& node : after_.run->nodes) {
            const auto old = old_.find(node.id.text());
            if (old == old_.end()) {
                result.states.push_back(whole(RunDiff::Kind::added, node));
            } else {
                kept[old->second] = true;
                change(before_.run->nodes[old->second], node, last, result.states);
            }
            last = &node.id.text();
        }
        for (std::size_t i = 0; i < kept.size(); ++i)
            if (!kept[i]) result.states.push_back(whole(RunDiff::Kind::removed, before_.run->nodes[i]));
        return result;
    }

  private:
    RunDiff::State whole(RunDiff::Kind kind, const Node& node) const {
        RunDiff::State state;
        state.kind = kind;
        state.id = node.id.text();
        state.place = node.position.text();
        state.summary = shown_summary(node, functions_);
        return state;
    }

    void find_moved() {
        std::vector<std::size_t> places;
        std::vector<const std::string*> ids;
        for (const Node& node : after_.run->nodes)
            if (const auto old = old_.find(node.id.text()); old != old_.end()) {
                places.push_back(old->second);
                ids.push_back(&node.id.text());
            }
        const auto are_moved = moved(places);
        for (std::size_t i = 0; i < ids.size(); ++i)
            if (are_moved[i]) moved_[*ids[i]] = true;
    }

    void change(const Node& old, const Node& node, const std::string* last, std::vector<RunDiff::State>& states) {
        auto fields = compare(shown_fields(old, before_, functions_), shown_fields(node, after_, functions_));
        if (!fields.empty()) {
            states.push_back(whole(RunDiff::Kind::changed, node));
            states.back().fields = std::move(fields);
        }
        if (moved_.count(node.id.text()) == 0) return;
        states.push_back(whole(RunDiff::Kind::moved, node));
        if (last != nullptr) states.back().after_state = *last;
    }

    const Compiled& before_;
    const Compiled& after_;
    const FunctionRegistry& functions_;
    std::unordered_map<std::string, std::size_t> old_;
    std::unordered_map<std::string, bool> moved_;
};

}  // namespace

RunDiff diff_runs(const Compiled& before, const Compiled& after, const FunctionRegistry& functions) {
    return Comparison(before, after, functions).diff();
}

}  // namespace prove
