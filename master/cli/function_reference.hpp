// References that are made from what the programs declare: a function's schema as text on the terminal, and the pages
// docs/functions.md and docs/facts.md. Pure.
#pragma once

#include <string>
#include <vector>

#include "agent/facts/facts.hpp"
#include "agent/functions/registry.hpp"

namespace prove {

std::string function_text(const FunctionSchema& schema);
std::string functions_markdown(const FunctionRegistry& registry);
std::string facts_markdown(const std::vector<FactDescription>& facts);

}  // namespace prove
