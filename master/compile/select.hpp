// A part of a run: the states that were asked for, what they require, and what they notify.
#pragma once

#include "master/compile/compiler.hpp"
#include "master/compile/graph.hpp"

namespace prove {

// Cuts `run` down to what `request` chooses and marks it partial; leaves it alone where nothing is chosen. Lazy states
// that were asked for by id are lazy no more. Throws Error(usage) where a choice matches nothing.
void select_states(const CompileRequest& request, const Graph& graph, StateRun& run);

}  // namespace prove
