// `!out state.name` in a run: every one names a state that will give it, with a type that fits where it stands, and is
// a requirement of the state that it stands in.
#pragma once

#include "agent/functions/registry.hpp"
#include "master/compile/graph.hpp"

namespace prove {

// After the graph is built, before the contents of files are made: contexts of templates are looked through too.
void resolve_outputs(const Catalog& catalog, const FunctionRegistry& functions, bool complete, BuiltGraph& built,
                     Diagnostics& diagnostics);

// The argument or condition for which a host that is as it should be does not have this output; empty where it has.
std::string guard_of(const Output& output, const StatePart& part, const Function& function, const Variant& variant);

}  // namespace prove
