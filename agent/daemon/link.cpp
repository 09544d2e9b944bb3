// The connection's states and timers.
#include "agent/daemon/link.hpp"

#include <algorithm>
#include <utility>

namespace prove {

namespace {
constexpr std::int64_t patience_ms = 30'000;         // from connecting to the welcome
constexpr std::int64_t most_back_off_ms = 60'000;
constexpr std::int64_t most_wait_after_loss_ms = 20'000;
}  // namespace

void Link::enter(State state, std::int64_t now_ms) {
    state_ = state;
    since_ms_ = now_ms;
}

void Link::start(std::int64_t now_ms) {
    enter(State::waiting, now_ms);
    at_ms_ = now_ms + static_cast<std::int64_t>(random_.below(1'000));
}

void Link::connected(std::int64_t now_ms) {
    if (state_ != State::connecting) return;
    enter(State::greeting, now_ms);
    due_greet_ = true;
}

void Link::welcomed(std::int64_t now_ms) {
    if (state_ != State::greeting) return;
    enter(State::up, now_ms);
    back_off_ms_ = 1'000;
    heartbeat_at_ms_ = now_ms + heartbeat_ms;
    main_heard_ms_ = now_ms;
    publish_heard_ms_ = 0;
    trouble_.clear();
}

void Link::failed(std::int64_t now_ms, const std::string& reason) {
    if (state_ == State::off || state_ == State::waiting) return;
    const bool was_up = state_ == State::up;
    trouble_ = reason;
    due_disconnect_ = true;
    due_greet_ = false;
    enter(State::waiting, now_ms);
    if (was_up) {
        // A master that restarts loses all its agents at once: they come back spread over 20 s.
        at_ms_ = now_ms + static_cast<std::int64_t>(random_.below(most_wait_after_loss_ms));
        return;
    }
    // Half of it is fixed, so that a refused agent never knocks more than twice a minute (P11a).
    at_ms_ = now_ms + back_off_ms_ / 2 + static_cast<std::int64_t>(random_.below(back_off_ms_ / 2 + 1));
    back_off_ms_ = std::min(back_off_ms_ * 2, most_back_off_ms);
}

void Link::heard(Channel channel, std::int64_t now_ms) {
    (channel == Channel::publish ? publish_heard_ms_ : main_heard_ms_) = now_ms;
}

Link::Step Link::step(std::int64_t now_ms) {
    if ((state_ == State::connecting || state_ == State::greeting) && now_ms >= at_ms_)
        failed(now_ms, state_ == State::connecting ? (trouble_.empty() ? "nobody answers" : trouble_)
                                                   : "the master does not answer this agent's hello");
    if (state_ == State::up && now_ms - main_heard_ms_ > silence_ms) failed(now_ms, "nothing was heard of the master");
    // Announcements come by a connection of their own, which may be dead alone (A2).
    if (state_ == State::up && publish_heard_ms_ != 0 && now_ms - publish_heard_ms_ > silence_ms)
        failed(now_ms, "nothing was heard of the master's announcements");

    Step step;
    step.disconnect = std::exchange(due_disconnect_, false);
    if (state_ == State::waiting && now_ms >= at_ms_) {
        enter(State::connecting, now_ms);
        at_ms_ = now_ms + patience_ms;
        step.connect = true;
    }
    step.greet = std::exchange(due_greet_, false);
    if (state_ == State::up && now_ms >= heartbeat_at_ms_) {
        heartbeat_at_ms_ = now_ms + heartbeat_ms;
        step.heartbeat = true;
    }
    return step;
}

std::int64_t Link::next_ms() const {
    if (due_disconnect_ || due_greet_) return 0;
    switch (state_) {
        case State::off: return INT64_MAX;
        case State::waiting:
        case State::connecting:
        case State::greeting: return at_ms_;
        case State::up: break;
    }
    const auto last = publish_heard_ms_ == 0 ? main_heard_ms_ : std::min(main_heard_ms_, publish_heard_ms_);
    return std::min(heartbeat_at_ms_, last + silence_ms + 1);
}

const char* name_of(Link::State state) {
    switch (state) {
        case Link::State::off: return "stopped";
        case Link::State::waiting: return "waiting";
        case Link::State::connecting: return "connecting";
        case Link::State::greeting: return "greeting";
        case Link::State::up: return "connected";
    }
    return "unknown";
}

}  // namespace prove
