// One file for each answer; the oldest go first.
#include "agent/daemon/late_cache.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>

#include "common/files/files.hpp"
#include "proto/error.hpp"

namespace prove {

namespace {
constexpr std::size_t header_bytes = 184;
constexpr std::size_t signature_bytes = 64;
constexpr std::size_t most_bytes = 512u << 10;
}  // namespace

LateCache::LateCache(std::string folder, std::size_t most_entries)
    : folder_(std::move(folder)), most_entries_(most_entries) {
    std::filesystem::create_directories(folder_);
    std::filesystem::permissions(folder_, std::filesystem::perms::owner_all);
}

std::vector<std::string> LateCache::find(const Hash& key) {
    const std::lock_guard lock(mutex_);
    try {
        const auto bytes = find_whole_file(path_of(key), most_bytes);
        if (!bytes || bytes->size() <= header_bytes + signature_bytes) return {};
        (void)::utimensat(AT_FDCWD, path_of(key).c_str(), nullptr, 0);  // used: not among the oldest now
        return {bytes->substr(0, header_bytes), bytes->substr(header_bytes, signature_bytes),
                bytes->substr(header_bytes + signature_bytes)};
    } catch (const Error&) {
        return {};
    }
}

void LateCache::keep(const Hash& key, const std::vector<std::string>& frames) {
    const std::lock_guard lock(mutex_);
    std::string bytes;
    for (const auto& frame : frames) bytes += frame;
    try {
        make_room();
        write_file_durably(path_of(key), bytes);
    } catch (const std::exception&) {
        // No space, as a rule.
    }
}

void LateCache::make_room() {
    std::vector<std::pair<std::filesystem::file_time_type, std::filesystem::path>> entries;
    for (const auto& entry : std::filesystem::directory_iterator(folder_))
        entries.emplace_back(entry.last_write_time(), entry.path());
    if (entries.size() < most_entries_) return;
    std::sort(entries.begin(), entries.end());
    entries.resize(entries.size() - most_entries_ + 1);
    for (const auto& [time, path] : entries) std::filesystem::remove(path);
}

}  // namespace prove
