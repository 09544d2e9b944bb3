// Events of an Action for others. See the header.
#include "agent/actions/posted_events.hpp"

#include <algorithm>

namespace prove {

namespace {

// One event's output; with base64 and what is around it still under the limit of an envelope.
constexpr std::size_t output_bytes = 32u << 10;

}  // namespace

void PostedEvents::output(const std::string& state, OutputStream stream, std::string_view bytes) {
    for (; !bytes.empty(); bytes.remove_prefix(std::min(output_bytes, bytes.size()))) {
        JobEvent event = of(JobEvent::Kind::output);
        event.state = state;
        event.output.is_error = stream == OutputStream::err;
        event.output.bytes = std::string(bytes.substr(0, output_bytes));
        post_(std::move(event));
    }
}

void PostedEvents::state_started(const StateInvocation& invocation) {
    JobEvent event = of(JobEvent::Kind::state_started);
    event.state = invocation.state.text();
    post_(std::move(event));
}

void PostedEvents::state_finished(const StateInvocation& invocation) {
    // What was right already is only counted at the end: a thousand events of it would help nobody.
    if (invocation.outcome == Outcome::ok) return;
    JobEvent event = of(JobEvent::Kind::state_finished);
    event.invocation = invocation;
    post_(std::move(event));
}

void PostedEvents::note(const std::string& text) {
    output("", OutputStream::err, text + "\n");
}

JobEvent PostedEvents::of(JobEvent::Kind kind) const {
    JobEvent event;
    event.job = job_;
    event.kind = kind;
    return event;
}

}  // namespace prove
