// A clock that stands until a test moves it.
#pragma once

#include "common/time/clock.hpp"

namespace prove::test {

class FakeClock final : public Clock {
  public:
    std::int64_t wall_ms() const override { return wall; }
    std::int64_t boot_ms() const override { return boot; }
    void pass(Milliseconds time) {
        wall += time.count();
        boot += time.count();
    }
    std::int64_t wall = 1'800'000'000'000;
    std::int64_t boot = 1'000'000;
};

}  // namespace prove::test
