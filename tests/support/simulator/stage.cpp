// The queue, the trace, and the draw of the faults.
#include "tests/support/simulator/stage.hpp"

#include <iostream>

namespace prove::sim {

namespace {

constexpr std::size_t kept_lines = 120;

struct TraceSink final : LogSink {
    explicit TraceSink(Trace& trace_) : trace(trace_) {}
    void write(LogLevel, std::string_view line) override { trace.note(line); }
    Trace& trace;
};

}  // namespace

void EventQueue::at(std::int64_t ms, std::function<void()> event) {
    events_.emplace(std::pair(std::max(ms, now_), ++number_), std::move(event));
}

bool EventQueue::run_next(std::int64_t until) {
    if (events_.empty() || events_.begin()->first.first > until) {
        now_ = until;
        return false;
    }
    const auto next = events_.extract(events_.begin());
    now_ = next.key().first;
    next.mapped()();
    return true;
}

void Trace::add(std::string_view line) {
    const auto text = std::to_string(queue_.now()) + " " + std::string(line);
    // FNV-1a: two stories that differ anywhere differ here.
    for (const char byte : text) hash_ = (hash_ ^ static_cast<std::uint8_t>(byte)) * 1'099'511'628'211u;
    keep(text);
}

void Trace::keep(const std::string& line) {
    if (to_stderr_) std::cerr << line << '\n';
    lines_.push_back(line);
    if (lines_.size() > kept_lines) lines_.pop_front();
}

std::string Trace::latest() const {
    std::string text;
    for (const auto& line : lines_) text += line + '\n';
    return text;
}

const char* name_of(Fault fault) {
    switch (fault) {
        case Fault::agent_killed:
            return "agent killed";
        case Fault::agent_loses_power:
            return "agent loses power";
        case Fault::agent_disk_crash:
            return "agent ends at its disk";
        case Fault::agent_send_crash:
            return "agent ends at a message";
        case Fault::agent_disk_full:
            return "agent's disk is full";
        case Fault::agent_sync_fails:
            return "agent's sync fails";
        case Fault::agent_clock_jumps:
            return "agent's clock jumps";
        case Fault::master_killed:
            return "master killed";
        case Fault::master_send_crash:
            return "master ends at a message";
        case Fault::store_full:
            return "store is full";
        case Fault::store_fails:
            return "store fails";
        case Fault::store_slow:
            return "store is slow";
        case Fault::prepare_slow:
            return "preparing is slow";
        case Fault::reset:
            return "reset";
        case Fault::partition:
            return "partition";
        case Fault::half_open:
            return "half open";
        case Fault::publish_dead:
            return "publish dead";
        case Fault::publish_lossy:
            return "publish lossy";
        case Fault::queue_full:
            return "queue full";
        case Fault::duplicates:
            return "duplicates";
        case Fault::slow_links:
            return "slow links";
        case Fault::revocation:
            return "revocation";
        case Fault::count:
            break;
    }
    return "";
}

Faults::Faults(test::SeededRandom& random) {
    for (auto& active : active_) active = random.below(100) < 40;
}

Faults::Faults(const std::vector<Fault>& these) {
    for (const auto fault : these) active_[static_cast<std::size_t>(fault)] = true;
}

Stage::Stage(std::uint64_t seed, bool with_logs, bool to_stderr)
    : random(seed),
      trace(queue, to_stderr),
      faults(random),
      log(with_logs ? Logger(std::make_shared<TraceSink>(trace)) : silent_logger()) {}

}  // namespace prove::sim
