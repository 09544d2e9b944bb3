// A function's schema as text for people: on the terminal, and as the reference in docs/functions.md. Pure.
#pragma once

#include <string>

#include "agent/functions/registry.hpp"

namespace prove {

std::string function_text(const FunctionSchema& schema);
std::string functions_markdown(const FunctionRegistry& registry);

}  // namespace prove
