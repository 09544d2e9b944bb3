// Target expressions, wherever targets are chosen: globs and lists, /regex/, role: group: fact: var: executor: status:,
// and, or, not, parentheses. One grammar, one parser; errors point at the character. Pure.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "proto/value.hpp"

namespace prove {

// What an expression can ask of a target.
struct TargetView {
    std::string name, host, executor, status;    // status: "connected", "disconnected", "pending", "unknown"
    std::vector<std::string> roles, groups;
    const Value* facts = nullptr;                // null: never seen; then no fact: term holds
    const Value* variables = nullptr;
};

class TargetExpression {
 public:
    // Throws Error(usage) with the expression, a caret and what was expected. An empty text is an error (S8).
    static TargetExpression parse(const std::string& text);
    bool matches(const TargetView& view) const;
    bool uses_facts() const;
    bool uses_variables() const;
    // Plain names in it ("web1,db1"): one that no target has is an error for the caller to raise.
    std::vector<std::string> literal_names() const;

    struct Term;

 private:
    std::shared_ptr<const Term> root_;
};

}  // namespace prove
