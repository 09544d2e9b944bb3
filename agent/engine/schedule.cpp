// What is next: notified states first, then the written ones, then, at the end, the deferred ones. See schedule.hpp;
// what an end wakes is in schedule_wake.cpp.
#include "agent/engine/schedule.hpp"

#include <algorithm>
#include <utility>

namespace prove {
namespace {

template <class List, class Item>
bool contains(const List& list, const Item& item) {
    return std::find(list.begin(), list.end(), item) != list.end();
}

}  // namespace

Schedule::Schedule(std::shared_ptr<LiveRun> run, const std::vector<Debt>& owed, std::optional<Overlap> overlap)
    : live_(std::move(run)),
      run_(*live_),
      states_(run_.nodes.size()),
      lanes_(overlap ? static_cast<std::size_t>(run_.options.parallelism) : 1),
      overlap_(std::move(overlap)) {
    know_groups();
    place_all();
    take_over(owed);
}

void Schedule::know_groups() {
    groups_of_.assign(run_.nodes.size(), {});
    for (NodeIndex i = 0; i < run_.nodes.size(); ++i)
        for (const auto* entries : {&run_.nodes[i].members, &run_.nodes[i].rescue, &run_.nodes[i].always})
            for (const NodeIndex member : *entries) groups_of_[member].push_back(i);
}

std::optional<Step> Schedule::next(std::size_t number) {
    Lane& lane = lanes_[number];
    while (true) {
        if (!cancelled_)
            if (const auto node = next_asked(lane)) return start(*node, lane);
        if (!lane.empty()) return std::nullopt;
        if (const auto node = next_written()) return start(*node, lane);
        if (!idle()) return std::nullopt;  // what the other lanes run may wake something
        if (end_reached_ || cancelled_ || stopped_by_) break;
        end_reached_ = true;
        pay_debts_at_end();
    }
    if (const auto node = next_deferred()) return start(*node, lane);
    for (const NodeIndex i : run_.written())
        if (states_[i].placed || states_[i].pending) return start(i, lane);  // cancelled, or waiting in a circle
    return std::nullopt;
}

bool Schedule::idle() const {
    return std::all_of(lanes_.begin(), lanes_.end(), [](const Lane& lane) { return lane.empty(); }) &&
           std::none_of(states_.begin(), states_.end(), [](const NodeState& state) { return state.compiling; });
}

// Beside what the other lanes run. What a state wakes is its own lane's: no other can have it meanwhile.
bool Schedule::has_room(const Lane& lane, NodeIndex node) {
    if (!overlap_) return true;
    return lane.empty() ? overlap_->may_start(node) : overlap_->reaches(lane.front().node, node);
}

// What was asked for last comes first, so that what a notified state notifies runs before its siblings. Inside a frame
// only what was asked for since the frame began.
std::optional<NodeIndex> Schedule::next_asked(const Lane& lane) {
    const std::uint64_t since = lane.empty() ? 0 : lane.back().began;
    std::optional<NodeIndex> best;
    for (const NodeIndex node : asked_) {
        const NodeState& state = states_[node];
        const bool waits_for_the_end = run_.nodes[node].defer && !state.pending->here;
        if (waits_for_the_end || state.running || state.compiling || state.pending->event < since) continue;
        if (!ready(node) && !(state.placed && passed_over(node))) continue;
        if (!has_room(lane, node)) continue;
        const bool better =
            !best || state.pending->event > states_[*best].pending->event ||
            (state.pending->event == states_[*best].pending->event && run_.place(node) < run_.place(*best));
        if (better) best = node;
    }
    return best;
}

std::optional<NodeIndex> Schedule::next_written() {
    for (std::size_t at = first_placed_; at < states_.size(); ++at) {
        const NodeIndex i = run_.written()[at];
        if (!states_[i].placed || states_[i].compiling) continue;
        if (cancelled_ || (stopped_by_ && !cleans_up(i)) || passed_over(i)) return i;
        if (!run_.nodes[i].defer && ready(i) && has_room({}, i)) return i;
    }
    return std::nullopt;
}

std::optional<NodeIndex> Schedule::next_deferred() const {
    for (const NodeIndex i : run_.written())
        if ((states_[i].placed || states_[i].pending) && run_.nodes[i].defer && ready(i)) return i;
    return std::nullopt;
}

bool Schedule::notified_by(NodeIndex node, NodeIndex notifier) const {
    const auto& pending = states_[node].pending;
    return pending &&
           std::any_of(pending->by.begin(), pending->by.end(), [&](const Notifier& by) { return by.node == notifier; });
}

// A state is complete when it and the invocations that it notified have ended; for one that it notified itself, at
// once.
bool Schedule::complete(NodeIndex required, NodeIndex by) const {
    if (notified_by(by, required)) return true;
    const Node& node = run_.nodes[required];
    if (node.group) {
        for (const auto* members : {&node.members, &node.rescue, &node.always})
            if (!all_complete(*members, by)) return false;
        // The group itself waits for what its members notified: it cannot be waited for by that.
        for (const auto* members : {&node.members, &node.rescue, &node.always})
            for (const NodeIndex member : *members)
                if (notified_by(by, member)) return true;
    }
    const NodeState& state = states_[required];
    return !state.running && !state.pending && !state.placed && state.open == 0;
}

bool Schedule::satisfied(NodeIndex required, NodeIndex by) const {
    if (notified_by(by, required)) return true;
    const Node& node = run_.nodes[required];
    if (node.group && std::any_of(node.members.begin(), node.members.end(),
                                  [&](NodeIndex member) { return notified_by(by, member); }))
        return std::all_of(node.members.begin(), node.members.end(),
                           [&](NodeIndex member) { return satisfied(member, by); });
    const Standing standing = states_[required].standing;
    return standing == Standing::none || standing == Standing::succeeded;
}

bool Schedule::ready(NodeIndex node) const {
    for (const NodeIndex required : run_.nodes[node].requirements)
        if (!complete(required, node)) return false;
    for (const auto* members : {&run_.nodes[node].members, &run_.nodes[node].rescue, &run_.nodes[node].always})
        if (!all_complete(*members, node)) return false;
    return !states_[node].placed || comes_in_its_turn(node);
}

std::optional<NodeIndex> Schedule::unsatisfied(NodeIndex node) const {
    for (const NodeIndex required : run_.nodes[node].requirements)
        if (!satisfied(required, node)) return required;
    return std::nullopt;
}

Step Schedule::start(NodeIndex index, Lane& lane) {
    NodeState& state = states_[index];
    Step step;
    step.node = index;
    StateInvocation& report = step.invocation;
    report.state = run_.nodes[index].id;
    report.position = run_.nodes[index].position;
    report.number = state.invocations + 1;
    Pending pending = state.pending.value_or(Pending{});
    if ((!state.placed || pending.in_turn) && !pending.by.empty())
        report.why = pending.owed_only ? StateInvocation::Why::owed : StateInvocation::Why::notified;
    for (const Notifier& by : pending.by) report.notified_by.push_back(by.id);

    // Asked while it is still pending: for it, who notified it counts as complete.
    if (refused(index, pending, report)) step.action = Step::Action::settled;
    if (step.action == Step::Action::run && is_late(run_.nodes[index]) && !state.uncompiled) {
        state.compiling = true;  // all else stays as it is, until it is known what is to run
        step.action = Step::Action::compile;
        return step;
    }
    state.pending.reset();
    asked_.erase(std::remove(asked_.begin(), asked_.end(), index), asked_.end());
    state.placed = false;
    while (first_placed_ < states_.size() && !states_[run_.written()[first_placed_]].placed) ++first_placed_;
    ++state.invocations;
    if (pending.by.empty() || !pending.members_only) ++state.counted;
    state.called_by = pending.here && !pending.by.empty() ? pending.by.back().node : std::nullopt;
    state.woken_by = pending.by.empty() ? std::nullopt : pending.by.back().node;
    if (step.action == Step::Action::settled) {
        settle(index, pending, report);
        return step;
    }
    if (run_.nodes[index].group) group_outcome(index, report);
    state.running = true;
    if (overlap_ && lane.empty()) overlap_->start(index);
    lane.push_back({index, ++now_, std::move(pending.by)});
    return step;
}

// Whether this invocation does not run at all; then its report says why.
bool Schedule::refused(NodeIndex index, const Pending& pending, StateInvocation& report) {
    NodeState& state = states_[index];
    const Node& node = run_.nodes[index];
    const auto refuse = [&](Outcome outcome, std::string reason, StateId because_of = {}) {
        report.outcome = outcome;
        report.reason = std::move(reason);
        report.because_of = std::move(because_of);
        return true;
    };
    if (cancelled_) return refuse(Outcome::skipped, *cancelled_);
    if (const auto passed = passed_over(index); passed && state.placed)
        return refuse(Outcome::skipped, passed->reason, passed->because_of);
    if (stopped_by_ && state.placed && !cleans_up(index))
        return refuse(Outcome::skipped, "not started: '" + name(*stopped_by_) + "' failed, and on_failure is stop",
                      run_.nodes[*stopped_by_].id);
    for (const NodeIndex required : node.requirements)
        if (!complete(required, index)) {
            state.given_up = true;
            return refuse(Outcome::failed, "requires '" + name(required) +
                                               "', which waits for this state; use defer on what is notified");
        }
    if (const auto required = unsatisfied(index))
        return refuse(Outcome::skipped, why_unsatisfied(*required), states_[*required].because_of);
    if (state.counted >= run_.options.max_invocations && !(node.group && pending.members_only)) {
        state.given_up = true;
        return refuse(Outcome::failed, loop_text(index));
    }
    if ((state.placed && !pending.in_turn) || pending.certain) return false;
    state.guessed = true;
    return refuse(Outcome::unknown, "depends on whether '" + pending.by.front().id.text() + "' changes something");
}

void Schedule::settle(NodeIndex node, const Pending& pending, const StateInvocation& report) {
    NodeState& state = states_[node];
    if (report.outcome == Outcome::skipped) {
        state.because_of = report.because_of;
        stand(node, pending.by, Standing::skipped, false);
        return end_round(node);
    }
    ended(node, pending.by, report.outcome, false);
    end_round(node);
    if (report.outcome == Outcome::failed) return fire_failure(node);
    if (state.changed == Changed::no) state.changed = Changed::unknown;
    fire_guess(node);
    pay_debts_of(node);
}

bool Schedule::is_held(NodeIndex node) const {
    const NodeState& state = states_[node];
    if (state.standing != Standing::skipped || state.because_of.empty()) return state.standing == Standing::held;
    const auto root = run_.find(state.because_of);
    return root && states_[*root].standing == Standing::held;
}

// "failed", "is held" or "was skipped"
std::string Schedule::how_it_went(NodeIndex node) const {
    const Standing standing = states_[node].standing;
    return standing == Standing::held ? "is held" : standing == Standing::skipped ? "was skipped" : "failed";
}

std::string Schedule::why_unsatisfied(NodeIndex required) const {
    const NodeState& state = states_[required];
    const std::string text = "requires '" + name(required) + "', which " + how_it_went(required);
    if (state.standing != Standing::skipped || state.because_of.empty()) return text;
    return text + " because '" + state.because_of.text() + (is_held(required) ? "' is held" : "' failed");
}

// "invoked more than 8 times in one run: 'a' notifies 'b', which notifies 'a'"
std::string Schedule::loop_text(NodeIndex node) const {
    std::vector<NodeIndex> chain{node};  // backwards
    const auto& pending = states_[node].pending;
    auto by = pending && !pending->by.empty() ? pending->by.back().node : std::nullopt;
    while (by && !contains(chain, *by)) {
        chain.push_back(*by);
        by = states_[*by].woken_by;
    }
    if (by == node) chain.push_back(node);
    std::string text = "invoked more than " + std::to_string(run_.options.max_invocations) + " times in one run: '" +
                       name(chain.back()) + "'";
    for (std::size_t i = chain.size() - 1; i-- > 0;)
        text += (i + 2 == chain.size() ? " notifies '" : ", which notifies '") + name(chain[i]) + "'";
    return text;
}

void Schedule::group_outcome(NodeIndex group, StateInvocation& invocation) const {
    invocation.changed = states_[group].changed_since;
    invocation.outcome = Outcome::ok;
    const std::vector<NodeIndex>& members = run_.nodes[group].members;
    if (run_.nodes[group].block) {
        block_outcome(group, invocation);
    } else if (const auto trouble = first_trouble(members)) {
        invocation.outcome = is_held(*trouble) ? Outcome::held : Outcome::failed;
        invocation.reason = "its member '" + name(*trouble) + "' " + how_it_went(*trouble);
        invocation.because_of = states_[*trouble].because_of;
    }
    if (invocation.outcome != Outcome::ok) return;
    if (invocation.changed)
        invocation.outcome = Outcome::changed;
    else if (std::any_of(members.begin(), members.end(),
                         [&](NodeIndex member) { return states_[member].changed == Changed::unknown; }))
        invocation.outcome = Outcome::unknown;
}

void Schedule::following(const std::function<bool(NodeIndex)>& take) const {
    if (overlap_ || lanes_.front().size() > 1 || stopped_by_ || cancelled_) return;
    for (std::size_t at = first_placed_; at < states_.size(); ++at) {
        const NodeIndex i = run_.written()[at];
        if (!states_[i].placed || run_.nodes[i].defer) continue;
        if (is_late(run_.nodes[i]) || !ready(i) || unsatisfied(i) || passed_over(i) || !take(i)) return;
    }
}

}  // namespace prove
