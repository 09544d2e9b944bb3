// Blocks: what in them waits for its turn, what a failure skips, what it wakes, and what a block comes out as. The
// states of a block are placed like all others and run in their places; a block only holds back and skips. See
// schedule.hpp.
#include <algorithm>
#include <utility>

#include "agent/engine/schedule.hpp"

namespace prove {

// Every written state has its place, but for those of a rescue, which get one when the body fails, and those of a block
// that waits to be asked.
void Schedule::place_all() {
    know_stands();
    for (NodeIndex node = 0; node < run_.nodes.size(); ++node) states_[node].placed = gets_a_place(node, std::nullopt);
}

void Schedule::know_stands() {
    stands_.assign(run_.nodes.size(), std::nullopt);
    for (NodeIndex block = 0; block < run_.nodes.size(); ++block) {
        if (!run_.nodes[block].block) continue;
        for (const NodeIndex node : run_.nodes[block].members) stands_[node] = Stand{block, Role::body};
        for (const NodeIndex node : run_.nodes[block].rescue) stands_[node] = Stand{block, Role::rescue};
        for (const NodeIndex node : run_.nodes[block].always) stands_[node] = Stand{block, Role::always};
    }
}

// Of the blocks around it only those up to `up_to` are asked: that one has its place itself.
bool Schedule::gets_a_place(NodeIndex node, std::optional<NodeIndex> up_to) const {
    bool placed = !run_.nodes[node].lazy;
    for (auto stand = stands_[node]; stand && placed; stand = stands_[stand->block]) {
        if (stand->block == up_to) return stand->role != Role::rescue;
        placed = stand->role != Role::rescue && !run_.nodes[stand->block].lazy;
    }
    return placed;
}

bool Schedule::all_complete(const std::vector<NodeIndex>& nodes, NodeIndex by) const {
    return std::all_of(nodes.begin(), nodes.end(), [&](NodeIndex node) { return complete(node, by); });
}

// The rescue waits for the body, `always` for both.
bool Schedule::comes_in_its_turn(NodeIndex node) const {
    for (auto stand = stands_[node]; stand; stand = stands_[stand->block]) {
        const Node& block = run_.nodes[stand->block];
        if (stand->role != Role::body && !all_complete(block.members, node)) return false;
        if (stand->role == Role::always && !all_complete(block.rescue, node)) return false;
    }
    return true;
}

// Whether this is how a block ends that has begun: then no failure outside of it keeps it from running.
bool Schedule::cleans_up(NodeIndex node) const {
    if (run_.nodes[node].block && states_[node].begun) return true;
    for (auto stand = stands_[node]; stand; stand = stands_[stand->block])
        if (stand->role != Role::body && states_[stand->block].begun) return true;
    return false;
}

// Why a state that has its place does not run: something in its block failed, or is held, before it.
std::optional<Schedule::Passed> Schedule::passed_over(NodeIndex node) const {
    if (!stands_[node]) return std::nullopt;
    // The end of a block says what became of it, once its states have ended.
    if (run_.nodes[node].block && !ready(node)) return std::nullopt;
    bool ends_a_block = run_.nodes[node].block && states_[node].begun;
    for (auto stand = stands_[node]; stand; stand = stands_[stand->block]) {
        const NodeState& block = states_[stand->block];
        const auto failed = stand->role == Role::body     ? block.failed_by
                            : stand->role == Role::rescue ? block.rescue_failed_by
                                                          : std::nullopt;
        if (failed && !ends_a_block && *failed != node)
            return Passed{"'" + name(*failed) + "' " + how_it_went(*failed) + " before it in the block '" +
                              name(stand->block) + "'",
                          states_[*failed].because_of.empty() ? run_.nodes[*failed].id : states_[*failed].because_of};
        const std::vector<NodeIndex>& body = run_.nodes[stand->block].members;
        if (stand->role == Role::always && !block.begun && !body.empty() && all_complete(body, node)) {
            const auto trouble = first_trouble(body);
            return Passed{"nothing of the block '" + name(stand->block) + "' ran",
                          trouble ? states_[*trouble].because_of : StateId{}};
        }
        ends_a_block = ends_a_block || (stand->role != Role::body && block.begun);
    }
    return std::nullopt;
}

// A block that is asked for: its states get their places, and all of them are asked for now.
void Schedule::begin(NodeIndex node, std::optional<NodeIndex> from, const StateId& from_id, Wake how) {
    how.in_turn = true;
    if (run_.nodes[node].block) {
        states_[node].begun = false;
        for (const NodeIndex entry : run_.nodes[node].rescue) states_[entry].standing = Standing::none;
        for (const auto* entries : {&run_.nodes[node].members, &run_.nodes[node].always})
            for (const NodeIndex entry : *entries)
                if (!run_.nodes[entry].lazy) begin(entry, from, from_id, how);
    } else if (how.here) {
        for (const NodeIndex member : run_.nodes[node].members) begin(member, from, from_id, how);
    }
    wake(node, from, from_id, how);
}

void Schedule::run_here(NodeIndex from, NodeIndex to) {
    ++now_;
    begin(to, from, run_.nodes[from].id, {.here = true});
}

void Schedule::mark_begun(NodeIndex node) {
    for (auto stand = stands_[node]; stand; stand = stands_[stand->block]) states_[stand->block].begun = true;
}

// The first failure of a body wakes the rescue; one that is held only keeps the rest of the body from running. A state
// that was invoked again after its block had ended, and failed, opens another round of it.
void Schedule::heed_trouble(NodeIndex node, bool failed) {
    const auto stand = stands_[node];
    if (!stand || stand->role == Role::always) return;
    NodeState& block = states_[stand->block];
    auto& first = stand->role == Role::body ? block.failed_by : block.rescue_failed_by;
    const bool only_held = first && states_[*first].standing == Standing::held;
    if (first && !(only_held && failed)) return;
    first = node;
    mark_begun(node);
    if (stand->role == Role::rescue) return;
    const bool again = !block.placed && !block.pending;
    for (const NodeIndex entry : run_.nodes[stand->block].rescue) {
        states_[entry].standing = Standing::none;
        if (failed && !run_.nodes[entry].lazy) begin(entry, std::nullopt, StateId{}, {});
    }
    if (!again) return;
    for (const NodeIndex entry : run_.nodes[stand->block].always)
        if (!run_.nodes[entry].lazy) begin(entry, std::nullopt, StateId{}, {});
    wake(stand->block, node, run_.nodes[node].id, {.holds = false, .by_member = true});
}

void Schedule::end_round(NodeIndex block) {
    if (!run_.nodes[block].block) return;
    states_[block].failed_by.reset();
    states_[block].rescue_failed_by.reset();
}

// A failure before a state that was only skipped, and both before what is held.
std::optional<NodeIndex> Schedule::first_trouble(const std::vector<NodeIndex>& nodes) const {
    std::optional<NodeIndex> skipped, held;
    for (const NodeIndex node : nodes) {
        const Standing standing = states_[node].standing;
        if (standing == Standing::failed) return node;
        if (is_held(node))
            held = held.value_or(node);
        else if (standing == Standing::skipped)
            skipped = skipped.value_or(node);
    }
    return skipped ? skipped : held;
}

bool Schedule::rescue_succeeded(NodeIndex block) const {
    bool any = false;
    for (const NodeIndex entry : run_.nodes[block].rescue) {
        if (run_.nodes[entry].lazy) continue;
        any = true;
        if (states_[entry].standing != Standing::succeeded) return false;
    }
    return any;
}

void Schedule::block_outcome(NodeIndex index, StateInvocation& invocation) const {
    const Node& block = run_.nodes[index];
    const auto fail = [&](NodeIndex at, const std::string& reason) {
        invocation.outcome = is_held(at) ? Outcome::held : Outcome::failed;
        invocation.reason = reason;
        invocation.because_of = states_[at].because_of;
    };
    const auto how = [&](NodeIndex node) { return "'" + name(node) + "' " + how_it_went(node); };
    const auto body = first_trouble(block.members);
    const auto cleaning = states_[index].begun ? first_trouble(block.always) : std::nullopt;
    const bool cleaning_failed = cleaning.has_value() && !is_held(*cleaning);  // worse than a body that is held
    if (body && !rescue_succeeded(index) && !(is_held(*body) && cleaning_failed)) {
        const auto rescue = first_trouble(block.rescue);
        return fail(*body, how(*body) + (rescue ? ", and in its rescue " + how(*rescue) : ""));
    }
    if (cleaning) return fail(*cleaning, "in its 'always' " + how(*cleaning));
    if (!body) return;
    invocation.outcome = Outcome::rescued;
    invocation.reason = how(*body);
}

// A failure within a block, or in the place of another state, is judged where that ends.
bool Schedule::is_failure_of_others(NodeIndex node) const {
    return stands_[node].has_value() || states_[node].called_by.has_value();
}

// Innermost first: its own places, then those of the states in whose place it ran.
std::vector<Schedule::Stand> Schedule::stands_of(NodeIndex node) const {
    std::vector<Stand> result;
    std::optional<NodeIndex> at = node;
    for (std::size_t calls = 0; at && calls <= states_.size(); ++calls) {  // states may run each other
        for (auto stand = stands_[*at]; stand; stand = stands_[stand->block]) result.push_back(*stand);
        at = states_[*at].called_by;
    }
    return result;
}

std::optional<NodeIndex> Schedule::rescuer(NodeIndex node) const {
    for (const Stand& stand : stands_of(node))
        if (stand.role == Role::body && states_[stand.block].rescued) return stand.block;
    return std::nullopt;
}

bool Schedule::cleans_up_after(NodeIndex later, NodeIndex earlier) const {
    const std::vector<Stand> others = stands_of(earlier);
    for (const Stand& stand : stands_of(later))
        for (const Stand& other : others)
            if (stand.role != Role::body && other.block == stand.block && other.role != stand.role) return true;
    return false;
}

}  // namespace prove
