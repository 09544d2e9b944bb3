// From a job's order to its Action and back to a result.
#include "agent/daemon/work.hpp"

#include <algorithm>

#include "agent/host/linux_host.hpp"

namespace prove {

namespace {

// One event's output; with base64 and what is around it still under the limit of an envelope.
constexpr std::size_t output_bytes = 32u << 10;

class PostedEvents final : public ActionEvents {
 public:
    PostedEvents(const JobId& job, const std::function<void(JobEvent)>& event) : job_(job), event_(event) {}

    void output(const std::string& state, OutputStream stream, std::string_view bytes) override {
        for (; !bytes.empty(); bytes.remove_prefix(std::min(output_bytes, bytes.size()))) {
            JobEvent event = of(JobEvent::Kind::output);
            event.state = state;
            event.output.is_error = stream == OutputStream::err;
            event.output.bytes = std::string(bytes.substr(0, output_bytes));
            event_(std::move(event));
        }
    }
    void state_started(const StateInvocation& invocation) override {
        JobEvent event = of(JobEvent::Kind::state_started);
        event.state = invocation.state.text();
        event_(std::move(event));
    }
    void state_finished(const StateInvocation& invocation) override {
        // What was right already is only counted at the end: a thousand events of it would help nobody.
        if (invocation.outcome == Outcome::ok) return;
        JobEvent event = of(JobEvent::Kind::state_finished);
        event.invocation = invocation;
        event_(std::move(event));
    }
    void note(const std::string& text) override { output("", OutputStream::err, text + "\n"); }

 private:
    JobEvent of(JobEvent::Kind kind) const {
        JobEvent event;
        event.job = job_;
        event.kind = kind;
        return event;
    }
    JobId job_;
    const std::function<void(JobEvent)>& event_;
};

}  // namespace

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
    JobContents contents(order.job, named, parts_.contents, cancellation);
    JobLate late(order.job, parts_.late, contents, parts_.contents, cancellation);
    ActionContext context{.functions = functions_,
                          .content = contents,
                          .clock = parts_.clock,
                          .events = events,
                          .make_host = [this] { return std::make_unique<LinuxHost>(parts_.clock); },
                          .ledger_folder = parts_.ledger_folder,
                          .facts_folder = parts_.facts_folder,
                          .job = order.job.text(),
                          .cancellation = &cancellation,
                          .late = &late};
    auto done = run_action(order.operation, order.body, context);
    JobResult result;
    result.end = done.end;
    result.reason = std::move(done.reason);
    result.body = std::move(done.body);
    return result;
}

}  // namespace prove
