// Lints that look at states together: notifications that never come to an end, and secrets that anybody may read.
#include <algorithm>
#include <deque>

#include "agent/functions/registry.hpp"
#include "common/text/text.hpp"
#include "master/compile/lints.hpp"

namespace prove {

namespace {

constexpr unsigned readable_by_all = 0004;
constexpr const char* mode_of_a_new_file = "0644";

bool contains(const std::vector<NodeIndex>& nodes, NodeIndex node) {
    return std::find(nodes.begin(), nodes.end(), node) != nodes.end();
}

// Follows the notifications that fire whenever their state runs, since what it does is an event without a condition.
class LoopSearch {
  public:
    LoopSearch(const Graph& graph, const std::vector<Node>& nodes, const FunctionRegistry& functions)
        : graph_(graph), nodes_(nodes), functions_(functions) {
        for (NodeIndex node = 0; node < nodes.size(); ++node) always_.push_back(always_woken_by(node));
    }

    void report(int most_invocations, Diagnostics& diagnostics) const {
        for (NodeIndex node = 0; node < nodes_.size(); ++node) {
            const std::vector<NodeIndex> loop = loop_from(node);
            if (loop.empty()) continue;
            std::vector<std::string> steps;
            for (std::size_t i = 0; i < loop.size(); ++i) {
                const NodeIndex to = loop[(i + 1) % loop.size()];
                steps.push_back(quoted(graph_.id(loop[i])) + " notifies " + quoted(graph_.id(to)) + " (" +
                                place_of(loop[i], to).text() + ")");
            }
            diagnostics.warning(place_of(loop[0], loop[1 % loop.size()]), graph_.id(node),
                                "a loop of notifications without an end: " + join(steps, ", ") +
                                    "; what happens there happens whenever it runs, so the run fails after " +
                                    std::to_string(most_invocations) + " invocations; guard one of them, with "
                                    "'creates', 'onlyif' or 'unless'");
        }
    }

  private:
    bool is_always(const StatePart& part) const {
        const Function* function = functions_.find(part.function);
        if (function == nullptr || function->schema.nature != FunctionSchema::Nature::event) return false;
        if (part.runs || part.function.rfind("meta.", 0) == 0) return false;
        const std::string& guard = function->schema.proved_if;
        return part.onlyif.empty() && part.unless.empty() &&
               (guard.empty() || part.arguments.find(guard) == nullptr);
    }

    bool always_wakes(const Variant& variant, NodeIndex to) const {
        if (!variant.onlyif.empty() || !variant.unless.empty()) return false;
        const bool whole = contains(variant.notify, to);
        return std::any_of(variant.parts.begin(), variant.parts.end(), [&](const StatePart& part) {
            return is_always(part) && (whole || contains(part.notify, to));
        });
    }

    std::vector<NodeIndex> always_woken_by(NodeIndex node) const {
        std::vector<NodeIndex> result;
        const auto& variants = nodes_[node].variants;
        for (const Edge& edge : graph_.nodes[node].notifies)
            if (std::all_of(variants.begin(), variants.end(),
                            [&](const Variant& variant) { return always_wakes(variant, edge.to); }))
                result.push_back(edge.to);
        return result;
    }

    // The shortest way from a node to itself over nodes that come after it, so that each loop is found once.
    std::vector<NodeIndex> loop_from(NodeIndex start) const {
        if (always_[start].empty()) return {};
        std::vector<NodeIndex> before(nodes_.size(), static_cast<NodeIndex>(nodes_.size()));
        std::deque<NodeIndex> rest = {start};
        while (!rest.empty()) {
            const NodeIndex at = rest.front();
            rest.pop_front();
            for (const NodeIndex next : always_[at]) {
                if (next == start) {
                    std::vector<NodeIndex> loop;
                    for (NodeIndex one = at; one != start; one = before[one]) loop.push_back(one);
                    loop.push_back(start);
                    std::reverse(loop.begin(), loop.end());
                    return loop;
                }
                if (next < start || before[next] != nodes_.size()) continue;
                before[next] = at;
                rest.push_back(next);
            }
        }
        return {};
    }

    SourcePosition place_of(NodeIndex from, NodeIndex to) const {
        for (const Edge& edge : graph_.nodes[from].notifies)
            if (edge.to == to) return edge.position;
        return nodes_[from].position;
    }

    const Graph& graph_;
    const std::vector<Node>& nodes_;
    const FunctionRegistry& functions_;
    std::vector<std::vector<NodeIndex>> always_;
};

void lint_secret(const Node& node, const StatePart& part, const FunctionRegistry& functions, Diagnostics& diagnostics) {
    const Function* function = functions.find(part.function);
    const Value* mode = part.arguments.find("mode");
    if (!part.sensitive || function == nullptr || part.arguments.find("content") == nullptr ||
        function->schema.argument("mode") == nullptr)
        return;
    if (mode == nullptr)
        return (void)diagnostics.warning(part.position, node.id.text(),
                                         std::string("this is sensitive, and everybody may read a new file without "
                                                     "'mode' (") +
                                             mode_of_a_new_file + "); say mode: \"0600\", or \"0640\" with a group");
    if (!mode->is_text() || mode->text().find_first_not_of("01234567") != std::string::npos || mode->text().empty() ||
        mode->text().size() > 4 || (std::stoul(mode->text(), nullptr, 8) & readable_by_all) == 0)
        return;
    diagnostics.warning(mode->position(), node.id.text(),
                        "this is sensitive, and everybody may read a file of mode " + mode->text() +
                            "; say \"0600\", or \"0640\" with a group");
}

}  // namespace

void lint_executor(const std::vector<Node>& nodes, const FunctionRegistry& functions, const std::string& executor,
                   Diagnostics& diagnostics) {
    if (executor == "agent") return;
    for (const Node& node : nodes)
        for (const Variant& variant : node.variants)
            for (const StatePart& part : variant.parts)
                if (const auto why = why_agent_needed(functions, part.function, part.arguments); !why.empty())
                    diagnostics.warning(part.position, node.id.text(), why);
}

void lint_graph(const Graph& graph, const std::vector<Node>& nodes, const FunctionRegistry& functions,
                int most_invocations, Diagnostics& diagnostics) {
    LoopSearch(graph, nodes, functions).report(most_invocations, diagnostics);
    for (const Node& node : nodes)
        for (const Variant& variant : node.variants)
            for (const StatePart& part : variant.parts) lint_secret(node, part, functions, diagnostics);
}

}  // namespace prove
