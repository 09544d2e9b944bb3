// Events of many targets that run at once, told target after target in the order of their names: so that what is
// printed reads the same each time. What comes before its turn waits. Thread-safe.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "common/time/clock.hpp"
#include "proto/value.hpp"

namespace prove {

class EventOrder {
  public:
    // The clock is borrowed. `targets` in the order in which they are told.
    EventOrder(std::vector<std::string> targets, const Clock& clock);
    // An event of a target, by its place in the order.
    void tell(std::size_t target, const char* kind, Value body);
    // Its last one: the next target's turn comes. After the last of all, "job_ended" is told.
    void end(std::size_t target, Value body);
    // The event after number `after`; nothing where there is none within this time.
    std::optional<Value> next(std::uint64_t after, Milliseconds at_most);

  private:
    struct Line {
        std::string target;
        std::deque<Value> waiting;
        bool ended = false;
    };
    Value event(const std::string& target, const char* kind, Value body) const;
    void release();

    const Clock& clock_;
    std::mutex mutex_;
    std::condition_variable news_;
    std::vector<Line> lines_;
    std::size_t turn_ = 0;
    std::deque<Value> told_;
};

}  // namespace prove
