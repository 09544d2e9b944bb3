// How Salt and Ansible call a function: as a key with its arguments below (`pkg.installed:`, `apt:`). People who come from
// there write it so; what they are told is the form and the name that it has here.
#pragma once

#include <string>

#include "agent/functions/registry.hpp"

namespace prove {

// Whether a key of a part without 'fn' is a function, here or in Salt or Ansible. `package: nginx` is an argument.
bool is_function_key(const FunctionRegistry& functions, const Mapping::Member& member);
// What to write instead: "a function is no key: write 'fn: package.installed' and its arguments beside it".
std::string advice_for_function_key(const FunctionRegistry& functions, const std::string& key);

}  // namespace prove
