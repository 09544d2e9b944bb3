// Target expressions, wherever targets are chosen: globs and lists, /regex/, role: group: fact: var: executor: status:,
// and, or, not, parentheses. One grammar, one parser; errors point at the character. Pure.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "proto/error.hpp"
#include "proto/value.hpp"

namespace prove {

// What an expression can ask of a target.
struct TargetView {
    std::string name, host, executor,
        status;  // status: "connected", "disconnected", "pending", "conflict", "ssh", "unknown"
    std::vector<std::string> roles, groups;
    const Value* facts = nullptr;  // null: never seen; then no fact: term holds
    const Value* variables = nullptr;
};

// What is wrong with an expression: an Error(usage) whose text shows the expression with a caret under the place.
class ExpressionError : public Error {
  public:
    ExpressionError(const std::string& expression, std::size_t offset, std::string message);
    std::size_t offset() const { return offset_; }           // in bytes from the expression's begin
    const std::string& message() const { return message_; }  // without the excerpt

  private:
    std::size_t offset_;
    std::string message_;
};

class TargetExpression {
  public:
    enum class Kind { all, any, negation, names, regex, role, group, fact, variable, executor, status };

    // Throws ExpressionError. An empty text is an error (S8).
    static TargetExpression parse(const std::string& text);
    // The expressions of a group's `glob:` (one of these) and `regex:`.
    static TargetExpression of_globs(std::vector<std::string> globs);
    static TargetExpression of_regex(const std::string& pattern);

    bool matches(const TargetView& view) const;
    bool uses(Kind kind) const;
    bool uses_facts() const { return uses(Kind::fact); }
    bool uses_variables() const { return uses(Kind::variable); }
    // Plain names in it ("web1,db1").
    std::vector<std::string> literal_names() const { return literals(Kind::names); }
    // Throws Error(usage) where a plain name in it is none of `known`, with the nearest one.
    void check_names(const std::vector<std::string>& known) const;
    // The plain values, no globs, of terms of one kind: the roles or groups that an expression names.
    std::vector<std::string> literals(Kind kind) const;
    // All values of terms of one kind, globs too.
    std::vector<std::string> patterns(Kind kind) const;

    struct Term;

  private:
    explicit TargetExpression(std::shared_ptr<const Term> root) : root_(std::move(root)) {}
    std::shared_ptr<const Term> root_;
};

}  // namespace prove
