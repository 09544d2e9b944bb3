// Time as a seam (reliability.md section 5): nothing in Prove asks the system for the time but through a Clock.
#pragma once

#include <chrono>
#include <cstdint>

namespace prove {

using Milliseconds = std::chrono::milliseconds;

struct Clock {
    virtual ~Clock() = default;
    // Milliseconds since 1970, for people and for expiry; may jump.
    virtual std::int64_t wall_ms() const = 0;
    // Milliseconds since some fixed point (CLOCK_BOOTTIME), for timers; never goes back, counts suspended time.
    virtual std::int64_t boot_ms() const = 0;
};

// The machine's clock. In the tests' builds a file named by PROVE_CLOCK_OFFSET_FILE shifts wall_ms (in ms).
class SystemClock final : public Clock {
  public:
    std::int64_t wall_ms() const override;
    std::int64_t boot_ms() const override;
};

}  // namespace prove
