// The states of all files of a run as one graph: names resolved to nodes, with the place of every edge for messages.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "master/catalog/catalog.hpp"
#include "master/compile/draft.hpp"
#include "proto/error.hpp"
#include "proto/state_run.hpp"

namespace prove {

struct Edge {
    NodeIndex to = 0;
    SourcePosition position;  // of the name that made it
};

struct GraphNode {
    const CompiledFile* file = nullptr;
    const DraftState* draft = nullptr;
    std::vector<Edge> requirements, members;
    std::vector<Edge> notifies;  // of both kinds, from the state, its parts and its listeners; each target once
};

struct Graph {
    const std::vector<CompiledFile>* files = nullptr;
    std::vector<GraphNode> nodes;
    std::unordered_map<std::string_view, NodeIndex> by_id;

    const std::string& id(NodeIndex node) const { return nodes[node].draft->id.text(); }
    // "'vhost' (states/site.yml:3:1)"
    std::string shown(NodeIndex node) const;
    // The node itself, or the members of a group and of the groups in it.
    std::vector<NodeIndex> expanded(NodeIndex node) const;
};

// `complete`: all files could be read, so a name that is not there is an error. `files` is borrowed. The StateRun's
// nodes stand in the same order; their arguments still have sources instead of contents.
struct BuiltGraph {
    Graph graph;
    std::vector<Node> nodes;
};
BuiltGraph build_graph(const Catalog& catalog, const std::vector<CompiledFile>& files, bool complete,
                       Diagnostics& diagnostics);

// Cycles of requires; notified states that wait for their notifier; notifications of what does nothing when notified.
void check_order(const Graph& graph, Diagnostics& diagnostics);
// Two states that claim one aspect of one thing, and do not agree. `nodes` have their contents.
void check_claims(const Graph& graph, const std::vector<Node>& nodes, const class FunctionRegistry& functions,
                  Diagnostics& diagnostics);

}  // namespace prove
