// Randomness that is the same in every run of a test.
#pragma once

#include <random>

#include "common/time/random.hpp"

namespace prove::test {

class SeededRandom final : public Random {
  public:
    explicit SeededRandom(std::uint64_t seed = 1) : engine_(seed) {}
    void fill(std::uint8_t* target, std::size_t size) override {
        for (std::size_t i = 0; i < size; ++i) target[i] = static_cast<std::uint8_t>(engine_());
    }
    std::uint64_t below(std::uint64_t bound) override { return engine_() % bound; }

  private:
    std::mt19937_64 engine_;
};

}  // namespace prove::test
