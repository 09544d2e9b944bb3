// From a job's order to its Action and back to a result.
#include "agent/daemon/work.hpp"

#include <algorithm>

#include "agent/actions/posted_events.hpp"
#include "agent/host/linux_host.hpp"

namespace prove {

AgentWork::AgentWork(Parts parts) : parts_(std::move(parts)), functions_(all_functions()) {
    for (const auto& action : all_actions()) operations_.push_back(action->name());
}

bool AgentWork::knows(const std::string& operation) const {
    return std::find(operations_.begin(), operations_.end(), operation) != operations_.end();
}

void AgentWork::waits(const JobOrder& order, const JobId& behind) {
    PostedEvents(order.job, parts_.event).note("waiting for job " + behind.short_text());
}

JobResult AgentWork::run(const JobOrder& order, const Cancellation& cancellation) {
    static const Value nothing = Value::object();
    PostedEvents events(order.job, parts_.event);
    const Value& named = order.operation == "states" ? order.body : nothing;
    JobContents contents(order.job, named, parts_.contents, cancellation, order.own);
    JobLate late(order.job, parts_.late, contents, parts_.contents, cancellation, order.own);
    ActionContext context{.functions = functions_,
                          .content = contents,
                          .clock = parts_.clock,
                          .events = events,
                          .make_host = [this] { return std::make_unique<LinuxHost>(parts_.clock); },
                          .ledger_folder = parts_.ledger_folder,
                          .facts_folder = parts_.facts_folder,
                          .job = order.job.text(),
                          .cancellation = &cancellation,
                          .late = &late,
                          .resident = true};
    auto done = run_action(order.operation, order.body, context);
    JobResult result;
    result.end = done.end;
    result.reason = std::move(done.reason);
    result.body = std::move(done.body);
    return result;
}

}  // namespace prove
