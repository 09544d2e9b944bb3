// What this process itself costs the machine.
#pragma once

#include <cstdint>

namespace prove {

struct OwnUsage {
    double cpu_seconds = 0;            // of all its threads, in user and in kernel mode
    std::uint64_t resident_bytes = 0;  // 0 where the system does not say
};
OwnUsage own_usage();

}  // namespace prove
