// Events of many targets that run at once, told target after target in the order of their names: so that what is
// printed reads the same each time. What comes before its turn waits. Thread-safe.
//
// Nothing is dropped and memory stays bounded: who tells faster than it is heard, or long before its turn, waits.
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
    // An event of a target, by its place in the order. May wait until there is room.
    void tell(std::size_t target, const char* kind, Value body);
    // Its last one: the next target's turn comes. After the last of all, "job_ended" is told.
    void end(std::size_t target, Value body);
    // Nobody listens any more: nobody waits any more, either.
    void close();
    // The event after number `after`; nothing where there is none within this time. Those up to `after`
    // have been heard; the last of them are kept for who asks once more.
    std::optional<Value> next(std::uint64_t after, Milliseconds at_most);

  private:
    struct Told {
        Value event;
        std::size_t target, bytes;
    };
    struct Line {
        std::string target;
        std::deque<Told> waiting;
        std::size_t bytes = 0;  // of its events that nobody has heard
        bool ended = false;
    };
    Value event(const std::string& target, const char* kind, Value body) const;
    void add(std::size_t target, const char* kind, Value body, std::size_t bytes);
    void release();
    void forget(std::uint64_t after);

    const Clock& clock_;
    std::mutex mutex_;
    std::condition_variable news_, heard_;
    std::vector<Line> lines_;
    std::size_t turn_ = 0;
    std::deque<Told> told_;
    std::size_t heard_bytes_ = 0;
    std::uint64_t heard_number_ = 0, forgotten_ = 0;
    bool closed_ = false;
};

}  // namespace prove
