// What components add to compiling: functions of their own beside Prove's, and parameters that the variables must fit.
#pragma once

#include "agent/functions/registry.hpp"
#include "master/catalog/component.hpp"
#include "master/compile/target_scope.hpp"

namespace prove {

// `functions` that a catalog may call, and those of its components. Two of one family, and defaults of parameters and
// arguments that are none of their type, are errors.
FunctionRegistry functions_of(const Catalog& catalog, const FunctionRegistry& functions, Diagnostics& diagnostics);

// The program of a component's function; null where it is none.
const ComponentFunction* own_function(const Catalog& catalog, const Function& function);

// That the variables of each component in use are what its parameters say. For those without parameters anything goes.
void check_parameters(const Catalog& catalog, const TargetScope& scope, Diagnostics& diagnostics);

}  // namespace prove
