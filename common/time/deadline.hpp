// A moment by the boot clock by which something must be done, and what is left until then (D7: timers never follow the
// wall clock). A plain value.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>

#include "common/time/clock.hpp"

namespace prove {

class Deadline {
  public:
    // Never.
    Deadline() = default;
    static Deadline at_boot_ms(std::int64_t boot_ms) { return Deadline(boot_ms); }
    static Deadline after(const Clock& clock, Milliseconds delay) { return Deadline(clock.boot_ms() + delay.count()); }

    bool never() const { return boot_ms_ == forever; }
    std::int64_t boot_ms() const { return boot_ms_; }
    bool passed(const Clock& clock) const { return !never() && clock.boot_ms() >= boot_ms_; }
    // 0 once passed; the longest there is for never.
    Milliseconds left(const Clock& clock) const {
        if (never()) return Milliseconds::max();
        return Milliseconds(std::max<std::int64_t>(0, boot_ms_ - clock.boot_ms()));
    }
    // For poll(): -1 for never.
    int poll_ms(const Clock& clock) const {
        if (never()) return -1;
        return static_cast<int>(std::min<std::int64_t>(left(clock).count(), std::numeric_limits<int>::max()));
    }
    Deadline earlier(const Deadline& other) const { return boot_ms_ <= other.boot_ms_ ? *this : other; }

  private:
    static constexpr std::int64_t forever = std::numeric_limits<std::int64_t>::max();
    explicit Deadline(std::int64_t boot_ms) : boot_ms_(boot_ms) {}
    std::int64_t boot_ms_ = forever;
};

}  // namespace prove
