// What the end of a part or a state wakes: notifications, groups, and the debts of earlier runs. See schedule.hpp.
#include <algorithm>
#include <utility>

#include "agent/engine/schedule.hpp"

namespace prove {
namespace {

bool succeeded(Outcome outcome) {
    return outcome != Outcome::failed && outcome != Outcome::unproved && outcome != Outcome::held;
}

void add_once(std::vector<NodeIndex>& list, NodeIndex node) {
    if (std::find(list.begin(), list.end(), node) == list.end()) list.push_back(node);
}

}  // namespace

// ---- notifications

// Notifying a group means its lazy members, and the group itself where it waits to be asked. A block is notified as
// one.
void Schedule::expand_into(NodeIndex target, std::vector<NodeIndex>& result) const {
    const Node& node = run_.nodes[target];
    if (node.block) return add_once(result, target);
    if (node.group)
        for (const NodeIndex member : node.members)
            if (run_.nodes[member].lazy || run_.nodes[member].group) expand_into(member, result);
    if (!node.group || node.lazy) add_once(result, target);
}

std::vector<NodeIndex> Schedule::expanded(const std::vector<NodeIndex>& targets) const {
    std::vector<NodeIndex> result;
    for (const NodeIndex target : targets) expand_into(target, result);
    return result;
}

void Schedule::wake(NodeIndex to, std::optional<NodeIndex> from, const StateId& from_id, Wake how) {
    NodeState& state = states_[to];
    const bool certain = how.sureness == Sureness::certain;
    // A state that was given up has failed for good. A guess is made once: the same doubt does not go round in circles.
    if (cancelled_ || state.given_up || (!certain && state.guessed)) return;
    if (run_.nodes[to].block && !how.by_member && !how.in_turn) return begin(to, from, from_id, how);
    const bool keeps_its_place = state.placed && !how.here;
    const bool asked = state.pending && std::find(asked_.begin(), asked_.end(), to) != asked_.end();
    if (!keeps_its_place && !asked) asked_.push_back(to);
    if (!state.pending) state.pending = Pending{};
    Pending& pending = *state.pending;
    if (how.in_turn && !state.placed) {
        state.placed = pending.in_turn = true;
        first_placed_ = std::min(first_placed_, run_.place(to));
    }
    const bool known = from_id.empty() || std::any_of(pending.by.begin(), pending.by.end(),
                                                      [&](const Notifier& by) { return by.id == from_id; });
    if (!known) {
        const bool holds = how.holds && from && (!run_.nodes[to].defer || how.here);
        pending.by.push_back({from, from_id, holds});
        if (holds) ++states_[*from].open;
    }
    pending.certain = pending.certain || certain;
    pending.owed_only = pending.owed_only && how.owed;
    pending.members_only = pending.members_only && how.by_member;
    pending.here = pending.here || how.here;
    pending.event = now_;
}

void Schedule::fire(NodeIndex from, const std::vector<NodeIndex>& targets, Sureness sureness) {
    if (targets.empty()) return;
    ++now_;
    const StateId& id = run_.nodes[from].id;
    for (const NodeIndex to : expanded(targets)) {
        debts_.fired({id, run_.nodes[to].id});
        wake(to, from, id, {.sureness = sureness});
    }
}

// Everything that this state might notify: it did not run, so which variant it would have been is not known.
void Schedule::fire_guess(NodeIndex from) {
    std::vector<NodeIndex> targets;
    for (const Variant& variant : run_.nodes[from].variants) {
        for (const NodeIndex to : variant.notify) add_once(targets, to);
        for (const StatePart& part : variant.parts)
            for (const NodeIndex to : part.notify) add_once(targets, to);
    }
    fire(from, targets, Sureness::uncertain);
}

void Schedule::fire_failure(NodeIndex from) {
    std::vector<NodeIndex> targets;
    for (const Variant& variant : run_.nodes[from].variants)
        for (const NodeIndex to : variant.notify_failure) add_once(targets, to);
    fire(from, targets, Sureness::certain);
}

// ---- ends

void Schedule::part_finished(NodeIndex node, const Variant& variant, std::size_t part, PartEnd end) {
    ++now_;
    strike(debts_.settle({node, part}, end.changed, now_));
    if (end.failed)
        fire(node, variant.parts[part].notify_failure, Sureness::certain);
    else if (end.changed || end.unknown)
        fire(node, variant.parts[part].notify, end.changed ? Sureness::certain : Sureness::uncertain);
}

Schedule::Frame Schedule::leave(NodeIndex node) {
    const auto lane = std::find_if(lanes_.begin(), lanes_.end(),
                                   [&](const Lane& one) { return !one.empty() && one.back().node == node; });
    Frame frame = std::move(lane->back());
    lane->pop_back();
    if (overlap_ && lane->empty()) overlap_->end(node);
    return frame;
}

void Schedule::finished(NodeIndex node, const Variant* variant, Outcome outcome, bool changed) {
    const Frame frame = leave(node);
    NodeState& state = states_[node];
    state.running = false;
    state.changed_since = false;
    ++now_;
    if (outcome != Outcome::skipped && !run_.nodes[node].group) mark_begun(node);
    state.rescued = outcome == Outcome::rescued;
    ended(node, frame.by, outcome, changed);
    end_round(node);
    if (outcome == Outcome::held) return;  // what it owes, and is owed, waits for a run that has a master
    if (!succeeded(outcome)) {
        if (variant) return fire(node, variant->notify_failure, Sureness::certain);
        return fire_failure(node);
    }

    strike(debts_.paid(run_.nodes[node].id, frame.began));
    if (changed) {
        fire(node, variant ? variant->notify : std::vector<NodeIndex>{}, Sureness::certain);
    } else if (outcome == Outcome::unknown) {
        if (state.changed == Changed::no) state.changed = Changed::unknown;
        if (variant)
            fire(node, variant->notify, Sureness::uncertain);
        else
            fire_guess(node);
    }
    pay_debts_of(node);
}

void Schedule::ended(NodeIndex node, const std::vector<Notifier>& by, Outcome outcome, bool changed) {
    NodeState& state = states_[node];
    if (changed) state.changed = Changed::yes;
    state.because_of = StateId{};
    const bool held = outcome == Outcome::held;
    if (!succeeded(outcome)) {
        state.because_of = run_.nodes[node].id;
        if (run_.nodes[node].group) {
            StateInvocation look;
            group_outcome(node, look);
            if (!look.because_of.empty()) state.because_of = look.because_of;
        }
        const bool stops = run_.options.on_failure == RunOptions::OnFailure::stop && !held;
        if (stops && !stopped_by_ && !is_failure_of_others(node)) stopped_by_ = node;
        heed_trouble(node, !held);
    }
    stand(node, by, succeeded(outcome) ? Standing::succeeded : held ? Standing::held : Standing::failed, changed);
}

// How the node stands now, told to those who wait for it.
void Schedule::stand(NodeIndex node, const std::vector<Notifier>& by, Standing standing, bool changed) {
    const bool differs = std::exchange(states_[node].standing, standing) != standing;
    for (const Notifier& notifier : by)
        if (notifier.holds) --states_[*notifier.node].open;
    for (const NodeIndex group : groups_of_[node]) {
        NodeState& state = states_[group];
        state.changed_since = state.changed_since || changed;
        // A group that was looked at already is looked at again. The member does not wait for that.
        if (state.standing != Standing::none && (changed || differs))
            wake(group, node, run_.nodes[node].id, {.holds = false, .by_member = true});
    }
}

// ---- debts

void Schedule::take_over(const std::vector<Debt>& owed) {
    for (const Debt& debt : owed) {
        const auto to = run_.find(debt.to);
        if (to && (!run_.nodes[*to].group || run_.nodes[*to].block)) {
            if (!run_.partial || run_.find(debt.from)) debts_.add_earlier(debt);
        } else if (!to && run_.has_late()) {
            debts_to_come_.push_back(debt);
        } else if (!run_.partial) {
            notes_.push_back("a notification of '" + debt.to.text() + "', owed since '" + debt.from.text() +
                             "' changed something in an earlier run, was dropped: there is no such state any more");
            strike({debt});
        }
    }
}

std::vector<Debt> Schedule::incur(NodeIndex node, const Variant& variant, std::size_t part) {
    std::vector<Debt> debts;
    const auto owe = [&](NodeIndex from, const std::vector<NodeIndex>& targets) {
        for (const NodeIndex to : expanded(targets))
            if (!run_.nodes[to].group || run_.nodes[to].block)
                debts.push_back({run_.nodes[from].id, run_.nodes[to].id});
    };
    owe(node, variant.parts[part].notify);
    owe(node, variant.notify);
    // A change of a member is one of its groups, which notify as well.
    std::vector<NodeIndex> groups = groups_of_[node];
    for (std::size_t i = 0; i < groups.size(); ++i) {
        for (const NodeIndex outer : groups_of_[groups[i]]) add_once(groups, outer);
        const NodeState& state = states_[groups[i]];
        const bool takes_part = state.placed || state.pending || state.standing != Standing::none;
        if (takes_part)
            for (const Variant& of_group : run_.nodes[groups[i]].variants) owe(groups[i], of_group.notify);
    }
    return debts_.incur(debts, {node, part});
}

void Schedule::pay_debts_of(NodeIndex node) {
    if (debts_.empty()) return;
    ++now_;
    const StateId& id = run_.nodes[node].id;
    for (const StateId& to : debts_.due_from(id)) {
        debts_.fired({id, to});
        if (const auto target = run_.find(to)) wake(*target, node, id, {.owed = true});
    }
}

// What is owed by states that are not in this run, or that nothing has asked for, is paid before the deferred states.
void Schedule::pay_debts_at_end() {
    ++now_;
    for (const Debt& debt : debts_.due()) {
        const auto from = run_.find(debt.from);
        if (from) {
            const NodeState& state = states_[*from];
            const bool never_asked = !state.placed && !state.pending && state.standing == Standing::none;
            if (!never_asked) continue;  // it still completes and pays, or it failed and the debt stays
        }
        debts_.fired(debt);
        if (const auto target = run_.find(debt.to)) wake(*target, from, debt.from, {.owed = true, .holds = false});
    }
}

void Schedule::strike(const std::vector<Debt>& debts) {
    struck_.insert(struck_.end(), debts.begin(), debts.end());
}

std::vector<Debt> Schedule::take_struck() {
    return std::exchange(struck_, {});
}

void Schedule::cancel(std::string reason) {
    if (!cancelled_) cancelled_ = std::move(reason);
}

Schedule::Changed Schedule::changed(NodeIndex node) const {
    Changed result = states_[node].changed;
    for (const auto* members : {&run_.nodes[node].members, &run_.nodes[node].rescue, &run_.nodes[node].always})
        for (const NodeIndex member : *members) {
            const Changed of_member = changed(member);
            if (of_member == Changed::yes || result == Changed::no) result = of_member;
            if (result == Changed::yes) return result;
        }
    return result;
}

}  // namespace prove
