// See runner.hpp. The engine's door, execute(), is here too.
#include "agent/engine/runner.hpp"

#include <algorithm>
#include <utility>

#include "agent/host/overlay_host.hpp"

namespace prove {
namespace {

// How bad an outcome is for the state that a part belongs to.
int weight(Outcome outcome) {
    switch (outcome) {
        case Outcome::skipped: return 0;
        case Outcome::ok: return 1;
        case Outcome::changed:
        case Outcome::rescued: return 2;
        case Outcome::would_change: return 3;
        case Outcome::unknown: return 4;
        case Outcome::unproved: return 5;
        case Outcome::failed: return 6;
    }
    return 6;
}

bool is_failure(Outcome outcome) {
    return outcome == Outcome::failed || outcome == Outcome::unproved;
}

}  // namespace

Runner::Runner(const StateRun& run, RunMode mode, const EngineContext& context, Host& host,
               const std::vector<std::vector<PreparedVariant>>& prepared)
    : run_(run),
      mode_(mode),
      context_(context),
      host_(host),
      prepared_(prepared),
      schedule_(run, context.ledger.owed()),
      outputs_(run, mode, context.content),
      parts_(run.options, mode, context, host, outputs_) {}

RunReport Runner::report() {
    report_.target = run_.target;
    report_.mode = mode_;
    report_.catalog = run_.catalog;
    report_.started_ms = context_.clock.wall_ms();
    const std::int64_t began = context_.clock.boot_ms();

    heed_cancellation();
    while (auto step = schedule_.next()) take(std::move(*step));
    strike_paid();

    report_.duration = std::chrono::milliseconds(context_.clock.boot_ms() - began);
    report_.notes.insert(report_.notes.begin(), schedule_.notes().begin(), schedule_.notes().end());
    if (context_.cancellation && context_.cancellation->cancelled()) {
        report_.end = RunReport::End::cancelled;
        report_.reason = context_.cancellation->reason();
    }
    for (StateInvocation& invocation : report_.invocations) {
        if (!is_failure(invocation.outcome)) continue;
        const auto node = run_.find(invocation.state);
        const auto rescuer = node ? schedule_.rescuer(*node) : std::nullopt;
        if (rescuer)
            invocation.rescued_by = run_.nodes[*rescuer].id;
        else if (report_.end == RunReport::End::done)
            report_.end = RunReport::End::failed;
    }
    return std::move(report_);
}

void Runner::heed_cancellation() {
    if (!context_.cancellation || !context_.cancellation->cancelled()) return;
    const std::string reason = context_.cancellation->reason();
    schedule_.cancel(reason.empty() ? "the run was cancelled" : "the run was cancelled: " + reason);
}

void Runner::take(Step step) {
    StateInvocation& invocation = step.invocation;
    // Its place in the report is taken now: what it notifies runs, and is reported, in between.
    const std::size_t place = report_.invocations.size();
    report_.invocations.emplace_back();
    const std::int64_t began = context_.clock.boot_ms();
    if (context_.progress && step.action == Step::Action::run) context_.progress->state_started(invocation);
    if (step.action == Step::Action::run) invoke(step, invocation);
    if (invocation.outcome == Outcome::unknown) parts_.doubt(invocation.state);
    invocation.duration = std::chrono::milliseconds(context_.clock.boot_ms() - began);
    strike_paid();
    if (context_.progress) context_.progress->state_finished(invocation);
    report_.invocations[place] = std::move(invocation);
    heed_cancellation();
}

void Runner::invoke(const Step& step, StateInvocation& invocation) {
    const PreparedVariant* variant = nullptr;
    outputs_.begin(invocation.state);
    try {
        parts_.begin(invocation.state, PartRunner::default_timeout, false, {}, {});
        variant = &choose_variant(step.node, invocation);
        const bool held_back = is_held_back(*variant, invocation);
        parts_.end();
        if (held_back) return end(step.node, variant->variant, invocation);
    } catch (const Unknown& unknown) {
        parts_.end();
        invocation.outcome = Outcome::unknown;
        invocation.changed = false;
        invocation.reason = "depends on " + unknown.depends_on();
        return end(step.node, nullptr, invocation);
    } catch (const Error& error) {
        parts_.end();
        invocation.outcome = Outcome::failed;
        invocation.changed = false;
        invocation.reason = reason_of(error);
        return end(step.node, variant ? variant->variant : nullptr, invocation);
    }
    if (!run_.nodes[step.node].group) {
        run_parts(step.node, *variant, invocation);
    } else if (mode_ == RunMode::plan && invocation.outcome == Outcome::changed) {
        invocation.outcome = Outcome::would_change;   // the schedule knows of no plans
    }
    end(step.node, variant->variant, invocation);
}

void Runner::end(NodeIndex node, const Variant* variant, StateInvocation& invocation) {
    schedule_.finished(node, variant, invocation.outcome, invocation.changed);
}

// The target's answers, as of now: the same state may be another variant the next time.
const PreparedVariant& Runner::choose_variant(NodeIndex node, StateInvocation& invocation) {
    std::uint32_t mask = 0;
    const auto& probes = run_.nodes[node].probes;
    for (std::size_t i = 0; i < probes.size(); ++i) {
        const bool answer = all_hold(probes[i].conditions, conditions());
        if (answer) mask |= 1u << i;
        invocation.probes.push_back(probes[i].name + (answer ? "=true" : "=false"));
    }
    for (const PreparedVariant& variant : prepared_[node])
        if (variant.variant->mask == mask) return variant;
    throw Error(ErrorKind::internal, "there is no variant for these answers of the probes");
}

bool Runner::is_held_back(const PreparedVariant& variant, StateInvocation& invocation) {
    if (variant.variant->onlyif.empty() && variant.variant->unless.empty()) return false;
    const std::string reason = why_not(variant.variant->onlyif, variant.variant->unless, conditions());
    if (reason.empty()) return false;
    invocation.outcome = Outcome::skipped;
    invocation.changed = false;
    invocation.because_of = StateId{};
    invocation.reason = reason;
    outputs_.withhold(invocation.state, reason);
    return true;
}

ConditionContext Runner::conditions() {
    return {host_, context_.facts,
            [this](const StateId& id) {
                const auto node = run_.find(id);
                if (!node) throw Error(ErrorKind::invalid, "there is no state '" + id.text() + "' in this run");
                return schedule_.changed(*node);
            },
            PartRunner::default_timeout, &outputs_};
}

void Runner::run_parts(NodeIndex node, const PreparedVariant& variant, StateInvocation& invocation) {
    invocation.outcome = Outcome::skipped;
    for (std::size_t i = 0; i < variant.parts.size(); ++i) {
        if (context_.cancellation && context_.cancellation->cancelled()) {
            invocation.outcome = Outcome::failed;
            invocation.reason = "cancelled before its parts were done";
            return skip_parts(variant, i, "the run was cancelled", invocation);
        }
        if (mode_ == RunMode::apply) prepare_packages(node, variant, i);
        std::function<void()> before_change;
        if (mode_ == RunMode::apply) before_change = [&, i] { owe(node, *variant.variant, i); };
        const auto may_undo = [this, node](const StateId& earlier) {
            const auto other = run_.find(earlier);
            return other && schedule_.cleans_up_after(node, *other);
        };
        invocation.parts.push_back(
            parts_.run({run_.nodes[node], variant, variant.parts[i], std::move(before_change), may_undo}, conditions()));
        StatePartInvocation& part = invocation.parts.back();
        if (part.outcome == Outcome::ok && variant.parts[i].part->runs) run_in_place(node, *variant.variant, i, part);

        if (part.changed && mode_ == RunMode::apply) owe_late(node, *variant.variant, i);
        invocation.changed = invocation.changed || part.changed;
        if (i == 0 || weight(part.outcome) > weight(invocation.outcome)) {
            invocation.outcome = part.outcome;
            invocation.reason = part.reason;
        }
        const bool failed = is_failure(part.outcome);
        schedule_.part_finished(node, *variant.variant, i, {part.changed, failed, part.outcome == Outcome::unknown});
        strike_paid();
        heed_cancellation();
        while (auto step = schedule_.next()) take(std::move(*step));
        if (failed) return skip_parts(variant, i + 1, "an earlier part of this state failed", invocation);
    }
    if (variant.parts.empty()) invocation.outcome = Outcome::ok;
}

// meta.run: the state that this part names runs now, and the part comes out as that did.
void Runner::run_in_place(NodeIndex node, const Variant& variant, std::size_t index, StatePartInvocation& part) {
    const NodeIndex to = *variant.parts[index].runs;
    const std::string called = "'" + run_.nodes[to].id.text() + "'";
    const std::int64_t began = context_.clock.boot_ms();
    const std::size_t before = report_.invocations.size();
    part.outcome = Outcome::failed;
    try {
        if (mode_ == RunMode::apply) owe(node, variant, index);
    } catch (const Error& error) {
        part.reason = reason_of(error);
        return;
    }
    schedule_.run_here(node, to);
    while (auto step = schedule_.next()) take(std::move(*step));
    part.duration += std::chrono::milliseconds(context_.clock.boot_ms() - began);
    const auto first = report_.invocations.rend() - static_cast<std::ptrdiff_t>(before);
    const auto latest = std::find_if(report_.invocations.rbegin(), first, [&](const StateInvocation& invocation) {
        return invocation.state == run_.nodes[to].id;
    });
    if (latest == first) {
        part.reason = called + " could not run here: it runs already, or what it requires has not ended";
        return;
    }
    part.changed = latest->changed;
    const bool for_others = latest->outcome == Outcome::skipped && !latest->because_of.empty();
    if (for_others || is_failure(latest->outcome)) {
        part.reason = called + (for_others ? " was skipped" : " failed");
        if (!latest->reason.empty()) part.reason += ": " + latest->reason;
        return;
    }
    part.outcome = latest->outcome == Outcome::rescued ? Outcome::ok : latest->outcome;
    if (part.outcome == Outcome::ok && part.changed)
        part.outcome = mode_ == RunMode::plan ? Outcome::would_change : Outcome::changed;
    part.reason = part.outcome == Outcome::ok ? "" : latest->reason;
}

void Runner::skip_parts(const PreparedVariant& variant, std::size_t from, const std::string& reason,
                        StateInvocation& invocation) {
    for (std::size_t i = from; i < variant.parts.size(); ++i) {
        const StatePart& part = *variant.parts[i].part;
        StatePartInvocation& skipped = invocation.parts.emplace_back();
        skipped.function = part.function;
        if (!part.sensitive) skipped.subject = context_.functions.subject(part.function, part.arguments);
        skipped.position = part.position;
        skipped.outcome = Outcome::skipped;
        skipped.reason = reason;
        skipped.sensitive = part.sensitive;
    }
}

// Throws where the ledger cannot be written: then the change is not made.
void Runner::owe(NodeIndex node, const Variant& variant, std::size_t part) {
    const std::vector<Debt> fresh = schedule_.incur(node, variant, part);
    if (fresh.empty()) return;
    with_context([] { return "while writing down which notifications this change will owe; nothing was changed"; },
                 [&] { context_.ledger.add(fresh); });
}

// A host that did not announce its change (one that only predicts) still owes for it.
void Runner::owe_late(NodeIndex node, const Variant& variant, std::size_t part) {
    try {
        owe(node, variant, part);
    } catch (const Error& error) {
        report_.notes.push_back(reason_of(error));
    }
}

void Runner::strike_paid() {
    const std::vector<Debt> paid = schedule_.take_struck();
    if (paid.empty() || mode_ == RunMode::plan || ledger_is_broken_) return;
    try {
        context_.ledger.strike(paid);
    } catch (const Error& error) {
        // Harmless for the host: the next run notifies once more.
        ledger_is_broken_ = true;
        report_.notes.push_back("notifications that were given could not be struck off, and will be given again: " +
                                reason_of(error));
    }
}

RunReport execute(const StateRun& run, RunMode mode, const EngineContext& context) {
    const auto prepared = prepare(run, context.functions, context.content);
    if (mode == RunMode::apply) return Runner(run, mode, context, context.host, prepared).report();
    OverlayHost overlay(context.host);
    return Runner(run, mode, context, overlay, prepared).report();
}

}  // namespace prove
