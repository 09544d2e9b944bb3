// See live_run.hpp.
#include "agent/engine/live_run.hpp"

#include <algorithm>
#include <numeric>

namespace prove {
namespace {

constexpr std::size_t most_states = 10'000;  // security.md section 15

void renumber(std::vector<NodeIndex>& nodes, const std::vector<NodeIndex>& indexes) {
    for (NodeIndex& node : nodes) node = indexes[node];
}

void renumber(Node& node, const std::vector<NodeIndex>& indexes) {
    for (auto* nodes : {&node.requirements, &node.members, &node.rescue, &node.always}) renumber(*nodes, indexes);
    for (Variant& variant : node.variants) {
        renumber(variant.notify, indexes);
        renumber(variant.notify_failure, indexes);
        for (StatePart& part : variant.parts) {
            renumber(part.notify, indexes);
            renumber(part.notify_failure, indexes);
            if (part.runs) part.runs = indexes[*part.runs];
        }
    }
}

}  // namespace

LiveRun::LiveRun(const StateRun& run)
    : compiled(run), options(run.options), partial(run.partial), written_(run.nodes.size()), place_(run.nodes.size()) {
    std::iota(written_.begin(), written_.end(), 0);
    std::iota(place_.begin(), place_.end(), 0);
    for (const Node& node : run.nodes) {
        by_id_.emplace(node.id.text(), static_cast<NodeIndex>(nodes.size()));
        nodes.nodes_.push_back(&node);
    }
}

std::optional<NodeIndex> LiveRun::find(const StateId& id) const {
    const auto found = by_id_.find(id.text());
    return found == by_id_.end() ? std::nullopt : std::optional(found->second);
}

bool LiveRun::has_late() const {
    return std::any_of(nodes.nodes_.begin(), nodes.nodes_.end(), [](const Node* node) { return is_late(*node); });
}

// For each node of the piece its index here. New ones get the next.
std::vector<NodeIndex> LiveRun::indexes_for(NodeIndex late, const LatePiece& piece) const {
    const std::string& asked = nodes[late].id.text();
    const auto wrong = [&](const std::string& text) {
        throw Error(ErrorKind::invalid, "what came for the late state '" + asked + "' " + text);
    };
    std::vector<NodeIndex> indexes;
    std::size_t fresh = nodes.size();
    bool has_asked = false;
    for (std::size_t i = 0; i < piece.run.nodes.size(); ++i) {
        const Node& node = piece.run.nodes[i];
        const auto here = find(node.id);
        if (i < piece.outside) {
            if (!here)
                wrong("names '" + node.id.text() + "', which is not part of this run" +
                      (partial ? "; choose that state too (--state, --tags)" : ""));
        } else if (here && *here == late) {
            if (is_late(node)) wrong("is late again");
            has_asked = true;
        } else if (here && (!is_late(nodes[*here]) || !is_late(node))) {
            wrong("has another state '" + node.id.text() + "', which this run has already");
        }
        indexes.push_back(here ? *here : static_cast<NodeIndex>(fresh++));
    }
    if (!has_asked) wrong("does not have that state");
    if (fresh > most_states) wrong("makes this a run of more than 10000 states");
    return indexes;
}

std::vector<NodeIndex> LiveRun::take(NodeIndex late, LatePiece piece) {
    const std::vector<NodeIndex> indexes = indexes_for(late, piece);
    std::vector<NodeIndex> added;
    const auto before = static_cast<std::ptrdiff_t>(place_[late]);
    for (std::size_t i = piece.outside; i < indexes.size(); ++i) {
        Node& node = own_.emplace_back(std::move(piece.run.nodes[i]));
        renumber(node, indexes);
        if (indexes[i] < nodes.size()) {
            nodes.nodes_[indexes[i]] = &node;
            continue;
        }
        by_id_.emplace(node.id.text(), indexes[i]);
        nodes.nodes_.push_back(&node);
        added.push_back(indexes[i]);
    }
    written_.insert(written_.begin() + before, added.begin(), added.end());
    place_.resize(nodes.size());
    for (std::size_t i = 0; i < written_.size(); ++i) place_[written_[i]] = i;
    return added;
}

}  // namespace prove
