// One round after the other.
#include "master/server/event_loop.hpp"

namespace prove {

namespace {

constexpr std::int64_t tick_ms = 250;
constexpr std::int64_t impatient_ms = 10;
constexpr std::int64_t second_ms = 1'000;  // for what costs a system call for each connection
constexpr std::int64_t clean_ms = 3'600'000;
constexpr std::int64_t slow_round_ms = 1'000;

}  // namespace

EventLoop::EventLoop(ServerTransport& transport, Mailbox& mailbox, Dispatch& dispatch, Enrolment& enrolment,
                     KeyDesk& desk, const Clock& clock, const Logger& log)
    : transport_(transport),
      mailbox_(mailbox),
      dispatch_(dispatch),
      enrolment_(enrolment),
      desk_(desk),
      clock_(clock),
      log_(log),
      faults_(clock) {
    mailbox_.set_wake([this] { transport_.wake(); });
}

void EventLoop::stop() {
    stopping_ = true;
    mailbox_.post([] {});  // wakes it
}

bool EventLoop::run() {
    while (!stopping_ && !dispatch_.failed()) round(Milliseconds(dispatch_.impatient() ? impatient_ms : tick_ms));
    return !dispatch_.failed();
}

void EventLoop::round(Milliseconds wait) {
    auto arrived = transport_.receive(wait);
    const auto begun = clock_.boot_ms();
    for (const auto& incoming : arrived) {
        if (incoming.channel == Channel::enrol)
            enrolment_.receive(incoming);
        else
            dispatch_.receive(incoming);
    }
    for (const auto& work : mailbox_.take()) bounded(work);
    if (clock_.boot_ms() >= next_tick_boot_ms_) bounded([this] { tick(); });
    bounded([this] { dispatch_.settle(); });
    if (const auto took = clock_.boot_ms() - begun; took > slow_round_ms)
        log_.warning("the event loop was slow", {{"ms", took}, {"messages", arrived.size()}});
}

// One piece of work is one boundary: what one job, key or full disk makes fail must not end the master for all others,
// and again at each start. A store that broke is told by dispatch and ends the loop.
void EventLoop::bounded(const std::function<void()>& work) {
    try {
        work();
    } catch (const Error& error) {
        if (const auto times = faults_.count(error.text(), ""); times > 0)
            log_.error("a fault in the event loop", {{"what", error.text()}, {"times", times}});
    }
}

void EventLoop::tick() {
    next_tick_boot_ms_ = clock_.boot_ms() + tick_ms;
    if (clock_.boot_ms() >= next_second_boot_ms_) {
        next_second_boot_ms_ = clock_.boot_ms() + second_ms;
        for (const auto& [key, route] : transport_.take_ended()) dispatch_.ended(key, route);
        if (every_second_) every_second_();
    }
    dispatch_.tick();
    enrolment_.tick();
    if (clock_.boot_ms() < next_clean_boot_ms_) return;
    next_clean_boot_ms_ = clock_.boot_ms() + clean_ms;
    desk_.drop_old();
}

}  // namespace prove
