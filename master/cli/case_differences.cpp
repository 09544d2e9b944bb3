// What was compiled, in the words of a state file, and how it differs from what a case expects.
#include <algorithm>

#include "agent/functions/registry.hpp"
#include "common/text/text.hpp"
#include "master/cli/component_cases.hpp"

namespace prove {

namespace {

Value ids_of(const std::vector<NodeIndex>& indexes, const StateRun& run) {
    Value ids = Value::array();
    for (const NodeIndex index : indexes) ids.push(run.nodes.at(index).id.text());
    return ids;
}

void set_ids(Value& result, const char* key, const std::vector<NodeIndex>& indexes, const StateRun& run) {
    if (!indexes.empty()) result.set(key, ids_of(indexes, run));
}

// As they are written: a command is its text, the rest a mapping of one.
void set_conditions(Value& result, const char* key, const std::vector<Condition>& conditions) {
    if (conditions.empty()) return;
    Value list = Value::array();
    for (const Condition& condition : conditions) {
        if (condition.kind == Condition::Kind::command) {
            list.push(condition.value);
            continue;
        }
        Value one = Value::object();
        one.set(name_of(condition.kind), condition.value);
        list.push(std::move(one));
    }
    result.set(key, std::move(list));
}

// A content's text in the place of its hash; a component's own function by its own name and arguments.
void set_call(Value& result, const StatePart& part, const Compiled& compiled) {
    const bool is_own = part.function == component_function;
    result.set("fn", is_own ? part.arguments.at("function").text() : part.function);
    const Value& arguments = is_own ? part.arguments.at("args") : part.arguments;
    for (const Mapping::Member& member : arguments.mapping()) {
        const Value* blob = member.key == "content" && member.value.is_mapping() ? member.value.find("$blob") : nullptr;
        const auto hash = blob != nullptr ? Hash::from_hex_text(blob->text()) : std::nullopt;
        const auto found = hash ? compiled.blobs.find(*hash) : compiled.blobs.end();
        result.set(member.key, found == compiled.blobs.end() ? member.value : Value(*found->second));
    }
}

Value value_of(const StatePart& part, const Compiled& compiled) {
    Value result = Value::object();
    set_call(result, part, compiled);
    set_ids(result, "notify", part.notify, *compiled.run);
    set_ids(result, "notify_failure", part.notify_failure, *compiled.run);
    set_conditions(result, "onlyif", part.onlyif);
    set_conditions(result, "unless", part.unless);
    if (part.sensitive) result.set("sensitive", true);
    if (!part.verify) result.set("verify", false);
    if (!part.description.empty()) result.set("description", part.description);
    return result;
}

std::uint32_t mask_of(const Node& node, const Value& probes) {
    std::uint32_t mask = 0;
    for (std::size_t i = 0; i < node.probes.size(); ++i)
        if (const Value* answer = probes.find(node.probes[i].name); answer != nullptr && answer->boolean()) mask |= 1u << i;
    return mask;
}

Value value_of(const Node& node, const Compiled& compiled, const Value& probes) {
    const Variant& variant = node.variants.at(mask_of(node, probes));
    Value result = Value::object();
    result.set("file", node.state_file);
    result.set("lazy", node.lazy);
    result.set("defer", node.defer);
    result.set("requires", ids_of(node.requirements, *compiled.run));
    set_ids(result, "states", node.members, *compiled.run);
    set_ids(result, "rescue", node.rescue, *compiled.run);
    set_ids(result, "always", node.always, *compiled.run);
    set_ids(result, "notify", variant.notify, *compiled.run);
    set_ids(result, "notify_failure", variant.notify_failure, *compiled.run);
    set_conditions(result, "onlyif", variant.onlyif);
    set_conditions(result, "unless", variant.unless);
    if (!variant.description.empty()) result.set("description", variant.description);
    Value parts = Value::array();
    for (const StatePart& part : variant.parts) parts.push(value_of(part, compiled));
    result.set("parts", std::move(parts));
    return result;
}

// A state may be expected in each form in which it may be written.
Value long_form(const Value& state) {
    if (state.is_list() || (state.is_mapping() && state.find("fn") != nullptr)) {
        Value parts = state.is_list() ? state : Value(Value::List{state});
        parts.set_position(state.position());
        Value result = Value::object();
        result.set("parts", std::move(parts));
        result.set_position(state.position());
        return result;
    }
    return state;
}

std::string written(const Value& value) {
    return value.is_text() ? value.text() : write_json(value);
}

class Comparison {
 public:
    void states(const Value& expected, const Value& found) {
        for (const Mapping::Member& member : expected.mapping()) {
            const Value* state = found.find(member.key);
            if (member.value.is_null()) {
                if (state != nullptr) differ(member.key, member.key_position, "no such state", "there is one");
            } else if (state == nullptr) {
                std::vector<std::string> ids;
                for (const Mapping::Member& other : found.mapping()) ids.push_back(other.key);
                const std::string near = nearest(member.key, ids);
                differ(member.key, member.key_position, "a state",
                       near.empty() ? "there is none" : "there is none; did you mean " + quoted(near) + "?");
            } else {
                compare(member.key, long_form(member.value), *state);
            }
        }
    }
    std::vector<CaseDifference> take() { return std::move(found_); }

 private:
    void differ(const std::string& what, const SourcePosition& position, std::string expected, std::string found) {
        found_.push_back({what, position, std::move(expected), std::move(found)});
    }

    void compare(const std::string& what, const Value& expected, const Value& found) {
        if (expected.is_mapping() && found.is_mapping()) return members(what, expected, found);
        if (expected.is_list() && found.is_list()) return items(what, expected, found);
        // One text is expected of a list of texts as well: `notify: reload`.
        if (found.is_list() && expected.is_text()) return items(what, Value(Value::List{expected}), found);
        if (!(expected == found)) differ(what, expected.position(), written(expected), written(found));
    }

    void members(const std::string& what, const Value& expected, const Value& found) {
        for (const Mapping::Member& member : expected.mapping()) {
            const Value* value = found.find(member.key);
            const std::string path = what + "." + member.key;
            if (value != nullptr)
                compare(path, member.value, *value);
            else if (!member.value.is_null())
                differ(path, member.key_position, written(member.value), "it is not there");
        }
    }

    void items(const std::string& what, const Value& expected, const Value& found) {
        const auto& wanted = expected.list();
        if (wanted.size() != found.list().size()) {
            const auto count = [](const Value& list) { return counted(list.list().size(), "member") + ": " + written(list); };
            return differ(what, expected.position(), count(expected), count(found));
        }
        for (std::size_t i = 0; i < wanted.size(); ++i) compare(what + "[" + std::to_string(i) + "]", wanted[i], found.list()[i]);
    }

    std::vector<CaseDifference> found_;
};

}  // namespace

Value states_of(const Compiled& compiled, const Value& probes) {
    Value states = Value::object();
    for (const Node& node : compiled.run->nodes) states.set(node.id.text(), value_of(node, compiled, probes));
    return states;
}

std::vector<CaseDifference> differences(const Value& expected, const Value& found) {
    Comparison comparison;
    comparison.states(expected, found);
    return comparison.take();
}

Value to_value(const CaseDifference& difference) {
    Value result = Value::object();
    result.set("what", difference.what);
    result.set("position", difference.position.text());
    result.set("expected", difference.expected);
    result.set("found", difference.found);
    return result;
}

}  // namespace prove
