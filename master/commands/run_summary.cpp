// Counts, and the states that are worth a name.
#include "master/commands/run_summary.hpp"

#include <set>

#include "common/text/utf8.hpp"

namespace prove {

namespace {

constexpr std::size_t most_told = 10;
constexpr std::size_t most_about = 120;

void set_count(Value& summary, const char* name, int count) {
    if (count != 0) summary.set(name, Value(count));
}

bool is_change(const StateInvocation& state) {
    return state.changed || state.outcome == Outcome::would_change || state.outcome == Outcome::unknown ||
           state.outcome == Outcome::held;
}

// "file.managed /etc/motd": the part that made its state what it is, or the first.
std::string about(const StateInvocation& state) {
    const StatePartInvocation* found = nullptr;
    for (const auto& part : state.parts)
        if (found == nullptr || (part.outcome == state.outcome && found->outcome != state.outcome)) found = &part;
    if (found == nullptr) return {};
    const auto text = found->function + (found->subject.empty() ? "" : " " + found->subject);
    return std::string(utf8_prefix(text, most_about));
}

Value told(const StateInvocation& state) {
    Value value = Value::object();
    value.set("state", state.state.text());
    value.set("outcome", name_of(state.outcome));
    if (state.cause != Cause::none) value.set("cause", name_of(state.cause));
    if (auto text = about(state); !text.empty()) value.set("about", std::move(text));
    value.set("place", state.position.text());
    return value;
}

// How many states changed, or would, for this.
int caused_by(const RunReport& report, Cause cause) {
    std::set<StateId> states;
    for (const auto& invocation : report.invocations)
        if (invocation.cause == cause && !invocation.parts.empty()) states.insert(invocation.state);
    return static_cast<int>(states.size());
}

}  // namespace

Value summary_of(const RunReport& report) {
    const auto counts = count(report);
    Value summary = Value::object();
    summary.set("mode", Value(name_of(report.mode)));
    set_count(summary, "ok", counts.ok);
    set_count(summary, "changed", counts.changed);
    set_count(summary, "failed", counts.failed);
    set_count(summary, "unproved", counts.unproved);
    set_count(summary, "skipped", counts.skipped);
    set_count(summary, "would_change", counts.would_change);
    set_count(summary, "unknown", counts.unknown);
    set_count(summary, "rescued", counts.rescued);
    set_count(summary, "held", counts.held);
    set_count(summary, "intended", caused_by(report, Cause::intended));
    set_count(summary, "drift", caused_by(report, Cause::drift));
    Value::List states;
    std::size_t more = 0;
    const auto tell = [&](const StateInvocation& state) {
        if (states.size() < most_told)
            states.push_back(told(state));
        else
            ++more;
    };
    for (const auto& state : report.invocations)
        if (is_failure(state)) tell(state);
    for (const auto& state : report.invocations)
        if (!is_failure(state) && is_change(state)) tell(state);
    if (!states.empty()) summary.set("states", Value(std::move(states)));
    if (more > 0) summary.set("more_states", Value(more));
    return summary;
}

}  // namespace prove
