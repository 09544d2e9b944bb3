// The id of a new job: ids of later moments sort after it, and tell their own.
#pragma once

#include "common/time/random.hpp"
#include "proto/ids.hpp"

namespace prove {

inline JobId new_job_id(std::int64_t now_ms, Random& random) {
    JobId::Raw raw = random.bytes<JobId::Raw>();
    const std::int64_t seconds = now_ms / 1'000, ms = now_ms % 1'000;
    for (std::size_t i = 0; i < 4; ++i) raw.bytes[i] = static_cast<std::uint8_t>(seconds >> (8 * (3 - i)));
    raw.bytes[4] = static_cast<std::uint8_t>(ms >> 8);
    raw.bytes[5] = static_cast<std::uint8_t>(ms);
    return JobId(raw);
}

// When that was.
inline std::int64_t made_ms(const JobId& job) {
    std::int64_t seconds = 0;
    for (std::size_t i = 0; i < 4; ++i) seconds = seconds << 8 | job.raw().bytes[i];
    return seconds * 1'000 + (job.raw().bytes[4] << 8 | job.raw().bytes[5]);
}

}  // namespace prove
