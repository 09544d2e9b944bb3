// states: a StateRun, planned or applied by the engine. An apply holds the host's run lock, so that two runs never
// collide; a plan waits for nobody and writes nothing.
#include <unistd.h>

#include <optional>

#include "agent/actions/families.hpp"
#include "agent/actions/rights.hpp"
#include "agent/engine/engine.hpp"
#include "agent/engine/ledger.hpp"
#include "agent/facts/facts.hpp"

namespace prove {
namespace {

class EngineEvents final : public Progress {
  public:
    explicit EngineEvents(ActionEvents& events) : events_(events) {}
    void state_started(const StateInvocation& invocation) override { events_.state_started(invocation); }
    void state_finished(const StateInvocation& invocation) override { events_.state_finished(invocation); }
    void output(const StateId& state, OutputStream stream, std::string_view bytes) override {
        events_.output(state.text(), stream, bytes);
    }

  private:
    ActionEvents& events_;
};

bool asks_facts(const std::vector<Condition>& conditions) {
    for (const Condition& condition : conditions)
        if (condition.kind == Condition::Kind::fact) return true;
    return false;
}

// Facts are only gathered where a condition asks for one.
bool asks_facts(const StateRun& run) {
    for (const Node& node : run.nodes) {
        if (is_late(node)) return true;  // who knows what it will ask
        for (const Probe& probe : node.probes)
            if (asks_facts(probe.conditions)) return true;
        for (const Variant& variant : node.variants) {
            if (asks_facts(variant.onlyif) || asks_facts(variant.unless)) return true;
            for (const StatePart& part : variant.parts)
                if (asks_facts(part.onlyif) || asks_facts(part.unless)) return true;
        }
    }
    return false;
}

StateRun run_of(const StatesBody& body, const ActionContext& context) {
    if (!body.blob) return state_run_from(body.run);
    return state_run_from(read_json(context.content.fetch(body.blob->hash), JsonLimits::state_run()));
}

JobResult::End end_of(RunReport::End end) {
    switch (end) {
        case RunReport::End::done:
            return JobResult::End::done;
        case RunReport::End::failed:
            return JobResult::End::failed;
        case RunReport::End::cancelled:
            return JobResult::End::cancelled;
        case RunReport::End::interrupted:
            return JobResult::End::interrupted;
    }
    return JobResult::End::failed;
}

std::string reason_of_end(const RunReport& report) {
    if (report.end != RunReport::End::failed) return report.reason;
    for (const StateInvocation& invocation : report.invocations)
        if (is_failure(invocation))
            return "'" + invocation.state.text() + "' " +
                   (invocation.outcome == Outcome::failed ? "failed" : "is unproved") +
                   (invocation.reason.empty() ? "" : ": " + invocation.reason);
    return report.reason;
}

class States final : public Action {
  public:
    std::string name() const override { return "states"; }

    ActionResult run(const Value& value, const ActionContext& context) const override {
        const StatesBody body = states_body_from(value);
        std::optional<RunLock> lock;  // before anything that takes long: runs wait in the order in which they came

        std::unique_ptr<Ledger> ledger;
        if (body.mode == RunMode::apply) {
            lock = RunLock::acquire(context.ledger_folder, holder(context), context.cancellation,
                                    [&](const std::string& other) { context.events.note("waiting for " + other); });
            ledger = open_ledger(context.ledger_folder);
        } else {
            ledger = look_at_ledger(context.ledger_folder);
        }
        const StateRun run = run_of(body, context);
        const std::unique_ptr<Host> host = context.make_host();
        EngineEvents progress(context.events);
        EngineContext engine{context.functions, *host, context.content, *ledger, context.clock, Value::object()};
        engine.progress = &progress;
        engine.cancellation = context.cancellation;
        engine.make_host = context.make_host;
        engine.late = context.late;
        engine.resident = context.resident;
        engine.secrets = body.secrets;
        if (asks_facts(run)) engine.facts = gather_facts(*host, {.custom_folder = context.facts_folder}).values;
        if (body.mode == RunMode::apply && ::geteuid() != 0) {
            const std::string lacking = what_is_lacking(run, engine);
            if (!lacking.empty()) return {JobResult::End::failed, lacking, {}};
        }
        return result_of(run_knowing_the_last(run, body.mode, context.ledger_folder, engine));
    }

  private:
    // What was applied last is read before the run, and written after it where it is another now.
    static RunReport run_knowing_the_last(const StateRun& run, RunMode mode, const std::string& folder,
                                          EngineContext& engine) {
        AppliedStates applied;
        std::vector<std::string> notes;
        try {
            applied = read_applied(folder);
        } catch (const Error& error) {
            notes.push_back("what was applied last is not known, so every change counts as intended: " + error.text());
        }
        const AppliedStates before = applied;
        engine.applied = &applied;
        RunReport report = execute(run, mode, engine);
        try {
            if (applied != before || (mode == RunMode::apply && !notes.empty())) write_applied(folder, applied);
        } catch (const Error& error) {
            notes.push_back("what was applied could not be kept, so the next run may take a drift for intended: " +
                            error.text());
        }
        report.notes.insert(report.notes.end(), notes.begin(), notes.end());
        return report;
    }
    // Found out by a plan that nobody sees.
    static std::string what_is_lacking(const StateRun& run, EngineContext engine) {
        engine.progress = nullptr;
        return what_needs_root(run, execute(run, RunMode::plan, engine), rights_of_this_process());
    }
    static std::string holder(const ActionContext& context) {
        return (context.job.empty() ? "a run of prove-cli" : "job " + context.job) + ", process " +
               std::to_string(::getpid());
    }
    static ActionResult result_of(RunReport report) {
        ActionResult result;
        result.end = end_of(report.end);
        result.reason = reason_of_end(report);
        result.body = Value::object();
        result.body.set("report", within_limit(std::move(report), result_limit));
        return result;
    }
};

}  // namespace

std::unique_ptr<Action> make_states() {
    return std::make_unique<States>();
}

}  // namespace prove
