// A part of a run: the states that were asked for, what they require, and what they notify.
#pragma once

#include "master/compile/compiler.hpp"
#include "master/compile/graph.hpp"

namespace prove {

// Which of the graph's nodes `request` chooses; empty where it chooses nothing, which means all. `nodes` are its nodes:
// lazy ones that were asked for by id are lazy no more. Throws Error(usage) where a choice matches nothing.
std::vector<bool> choose_states(const CompileRequest& request, const Graph& graph, std::vector<Node>& nodes);

// Cuts `run` down to what `request` chooses and marks it partial; leaves it alone where nothing is chosen.
void select_states(const CompileRequest& request, const Graph& graph, StateRun& run);

}  // namespace prove
