// See conditions.hpp.
#include "agent/engine/conditions.hpp"

#include <optional>

#include "agent/facts/expression.hpp"
#include "common/text/text.hpp"

namespace prove {
namespace {

bool command_succeeds(const Value& value, const ConditionContext& context) {
    Command command;
    if (value.is_text()) {
        command = Command::shell(value.text());
    } else {
        for (const Value& argument : value.list()) command.argv.push_back(argument.text());
        if (command.argv.empty()) throw Error(ErrorKind::invalid, "a command needs at least a program");
    }
    if (context.timeout.count() > 0) command.timeout = context.timeout;
    const CommandResult result = context.host.look(command);
    if (result.cancelled) throw Error(ErrorKind::cancelled, "cancelled");
    if (result.timed_out) throw Error(ErrorKind::timeout, "it did not end in time");
    return result.exit_code == 0;
}

bool answer(Condition::Kind kind, const Value& value, const ConditionContext& context) {
    switch (kind) {
        case Condition::Kind::command:
            return command_succeeds(value, context);
        case Condition::Kind::exists:
            return context.host.stat(Path(value.text())).has_value();
        case Condition::Kind::missing:
            return !context.host.stat(Path(value.text())).has_value();
        case Condition::Kind::fact:
            return fact_holds(value.text(), context.facts);
        case Condition::Kind::changed: {
            const auto changed = context.changed(StateId(value.text()));
            if (changed == Schedule::Changed::unknown)
                throw Unknown("whether '" + value.text() + "' changes something");
            return changed == Schedule::Changed::yes;
        }
        case Condition::Kind::equals: {
            const auto& both = value.list();
            if (both.size() != 2) throw Error(ErrorKind::invalid, "equals wants a list of two");
            return both[0] == both[1];
        }
    }
    throw Error(ErrorKind::internal, "a condition of unknown kind");
}

// With what other states gave in the place of their outputs.
bool answer(const Condition& condition, const ConditionContext& context) {
    if (!context.outputs || !holds_what_is_known_later(condition.value))
        return answer(condition.kind, condition.value, context);
    const Value value = context.outputs->resolved(condition.value);
    try {
        return answer(condition.kind, value, context);
    } catch (const Error& error) {
        if (!context.outputs->has_secrets(condition.value)) throw;
        const char* why =
            holds_secret(condition.value) ? "there is a secret in it" : "an output in it is of a sensitive part";
        throw Error(error.kind(), std::string(name_of(error.kind())) + "; more is not shown, since " + why);
    }
}

// As it was written: values that come from other states, and secrets, are never shown.
std::string as_written(const Value& value) {
    if (is_output(value)) return output_ref(value).text();
    if (is_secret(value)) return without_marks(secret_text(value));
    if (value.is_text()) return value.text();
    if (!value.is_list() || !holds_what_is_known_later(value)) return write_json(shown(value));
    std::vector<std::string> members;
    for (const Value& member : value.list()) members.push_back(as_written(member));
    return "[" + join(members, ", ") + "]";
}

// All conditions give `wanted`. Those that cannot be known matter only if no other one settles it.
std::optional<std::string> first_other(const std::vector<Condition>& conditions, bool wanted,
                                       const ConditionContext& context) {
    std::optional<Unknown> unknown;
    for (const Condition& condition : conditions) {
        try {
            if (holds(condition, context) != wanted) return describe(condition);
        } catch (const Unknown& cannot_know) {
            if (!unknown) unknown = cannot_know;
        }
    }
    if (unknown) throw Unknown(*unknown);
    return std::nullopt;
}

}  // namespace

bool holds(const Condition& condition, const ConditionContext& context) {
    return with_context(
        [&] {
            const std::string place = condition.position.text();
            return "in the condition " + describe(condition) + (place.empty() ? "" : " at " + place);
        },
        [&] { return answer(condition, context); });
}

bool all_hold(const std::vector<Condition>& conditions, const ConditionContext& context) {
    return !first_other(conditions, true, context);
}

std::string first_untrue(const std::vector<Condition>& conditions, const ConditionContext& context) {
    return first_other(conditions, true, context).value_or("");
}

std::string why_not(const std::vector<Condition>& onlyif, const std::vector<Condition>& unless,
                    const ConditionContext& context) {
    // Both lists are looked at before a doubt counts: a definite answer in either settles it.
    std::optional<Unknown> unknown;
    try {
        if (const auto failed = first_other(onlyif, true, context)) return "onlyif: " + *failed + " does not hold";
    } catch (const Unknown& cannot_know) {
        unknown = cannot_know;
    }
    if (const auto held = first_other(unless, false, context)) return "unless: " + *held + " holds";
    if (unknown) throw Unknown(*unknown);
    return "";
}

std::string describe(const Condition& condition) {
    if (condition.kind == Condition::Kind::command) {
        if (!condition.value.is_list()) return quoted(as_written(condition.value));
        std::vector<std::string> words;
        for (const Value& word : condition.value.list()) words.push_back(as_written(word));
        return quoted(join(words, " "));
    }
    return "{" + std::string(name_of(condition.kind)) + ": " + as_written(condition.value) + "}";
}

}  // namespace prove
