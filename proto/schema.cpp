// Function schemas as data, for `prove-cli functions`, the generated reference and the editors' schema.
#include "proto/schema.hpp"

#include <algorithm>

namespace prove {

namespace {

Value list_of(const std::vector<std::string>& texts) {
    return Value(Value::List(texts.begin(), texts.end()));
}

Value list_of(const std::vector<std::vector<std::string>>& groups) {
    Value result = Value::array();
    for (const auto& group : groups) result.push(list_of(group));
    return result;
}

void set_if(Value& target, const char* key, const std::string& text) {
    if (!text.empty()) target.set(key, text);
}

void set_if(Value& target, const char* key, const std::vector<std::string>& texts) {
    if (!texts.empty()) target.set(key, list_of(texts));
}

Value to_value(const Argument& argument) {
    Value result = Value::object();
    result.set("name", argument.name);
    result.set("type", name_of(argument.type));
    if (argument.required) result.set("required", true);
    if (!argument.fallback.is_null()) result.set("default", argument.fallback);
    result.set("help", argument.help);
    set_if(result, "unit", argument.unit);
    set_if(result, "choices", argument.choices);
    if (argument.sensitive) result.set("sensitive", true);
    return result;
}

Value to_value(const Claim& claim) {
    Value result = Value::object();
    result.set("kind", claim.kind);
    result.set("aspect", claim.aspect);
    result.set("argument", claim.argument);
    set_if(result, "only_with", claim.only_with);
    set_if(result, "compared", claim.compared);
    set_if(result, "also", claim.also);
    return result;
}

Value to_value(const Output& output) {
    Value result = Value::object();
    result.set("name", output.name);
    result.set("type", name_of(output.type));
    result.set("help", output.help);
    set_if(result, "unless_argument", output.unless_argument);
    if (output.sensitive) result.set("sensitive", true);
    return result;
}

template <class T>
Value all_of(const std::vector<T>& items) {
    Value result = Value::array();
    for (const auto& item : items) result.push(to_value(item));
    return result;
}

}  // namespace

const char* name_of(ArgumentType type) {
    switch (type) {
        case ArgumentType::text:
            return "text";
        case ArgumentType::path:
            return "an absolute path";
        case ArgumentType::mode:
            return "a quoted octal mode";
        case ArgumentType::boolean:
            return "true or false";
        case ArgumentType::integer:
            return "an integer";
        case ArgumentType::duration:
            return "a duration";
        case ArgumentType::text_list:
            return "one text or a list of texts";
        case ArgumentType::text_map:
            return "a mapping of texts";
        case ArgumentType::integer_list:
            return "a list of integers";
        case ArgumentType::mapping:
            return "a mapping";
        case ArgumentType::list:
            return "a list";
        case ArgumentType::any:
            return "anything";
        case ArgumentType::command:
            return "a shell line, or a list of a program and its arguments";
        case ArgumentType::choice:
            return "a choice";
        case ArgumentType::source:
            return "a source (prove://...)";
    }
    return "text";
}

bool output_fits(ArgumentType output, ArgumentType argument, bool member) {
    using Type = ArgumentType;
    const bool is_text = output == Type::text || output == Type::path || output == Type::mode || output == Type::choice;
    switch (argument) {
        case Type::any:
            return true;
        case Type::mapping:
        case Type::list:
            return member;
        case Type::text:
        case Type::path:
        case Type::mode:
        case Type::choice:
            return is_text && !member;
        case Type::text_list:
        case Type::command:
            return is_text || (output == Type::text_list && !member);
        case Type::text_map:
            return is_text && member;
        case Type::integer:
            return output == Type::integer && !member;
        case Type::duration:
            return (output == Type::integer || output == Type::duration || output == Type::text) && !member;
        case Type::integer_list:
            return output == Type::integer || (output == Type::integer_list && !member);
        case Type::boolean:
            return output == Type::boolean && !member;
        case Type::source:
            return false;
    }
    return false;
}

const Output* FunctionSchema::output(const std::string& output_name) const {
    const auto found = std::find_if(outputs.begin(), outputs.end(),
                                    [&](const Output& output) { return output.name == output_name; });
    return found == outputs.end() ? nullptr : &*found;
}

const Argument* FunctionSchema::argument(const std::string& argument_name) const {
    const auto found = std::find_if(arguments.begin(), arguments.end(),
                                    [&](const Argument& argument) { return argument.name == argument_name; });
    return found == arguments.end() ? nullptr : &*found;
}

Value to_value(const FunctionSchema& schema) {
    Value result = Value::object();
    result.set("name", schema.name);
    result.set("summary", schema.summary);
    result.set("changed", schema.changed);
    result.set("nature", schema.nature == FunctionSchema::Nature::converges ? "converges" : "event");
    set_if(result, "proved_if", schema.proved_if);
    result.set("arguments", all_of(schema.arguments));
    result.set("claims", all_of(schema.claims));
    result.set("outputs", all_of(schema.outputs));
    if (!schema.exactly_one_of.empty()) result.set("exactly_one_of", list_of(schema.exactly_one_of));
    if (!schema.at_most_one_of.empty()) result.set("at_most_one_of", list_of(schema.at_most_one_of));
    set_if(result, "if_none_given", schema.if_none_given);
    if (schema.needs_agent) result.set("needs_agent", true);
    if (schema.groups) result.set("groups", true);
    result.set("example", schema.example);
    return result;
}

}  // namespace prove
