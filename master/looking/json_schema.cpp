// The schema of state files. Alternatives are told apart by if/then, never by oneOf: what an editor says is wrong is
// then about the alternative that was meant.
#include "master/looking/json_schema.hpp"

#include <algorithm>

#include "common/text/text.hpp"
#include "master/looking/schema_texts.hpp"
#include "proto/error.hpp"

namespace prove {

namespace {

Value ref(const std::string& name) {
    Value value = Value::object();
    value.set("$ref", "#/definitions/" + name);
    return value;
}

Value texts(const std::vector<std::string>& list) {
    return Value(Value::List(list.begin(), list.end()));
}

// What an argument of this type may be, as it is written.
Value form_of(const Argument& argument) {
    switch (argument.type) {
        case ArgumentType::text:
            return ref("text");
        case ArgumentType::path:
            return ref("path");
        case ArgumentType::mode:
            return ref("mode");
        case ArgumentType::boolean:
            return ref("boolean");
        case ArgumentType::integer:
            return ref("integer");
        case ArgumentType::duration:
            return ref("duration");
        case ArgumentType::text_list:
            return ref("names");
        case ArgumentType::text_map:
            return ref("text_map");
        case ArgumentType::integer_list:
            return ref("integers");
        case ArgumentType::mapping:
            return ref("mapping");
        case ArgumentType::list:
        case ArgumentType::any:
            return Value::object();
        case ArgumentType::command:
            return ref("command");
        case ArgumentType::source:
            return ref("source");
        case ArgumentType::choice:
            break;
    }
    Value choices = Value::object(), any = Value::array();
    choices.set("enum", texts(argument.choices));
    any.push(std::move(choices));
    any.push(ref("written_by_a_template"));
    any.push(ref("output"));
    Value value = Value::object();
    value.set("anyOf", std::move(any));
    return value;
}

// The states of a meta.block, which its own schema knows as mappings only.
Value form_of(const FunctionSchema& function, const Argument& argument) {
    return function.name == "meta.block" ? ref("states") : form_of(argument);
}

Value described(Value form, const Argument& argument) {
    std::string help = argument.help;
    if (!argument.unit.empty()) help += " (" + argument.unit + ")";
    Value all = Value::array();
    all.push(std::move(form));  // beside a $ref nothing else counts in draft 7
    Value value = Value::object();
    value.set("description", help);
    if (!argument.fallback.is_null()) value.set("default", argument.fallback);
    value.set("allOf", std::move(all));
    return value;
}

Value needs(const std::vector<std::string>& names) {
    Value value = Value::object();
    value.set("required", texts(names));
    return value;
}

// Exactly one of a group must be there: one at least, and no two.
void add_groups(const FunctionSchema& function, Value& all) {
    const auto no_two = [&](const std::vector<std::string>& group) {
        for (std::size_t i = 0; i < group.size(); ++i)
            for (std::size_t j = i + 1; j < group.size(); ++j) {
                Value no = Value::object();
                no.set("not", needs({group[i], group[j]}));
                all.push(std::move(no));
            }
    };
    for (const auto& group : function.exactly_one_of) {
        Value any = Value::array(), one = Value::object();
        for (const std::string& name : group) any.push(needs({name}));
        one.set("anyOf", std::move(any));
        all.push(std::move(one));
        no_two(group);
    }
    for (const auto& group : function.at_most_one_of) no_two(group);
}

// Everything that a part that calls this function may have.
Value call_of(const FunctionSchema& function, const Value& keys) {
    Value properties = Value::object();
    properties.set("fn", Value::object());
    std::vector<std::string> required = {"fn"};
    for (const Argument& argument : function.arguments) {
        properties.set(argument.name, described(form_of(function, argument), argument));
        if (argument.required) required.push_back(argument.name);
    }
    if (function.name == "meta.assert") {  // read like onlyif, and so no argument of its schema
        properties.set("that", ref("conditions"));
        required.push_back("that");
    }
    for (const Mapping::Member& key : keys.mapping())
        if (properties.find(key.key) == nullptr) properties.set(key.key, key.value);
    Value groups = Value::array(), value = Value::object();
    add_groups(function, groups);
    value.set("description", function.summary);
    value.set("properties", std::move(properties));
    value.set("required", texts(required));
    value.set("additionalProperties", false);
    if (!groups.list().empty()) value.set("allOf", std::move(groups));
    return value;
}

Value only_if_called(const std::string& name) {
    Value fn = Value::object(), properties = Value::object(), condition = needs({"fn"});
    fn.set("const", name);
    properties.set("fn", std::move(fn));
    condition.set("properties", std::move(properties));
    return condition;
}

// "webserver.vhost": a function of a component, of which nothing is known here. Not one of a family of Prove's own.
Value own_function_form(const FunctionRegistry& functions) {
    std::vector<std::string> families;
    for (const std::string& name : functions.names()) families.push_back(name.substr(0, name.find('.')));
    families.erase(std::unique(families.begin(), families.end()), families.end());
    Value form = Value::object();
    form.set("type", "string");
    form.set("pattern", "^(?!(" + join(families, "|") + ")\\.)[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+$");
    return form;
}

Value part_schema(const FunctionRegistry& functions, const Value& keys) {
    Value choices = Value::array(), calls = Value::array();
    for (const std::string& name : functions.names()) {
        choices.push(name);
        Value call = Value::object();
        call.set("if", only_if_called(name));
        call.set("then", call_of(functions.find(name)->schema, keys));
        calls.push(std::move(call));
    }
    Value known = Value::object(), fn = Value::object(), any = Value::array();
    known.set("enum", std::move(choices));
    any.push(std::move(known));
    any.push(own_function_form(functions));
    any.push(ref("written_by_a_template"));
    fn.set("description", "the function that this part calls");
    fn.set("anyOf", std::move(any));
    Value properties = Value::object(), part = needs({"fn"});
    properties.set("fn", std::move(fn));
    part.set("type", "object");
    part.set("properties", std::move(properties));
    part.set("allOf", std::move(calls));
    return part;
}

// The outputs that any function has, as `!out state.name` ends.
std::string output_pattern(const FunctionRegistry& functions) {
    std::vector<std::string> names;
    for (const std::string& name : functions.names())
        for (const Output& output : functions.find(name)->schema.outputs) names.push_back(output.name);
    std::sort(names.begin(), names.end());
    names.erase(std::unique(names.begin(), names.end()), names.end());
    return "\\.(" + join(names, "|") + ")$";
}

Value states_schema(const FunctionRegistry& functions) {
    Value schema = read_json(state_file_schema);
    Value& definitions = *schema.mapping().find("definitions");
    const Value keys = definitions.at("state_keys");
    definitions.mapping().erase("state_keys");
    Value& output = *definitions.mapping().find("output");
    output.mapping().find("anyOf")->list().front().set("pattern", output_pattern(functions));
    Value& properties = *definitions.mapping().find("long_state")->mapping().find("properties");
    for (const Mapping::Member& key : keys.mapping()) properties.set(key.key, key.value);
    definitions.set("part", part_schema(functions, keys));
    return schema;
}

}  // namespace

const std::vector<std::string>& json_schema_names() {
    static const std::vector<std::string> names = {"states",    "targets", "groups",    "roles",
                                                   "schedules", "prove",   "variables", "component"};
    return names;
}

Value json_schema(const std::string& name, const FunctionRegistry& functions) {
    if (name == "states") return states_schema(functions);
    const auto& names = json_schema_names();
    if (std::find(names.begin(), names.end(), name) == names.end()) {
        const std::string near = nearest(name, names);
        throw Error(ErrorKind::usage,
                    "there is no schema of " + quoted(name) +
                        (near.empty() ? "; there are " + join_words(names) : "; did you mean " + quoted(near) + "?"));
    }
    if (name == "component") return read_json(component_schema);
    if (name == "variables") return read_json(variables_schema);
    // One set of sections; each file has those that may stand in it.
    Value schema = read_json(sections_schema);
    if (name == "prove") return schema;
    const Value section = schema.at("properties").at(name);
    Value properties = Value::object();
    properties.set(name, section);
    schema.set("properties", std::move(properties));
    schema.set("title", "Prove: " + name);
    schema.set("required", texts({name}));
    return schema;
}

}  // namespace prove
