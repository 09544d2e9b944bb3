// Late states: what happens when the piece that takes the place of one has come. See schedule.hpp.
#include <algorithm>
#include <utility>

#include "agent/engine/schedule.hpp"

namespace prove {

std::vector<NodeIndex> Schedule::grow(NodeIndex late, LatePiece piece) {
    const std::vector<NodeIndex> added = live_->take(late, std::move(piece));
    states_.resize(run_.nodes.size());
    know_groups();
    know_stands();
    states_[late].compiling = false;
    if (std::find(asked_.begin(), asked_.end(), late) != asked_.end()) ask_for_new(late);
    for (const NodeIndex node : added)
        if (states_[late].placed && !states_[node].pending) states_[node].placed = gets_a_place(node, late);
    first_placed_ = 0;
    if (overlap_) overlap_->look_again();
    take_over(std::exchange(debts_to_come_, {}));
    return added;
}

void Schedule::give_up_compiling(NodeIndex late) {
    states_[late].compiling = false;
    states_[late].uncompiled = true;
}

// What asked for the late state has asked for what is in it.
void Schedule::ask_for_new(NodeIndex late) {
    const Pending pending = *states_[late].pending;
    const std::optional<NodeIndex> from = pending.by.empty() ? std::nullopt : pending.by.back().node;
    const StateId id = pending.by.empty() ? StateId{} : pending.by.back().id;
    const Node& node = run_.nodes[late];
    Wake how{.owed = pending.owed_only, .in_turn = node.block, .here = pending.here};
    for (const auto* entries : {&node.members, &node.always})
        for (const NodeIndex entry : *entries)
            if (node.block ? !run_.nodes[entry].lazy : node.group && (run_.nodes[entry].lazy || pending.here))
                begin(entry, from, id, how);
}

}  // namespace prove
