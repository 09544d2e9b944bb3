// How layers of variables become one: mappings merge deeply, the rest replaces, `key+` appends to a list, `key!`
// replaces a mapping whole. Pure; values keep the position where they were written, so that the winner can be shown.
#include <algorithm>

#include "common/text/text.hpp"
#include "master/catalog/catalog.hpp"
#include "master/catalog/secret_token.hpp"
#include "master/catalog/variable_rule.hpp"
#include "proto/secret_text.hpp"

namespace prove {

namespace {

// Why none may be there.
std::string refusal(SecretRule rule) {
    switch (rule) {
        case SecretRule::allowed:
            break;
        case SecretRule::by_facts:
            return "a group that matches by facts may not bring '!secret' values: a host could lie its way to them";
        case SecretRule::reads_facts:
            return "a file that asks for facts may not have '!secret' values: a host could lie its way to them; let "
                   "them "
                   "stand in a file of their own";
        case SecretRule::of_defaults:
            return "the defaults of a component may not have '!secret' values: they come to every target that includes "
                   "it; "
                   "let them stand with the target, a group or a role";
        case SecretRule::command_line:
            return "'!secret' values stand in the catalog, not on the command line";
    }
    return "";
}

bool looks_secret(const Value& value) {
    return value.is_mapping() && value.mapping().size() == 1 && value.mapping().has("$secret");
}

// A value as it is where nothing lower stands: its own `key+` and `key!` are plain keys then.
Value alone(const Value& value) {
    if (is_plain_variable(value)) return value;
    auto result = Value::object();
    result.set_position(value.position());
    merge_variables(result, value);
    return result;
}

void append(Value& base, const std::string& name, const Mapping::Member& member) {
    auto* const lower = base.mapping().find(name);
    if (!member.value.is_list())
        throw Error(ErrorKind::catalog, member.value.position(),
                    "'" + member.key + "' appends a list, found " + member.value.described());
    if (lower == nullptr) {
        base.mapping().set(name, member.key_position, member.value);
        return;
    }
    if (!lower->is_list())
        throw Error(ErrorKind::catalog, member.key_position,
                    "'" + member.key + "' appends to a list, but " + quoted(name) + " is " + lower->described() +
                        (lower->position().known() ? " at " + lower->position().text() : ""));
    for (const auto& item : member.value.list()) lower->push(item);
}

class VariableCheck {
  public:
    VariableCheck(const std::string& where, SecretRule secrets, bool whole, Diagnostics& diagnostics)
        : where_(where), secrets_(secrets), whole_(whole), diagnostics_(diagnostics) {}

    void value(const Value& value) {
        if (looks_secret(value)) return secret(value);
        if (value.is_list())
            for (const auto& item : value.list()) this->value(item);
        if (!value.is_mapping()) return;
        for (const auto& member : value.mapping()) {
            if (whole_) key(value.mapping(), member);
            this->value(member.value);
        }
    }

  private:
    void secret(const Value& value) {
        if (const std::string why = refusal(secrets_); !why.empty())
            diagnostics_.error(value.position(), where_, why);
        else if (!is_secret(value) || (marks_in(secret_text(value)).empty() && !key_of_secret(secret_text(value))))
            diagnostics_.error(
                value.position(), where_,
                "after '!secret' stands what 'prove-cli secret encrypt' prints, and this is something else");
    }

    void key(const Mapping& mapping, const Mapping::Member& member) {
        const auto rule = rule_of(member.key);
        if (rule == VariableRule::merge) return;
        const auto name = name_of_key(member.key);
        if (mapping.has(name))
            diagnostics_.error(member.key_position, where_,
                               quoted(member.key) + " and " + quoted(name) + " stand side by side; write one of them");
        if (rule == VariableRule::append && !member.value.is_list())
            diagnostics_.error(member.value.position(), where_,
                               quoted(member.key) + " appends a list, found " + member.value.described());
        if (rule == VariableRule::append && mapping.has(name + "!"))
            diagnostics_.error(
                member.key_position, where_,
                quoted(member.key) + " and " + quoted(name + "!") + " stand side by side; write one of them");
        if (rule == VariableRule::replace && !member.value.is_mapping())
            diagnostics_.error(member.value.position(), where_,
                               quoted(member.key) + " replaces a mapping, found " + member.value.described());
    }

    const std::string& where_;
    const SecretRule secrets_;
    const bool whole_;
    Diagnostics& diagnostics_;
};

}  // namespace

VariableRule rule_of(const std::string& key) {
    if (key.size() < 2) return VariableRule::merge;
    return key.back() == '+' ? VariableRule::append : key.back() == '!' ? VariableRule::replace : VariableRule::merge;
}

std::string name_of_key(const std::string& key) {
    return rule_of(key) == VariableRule::merge ? key : key.substr(0, key.size() - 1);
}

bool is_plain_variable(const Value& value) {
    return !value.is_mapping() || looks_secret(value);
}

void merge_variables(Value& base, const Value& over) {
    for (const auto& member : over.mapping()) {
        const auto name = name_of_key(member.key);
        const auto rule = rule_of(member.key);
        if (rule == VariableRule::append) {
            append(base, name, member);
            continue;
        }
        auto* const lower = base.mapping().find(name);
        const bool deep = rule == VariableRule::merge && lower != nullptr && !is_plain_variable(*lower) &&
                          !is_plain_variable(member.value);
        if (deep)
            merge_variables(*lower, member.value);
        else
            base.mapping().set(name, member.key_position, alone(member.value));
    }
}

void check_variables(const Value& variables, const std::string& where, SecretRule secrets, Diagnostics& diagnostics) {
    VariableCheck(where, secrets, true, diagnostics).value(variables);
}

void check_secrets(const Value& variables, const std::string& where, SecretRule secrets, Diagnostics& diagnostics) {
    VariableCheck(where, secrets, false, diagnostics).value(variables);
}

}  // namespace prove
