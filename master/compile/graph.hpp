// The states of all files of a run as one graph: names resolved to nodes, with the place of every edge for messages.
#pragma once

#include <optional>
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

struct GraphStand {
    NodeIndex block = 0;
    BlockRole role = BlockRole::body;
};

struct GraphNode {
    std::string id;  // the draft's, behind the prefix of its file
    const CompiledFile* file = nullptr;
    const DraftState* draft = nullptr;
    std::vector<Edge> requirements;
    std::vector<Edge> members, rescue, always;  // the members of a group; of a block its body and what ends it
    std::vector<Edge> runs;                     // meta.run
    std::vector<Edge> notifies;  // of both kinds, from the state, its parts and its listeners; each target once
    std::optional<GraphStand> stand;
};

struct Graph {
    const std::vector<CompiledFile>* files = nullptr;
    std::vector<GraphNode> nodes;
    std::unordered_map<std::string_view, NodeIndex> by_id;

    const std::string& id(NodeIndex node) const { return nodes[node].id; }
    // "'vhost' (states/site.yml:3:1)"
    std::string shown(NodeIndex node) const;
    // The node itself, and the members of a group or block and of those in it.
    std::vector<NodeIndex> expanded(NodeIndex node) const;
    // Where both stand, innermost first: the first block that has both, with the role of each.
    struct Common {
        BlockRole first, second;
    };
    std::optional<Common> common_block(NodeIndex first, NodeIndex second) const;
};

// `gathered` is borrowed; where it is not complete a name that is not there is no error. The StateRun's nodes stand in
// the same order; their arguments still have sources instead of contents.
struct BuiltGraph {
    Graph graph;
    std::vector<Node> nodes;
};
BuiltGraph build_graph(const Catalog& catalog, const struct GatheredFiles& gathered, Diagnostics& diagnostics);

// Who runs another state here waits for what that requires. When all requirements are known.
void wait_with_what_they_run(BuiltGraph& built);

// Cycles of requires; notified states that wait for their notifier; notifications of what does nothing when notified.
void check_order(const Graph& graph, Diagnostics& diagnostics);
// Two states that claim one aspect of one thing, and do not agree. `nodes` have their contents.
void check_claims(const Graph& graph, const std::vector<Node>& nodes, const class FunctionRegistry& functions,
                  Diagnostics& diagnostics);

}  // namespace prove
