// Durations and sizes: see duration.hpp.
#include "common/text/duration.hpp"

#include <array>
#include <cstdio>

namespace prove {

namespace {

std::string printed(const char* format, double number, const char* unit) {
    std::array<char, 64> buffer{};
    std::snprintf(buffer.data(), buffer.size(), format, number, unit);
    return buffer.data();
}

// Milliseconds of one unit; 0 where it is none. No unit means seconds.
std::int64_t unit_ms(std::string_view unit) {
    if (unit == "ms") return 1;
    if (unit.empty() || unit == "s") return 1'000;
    if (unit == "m") return 60'000;
    if (unit == "h") return 3'600'000;
    if (unit == "d") return 86'400'000;
    return 0;
}

}  // namespace

std::optional<std::chrono::milliseconds> parse_duration(std::string_view text) {
    constexpr std::int64_t most_ms = std::int64_t{10} * 366 * 86'400'000;
    std::size_t at = 0;
    std::int64_t whole = 0;
    while (at < text.size() && text[at] >= '0' && text[at] <= '9') {
        whole = whole * 10 + (text[at++] - '0');
        if (whole > most_ms) return std::nullopt;
    }
    if (at == 0) return std::nullopt;
    // The fraction in thousandths of a unit, in integers: 1.1 s must be 1,100 ms exactly.
    std::int64_t thousandths = 0;
    if (at < text.size() && text[at] == '.') {
        const std::size_t dot = at++;
        for (std::int64_t weight = 100; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at, weight /= 10)
            thousandths += weight * (text[at] - '0');
        if (at == dot + 1) return std::nullopt;
    }
    const std::int64_t unit = unit_ms(text.substr(at));
    if (unit == 0 || whole > most_ms / unit) return std::nullopt;
    const std::int64_t total = whole * unit + thousandths * unit / 1'000;
    if (total > most_ms) return std::nullopt;
    return std::chrono::milliseconds(total);
}

std::string_view duration_wanted() {
    return "a duration such as 500ms, 2s, 5m or 1h, or a number of seconds";
}

std::string show_duration(std::chrono::milliseconds duration) {
    const std::int64_t ms = duration.count();
    if (ms < 0) return "-" + show_duration(-duration);
    if (ms < 1'000) return std::to_string(ms) + " ms";
    if (ms < 59'950) return printed("%.1f %s", static_cast<double>(ms) / 1'000, "s");
    const std::int64_t seconds = (ms + 500) / 1'000;
    const auto two = [](std::int64_t big, const char* big_unit, std::int64_t small, const char* small_unit) {
        std::string result = std::to_string(big) + " " + big_unit;
        if (small != 0) result += " " + std::to_string(small) + " " + small_unit;
        return result;
    };
    if (seconds < 3'600) return two(seconds / 60, "min", seconds % 60, "s");
    if (seconds < 86'400) return two(seconds / 3'600, "h", seconds % 3'600 / 60, "min");
    return two(seconds / 86'400, "d", seconds % 86'400 / 3'600, "h");
}

std::string show_moment(std::int64_t ms) {
    const auto minutes = std::chrono::floor<std::chrono::minutes>(std::chrono::sys_time<std::chrono::milliseconds>(
        std::chrono::milliseconds(ms)));
    const auto midnight = std::chrono::floor<std::chrono::days>(minutes);
    const std::chrono::year_month_day date(midnight);
    const auto of_day = static_cast<int>((minutes - midnight).count());
    std::array<char, 64> buffer{};
    std::snprintf(buffer.data(), buffer.size(), "%04d-%02u-%02u %02d:%02d UTC", static_cast<int>(date.year()),
                  static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), of_day / 60, of_day % 60);
    return buffer.data();
}

std::string show_clock_difference(std::int64_t ahead_ms) {
    return show_duration(std::chrono::milliseconds(std::abs(ahead_ms))) + (ahead_ms < 0 ? " behind" : " ahead of") + " the master's";
}

std::string show_size(std::uint64_t bytes) {
    if (bytes == 1) return "1 byte";
    if (bytes < 1'024) return std::to_string(bytes) + " bytes";
    double number = static_cast<double>(bytes) / 1'024;
    const char* unit = "KiB";
    for (const char* next : {"MiB", "GiB", "TiB"}) {
        if (number < 1'024) break;
        number /= 1'024;
        unit = next;
    }
    return printed("%.1f %s", number, unit);
}

}  // namespace prove
