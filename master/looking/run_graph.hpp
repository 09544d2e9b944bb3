// The graph of a StateRun as people look at it: states by the file that they are written in, and what joins them. As
// text, as DOT for Graphviz, or as a picture. No arguments are in it, so nothing here can be secret.
#pragma once

#include <string>
#include <vector>

#include "proto/state_run.hpp"

namespace prove {

struct RunGraph {
    enum class Kind {
        requires_,       // `from` comes after `to`
        notify,          // `from` wakes `to` when it made changes
        notify_failure,  // ... when it failed
        member,          // `to` is in the group or block `from`
        rescue,          // ... in the rescue of the block
        always,          // ... in what always ends the block
        runs,            // `from` runs `to` in its place (meta.run)
    };
    struct State {
        std::string id, file;
        SourcePosition position;
        bool lazy = false, deferred = false, group = false, block = false;
        std::vector<std::string> functions;  // of its parts, each once, in order
        std::vector<std::string> probes;
    };
    struct Edge {
        NodeIndex from = 0, to = 0;
        Kind kind = Kind::requires_;
        auto operator<=>(const Edge&) const = default;
    };
    std::vector<State> states;  // in written order
    std::vector<Edge> edges;    // by `from`, then by kind; each once
};
const char* name_of(RunGraph::Kind kind);  // "requires", "notify" ...

RunGraph graph_of(const StateRun& run);
// One block for each file, a line for each state, its edges indented below it.
std::string graph_text(const RunGraph& graph);
// Requirements point from a state to the one that comes after it, so that a run reads from top to bottom.
std::string graph_dot(const RunGraph& graph, const std::string& name);
// What Graphviz makes of DOT. Error(missing) where it is not installed: it names the package.
std::string graph_svg(const std::string& dot);

Value to_value(const RunGraph& graph);
RunGraph run_graph_from(const Value& value);  // throws Error(invalid)

}  // namespace prove
