// A unified diff of two texts, for people: what a file would become. Bounded in time and size, whatever the input is.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace prove {

struct DiffOptions {
    std::size_t context = 3;            // unchanged lines around a change
    std::size_t max_bytes = 64u << 10;  // of the diff; what is beyond is cut, and a last line says so
};

// "--- name" and "+++ name" and hunks as `diff -u` has them; "" where both are equal. A missing last line end is noted
// as diff does. Content that is not text gives "binary: 10 bytes -> 20 bytes".
std::string unified_diff(std::string_view before, std::string_view after, std::string_view name,
                         const DiffOptions& options = {});

}  // namespace prove
