// What is allowed and yet hardly meant: warnings that travel with the run.
#pragma once

#include "master/catalog/catalog.hpp"
#include "master/compile/draft.hpp"
#include "master/compile/graph.hpp"
#include "proto/error.hpp"

namespace prove {

// What Mako does to text unasked, in a state file or in the template of a managed file.
void lint_mako(const FileName& path, const std::string& text, bool is_state_file, Diagnostics& diagnostics);
void lint_states(const CompiledFile& file, Diagnostics& diagnostics);
// Both, as this file needs them.
void lint_file(const SourceFile& source, const CompiledFile& file, Diagnostics& diagnostics);

// Parts that need an agent, for a target that is reached by something else.
void lint_executor(const std::vector<Node>& nodes, const class FunctionRegistry& functions, const std::string& executor,
                   Diagnostics& diagnostics);

// What only shows in the whole graph: loops of notifications without an end, sensitive files that anybody may read.
void lint_graph(const Graph& graph, const std::vector<Node>& nodes, const class FunctionRegistry& functions,
                int most_invocations, Diagnostics& diagnostics);

}  // namespace prove
