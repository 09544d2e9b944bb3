// How Salt and Ansible call a function: as a key with its arguments below (`pkg.installed:`, `apt:`). People who come from
// there write it so; what they are told is the form and the name that it has here.
#pragma once

#include <string>

#include "agent/functions/registry.hpp"

namespace prove {

struct Advice {
    SourcePosition position;
    std::string text;
};

// What to tell the author of a part without 'fn': a slip in that key, a function in the place of a key ("write 'fn:
// package.installed' and its arguments beside it"), or that it is missing. `package: nginx` is an argument.
Advice advice_without_function(const FunctionRegistry& functions, const Value& arguments);

}  // namespace prove
