// The machine's clock. One of the few places that may ask the system for the time.
#include "common/time/clock.hpp"

#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <memory>

namespace prove {

namespace {

std::int64_t read_clock(clockid_t id) {
    timespec now{};
    clock_gettime(id, &now);
    return static_cast<std::int64_t>(now.tv_sec) * 1'000 + now.tv_nsec / 1'000'000;
}

#ifdef PROVE_TEST_CLOCK
// Read at each call: the test writes the file while the program runs.
std::int64_t test_offset_ms() {
    const char* name = std::getenv("PROVE_CLOCK_OFFSET_FILE");
    if (name == nullptr) return 0;
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(name, "re"), &std::fclose);
    long long offset = 0;
    if (!file || std::fscanf(file.get(), "%lld", &offset) != 1) return 0;
    return offset;
}
#else
std::int64_t test_offset_ms() {
    return 0;
}
#endif

}  // namespace

std::int64_t SystemClock::wall_ms() const {
    return read_clock(CLOCK_REALTIME) + test_offset_ms();
}

std::int64_t SystemClock::boot_ms() const {
    return read_clock(CLOCK_BOOTTIME);
}

}  // namespace prove
