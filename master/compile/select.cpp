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
    Selection(const CompileRequest& request, const Graph& graph, std::vector<Node>& nodes)
        : request_(request),
          graph_(graph),
          nodes_(nodes),
          kept_(nodes.size()),
          whole_(nodes.size()),
          alone_(nodes.size()) {}

    std::vector<bool> kept() {
        choose_states();
        choose_tags();
        follow();
        return std::move(kept_);
    }

  private:
    void keep(NodeIndex node) {
        if (whole_[node]) return;
        kept_[node] = whole_[node] = true;
        rest_.push_back(node);
    }

    // A state of a block comes with the end of the block, and with what stands in its rescue and its `always`.
    void keep_block(NodeIndex node) {
        if (kept_[node]) return;
        kept_[node] = true;
        follow_node(node);
        for (const auto* edges : {&graph_.nodes[node].rescue, &graph_.nodes[node].always})
            for (const Edge& edge : *edges) keep(edge.to);
    }

    // What is named is not lazy any more; nor are the blocks around it, and what a lazy meta.include brought.
    void ask_for(NodeIndex node) {
        if (nodes_[node].lazy && graph_.nodes[node].draft->include)
            for (const Edge& member : graph_.nodes[node].members) ask_for(member.to);
        nodes_[node].lazy = false;
        auto stand = graph_.nodes[node].stand;
        alone_[node] = stand && stand->role != BlockRole::body;
        for (; stand; stand = graph_.nodes[stand->block].stand) nodes_[stand->block].lazy = false;
    }

    void choose_states() {
        for (const std::string& name : request_.states) {
            if (const auto exact = graph_.by_id.find(name); exact != graph_.by_id.end()) {
                ask_for(exact->second);
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
            throw Error(ErrorKind::usage, "target " + quoted(request_.target.text()) + " has no state " + quoted(name) +
                                              (near.empty() ? "" : "; did you mean " + quoted(near) + "?"));
        }
    }

    void choose_tags() {
        if (request_.tags.empty() && request_.skip_tags.empty()) return;
        const bool from_all = request_.states.empty();
        std::vector<NodeIndex> blocks;
        for (NodeIndex node = 0; node < graph_.nodes.size(); ++node) {
            const std::vector<std::string>& tags = graph_.nodes[node].draft->tags;
            const bool chosen = (from_all || kept_[node]) &&
                                (request_.tags.empty() || has_one_of(tags, request_.tags)) &&
                                !has_one_of(tags, request_.skip_tags);
            kept_[node] = whole_[node] = false;
            if (!chosen) continue;
            // The states of a block have its tags themselves.
            if (graph_.nodes[node].draft->block)
                blocks.push_back(node);
            else
                keep(node);
        }
        rest_.erase(std::remove_if(rest_.begin(), rest_.end(), [&](NodeIndex node) { return !kept_[node]; }),
                    rest_.end());
        if (rest_.empty())
            throw Error(ErrorKind::usage, "no state of target " + quoted(request_.target.text()) + " has these tags");
        for (const NodeIndex block : blocks) keep_block(block);
    }

    void follow() {
        while (!rest_.empty()) {
            const NodeIndex index = rest_.back();
            rest_.pop_back();
            const GraphNode& node = graph_.nodes[index];
            for (const auto* edges : {&node.members, &node.rescue, &node.always})
                for (const Edge& edge : *edges) keep(edge.to);
            follow_node(index);
        }
    }

    void follow_node(NodeIndex index) {
        const GraphNode& node = graph_.nodes[index];
        for (const auto* edges : {&node.requirements, &node.runs, &node.notifies})
            for (const Edge& edge : *edges) keep(edge.to);
        if (node.stand && !alone_[index]) keep_block(node.stand->block);
        for (const Probe& probe : nodes_[index].probes) follow(probe.conditions);
        for (const Variant& variant : nodes_[index].variants) {
            follow(variant.onlyif);
            follow(variant.unless);
            for (const StatePart& part : variant.parts)
                for (const auto* conditions : {&part.onlyif, &part.unless, &part.that}) follow(*conditions);
        }
    }

    // A condition on what another state changed means nothing without that state.
    void follow(const std::vector<Condition>& conditions) {
        for (const Condition& condition : conditions)
            if (condition.kind == Condition::Kind::changed)
                if (const auto found = graph_.by_id.find(condition.value.text()); found != graph_.by_id.end())
                    keep(found->second);
    }

    const CompileRequest& request_;
    const Graph& graph_;
    std::vector<Node>& nodes_;
    std::vector<bool> kept_;
    std::vector<bool> whole_;  // kept, and so is all that it needs
    std::vector<bool> alone_;  // of a rescue or an `always`, but asked for by its id: it runs without its block
    std::vector<NodeIndex> rest_;
};

void cut(StateRun& run, const std::vector<bool>& kept) {
    std::vector<NodeIndex> moved(run.nodes.size());
    std::vector<Node> nodes;
    for (NodeIndex node = 0; node < run.nodes.size(); ++node) {
        moved[node] = static_cast<NodeIndex>(nodes.size());
        if (kept[node]) nodes.push_back(std::move(run.nodes[node]));
    }
    const auto renumber = [&](std::vector<NodeIndex>& indexes) {
        // Of a block only some states may have been chosen.
        const auto gone = [&](NodeIndex index) { return !kept[index]; };
        indexes.erase(std::remove_if(indexes.begin(), indexes.end(), gone), indexes.end());
        for (NodeIndex& index : indexes) index = moved[index];
    };
    for (Node& node : nodes) {
        renumber(node.requirements);
        for (auto* members : {&node.members, &node.rescue, &node.always}) renumber(*members);
        for (Variant& variant : node.variants) {
            renumber(variant.notify);
            renumber(variant.notify_failure);
            for (StatePart& part : variant.parts) {
                renumber(part.notify);
                renumber(part.notify_failure);
                if (part.runs) part.runs = moved[*part.runs];
            }
        }
    }
    run.nodes = std::move(nodes);
}

}  // namespace

std::vector<bool> choose_states(const CompileRequest& request, const Graph& graph, std::vector<Node>& nodes) {
    if (request.states.empty() && request.tags.empty() && request.skip_tags.empty()) return {};
    return Selection(request, graph, nodes).kept();
}

void select_states(const CompileRequest& request, const Graph& graph, StateRun& run) {
    const std::vector<bool> kept = choose_states(request, graph, run.nodes);
    if (kept.empty()) return;
    cut(run, kept);
    run.partial = true;
}

}  // namespace prove
