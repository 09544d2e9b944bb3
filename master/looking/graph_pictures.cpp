// A run's graph for eyes: text, DOT, SVG.
#include <algorithm>
#include <map>

#include "common/process/run.hpp"
#include "common/text/text.hpp"
#include "master/looking/run_graph.hpp"
#include "proto/error.hpp"

namespace prove {

namespace {

constexpr std::size_t largest_picture = 32u << 20;
constexpr std::size_t fewest_of_a_file = 3;
constexpr std::size_t most_reduced = 500;  // states; larger graphs are drawn as they are

// The states of each file; files in the order of their first states.
std::vector<std::pair<std::string, std::vector<NodeIndex>>> by_file(const RunGraph& graph) {
    std::vector<std::pair<std::string, std::vector<NodeIndex>>> result;
    for (NodeIndex index = 0; index < graph.states.size(); ++index) {
        const std::string& file = graph.states[index].file;
        auto group = std::find_if(result.begin(), result.end(), [&](const auto& one) { return one.first == file; });
        if (group == result.end()) group = result.insert(result.end(), {file, {}});
        group->second.push_back(index);
    }
    return result;
}

std::string kind_of(const RunGraph::State& state) {
    return state.block ? "block" : state.group ? "group" : join(state.functions, ", ");
}

std::string marks_of(const RunGraph::State& state) {
    std::vector<std::string> marks;
    if (state.lazy) marks.push_back("lazy");
    if (state.deferred) marks.push_back("deferred");
    if (!state.probes.empty()) marks.push_back("probes " + join(state.probes, ", "));
    return marks.empty() ? "" : "  (" + join(marks, "; ") + ")";
}

const char* verb_of(RunGraph::Kind kind) {
    switch (kind) {
        case RunGraph::Kind::requires_: return "requires";
        case RunGraph::Kind::notify: return "notifies";
        case RunGraph::Kind::notify_failure: return "notifies on failure";
        case RunGraph::Kind::member: return "has";
        case RunGraph::Kind::rescue: return "is rescued by";
        case RunGraph::Kind::always: return "always ends with";
        case RunGraph::Kind::runs: return "runs";
    }
    return "";
}

// The text of a DOT string: quotes and backslashes are escaped, control characters are gone already.
std::string dot_quoted(const std::string& text) {
    return "\"" + replace_all(replace_all(escape_control(text), "\\", "\\\\"), "\"", "\\\"") + "\"";
}

std::string dot_state(NodeIndex index, const RunGraph::State& state) {
    std::vector<std::string> style = {"rounded"};
    if (state.lazy) style.push_back("dashed");
    if (state.group) style.push_back("bold");
    const std::string label = state.id + "\n" + kind_of(state) + marks_of(state);
    std::vector<std::string> lines;
    for (const std::string& line : split(label, '\n')) {
        const std::string inside = dot_quoted(line);
        lines.push_back(inside.substr(1, inside.size() - 2));
    }
    return "n" + std::to_string(index) + " [label=\"" + join(lines, "\\n") + "\", style=\"" + join(style, ",") +
           "\", tooltip=" + dot_quoted(state.position.text()) + "];\n";
}

std::string dot_edge(const RunGraph::Edge& edge) {
    const std::string from = "n" + std::to_string(edge.from), to = "n" + std::to_string(edge.to);
    const auto arrow = [](const std::string& one, const std::string& other, const std::string& attributes) {
        return "  " + one + " -> " + other + (attributes.empty() ? "" : " [" + attributes + "]") + ";\n";
    };
    switch (edge.kind) {
        case RunGraph::Kind::requires_: return arrow(to, from, "");
        // What is woken does not decide where a state is drawn: notifications may go in a circle.
        case RunGraph::Kind::notify: return arrow(from, to, "style=dashed, color=blue, constraint=false");
        case RunGraph::Kind::notify_failure: return arrow(from, to, "style=dashed, color=red, constraint=false");
        case RunGraph::Kind::member: return arrow(to, from, "color=gray, arrowhead=none");
        case RunGraph::Kind::rescue: return arrow(to, from, "color=red, arrowhead=none, label=rescue");
        case RunGraph::Kind::always: return arrow(to, from, "color=gray, arrowhead=none, label=always");
        case RunGraph::Kind::runs: return arrow(to, from, "color=darkgreen, label=runs");
    }
    return "";
}

// The names of the states that edges lead to; where they are all those of a file, the file's.
std::vector<std::string> names_of(const RunGraph& graph, const std::vector<NodeIndex>& states) {
    std::map<std::string, std::size_t> of_file, of_these;
    for (const RunGraph::State& state : graph.states) ++of_file[state.file];
    for (const NodeIndex index : states) ++of_these[graph.states[index].file];
    std::vector<std::string> names;
    for (const NodeIndex index : states) {
        const std::string& file = graph.states[index].file;
        const bool whole = of_these[file] >= fewest_of_a_file && of_these[file] == of_file[file];
        const std::string name = whole ? "all of " + file : graph.states[index].id;
        if (names.empty() || names.back() != name) names.push_back(name);
    }
    return names;
}

// Without the requirements that others imply: where c requires b and b requires a, that c requires a too is no news.
std::vector<RunGraph::Edge> drawn_edges(const RunGraph& graph) {
    if (graph.states.size() > most_reduced) return graph.edges;
    std::vector<std::vector<NodeIndex>> required(graph.states.size());
    for (const RunGraph::Edge& edge : graph.edges)
        if (edge.kind == RunGraph::Kind::requires_) required[edge.from].push_back(edge.to);
    const auto is_implied = [&](const RunGraph::Edge& edge) {
        std::vector<bool> seen(graph.states.size());
        std::vector<NodeIndex> rest;
        for (const NodeIndex other : required[edge.from])
            if (other != edge.to) rest.push_back(other);
        while (!rest.empty()) {
            const NodeIndex at = rest.back();
            rest.pop_back();
            for (const NodeIndex next : required[at]) {
                if (next == edge.to) return true;
                if (!seen[next]) rest.push_back(next);
                seen[next] = true;
            }
        }
        return false;
    };
    std::vector<RunGraph::Edge> result;
    for (const RunGraph::Edge& edge : graph.edges)
        if (edge.kind != RunGraph::Kind::requires_ || !is_implied(edge)) result.push_back(edge);
    return result;
}

}  // namespace

std::string graph_text(const RunGraph& graph) {
    std::string result;
    auto edge = graph.edges.begin();
    std::vector<std::vector<std::string>> below(graph.states.size());
    while (edge != graph.edges.end()) {
        const auto first = edge;
        std::vector<NodeIndex> to;
        for (; edge != graph.edges.end() && edge->from == first->from && edge->kind == first->kind; ++edge)
            to.push_back(edge->to);
        below[first->from].push_back(std::string(verb_of(first->kind)) + " " + join(names_of(graph, to), ", "));
    }
    for (const auto& [file, states] : by_file(graph)) {
        std::size_t widest = 0;
        for (const NodeIndex index : states) widest = std::max(widest, graph.states[index].id.size());
        widest = std::min<std::size_t>(widest, 40);
        result += (result.empty() ? "" : "\n") + escape_control(file) + "\n";
        for (const NodeIndex index : states) {
            const RunGraph::State& state = graph.states[index];
            std::string id = state.id;
            if (id.size() < widest) id.resize(widest, ' ');
            result += "  " + escape_control(id + "  " + kind_of(state) + marks_of(state)) + "\n";
            for (const std::string& line : below[index]) result += "      " + escape_control(line) + "\n";
        }
    }
    return result;
}

std::string graph_dot(const RunGraph& graph, const std::string& name) {
    std::string result = "digraph " + dot_quoted(name) +
                         " {\n  rankdir=TB; ranksep=0.4; nodesep=0.2; compound=true;\n"
                         "  node [shape=box, fontname=\"sans-serif\", fontsize=10];\n"
                         "  edge [fontname=\"sans-serif\", fontsize=8];\n";
    std::size_t number = 0;
    for (const auto& [file, states] : by_file(graph)) {
        result += "  subgraph cluster_" + std::to_string(number++) + " {\n    label=" + dot_quoted(file) +
                  "; fontname=\"sans-serif\"; fontsize=11; color=gray;\n";
        for (const NodeIndex index : states) result += "    " + dot_state(index, graph.states[index]);
        result += "  }\n";
    }
    for (const RunGraph::Edge& edge : drawn_edges(graph)) result += dot_edge(edge);
    return result + "}\n";
}

std::string graph_svg(const std::string& dot) {
    Command command;
    command.argv = {"dot", "-Tsvg"};
    command.input = dot;
    command.output_limit = largest_picture;
    command.timeout = std::chrono::minutes(2);
    CommandResult result;
    try {
        result = run_command(command);
    } catch (const Error& error) {
        if (error.kind() != ErrorKind::missing) throw;
        throw Error(ErrorKind::missing,
                    "drawing needs Graphviz: install the package 'graphviz', or take '--format dot' elsewhere");
    }
    if (result.timed_out)
        throw Error(ErrorKind::timeout, "Graphviz did not finish within 2 minutes; '--format dot' gives its input");
    if (!result.succeeded() || result.truncated)
        throw Error(ErrorKind::failed, "Graphviz failed: " + std::string(trim(escape_control(result.err.substr(0, 400)))));
    return result.out;
}

}  // namespace prove
