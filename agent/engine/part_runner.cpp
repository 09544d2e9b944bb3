// See part_runner.hpp.
#include "agent/engine/part_runner.hpp"

#include <algorithm>
#include <cmath>

#include "agent/engine/part_output.hpp"
#include "agent/host/overlay_host.hpp"
#include "common/text/text.hpp"

namespace prove {
namespace {

std::string describe(const Change& change) {
    std::string text = change.resource + " " + change.aspect;
    if (!change.event && !change.before.empty()) text += ": " + change.before + " -> " + change.after;
    return text;
}

// Of a short secret the hash tells as much as the secret itself: it can be found by trying.
void hide_hashes(std::vector<Change>& changes) {
    for (Change& change : changes)
        for (std::string* text : {&change.before, &change.after})
            if (text->rfind("blake2b:", 0) == 0) *text = "***";
}

}  // namespace

std::string reason_of(const Error& error) {
    std::string text = error.text();
    for (const std::string& context : error.contexts()) text += "; " + context;
    return text;
}

Outcome outcome_of(const Error& error) {
    return error.kind() == ErrorKind::held ? Outcome::held : Outcome::failed;
}

// What one attempt, or all so far, came to.
struct PartRunner::Attempt {
    Outcome outcome = Outcome::ok;
    std::string reason;
    std::string kept_back;  // what may be said of the reason where the part is sensitive
    bool may_try_again = false;
    std::vector<Change> changes;  // of all attempts
    Value outputs;
};

std::chrono::milliseconds PartRunner::timeout_of(const StatePart& part) {
    return part.timeout.count() > 0 ? part.timeout : default_timeout;
}

void PartRunner::doubt(const StateId& state) {
    if (board_.doubt.empty()) board_.doubt = "the state '" + state.text() + "'";
}

void PartRunner::begin(const StateId& state, std::chrono::milliseconds timeout, bool sensitive, OutputSink output,
                       std::function<void()> before_first_change) {
    PartContext part;
    part.state = state.text();
    part.deadline_boot_ms = context_.clock.boot_ms() + timeout.count();
    part.cancellation = context_.cancellation;
    part.sensitive = sensitive;
    // An overlay looks through the machine's own host, whose commands need their deadline as well.
    if (is_plan()) context_.host.begin_part(part);
    part.output = std::move(output);
    part.before_first_change = std::move(before_first_change);
    host_.begin_part(std::move(part));
}

std::vector<Change> PartRunner::end() {
    if (is_plan()) context_.host.end_part();
    return host_.end_part();
}

StatePartInvocation PartRunner::run(const Task& task, const ConditionContext& conditions) {
    const StatePart& part = *task.prepared.part;
    StatePartInvocation report;
    report.function = part.function;
    report.position = part.position;
    report.sensitive = part.sensitive;
    report.description = part.description.empty() ? task.variant.variant->description : part.description;
    if (!part.sensitive) report.subject = context_.functions.subject(part.function, part.arguments);
    const std::int64_t began = context_.clock.boot_ms();

    Attempt result;
    try {
        try_all(task, conditions, result, report);
    } catch (const Unknown& unknown) {
        result.outcome = Outcome::unknown;
        result.reason = "depends on " + unknown.depends_on();
    } catch (const Error& error) {
        result.outcome = outcome_of(error);
        result.reason = reason_of(error);
        result.kept_back = name_of(error.kind());
    }
    if (result.outcome == Outcome::unknown) doubt(task.node.id);

    report.outcome = result.outcome;
    report.changed = !result.changes.empty();
    report.changes = std::move(result.changes);
    if (part.sensitive) hide_hashes(report.changes);
    report.reason = std::move(result.reason);
    if (!part.sensitive) report.outputs = std::move(result.outputs);
    if (part.sensitive && !report.reason.empty() && report.outcome != Outcome::skipped)
        report.reason = (result.kept_back.empty() ? std::string(name_of(report.outcome)) : result.kept_back) +
                        "; more is not shown, since the part is sensitive";
    report.duration = std::chrono::milliseconds(context_.clock.boot_ms() - began);
    return report;
}

void PartRunner::try_all(const Task& task, const ConditionContext& conditions, Attempt& result,
                         StatePartInvocation& report) {
    const StatePart& part = *task.prepared.part;
    if (!part.onlyif.empty() || !part.unless.empty()) {
        begin(task.node.id, timeout_of(part), part.sensitive, {}, {});
        ConditionContext within = conditions;
        within.timeout = timeout_of(part);
        result.reason = why_not(part.onlyif, part.unless, within);
        end();
        if (!result.reason.empty()) {
            result.outcome = Outcome::skipped;
            return board_.outputs.withhold(task.node.id, result.reason);
        }
    }
    std::optional<Outputs::Resolved> resolved;
    if (!task.prepared.arguments) {
        resolved.emplace(board_.outputs.arguments(part, *task.prepared.function));
        if (!part.sensitive) report.subject = context_.functions.subject(part.function, resolved->values);
    }
    const Arguments& arguments = resolved ? resolved->arguments : *task.prepared.arguments;
    if (!context_.resident)
        if (const auto why = why_agent_needed(context_.functions, part.function, part.arguments); !why.empty())
            throw Error(ErrorKind::refused, why);
    do {
        attempt(task, conditions, arguments, result, report);
    } while (result.may_try_again && wait_before_next(part.retry, report.attempts) && ++report.attempts > 0);
    board_.outputs.give(task.node.id, result.outputs, part.sensitive);
    // What an event wrote is in the report already, as its output.
    if (task.prepared.function->act) result.outputs = Value();
}

void PartRunner::attempt(const Task& task, const ConditionContext& conditions, const Arguments& arguments,
                         Attempt& result, StatePartInvocation& report) {
    const StatePart& part = *task.prepared.part;
    PartOutput output(board_, task.node.id);
    result.outcome = Outcome::ok;
    result.reason.clear();
    result.kept_back.clear();
    result.may_try_again = false;
    result.outputs = Value();
    begin(task.node.id, timeout_of(part), part.sensitive, part.sensitive ? OutputSink{} : output.sink(),
          task.before_first_change);
    try {
        if (!part.that.empty()) require_that(part, conditions, arguments);
        if (task.prepared.function->act)
            result.outputs = task.prepared.function->act(arguments, host_);
        else
            task.prepared.function->converge(arguments, host_);
    } catch (const Unknown& unknown) {
        result.outcome = Outcome::unknown;
        result.reason = "depends on " + unknown.depends_on();
    } catch (const Error& error) {
        look_at_failure(result, reason_of(error), error.kind());
    } catch (const std::exception& fault) {
        look_at_failure(result, std::string("a fault of Prove's own: ") + fault.what(), ErrorKind::internal);
    }
    std::vector<Change> changes = end();
    if (std::string tail = output.finish(); !tail.empty()) report.output = std::move(tail);

    const bool changed = !changes.empty();
    const auto mask = task.variant.variant->mask;
    const std::string flapped = board_.flap_watch.look(task.node.id, mask, changes, task.may_undo);
    std::move(changes.begin(), changes.end(), std::back_inserter(result.changes));
    if (result.outcome == Outcome::ok && !flapped.empty()) {
        result.outcome = Outcome::failed;
        result.reason = flapped;
    }
    if (result.outcome != Outcome::ok) return;
    if (!result.changes.empty()) result.outcome = is_plan() ? Outcome::would_change : Outcome::changed;
    if (!is_plan() && changed && is_proved(task, arguments)) prove_it(task, arguments, result);
    if (result.outcome != Outcome::unproved) read_outputs(task, arguments, result);
}

// meta.assert
void PartRunner::require_that(const StatePart& part, const ConditionContext& conditions, const Arguments& arguments) {
    ConditionContext within = conditions;
    within.timeout = timeout_of(part);
    const std::string untrue = first_untrue(part.that, within);
    if (untrue.empty()) return;
    const auto message = arguments.optional_text("message");
    throw Error(ErrorKind::failed, (message ? *message + ": " : "") + untrue + " does not hold");
}

// A plan looks at them where another state names them: what is not known yet is unknown there. What a command would
// write it never knows.
void PartRunner::read_outputs(const Task& task, const Arguments& arguments, Attempt& result) {
    const Function& function = *task.prepared.function;
    if (is_plan()) {
        result.outputs = Value();
        if (!board_.outputs.wanted(task.node.id)) return;
    }
    if (!function.read_outputs) return;
    const StatePart& part = *task.prepared.part;
    begin(task.node.id, timeout_of(part), part.sensitive, {}, {});
    try {
        result.outputs = function.read_outputs(arguments, host_);
    } catch (const Unknown&) {
        // Whoever names them is told so.
    } catch (const Error& error) {
        look_at_failure(result, reason_of(error), error.kind());
    }
    end();
}

void PartRunner::look_at_failure(Attempt& result, const std::string& text, ErrorKind kind) {
    const bool held = kind == ErrorKind::held;
    if (is_plan() && !held) {
        // After something that cannot be predicted an error may only mean that the overlay does not know better.
        const std::string because = host_.unpredictable().value_or(board_.doubt);
        if (!because.empty()) {
            result.outcome = Outcome::unknown;
            result.reason = "depends on " + because + " (as things are now: " + text + ")";
            return;
        }
    }
    result.outcome = held ? Outcome::held : Outcome::failed;
    result.reason = text;
    result.kept_back = name_of(kind);
    result.may_try_again = !is_plan() && !held && kind != ErrorKind::cancelled && kind != ErrorKind::internal;
}

bool PartRunner::is_proved(const Task& task, const Arguments& arguments) const {
    const FunctionSchema& schema = task.prepared.function->schema;
    if (!board_.run.options.verify || !task.prepared.part->verify) return false;
    if (schema.nature == FunctionSchema::Nature::converges) return true;
    return !schema.proved_if.empty() && arguments.has(schema.proved_if);
}

// The same function once more, over a host that cannot change anything: it must want nothing.
void PartRunner::prove_it(const Task& task, const Arguments& arguments, Attempt& result) {
    OverlayHost overlay(host_);
    PartContext part;
    part.state = task.node.id.text();
    part.deadline_boot_ms = context_.clock.boot_ms() + timeout_of(*task.prepared.part).count();
    part.cancellation = context_.cancellation;
    part.sensitive = true;  // nobody reads these diffs
    host_.begin_part(part);
    overlay.begin_part(part);
    std::string trouble;
    try {
        task.prepared.function->converge(arguments, overlay);
    } catch (const Unknown& unknown) {
        trouble = "depends on " + unknown.depends_on();
    } catch (const Error& error) {
        trouble = reason_of(error);
    }
    std::vector<std::string> wanted;
    for (const Change& change : overlay.end_part()) wanted.push_back(describe(change));
    host_.end_part();
    if (trouble.empty() && wanted.empty()) return;
    result.outcome = Outcome::unproved;
    result.may_try_again = true;
    result.reason = trouble.empty() ? "it was changed, but a second look still wants " + join(wanted, "; ")
                                    : "it was changed, but a second look fails: " + trouble;
}

// Whether there is another attempt to make; waits for its time.
bool PartRunner::wait_before_next(const Retry& retry, int attempts_so_far) {
    if (attempts_so_far >= retry.attempts || cancelled()) return false;
    const double factor = std::pow(std::max(retry.backoff, 1.0), attempts_so_far - 1);
    const auto delay = std::chrono::milliseconds(
        static_cast<std::int64_t>(std::min(static_cast<double>(retry.delay.count()) * factor, 3'600'000.0)));
    if (context_.wait) {
        context_.wait(delay);
        return !cancelled();
    }
    if (context_.cancellation != nullptr) return !context_.cancellation->wait_for(delay);
    return !Cancellation().wait_for(delay);  // nobody can cancel: the pause alone
}

}  // namespace prove
