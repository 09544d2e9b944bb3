// Late states in the graph: what each waits for, and the piece of graph that one becomes once its results are there.
#pragma once

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "agent/functions/registry.hpp"
#include "master/compile/gather_files.hpp"
#include "master/compile/graph.hpp"
#include "proto/late.hpp"

namespace prove {

// Gives every late state that still waits the part that says what for; checks who asks for which results. When outputs
// are resolved.
void describe_late(const Catalog& catalog, const FunctionRegistry& functions, const GatheredFiles& gathered,
                   const std::function<std::string()>& basis, BuiltGraph& built, Diagnostics& diagnostics);

// Throws Error(refused) where what was asked is not what this run's late states may have (S6): it comes from a target.
void check_asked(const LateRequest& request, const FunctionRegistry& functions, const BuiltGraph& built);

// Of a run of some states only: which nodes of the graph are chosen, and the ids of those that the run has by now.
struct ChosenStates {
    std::vector<bool> chosen;
    std::set<std::string> there;
};

// The piece for the state that was asked for. `nodes` are those of the graph, complete; no `part`: a run of all states.
// What a chosen state turns out to require or to notify comes along, as it does where that is known from the beginning.
LatePiece piece_of(const LateRequest& request, const BuiltGraph& built, const std::optional<ChosenStates>& part,
                   Diagnostics& diagnostics);

}  // namespace prove
