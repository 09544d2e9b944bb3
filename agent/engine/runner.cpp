// See runner.hpp.
#include "agent/engine/runner.hpp"

#include <algorithm>
#include <utility>

namespace prove {
namespace {

// How bad an outcome is for the state that a part belongs to.
int weight(Outcome outcome) {
    switch (outcome) {
        case Outcome::skipped:
            return 0;
        case Outcome::ok:
            return 1;
        case Outcome::changed:
        case Outcome::rescued:
            return 2;
        case Outcome::would_change:
            return 3;
        case Outcome::unknown:
            return 4;
        case Outcome::held:
            return 5;
        case Outcome::unproved:
            return 6;
        case Outcome::failed:
            return 7;
    }
    return 7;
}

}  // namespace

bool is_failure(Outcome outcome) {
    return outcome == Outcome::failed || outcome == Outcome::unproved;
}

Runner::Runner(RunBoard& board, std::size_t lane, Host& host)
    : board_(board),
      lane_(lane),
      run_(board.run),
      context_(board.context),
      schedule_(board.schedule),
      host_(host),
      parts_(board, host) {}

void heed_cancellation(RunBoard& board) {
    const Cancellation* cancellation = board.context.cancellation;
    if (!cancellation || !cancellation->cancelled()) return;
    const std::string reason = cancellation->reason();
    board.schedule.cancel(reason.empty() ? "the run was cancelled" : "the run was cancelled: " + reason);
}

void Runner::take(Step step) {
    if (step.action == Step::Action::compile) return compile(step.node);
    StateInvocation& invocation = step.invocation;
    // Its place in the report is taken now: what it notifies runs, and is reported, in between.
    const std::size_t place = board_.report.invocations.size();
    board_.report.invocations.emplace_back();
    const std::int64_t began = context_.clock.boot_ms();
    if (context_.progress && step.action == Step::Action::run) context_.progress->state_started(invocation);
    if (step.action == Step::Action::run) invoke(step, invocation);
    if (invocation.outcome == Outcome::unknown) parts_.doubt(invocation.state);
    invocation.duration = std::chrono::milliseconds(context_.clock.boot_ms() - began);
    strike_paid(board_);
    board_.redactor.redact(invocation);
    if (context_.progress) context_.progress->state_finished(invocation);
    board_.report.invocations[place] = std::move(invocation);
    heed_cancellation(board_);
}

void Runner::invoke(const Step& step, StateInvocation& invocation) {
    const PreparedVariant* variant = nullptr;
    const Node& node = run_.nodes[step.node];
    const std::vector<PreparedVariant>& variants = board_.prepared[step.node];
    if (const auto uncompiled = board_.uncompiled.find(step.node); uncompiled != board_.uncompiled.end()) {
        std::tie(invocation.outcome, invocation.reason) = uncompiled->second;
        return end(step.node, nullptr, invocation);
    }
    board_.outputs.begin(invocation.state);
    bool held_back = false;
    try {
        const Aside aside(board_);
        parts_.begin(invocation.state, PartRunner::default_timeout, false, {}, {});
        variant = &choose_variant(node, variants, invocation);
        held_back = is_held_back(*variant, invocation);
        parts_.end();
    } catch (const Unknown& unknown) {
        parts_.end();
        invocation.outcome = Outcome::unknown;
        invocation.changed = false;
        invocation.reason = "depends on " + unknown.depends_on();
        return end(step.node, nullptr, invocation);
    } catch (const Error& error) {
        parts_.end();
        invocation.outcome = outcome_of(error);
        invocation.changed = false;
        invocation.reason = reason_of(error);
        return end(step.node, variant ? variant->variant : nullptr, invocation);
    }
    if (held_back) return end(step.node, variant->variant, invocation);
    if (!node.group) {
        run_parts(step.node, *variant, invocation);
    } else if (is_plan() && invocation.outcome == Outcome::changed) {
        invocation.outcome = Outcome::would_change;  // the schedule knows of no plans
    }
    end(step.node, variant->variant, invocation);
}

void Runner::end(NodeIndex node, const Variant* variant, StateInvocation& invocation) {
    if (run_.nodes[node].group) invocation.cause = board_.causes.of(node, nullptr, invocation);
    schedule_.finished(node, variant, invocation.outcome, invocation.changed);
}

// The target's answers, as of now: the same state may be another variant the next time.
const PreparedVariant& Runner::choose_variant(const Node& node, const std::vector<PreparedVariant>& variants,
                                              StateInvocation& invocation) {
    std::uint32_t mask = 0;
    const auto& probes = node.probes;
    for (std::size_t i = 0; i < probes.size(); ++i) {
        const bool answer = all_hold(probes[i].conditions, conditions());
        if (answer) mask |= 1u << i;
        invocation.probes.push_back(probes[i].name + (answer ? "=true" : "=false"));
    }
    for (const PreparedVariant& variant : variants)
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
    board_.outputs.withhold(invocation.state, reason);
    return true;
}

ConditionContext Runner::conditions() {
    return {host_, context_.facts,
            [this](const StateId& id) {
                const std::lock_guard lock(board_.mutex);
                const auto node = run_.find(id);
                if (!node) throw Error(ErrorKind::invalid, "there is no state '" + id.text() + "' in this run");
                return schedule_.changed(*node);
            },
            PartRunner::default_timeout, &board_.outputs};
}

void Runner::run_parts(NodeIndex node, const PreparedVariant& variant, StateInvocation& invocation) {
    invocation.outcome = Outcome::skipped;
    for (std::size_t i = 0; i < variant.parts.size(); ++i) {
        if (context_.cancellation && context_.cancellation->cancelled()) {
            invocation.outcome = Outcome::failed;
            invocation.reason = "cancelled before its parts were done";
            return skip_parts(variant, i, "the run was cancelled", invocation);
        }
        if (!is_plan()) prepare_packages(node, variant, i);
        std::function<void()> before_change;
        if (!is_plan())
            before_change = [&, i] {
                const std::lock_guard lock(board_.mutex);
                owe(node, *variant.variant, i);
            };
        const auto may_undo = [this, node](const StateId& earlier) {
            const std::lock_guard lock(board_.mutex);
            const auto other = run_.find(earlier);
            return other && schedule_.cleans_up_after(node, *other);
        };
        {
            const Node& self = run_.nodes[node];
            const Aside aside(board_);
            invocation.parts.push_back(
                parts_.run({self, variant, variant.parts[i], std::move(before_change), may_undo}, conditions()));
        }
        StatePartInvocation& part = invocation.parts.back();
        if (part.outcome == Outcome::ok && variant.parts[i].part->runs) run_in_place(node, *variant.variant, i, part);

        if (part.changed && !is_plan()) owe_late(node, *variant.variant, i);
        invocation.changed = invocation.changed || part.changed;
        invocation.cause = board_.causes.of(node, &variant, invocation);
        if (i == 0 || weight(part.outcome) > weight(invocation.outcome)) {
            invocation.outcome = part.outcome;
            invocation.reason = part.reason;
        }
        const bool failed = is_failure(part.outcome);
        const bool held = part.outcome == Outcome::held;
        schedule_.part_finished(node, *variant.variant, i, {part.changed, failed, part.outcome == Outcome::unknown});
        strike_paid(board_);
        heed_cancellation(board_);
        while (auto step = schedule_.next(lane_)) take(std::move(*step));
        if (failed) return skip_parts(variant, i + 1, "an earlier part of this state failed", invocation);
        if (held) return skip_parts(variant, i + 1, "an earlier part of this state is held", invocation);
    }
    if (variant.parts.empty()) invocation.outcome = Outcome::ok;
}

// meta.run: the state that this part names runs now, and the part comes out as that did.
void Runner::run_in_place(NodeIndex node, const Variant& variant, std::size_t index, StatePartInvocation& part) {
    const NodeIndex to = *variant.parts[index].runs;
    const std::string called = "'" + run_.nodes[to].id.text() + "'";
    const std::int64_t began = context_.clock.boot_ms();
    std::vector<StateInvocation>& invocations = board_.report.invocations;
    const std::size_t before = invocations.size();
    part.outcome = Outcome::failed;
    try {
        if (!is_plan()) owe(node, variant, index);
    } catch (const Error& error) {
        part.reason = reason_of(error);
        return;
    }
    schedule_.run_here(node, to);
    while (auto step = schedule_.next(lane_)) take(std::move(*step));
    part.duration += std::chrono::milliseconds(context_.clock.boot_ms() - began);
    const auto first = invocations.rend() - static_cast<std::ptrdiff_t>(before);
    const auto latest = std::find_if(invocations.rbegin(), first, [&](const StateInvocation& invocation) {
        return invocation.state == run_.nodes[to].id;
    });
    if (latest == first) {
        part.reason = called + " could not run here: it runs already, or what it requires has not ended";
        return;
    }
    part.changed = latest->changed;
    const bool for_others = latest->outcome == Outcome::skipped && !latest->because_of.empty();
    if (schedule_.is_held(to)) part.outcome = Outcome::held;
    if (for_others || is_failure(latest->outcome) || latest->outcome == Outcome::held) {
        part.reason = called + (for_others                         ? " was skipped"
                                : latest->outcome == Outcome::held ? " is held"
                                                                   : " failed");
        if (!latest->reason.empty()) part.reason += ": " + latest->reason;
        return;
    }
    part.outcome = latest->outcome == Outcome::rescued ? Outcome::ok : latest->outcome;
    if (part.outcome == Outcome::ok && part.changed)
        part.outcome = is_plan() ? Outcome::would_change : Outcome::changed;
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
        skipped.description = part.description.empty() ? variant.variant->description : part.description;
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
        board_.report.notes.push_back(reason_of(error));
    }
}

void strike_paid(RunBoard& board) {
    const std::vector<Debt> paid = board.schedule.take_struck();
    if (paid.empty() || board.mode == RunMode::plan || board.ledger_is_broken) return;
    try {
        board.context.ledger.strike(paid);
    } catch (const Error& error) {
        // Harmless for the host: the next run notifies once more.
        board.ledger_is_broken = true;
        board.report.notes.push_back(
            "notifications that were given could not be struck off, and will be given again: " + reason_of(error));
    }
}

}  // namespace prove
