// What can be wrong with the order of a graph: it goes in a circle, it waits for itself, or it wakes what does nothing.
#include <algorithm>
#include <set>

#include "common/text/text.hpp"
#include "master/compile/graph.hpp"

namespace prove {

namespace {

constexpr std::size_t most_cycles = 20;

struct Wait {
    NodeIndex to = 0;
    SourcePosition position;
    const char* verb = "requires";
};

// What a node waits for: what it requires, a group for its members, a block for all that stands in it, who runs another
// state for that; a rescue for the body of its block, `always` for both.
std::vector<Wait> waits_of(const Graph& graph, NodeIndex node) {
    std::vector<Wait> result;
    const auto add = [&](const std::vector<Edge>& edges, const char* verb) {
        for (const Edge& edge : edges) result.push_back({edge.to, edge.position, verb});
    };
    const GraphNode& at = graph.nodes[node];
    add(at.requirements, "requires");
    add(at.members, at.draft->block || at.draft->include ? "ends with" : "has the member");
    add(at.rescue, "ends with");
    add(at.always, "ends with");
    add(at.runs, "runs");
    for (auto stand = at.stand; stand; stand = graph.nodes[stand->block].stand) {
        if (stand->role != BlockRole::body) add(graph.nodes[stand->block].members, "comes after");
        if (stand->role == BlockRole::always) add(graph.nodes[stand->block].rescue, "comes after");
    }
    return result;
}

class CycleSearch {
  public:
    CycleSearch(const Graph& graph, Diagnostics& diagnostics) : graph_(graph), diagnostics_(diagnostics) {}

    void search() {
        states_.assign(graph_.nodes.size(), State::fresh);
        for (NodeIndex node = 0; node < graph_.nodes.size(); ++node)
            if (states_[node] == State::fresh) walk(node);
    }

  private:
    enum class State : std::uint8_t { fresh, open, done };
    struct Frame {
        NodeIndex node;
        std::vector<Wait> edges;
        std::size_t next = 0;
    };

    // Depth first with a stack of our own: a chain of 10,000 states is no reason to overflow the thread's.
    void walk(NodeIndex start) {
        open(start);
        while (!path_.empty()) {
            Frame& frame = path_.back();
            if (frame.next == frame.edges.size()) {
                states_[frame.node] = State::done;
                path_.pop_back();
                continue;
            }
            const NodeIndex to = frame.edges[frame.next++].to;
            if (states_[to] == State::open)
                report(to);
            else if (states_[to] == State::fresh)
                open(to);
        }
    }

    void open(NodeIndex node) {
        states_[node] = State::open;
        path_.push_back({node, waits_of(graph_, node)});
    }

    void report(NodeIndex start) {
        if (reported_++ == most_cycles) return;
        std::size_t first = path_.size() - 1;
        while (path_[first].node != start) --first;
        std::vector<std::string> edges;
        for (std::size_t at = first; at < path_.size(); ++at) {
            const Wait& wait = path_[at].edges[path_[at].next - 1];
            edges.push_back(quoted(graph_.id(path_[at].node)) + " " + wait.verb + " " + quoted(graph_.id(wait.to)) +
                            " (" + wait.position.text() + ")");
        }
        const Frame& frame = path_[first];
        diagnostics_.error(frame.edges[frame.next - 1].position, graph_.id(start),
                           edges.size() == 1 ? "this state waits for itself: " + edges.front()
                                             : "a cycle, in which no state can be the first: " + join(edges, ", "));
    }

    const Graph& graph_;
    Diagnostics& diagnostics_;
    std::vector<State> states_;
    std::vector<Frame> path_;
    std::size_t reported_ = 0;
};

// Everything that must be complete before one of `node`'s requirements is, without those requirements themselves.
std::set<NodeIndex> behind_requirements(const Graph& graph, NodeIndex node) {
    std::set<NodeIndex> result;
    std::vector<NodeIndex> rest;
    const auto add = [&](NodeIndex from) {
        for (const Wait& edge : waits_of(graph, from))
            if (result.insert(edge.to).second) rest.push_back(edge.to);
    };
    for (const Edge& edge : graph.nodes[node].requirements) add(edge.to);
    while (!rest.empty()) {
        const NodeIndex next = rest.back();
        rest.pop_back();
        add(next);
    }
    return result;
}

// The requirement of `node` through which it waits for `notifier`.
NodeIndex between(const Graph& graph, NodeIndex node, NodeIndex notifier) {
    for (const Edge& first : graph.nodes[node].requirements) {
        std::set<NodeIndex> seen;
        std::vector<NodeIndex> rest = {first.to};
        while (!rest.empty()) {
            const NodeIndex next = rest.back();
            rest.pop_back();
            for (const Wait& edge : waits_of(graph, next)) {
                if (edge.to == notifier) return first.to;
                if (seen.insert(edge.to).second) rest.push_back(edge.to);
            }
        }
    }
    return node;
}

// A notifier is complete when what it notified has ended; so what it notifies must not wait for anything that waits for
// it. What requires only the notifier itself is fine: for a state that it notified it counts as complete at once.
void check_waiting(const Graph& graph, Diagnostics& diagnostics) {
    std::vector<std::vector<std::pair<NodeIndex, SourcePosition>>> notifiers(graph.nodes.size());
    for (NodeIndex from = 0; from < graph.nodes.size(); ++from)
        for (const Edge& edge : graph.nodes[from].notifies)
            for (const NodeIndex to : graph.expanded(edge.to)) notifiers[to].push_back({from, edge.position});
    for (NodeIndex node = 0; node < graph.nodes.size(); ++node) {
        if (notifiers[node].empty() || graph.nodes[node].requirements.empty() || graph.nodes[node].draft->defer)
            continue;
        const std::set<NodeIndex> behind = behind_requirements(graph, node);
        for (const auto& [notifier, position] : notifiers[node]) {
            if (behind.count(notifier) == 0 || notifier == node) continue;
            const NodeIndex middle = between(graph, node, notifier);
            diagnostics.error(position, graph.id(notifier),
                              quoted(graph.id(notifier)) + " notifies " + graph.shown(node) + ", which requires " +
                                  graph.shown(middle) + ", which waits for " + quoted(graph.id(notifier)) +
                                  ": none could go on; give " + quoted(graph.id(node)) + " 'defer: true'");
        }
    }
}

// A state that only wants services to run does nothing for who notifies it, since they run already.
bool only_running(const DraftState& state) {
    bool running = false;
    for (const DraftVariant& variant : state.variants)
        for (const DraftPart& part : variant.parts) {
            if (part.part.function == "service.running")
                running = true;
            else if (part.part.function != "service.enabled")
                return false;
        }
    return running;
}

void check_notified(const Graph& graph, Diagnostics& diagnostics) {
    for (NodeIndex from = 0; from < graph.nodes.size(); ++from)
        for (const Edge& edge : graph.nodes[from].notifies)
            if (only_running(*graph.nodes[edge.to].draft))
                diagnostics.error(
                    edge.position, graph.id(from),
                    quoted(graph.id(from)) + " notifies " + graph.shown(edge.to) +
                        ", a service.running, which does nothing where the service runs already; notify a "
                        "lazy state with service.reloaded or service.restarted");
}

}  // namespace

void check_order(const Graph& graph, Diagnostics& diagnostics) {
    CycleSearch(graph, diagnostics).search();
    check_waiting(graph, diagnostics);
    check_notified(graph, diagnostics);
}

}  // namespace prove
