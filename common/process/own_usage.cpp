// getrusage(), and the kernel's word on memory.
#include "common/process/own_usage.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <charconv>

#include "common/files/files.hpp"
#include "common/text/text.hpp"

namespace prove {

namespace {

double seconds_of(const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

}  // namespace

OwnUsage own_usage() {
    OwnUsage usage;
    rusage used{};
    if (::getrusage(RUSAGE_SELF, &used) == 0) usage.cpu_seconds = seconds_of(used.ru_utime) + seconds_of(used.ru_stime);
    // Pages: all, then those that are in memory.
    const auto pages = split_words(find_whole_file("/proc/self/statm", 1'000).value_or(""));
    if (pages.size() < 2) return usage;
    std::uint64_t resident = 0;
    std::from_chars(pages[1].data(), pages[1].data() + pages[1].size(), resident);
    usage.resident_bytes = resident * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
    return usage;
}

}  // namespace prove
