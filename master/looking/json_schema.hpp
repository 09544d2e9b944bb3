// JSON Schemas (draft 7) of a catalog's files, for editors: what VS Code's YAML extension completes and underlines. The
// one of state files is made from the schemas of the functions. They describe files as they stand: a value that a
// template writes is taken for what it will be, and the compiler has the last word.
#pragma once

#include <string>
#include <vector>

#include "agent/functions/registry.hpp"

namespace prove {

// "states", "targets", "groups", "roles", "prove", "component".
const std::vector<std::string>& json_schema_names();
// Error(usage) for a name that is none of these.
Value json_schema(const std::string& name, const FunctionRegistry& functions);

}  // namespace prove
