// Limits of time are about what is shipped; builds for debugging and with sanitizers take several times as long. Time
// is the processor's, since other programs run beside a test.
#pragma once

#include <ctime>

namespace prove::test {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr double slowness_of_this_build = 60;
#elif defined(__OPTIMIZE__)
constexpr double slowness_of_this_build = 1;
#else
constexpr double slowness_of_this_build = 12;
#endif

// Processor time that `work` took, in milliseconds of a build as it is shipped.
template <class Work>
double shipped_ms(Work&& work) {
    const std::clock_t begin = std::clock();
    work();
    return 1000.0 * static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC / slowness_of_this_build;
}

}  // namespace prove::test
