// Conditions: of onlyif, unless and probes. Nothing is truthy: a condition is a command, one of the named forms, or a
// boolean (which a template wrote), and anything else is an error.
#include <algorithm>

#include "agent/facts/expression.hpp"
#include "common/files/path.hpp"
#include "common/text/text.hpp"
#include "common/text/utf8.hpp"
#include "master/catalog/expression_term.hpp"
#include "master/compile/state_keys.hpp"
#include "proto/secret_text.hpp"

namespace prove {

namespace {

const std::vector<std::string> condition_names = {"command", "exists", "missing", "fact", "changed", "equals"};

class ConditionReader {
  public:
    ConditionReader(const std::string& key, const std::string& where, Diagnostics& diagnostics)
        : key_(key), where_(where), diagnostics_(diagnostics) {}

    void read(const Value& value, std::vector<Condition>& result) {
        if (value.is_list()) {
            if (value.list().empty()) wrong(value.position(), "the list is empty");
            for (const Value& member : value.list())
                if (member.is_list())
                    wrong(member.position(), "a list within the list; a condition is a text, a mapping or a boolean");
                else
                    read(member, result);
            return;
        }
        Condition condition;
        condition.position = value.position();
        if (value.is_boolean()) {
            condition.kind = Condition::Kind::equals;
            condition.value = Value::List{value, Value(true)};
        } else if (is_secret(value)) {
            condition.value = value;  // a command with a secret in it
        } else if (value.is_text()) {
            condition.value = value;
            if (is_lookalike(value.text()))
                return wrong(value.position(), "the text " + quoted(value.text()) +
                                                   " is no condition; write true or false, or {command: " +
                                                   value.text() + "} for the program of that name");
            if (!check_command(value)) return;
        } else if (!value.is_mapping() || !read_named(value, condition)) {
            if (!value.is_mapping())
                wrong(value.position(),
                      "expected a shell command, a mapping such as {exists: /path} or a boolean, found " +
                          value.described());
            return;
        }
        result.push_back(std::move(condition));
    }

  private:
    void wrong(const SourcePosition& position, const std::string& text) {
        diagnostics_.error(position, where_, quoted(key_) + ": " + text);
    }

    // `yes` is a program too, and one that never ends.
    static bool is_lookalike(const std::string& text) {
        const std::string word = lower(text);
        return word == "yes" || word == "no" || word == "on" || word == "off" || word == "y" || word == "n";
    }

    bool check_command(const Value& value) {
        if (is_secret(value) || (value.is_text() && !trim(value.text()).empty())) return true;
        bool words = value.is_list() && !value.list().empty();
        if (words)
            for (const Value& word : value.list()) words = words && (word.is_text() || is_known_later(word));
        if (!words)
            wrong(value.position(),
                  "expected a shell line or a list of a program and its arguments, found " + value.described());
        return words;
    }

    bool read_named(const Value& value, Condition& condition) {
        if (value.mapping().size() != 1) {
            wrong(value.position(), "a condition has one name, such as {exists: /path}; several conditions are a list");
            return false;
        }
        const Mapping::Member& member = *value.mapping().begin();
        const bool known =
            std::find(condition_names.begin(), condition_names.end(), member.key) != condition_names.end();
        if (!known) {
            const std::string near = nearest(member.key, condition_names);
            wrong(member.key_position, "unknown condition " + quoted(member.key) +
                                           (near.empty() ? "; there are " + join_words(condition_names)
                                                         : "; did you mean " + quoted(near) + "?"));
            return false;
        }
        condition.kind = condition_kind(member.key);
        condition.value = member.value;
        condition.position = member.key_position;
        return check_value(condition, member.value);
    }

    bool check_value(Condition& condition, const Value& value) {
        using Kind = Condition::Kind;
        if (condition.kind == Kind::command) return check_command(value);
        if (condition.kind == Kind::equals) {
            if (value.is_list() && value.list().size() == 2) return true;
            wrong(value.position(), "'equals' compares a list of two values, found " + value.described());
            return false;
        }
        const bool is_path = condition.kind == Kind::exists || condition.kind == Kind::missing;
        if (is_path && is_known_later(value)) return true;
        if (!value.is_text() || value.text().empty()) {
            wrong(value.position(), quoted(name_of(condition.kind)) + " expects " +
                                        (is_path                        ? "a path such as /etc/motd"
                                         : condition.kind == Kind::fact ? "a comparison such as os.family=debian"
                                                                        : "the id of a state") +
                                        ", found " + value.described());
            return false;
        }
        try {
            if (is_path) (void)Path(value.text());
            if (condition.kind == Kind::fact) read_comparison(condition, value);
        } catch (const ExpressionError& error) {
            const auto before = utf8_length(value.text().substr(0, error.offset()));
            wrong(value.position(),
                  "character " + std::to_string(before + 1) + " of " + quoted(value.text()) + ": " + error.message());
            return false;
        } catch (const Error& error) {
            wrong(value.position(), error.text());
            return false;
        }
        return true;
    }

    // Targets know no quotes around a value: they get it without.
    static void read_comparison(Condition& condition, const Value& value) {
        const Comparison comparison = parse_fact_comparison(value.text());
        const std::string text = comparison.path + symbol_of(comparison.op) + comparison.wanted;
        check_fact_expression(text);
        condition.value = Value(text);
        condition.value.set_position(value.position());
    }

    const std::string& key_;
    const std::string& where_;
    Diagnostics& diagnostics_;
};

}  // namespace

std::vector<Condition> read_conditions(const Value& value, const std::string& key, const std::string& where,
                                       Diagnostics& diagnostics) {
    std::vector<Condition> result;
    ConditionReader(key, where, diagnostics).read(value, result);
    return result;
}

}  // namespace prove
