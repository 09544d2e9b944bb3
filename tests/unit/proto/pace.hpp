// Limits of time are about what is shipped; builds for debugging and with sanitizers take several times as long. Time
// is the processor's, since other programs run beside a test.
#pragma once

#include <ctime>

namespace prove::test {

// How many times slower than a shipped build this one is; the build says so (CMakeLists.txt here).
constexpr double slowness_of_this_build = PROVE_SLOWNESS;

// Processor time that `work` took, in milliseconds of a build as it is shipped.
template <class Work>
double shipped_ms(Work&& work) {
    const std::clock_t begin = std::clock();
    work();
    return 1000.0 * static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC / slowness_of_this_build;
}

}  // namespace prove::test
