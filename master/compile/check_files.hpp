// The check of a catalog's files that needs no target.
#pragma once

#include "agent/functions/registry.hpp"
#include "master/catalog/catalog.hpp"

namespace prove {

// Errors of state files without a template: what is no YAML, unknown functions, wrong arguments and keys.
Diagnostics check_state_files(const Catalog& catalog, const FunctionRegistry& functions);

}  // namespace prove
