// What the end of a variable's key says of the layers below: merging them and explaining them follow the same rules.
#pragma once

#include <string>

#include "proto/value.hpp"

namespace prove {

enum class VariableRule { merge, append, replace };  // key, key+, key!
VariableRule rule_of(const std::string& key);
std::string name_of_key(const std::string& key);  // without its + or !

// Not a mapping that lower and higher layers could meet in: a secret is one only in its looks.
bool is_plain_variable(const Value& value);

}  // namespace prove
