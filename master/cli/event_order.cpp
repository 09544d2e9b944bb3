// See event_order.hpp.
#include "master/cli/event_order.hpp"

namespace prove {

EventOrder::EventOrder(std::vector<std::string> targets, const Clock& clock) : clock_(clock) {
    for (std::string& target : targets) lines_.push_back({std::move(target), {}, false});
}

Value EventOrder::event(const std::string& target, const char* kind, Value body) const {
    Value event = Value::object();
    event.set("time_ms", clock_.wall_ms());
    event.set("event", kind);
    if (!target.empty()) event.set("target", target);
    event.set("body", std::move(body));
    return event;
}

void EventOrder::tell(std::size_t target, const char* kind, Value body) {
    const std::lock_guard lock(mutex_);
    Line& line = lines_.at(target);
    line.waiting.push_back(event(line.target, kind, std::move(body)));
    release();
}

void EventOrder::end(std::size_t target, Value body) {
    const std::lock_guard lock(mutex_);
    Line& line = lines_.at(target);
    line.waiting.push_back(event(line.target, "target_ended", std::move(body)));
    line.ended = true;
    release();
}

// The lock is held.
void EventOrder::release() {
    while (turn_ < lines_.size()) {
        Line& line = lines_[turn_];
        for (; !line.waiting.empty(); line.waiting.pop_front()) told_.push_back(std::move(line.waiting.front()));
        if (!line.ended) break;
        if (++turn_ == lines_.size()) told_.push_back(event("", "job_ended", Value::object()));
    }
    news_.notify_all();
}

std::optional<Value> EventOrder::next(std::uint64_t after, Milliseconds at_most) {
    std::unique_lock lock(mutex_);
    if (!news_.wait_for(lock, at_most, [&] { return told_.size() > after; })) return std::nullopt;
    Value event = told_[after];
    event.set("number", after + 1);
    return event;
}

}  // namespace prove
