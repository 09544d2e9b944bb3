// Durations, moments and sizes, as people write and read them.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace prove {

// "500ms", "2s", "5m", "1h", "2d", "1.5s", or a bare number of seconds ("90", "0.5"). Nothing else: no sign, no blank,
// no sum of several; at most 10 years. nullopt where it is not that.
std::optional<std::chrono::milliseconds> parse_duration(std::string_view text);
// For messages after a failed parse: "a duration such as 500ms, 2s, 5m or 1h, or a number of seconds".
std::string_view duration_wanted();

// "3 ms", "1.2 s", "4 min 5 s", "2 h 3 min", "5 d 1 h".
std::string show_duration(std::chrono::milliseconds duration);
// "2026-11-23 10:15 UTC", from milliseconds since 1970.
std::string show_moment(std::int64_t ms);
// Of a clock: "3 h ahead of the master's".
std::string show_clock_difference(std::int64_t ahead_ms);
// "0 bytes", "1 byte", "812 bytes", "4.0 KiB", "1.5 MiB".
std::string show_size(std::uint64_t bytes);

}  // namespace prove
