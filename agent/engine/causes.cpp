// See causes.hpp.
#include "agent/engine/causes.hpp"

#include <algorithm>
#include <utility>

namespace prove {
namespace {

void add(std::string& text, const char* what, const std::vector<Condition>& conditions) {
    for (const Condition& condition : conditions)
        text += std::string(what) + " " + name_of(condition.kind) + " " + write_json(condition.value) + "\n";
}

// Intended wins: a drift beside it would have been mended anyway.
Cause worse(Cause one, Cause other) {
    if (one == Cause::none || other == Cause::intended) return other;
    return one;
}

bool only_events(const StatePartInvocation& part) {
    return std::all_of(part.changes.begin(), part.changes.end(), [](const Change& change) { return change.event; });
}

// An event says something of the host only where the host decides whether it happens.
bool depends_on_host(const Node& node, const Variant& variant, const PreparedPart& prepared) {
    const StatePart& part = *prepared.part;
    const std::string& proved_if = prepared.function->schema.proved_if;
    return !node.probes.empty() || !variant.onlyif.empty() || !variant.unless.empty() || !part.onlyif.empty() ||
           !part.unless.empty() || (!proved_if.empty() && part.arguments.find(proved_if) != nullptr);
}

}  // namespace

Hash wish_of(const Node& node, const LiveRun& run) {
    std::string text = "prove.wish.v1\n";
    for (const Probe& probe : node.probes) add(text, "probe", probe.conditions);
    for (const Variant& variant : node.variants) {
        text += "variant " + std::to_string(variant.mask) + "\n";
        add(text, "onlyif", variant.onlyif);
        add(text, "unless", variant.unless);
        for (const StatePart& part : variant.parts) {
            text += "part " + part.function + " " + write_json(part.arguments) + "\n";
            if (part.runs) text += "runs " + run.nodes[*part.runs].id.text() + "\n";
            add(text, "onlyif", part.onlyif);
            add(text, "unless", part.unless);
            add(text, "that", part.that);
        }
    }
    return hash_of(text);
}

Cause Causes::latest(NodeIndex node) const {
    const auto found = latest_.find(node);
    return found == latest_.end() ? Cause::none : found->second;
}

Cause Causes::of_group(const Node& group) const {
    Cause cause = Cause::none;
    for (const auto* entries : {&group.members, &group.rescue, &group.always})
        for (const NodeIndex entry : *entries) cause = worse(cause, latest(entry));
    return cause;
}

Cause Causes::of_notifiers(const StateInvocation& invocation) const {
    Cause cause = Cause::none;
    for (const StateId& id : invocation.notified_by)
        if (const auto notifier = run_.find(id)) cause = worse(cause, latest(*notifier));
    return cause;
}

bool Causes::wishes_the_same(NodeIndex node) {
    const auto known = same_.find(node);
    if (known != same_.end()) return known->second;
    const auto last = last_->find(run_.nodes[node].id);
    const bool same = last != last_->end() && last->second == wish_of(run_.nodes[node], run_);
    same_.emplace(node, same);
    return same;
}

Cause Causes::of(NodeIndex index, const PreparedVariant* variant, const StateInvocation& invocation) {
    if (last_ == nullptr || !invocation.changed) return Cause::none;
    const Node& node = run_.nodes[index];
    if (node.group || variant == nullptr) return latest_[index] = of_group(node);
    const Cause asked = of_notifiers(invocation);
    Cause cause = Cause::none;
    for (std::size_t i = 0; i < std::min(invocation.parts.size(), variant->parts.size()); ++i) {
        const StatePartInvocation& part = invocation.parts[i];
        const StatePart& wanted = *variant->parts[i].part;
        if (!part.changed) continue;
        if (wanted.runs)
            cause = worse(cause, latest(*wanted.runs));
        else if (asked == Cause::intended)
            cause = Cause::intended;
        else if (asked == Cause::drift && only_events(part))
            cause = worse(cause, asked);
        else if (!only_events(part) || depends_on_host(node, *variant->variant, variant->parts[i]))
            cause = worse(cause, wishes_the_same(index) ? Cause::drift : Cause::intended);
    }
    // Nothing but events that are wanted in every run.
    if (cause == Cause::none) cause = Cause::intended;
    return latest_[index] = cause;
}

AppliedStates Causes::after(const RunReport& report) const {
    AppliedStates applied = *last_;
    // What a late state brings is not known before it is compiled.
    if (!run_.partial && !run_.has_late())
        for (auto at = applied.begin(); at != applied.end();)
            at = run_.find(at->first) ? std::next(at) : applied.erase(at);
    std::map<StateId, Outcome> latest;
    for (const StateInvocation& invocation : report.invocations) latest[invocation.state] = invocation.outcome;
    for (const auto& [state, outcome] : latest) {
        const auto node = run_.find(state);
        if (!node || run_.nodes[*node].group) continue;
        if (outcome == Outcome::ok || outcome == Outcome::changed) applied[state] = wish_of(run_.nodes[*node], run_);
    }
    return applied;
}

}  // namespace prove
