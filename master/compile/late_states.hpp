// Late states in the graph: what each waits for, and the piece of graph that one becomes once its results are there.
#pragma once

#include "agent/functions/registry.hpp"
#include "master/compile/gather_files.hpp"
#include "master/compile/graph.hpp"
#include "master/compile/target_scope.hpp"
#include "proto/late.hpp"

namespace prove {

// Gives every late state that still waits the part that says what for; checks who asks for which results. When outputs
// are resolved.
void describe_late(const Catalog& catalog, const FunctionRegistry& functions, const GatheredFiles& gathered,
                   const TargetScope& scope, BuiltGraph& built, Diagnostics& diagnostics);

// Throws Error(refused) where what was asked is not what this run's late states may have (S6): it comes from a target.
void check_asked(const LateRequest& request, const FunctionRegistry& functions, const BuiltGraph& built);

// The piece for the state that was asked for. `nodes` are those of the graph, complete.
LatePiece piece_of(const LateRequest& request, const Graph& graph, const std::vector<Node>& nodes,
                   Diagnostics& diagnostics);

}  // namespace prove
