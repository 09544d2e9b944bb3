// Trimming the heap, and dropping clean pages of mapped files.
#include "agent/daemon/memory_use.hpp"

#include <malloc.h>
#include <sys/mman.h>

#include <charconv>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/files/files.hpp"
#include "common/text/text.hpp"

namespace prove {

namespace {

struct Range {
    std::uintptr_t begin = 0, end = 0;
};

// A line of /proc/self/maps: "begin-end rwxp offset device inode   path".
bool is_clean_file(const std::vector<std::string>& fields) {
    if (fields.size() < 6 || !fields[5].starts_with("/")) return false;
    // Code is never written. Of what is only read, the piece at the file's beginning is never written either; others can
    // hold addresses that the linker filled in, and those would be lost.
    const bool at_beginning = fields[2].find_first_not_of('0') == std::string::npos;
    return fields[1] == "r-xp" || (fields[1] == "r--p" && at_beginning);
}

Range range_of(std::string_view text) {
    Range range;
    const auto dash = text.find('-');
    if (dash == std::string_view::npos) return {};
    std::from_chars(text.data(), text.data() + dash, range.begin, 16);
    std::from_chars(text.data() + dash + 1, text.data() + text.size(), range.end, 16);
    return range;
}

}  // namespace

void give_memory_back() {
    ::malloc_trim(0);
    const auto maps = find_whole_file("/proc/self/maps", 4u << 20);
    if (!maps) return;
    for (const auto& line : split_lines(*maps)) {
        const auto fields = split_words(line);
        if (!is_clean_file(fields)) continue;
        const auto range = range_of(fields[0]);
        if (range.end > range.begin)
            ::madvise(reinterpret_cast<void*>(range.begin), range.end - range.begin, MADV_DONTNEED);
    }
}

}  // namespace prove
