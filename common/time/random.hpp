// Randomness as a seam: production draws from libsodium, the simulator from a seed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace prove {

struct Random {
    virtual ~Random() = default;
    virtual void fill(std::uint8_t* target, std::size_t size) = 0;
    // Uniform in [0, bound); bound > 0.
    virtual std::uint64_t below(std::uint64_t bound) = 0;

    template <class T>
    T bytes() {
        T result;
        fill(result.data(), T::size);
        return result;
    }
};

class SystemRandom final : public Random {
  public:
    void fill(std::uint8_t* target, std::size_t size) override;
    std::uint64_t below(std::uint64_t bound) override;
};

}  // namespace prove
