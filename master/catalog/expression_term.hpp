// The tree that a target expression is parsed into. Shared by the parser, the matcher and conditions on facts.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/text/comparison.hpp"
#include "master/catalog/name_regex.hpp"
#include "master/catalog/target_expression.hpp"

namespace prove {

struct TargetExpression::Term {
    Kind kind = Kind::names;
    std::vector<std::shared_ptr<const Term>> children;  // of all, any and negation
    std::vector<std::string> globs;                     // of names, role, group, executor and status
    std::optional<NameRegex> regex;
    std::optional<Comparison> comparison;  // of fact and variable
};

using TermPointer = std::shared_ptr<const TargetExpression::Term>;

// Throws ExpressionError.
TermPointer parse_expression(const std::string& text);
// One comparison of a fact as `fact:` has it, such as os.family=debian: for conditions. Throws ExpressionError.
Comparison parse_fact_comparison(const std::string& text);

}  // namespace prove
