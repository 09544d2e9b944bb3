// Randomness from libsodium, which takes it from the kernel.
#include "common/time/random.hpp"

#include <sodium.h>

#include <limits>

#include "proto/error.hpp"

namespace prove {

namespace {

// sodium_init() is idempotent and thread-safe; without it randombytes may be asked before it can answer.
void require_sodium() {
    if (sodium_init() < 0) throw Error(ErrorKind::internal, "libsodium cannot be initialised");
}

}  // namespace

void SystemRandom::fill(std::uint8_t* target, std::size_t size) {
    require_sodium();
    randombytes_buf(target, size);
}

std::uint64_t SystemRandom::below(std::uint64_t bound) {
    if (bound == 0) throw Error(ErrorKind::internal, "a random number below 0 was asked for");
    // What is below 2^64 mod bound would make small results likelier than others: drawn again.
    const std::uint64_t skip = (std::numeric_limits<std::uint64_t>::max() - bound + 1) % bound;
    for (;;) {
        std::uint64_t number = 0;
        fill(reinterpret_cast<std::uint8_t*>(&number), sizeof(number));
        if (number >= skip) return number % bound;
    }
}

}  // namespace prove
