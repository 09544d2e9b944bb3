// Conditions on facts: "os.family=debian", also != < <= > >= and globs. The same comparison as in target expressions.
#pragma once

#include <string>

#include "proto/value.hpp"

namespace prove {

// A fact that is not there holds nothing, also not `!=`. Throws Error(invalid) where the text is no such expression, or
// names a fact that Prove does not know (custom ones are free).
bool fact_holds(const std::string& expression, const Value& facts);
// The same check, without facts.
void check_fact_expression(const std::string& expression);

}  // namespace prove
