// See event_order.hpp.
#include "master/cli/event_order.hpp"

#include <algorithm>

#include "proto/write_json.hpp"

namespace prove {

namespace {

constexpr std::size_t most_unheard = 8u << 20;  // bytes of one target
constexpr std::size_t most_heard = 1u << 20;    // that are kept

}  // namespace

EventOrder::EventOrder(std::vector<std::string> targets, const Clock& clock) : clock_(clock) {
    for (std::string& target : targets) lines_.push_back({std::move(target), {}, 0, false});
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
    const std::size_t bytes = write_json(body).size();
    std::unique_lock lock(mutex_);
    heard_.wait(lock, [&] { return lines_.at(target).bytes < most_unheard || closed_; });
    add(target, kind, std::move(body), bytes);
}

void EventOrder::end(std::size_t target, Value body) {
    const std::lock_guard lock(mutex_);
    lines_.at(target).ended = true;
    add(target, "target_ended", std::move(body), 0);
}

void EventOrder::close() {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    heard_.notify_all();
}

// The lock is held.
void EventOrder::add(std::size_t target, const char* kind, Value body, std::size_t bytes) {
    if (closed_) return;
    Line& line = lines_.at(target);
    line.waiting.push_back({event(line.target, kind, std::move(body)), target, bytes});
    line.bytes += bytes;
    release();
}

// The lock is held.
void EventOrder::release() {
    while (turn_ < lines_.size()) {
        Line& line = lines_[turn_];
        for (; !line.waiting.empty(); line.waiting.pop_front()) told_.push_back(std::move(line.waiting.front()));
        if (!line.ended) break;
        if (++turn_ == lines_.size()) told_.push_back({event("", "job_ended", Value::object()), turn_ - 1, 0});
    }
    news_.notify_all();
}

// The lock is held.
void EventOrder::forget(std::uint64_t after) {
    for (; heard_number_ < after && heard_number_ - forgotten_ < told_.size(); ++heard_number_) {
        const Told& told = told_[heard_number_ - forgotten_];
        lines_[told.target].bytes -= told.bytes;
        heard_bytes_ += told.bytes;
    }
    for (; heard_bytes_ > most_heard && forgotten_ < heard_number_; ++forgotten_, told_.pop_front())
        heard_bytes_ -= told_.front().bytes;
    heard_.notify_all();
}

std::optional<Value> EventOrder::next(std::uint64_t after, Milliseconds at_most) {
    std::unique_lock lock(mutex_);
    forget(after);
    if (!news_.wait_for(lock, at_most, [&] { return forgotten_ + told_.size() > after; })) return std::nullopt;
    after = std::max(after, forgotten_);
    Value event = told_[after - forgotten_].event;
    event.set("number", after + 1);
    return event;
}

}  // namespace prove
