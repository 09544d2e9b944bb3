// See overlap.hpp.
#include "agent/engine/overlap.hpp"

#include <algorithm>

namespace prove {
namespace {

template <class T>
bool intersect(const std::set<T>& left, const std::set<T>& right) {
    const std::set<T>& small = left.size() < right.size() ? left : right;
    const std::set<T>& large = left.size() < right.size() ? right : left;
    return std::any_of(small.begin(), small.end(), [&](const T& item) { return large.count(item) != 0; });
}

void append(std::vector<NodeIndex>& to, const std::vector<NodeIndex>& from) {
    to.insert(to.end(), from.begin(), from.end());
}

}  // namespace

Overlap::Overlap(std::shared_ptr<const LiveRun> run, const std::vector<Debt>& owed, ClaimsOf claims_of)
    : live_(std::move(run)), run_(*live_), claims_of_(std::move(claims_of)), debts_(owed) {
    look_again();
}

void Overlap::look_again() {
    reaches_.clear();
    claims_.clear();
    owed_.clear();
    groups_of_.assign(run_.nodes.size(), {});
    for (NodeIndex node = 0; node < run_.nodes.size(); ++node) {
        claims_.push_back(claims_of_(run_.nodes[node]));
        for (const auto* entries : {&run_.nodes[node].members, &run_.nodes[node].rescue, &run_.nodes[node].always})
            for (const NodeIndex entry : *entries) groups_of_[entry].push_back(node);
    }
    for (const Debt& debt : debts_) {
        const auto from = run_.find(debt.from);
        const auto to = run_.find(debt.to);
        if (from && to) owed_.emplace(*from, *to);
    }
}

// What one node may wake itself. A group that is notified passes it on to its members; the groups that a node is in are
// looked at again when it ends, and a block is one whole.
std::vector<NodeIndex> Overlap::wakes(NodeIndex index) const {
    std::vector<NodeIndex> targets;
    for (const Variant& variant : run_.nodes[index].variants) {
        append(targets, variant.notify);
        append(targets, variant.notify_failure);
        for (const StatePart& part : variant.parts) {
            append(targets, part.notify);
            append(targets, part.notify_failure);
            if (part.runs) targets.push_back(*part.runs);
        }
    }
    for (auto [debt, end] = owed_.equal_range(index); debt != end; ++debt) targets.push_back(debt->second);
    for (std::size_t at = 0; at < targets.size() && at < run_.nodes.size(); ++at)
        for (const NodeIndex member : run_.nodes[targets[at]].members)
            if (std::find(targets.begin(), targets.end(), member) == targets.end()) targets.push_back(member);
    append(targets, groups_of_[index]);
    if (run_.nodes[index].block)
        for (const auto* entries : {&run_.nodes[index].members, &run_.nodes[index].rescue, &run_.nodes[index].always})
            append(targets, *entries);
    return targets;
}

const Overlap::Reach& Overlap::reach_of(NodeIndex root) {
    const auto [found, fresh] = reaches_.try_emplace(root);
    Reach& reach = found->second;
    if (!fresh) return reach;
    std::vector<NodeIndex> rest{root};
    while (!rest.empty()) {
        const NodeIndex node = rest.back();
        rest.pop_back();
        if (!reach.nodes.insert(node).second) continue;
        append(rest, wakes(node));
        if (run_.nodes[node].group) continue;  // it runs nothing itself
        reach.files.insert(run_.nodes[node].state_file);
        reach.unknown = reach.unknown || claims_[node].unknown;
        for (const std::string& name : claims_[node].names) {
            reach.names.insert(name);
            if (name.front() != '/') continue;
            for (std::size_t at = name.find('/', 1); at != std::string::npos; at = name.find('/', at + 1))
                reach.above.insert(name.substr(0, at));
        }
    }
    return reach;
}

bool Overlap::meet(const Reach& left, const Reach& right) {
    return left.unknown || right.unknown || intersect(left.nodes, right.nodes) || intersect(left.files, right.files) ||
           intersect(left.names, right.names) || intersect(left.names, right.above) ||
           intersect(left.above, right.names);
}

bool Overlap::may_start(NodeIndex root) {
    if (running_.empty()) return true;
    const Reach& reach = reach_of(root);
    return std::none_of(running_.begin(), running_.end(),
                        [&](NodeIndex other) { return meet(reach, reach_of(other)); });
}

void Overlap::start(NodeIndex root) {
    running_.insert(root);
}

void Overlap::end(NodeIndex root) {
    running_.erase(root);
}

}  // namespace prove
