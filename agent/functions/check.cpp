// Checks a part's arguments against its function's schema. Every message names the argument and the function, says what
// was expected and what was found, and stands at the place in the catalog where the mistake is.
#include <algorithm>
#include <regex>

#include "agent/functions/registry.hpp"
#include "agent/functions/argument_forms.hpp"
#include "proto/output_ref.hpp"
#include "proto/secret_text.hpp"

namespace prove {

namespace {

// What stands after "expected".
std::string expectation(const Argument& argument) {
    switch (argument.type) {
        case ArgumentType::text:
            return "a text";
        case ArgumentType::path:
            return "an absolute path";
        case ArgumentType::mode:
            return "a quoted octal mode such as \"0644\"";
        case ArgumentType::boolean:
            return "true or false";
        case ArgumentType::integer:
            return "an integer";
        case ArgumentType::duration:
            return "a duration such as 500ms, 2s, 5m or 1h";
        case ArgumentType::text_list:
            return "a text or a list of texts";
        case ArgumentType::text_map:
            return "a mapping from names to texts";
        case ArgumentType::integer_list:
            return "an integer or a list of integers";
        case ArgumentType::mapping:
            return "a mapping";
        case ArgumentType::list:
            return "a list";
        case ArgumentType::any:
            return "any value";
        case ArgumentType::command:
            return "a shell line or a list of a program and its arguments";
        case ArgumentType::source:
            return "a file of the catalog such as prove://webserver/nginx.conf";
        case ArgumentType::choice:
            break;
    }
    std::string result = "one of ";
    for (std::size_t i = 0; i < argument.choices.size(); ++i) result += (i == 0 ? "" : ", ") + argument.choices[i];
    return result;
}

class Checker {
  public:
    Checker(const FunctionSchema& schema, const SourcePosition& part, const std::string& where,
            Diagnostics& diagnostics)
        : schema_(schema), part_(part), where_(where), diagnostics_(diagnostics) {}

    void run(const Value& arguments) {
        if (!arguments.is_mapping()) {
            report(arguments.position(), "the arguments of " + schema_.name + " are " + arguments.described() +
                                             " where a mapping was expected");
            return;
        }
        for (const auto& member : arguments.mapping()) check_member(member);
        for (const Argument& argument : schema_.arguments)
            if (argument.required && arguments.find(argument.name) == nullptr && !is_meant(argument.name))
                report(part_, schema_.name + " needs the argument '" + argument.name + "'" +
                                  (argument.help.empty() ? "" : ": " + argument.help));
        for (const auto& group : schema_.exactly_one_of) check_group(arguments, group, true);
        for (const auto& group : schema_.at_most_one_of) check_group(arguments, group, false);
    }

  private:
    void report(const SourcePosition& position, std::string text) {
        diagnostics_.error(position.known() ? position : part_, where_, std::move(text));
    }

    void check_member(const Mapping::Member& member) {
        const Argument* argument = schema_.argument(member.key);
        if (argument == nullptr && schema_.open) return;
        if (argument == nullptr) {
            std::vector<std::string> names;
            for (const Argument& known : schema_.arguments) names.push_back(known.name);
            const std::string near = nearest(member.key, names);
            if (!near.empty()) meant_.push_back(near);
            report(member.key_position, "unknown argument '" + member.key + "' of " + schema_.name +
                                            (near.empty() ? "" : "; did you mean '" + near + "'?"));
            return;
        }
        const std::string wrong = argument_problem(*argument, member.value);
        if (!wrong.empty())
            report(member.value.position(), "argument '" + member.key + "' of " + schema_.name + ": " + wrong);
    }

    void check_group(const Value& arguments, const std::vector<std::string>& group, bool needs_one) {
        std::vector<const Mapping::Member*> given;
        std::string names;
        for (const std::string& name : group) {
            names += (names.empty() ? "'" : ", '") + name + "'";
            if (const auto* member = arguments.mapping().member(name)) given.push_back(member);
        }
        if (given.size() > 1)
            report(given[1]->key_position, schema_.name + " takes only one of " + names + "; '" + given[0]->key +
                                               "' and '" + given[1]->key + "' are given");
        if (given.empty() && needs_one && std::none_of(group.begin(), group.end(), [&](const std::string& name) {
                return is_meant(name);
            }))
            report(part_,
                   schema_.if_none_given.empty() ? schema_.name + " needs one of " + names : schema_.if_none_given);
    }

    // One that is missing because it was mistyped is one error, not two.
    bool is_meant(const std::string& name) const {
        return std::find(meant_.begin(), meant_.end(), name) != meant_.end();
    }

    const FunctionSchema& schema_;
    const SourcePosition& part_;
    const std::string& where_;
    Diagnostics& diagnostics_;
    std::vector<std::string> meant_;  // what unknown arguments were probably meant to be
};

std::string found(const Argument& argument, const Value& value) {
    const bool may_be_told = !argument.sensitive || value.is_mapping();
    return "expected " + expectation(argument) + ", found " + (may_be_told ? value.described() : "something else");
}

std::string path_problem(const Argument& argument, const Value& value) {
    if (!value.is_text()) return found(argument, value);
    try {
        (void)Path(value.text());
        return "";
    } catch (const Error& error) {
        return error.text();
    }
}

std::string text_problem(const Argument& argument, const Value& value) {
    if (!value.is_text()) {
        const bool quotable = value.is_boolean() || value.is_integer() || value.kind() == Value::Kind::real;
        return found(argument, value) + (quotable ? "; put it in quotes" : "");
    }
    // A NUL would end the text early wherever it goes: paths, arguments, environments.
    if (argument.name != "content" && value.text().find('\0') != std::string::npos) return "it has a NUL character";
    return "";
}

std::string boolean_problem(const Argument& argument, const Value& value) {
    if (value.is_boolean()) return "";
    static const std::vector<std::string> lookalikes = {"yes", "no", "on", "off", "Yes", "No", "On", "Off", "y", "n"};
    if (value.is_text() && std::find(lookalikes.begin(), lookalikes.end(), value.text()) != lookalikes.end())
        return "expected true or false, found '" + value.text() + "', which is a text; write true or false";
    return found(argument, value);
}

std::string choice_problem(const Argument& argument, const Value& value) {
    if (!value.is_text()) return found(argument, value);
    if (std::find(argument.choices.begin(), argument.choices.end(), value.text()) != argument.choices.end()) return "";
    const std::string near = nearest(value.text(), argument.choices);
    return found(argument, value) + (near.empty() ? "" : "; did you mean '" + near + "'?");
}

// The members of a list, or the value itself where one will do.
std::string members_problem(const Argument& argument, const Value& value, bool (Value::*right)() const) {
    if ((value.*right)()) return value.is_text() && value.text().empty() ? "it is empty" : "";
    if (!value.is_list()) return found(argument, value);
    if (value.list().empty()) return "the list is empty";
    for (const Value& member : value.list()) {
        if (is_known_later(member)) continue;
        if (!(member.*right)()) return found(argument, member) + " in it";
        if (member.is_text() && member.text().empty() && argument.type == ArgumentType::text_list)
            return "a member of the list is empty";
        if (member.is_text() && member.text().find('\0') != std::string::npos) return "it has a NUL character";
    }
    return "";
}

std::string text_map_problem(const Argument& argument, const Value& value) {
    if (!value.is_mapping()) return found(argument, value);
    for (const auto& member : value.mapping()) {
        if (!member.value.is_text() && !is_known_later(member.value))
            return "expected a text for '" + member.key + "', found " + member.value.described() + "; put it in quotes";
        if (member.key.empty() || member.key.find_first_of(std::string("=\0", 2)) != std::string::npos ||
            (member.value.is_text() && member.value.text().find('\0') != std::string::npos))
            return "'" + member.key + "' is no name and text for an environment";
    }
    return "";
}

}  // namespace

bool is_octal_mode(const std::string& text) {
    return text.size() >= 3 && text.size() <= 4 && text.find_first_not_of("01234567") == std::string::npos;
}

namespace {

bool names_blob(const Value& value) {
    const Value* hash = value.find("$blob");
    const Value* size = value.find("size");
    return hash != nullptr && hash->is_text() && Hash::from_hex_text(hash->text()) && size != nullptr &&
           size->is_integer() && size->integer() >= 0;
}

// A secret is a text.
bool may_be_secret(const Argument& argument) {
    switch (argument.type) {
        case ArgumentType::boolean:
        case ArgumentType::integer:
        case ArgumentType::integer_list:
        case ArgumentType::text_map:
        case ArgumentType::mapping:
        case ArgumentType::source:
            return false;
        default:
            return true;
    }
}

}  // namespace

bool is_blob(const Value& value) {
    return value.is_mapping() && value.mapping().size() == 2 && names_blob(value);
}

bool is_blob_with_holes(const Value& value) {
    if (!value.is_mapping() || value.mapping().size() != 3 || !names_blob(value)) return false;
    const Value* holes = value.find("holes");
    return holes != nullptr && holes->is_mapping() && !holes->mapping().empty() &&
           std::all_of(holes->mapping().begin(), holes->mapping().end(), [](const Mapping::Member& hole) {
               return !hole.key.empty() && is_known_later(hole.value);
           });
}

std::string argument_problem(const Argument& argument, const Value& value) {
    if (value.is_null()) return "it has no value; leave it out, or give " + expectation(argument);
    // What another state gives is checked when it is known; that its type fits, by the compiler, which knows the state.
    if (is_output(value)) return "";
    if (is_secret(value)) return may_be_secret(argument) ? "" : found(argument, value);
    switch (argument.type) {
        case ArgumentType::text:
            return argument.name == "content" && (is_blob(value) || is_blob_with_holes(value))
                       ? ""
                       : text_problem(argument, value);
        case ArgumentType::path:
            return path_problem(argument, value);
        case ArgumentType::mode:
            return value.is_text() && is_octal_mode(value.text()) ? "" : found(argument, value);
        case ArgumentType::boolean:
            return boolean_problem(argument, value);
        case ArgumentType::integer:
            return value.is_integer() ? "" : found(argument, value);
        case ArgumentType::duration: {
            static const std::regex form("[0-9]{1,9}(ms|s|m|h)?");
            if (value.is_integer() && value.integer() >= 0) return "";
            return value.is_text() && std::regex_match(value.text(), form) ? "" : found(argument, value);
        }
        case ArgumentType::text_list:
        case ArgumentType::command:
            return members_problem(argument, value, &Value::is_text);
        case ArgumentType::integer_list:
            return members_problem(argument, value, &Value::is_integer);
        case ArgumentType::text_map:
            return text_map_problem(argument, value);
        case ArgumentType::mapping:
            return value.is_mapping() ? "" : found(argument, value);
        case ArgumentType::list:
            return value.is_list() ? "" : found(argument, value);
        case ArgumentType::any:
            return "";
        case ArgumentType::choice:
            return choice_problem(argument, value);
        case ArgumentType::source:
            return value.is_text() && value.text().rfind("prove://", 0) == 0 && value.text().size() > 8
                       ? ""
                       : found(argument, value);
    }
    return "";
}

void check_arguments(const FunctionSchema& schema, const Value& arguments, const SourcePosition& part,
                     const std::string& where, Diagnostics& diagnostics) {
    Checker(schema, part, where, diagnostics).run(arguments);
}

void check_call(const Function& function, const Value& arguments, const SourcePosition& part, const std::string& where,
                Diagnostics& diagnostics) {
    Diagnostics found_here;
    check_arguments(function.schema, arguments, part, where, found_here);
    // With an output of another state or a secret in them the rest can be told only when it is known.
    if (!found_here.has_errors() && function.check && !holds_what_is_known_later(arguments)) {
        for (const ArgumentProblem& problem : function.check(Arguments(function.schema, arguments, nullptr))) {
            const Value* value = arguments.find(problem.argument);
            const bool placed = value != nullptr && value->position().known();
            found_here.error(placed ? value->position() : part, where, function.schema.name + ": " + problem.text);
        }
    }
    diagnostics.append(found_here);
}

}  // namespace prove
