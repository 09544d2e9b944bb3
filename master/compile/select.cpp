// Choosing states by id, glob and tag.
#include "master/compile/select.hpp"

#include <algorithm>

#include "common/text/glob.hpp"
#include "common/text/text.hpp"

namespace prove {

namespace {

bool has_one_of(const std::vector<std::string>& tags, const std::vector<std::string>& wanted) {
    return std::any_of(tags.begin(), tags.end(), [&](const std::string& tag) {
        return std::find(wanted.begin(), wanted.end(), tag) != wanted.end();
    });
}

class Selection {
  public:
    Selection(const CompileRequest& request, const Graph& graph, StateRun& run)
        : request_(request), graph_(graph), run_(run), kept_(run.nodes.size()) {}

    void apply() {
        choose_states();
        choose_tags();
        follow();
        cut();
        run_.partial = true;
    }

  private:
    void keep(NodeIndex node) {
        if (kept_[node]) return;
        kept_[node] = true;
        rest_.push_back(node);
    }

    void choose_states() {
        for (const std::string& name : request_.states) {
            if (const auto exact = graph_.by_id.find(name); exact != graph_.by_id.end()) {
                run_.nodes[exact->second].lazy = false;
                keep(exact->second);
                continue;
            }
            bool found = false;
            std::vector<std::string> ids;
            for (NodeIndex node = 0; node < graph_.nodes.size(); ++node) {
                ids.push_back(graph_.id(node));
                if (!is_glob(name) || !glob_matches(name, graph_.id(node))) continue;
                found = true;
                keep(node);
            }
            if (found) continue;
            const std::string near = nearest(name, ids);
            throw Error(ErrorKind::usage, "target " + quoted(run_.target.text()) + " has no state " + quoted(name) +
                                              (near.empty() ? "" : "; did you mean " + quoted(near) + "?"));
        }
    }

    void choose_tags() {
        if (request_.tags.empty() && request_.skip_tags.empty()) return;
        const bool from_all = request_.states.empty();
        for (NodeIndex node = 0; node < graph_.nodes.size(); ++node) {
            const std::vector<std::string>& tags = graph_.nodes[node].draft->tags;
            const bool chosen = (from_all || kept_[node]) &&
                                (request_.tags.empty() || has_one_of(tags, request_.tags)) &&
                                !has_one_of(tags, request_.skip_tags);
            kept_[node] = false;
            if (chosen) keep(node);
        }
        rest_.erase(std::remove_if(rest_.begin(), rest_.end(), [&](NodeIndex node) { return !kept_[node]; }),
                    rest_.end());
        if (rest_.empty())
            throw Error(ErrorKind::usage, "no state of target " + quoted(run_.target.text()) + " has these tags");
    }

    void follow() {
        while (!rest_.empty()) {
            const GraphNode& node = graph_.nodes[rest_.back()];
            const Node& compiled = run_.nodes[rest_.back()];
            rest_.pop_back();
            for (const auto* edges : {&node.requirements, &node.members, &node.notifies})
                for (const Edge& edge : *edges) keep(edge.to);
            for (const Probe& probe : compiled.probes) follow(probe.conditions);
            for (const Variant& variant : compiled.variants) {
                follow(variant.onlyif);
                follow(variant.unless);
                for (const StatePart& part : variant.parts) {
                    follow(part.onlyif);
                    follow(part.unless);
                }
            }
        }
    }

    // A condition on what another state changed means nothing without that state.
    void follow(const std::vector<Condition>& conditions) {
        for (const Condition& condition : conditions)
            if (condition.kind == Condition::Kind::changed)
                if (const auto found = graph_.by_id.find(condition.value.text()); found != graph_.by_id.end())
                    keep(found->second);
    }

    void cut() {
        std::vector<NodeIndex> moved(run_.nodes.size());
        std::vector<Node> nodes;
        for (NodeIndex node = 0; node < run_.nodes.size(); ++node) {
            moved[node] = static_cast<NodeIndex>(nodes.size());
            if (kept_[node]) nodes.push_back(std::move(run_.nodes[node]));
        }
        const auto renumber = [&](std::vector<NodeIndex>& indexes) {
            for (NodeIndex& index : indexes) index = moved[index];
        };
        for (Node& node : nodes) {
            renumber(node.requirements);
            renumber(node.members);
            for (Variant& variant : node.variants) {
                renumber(variant.notify);
                renumber(variant.notify_failure);
                for (StatePart& part : variant.parts) {
                    renumber(part.notify);
                    renumber(part.notify_failure);
                }
            }
        }
        run_.nodes = std::move(nodes);
    }

    const CompileRequest& request_;
    const Graph& graph_;
    StateRun& run_;
    std::vector<bool> kept_;
    std::vector<NodeIndex> rest_;
};

}  // namespace

void select_states(const CompileRequest& request, const Graph& graph, StateRun& run) {
    if (request.states.empty() && request.tags.empty() && request.skip_tags.empty()) return;
    Selection(request, graph, run).apply();
}

}  // namespace prove
