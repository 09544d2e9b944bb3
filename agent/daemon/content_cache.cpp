// The cache's folder: one file per content, named by its hash.
#include "agent/daemon/content_cache.hpp"

#include <fcntl.h>

#include <algorithm>
#include <filesystem>
#include <vector>

#include "common/files/fd.hpp"
#include "common/files/files.hpp"
#include "proto/error.hpp"

namespace prove {

ContentCache::ContentCache(std::string folder, std::uint64_t most_bytes)
    : folder_(std::move(folder)), most_bytes_(most_bytes) {
    make_private_folder(folder_);
    struct Found {
        std::filesystem::file_time_type time;
        Hash hash;
        std::uint64_t size;
    };
    std::vector<Found> found;
    for (const auto& name : list_folder(folder_)) {
        const auto hash = Hash::from_hex_text(name);
        std::error_code error;
        const auto path = folder_ + "/" + name;
        const auto size = std::filesystem::file_size(path, error);
        if (!hash || error) {
            remove_file(path);           // left by a write that was cut short
            continue;
        }
        found.push_back({std::filesystem::last_write_time(path, error), *hash, size});
    }
    std::sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return a.time < b.time; });
    for (const auto& one : found) remember(one.hash, one.size);
}

std::string ContentCache::path_of(const Hash& hash) const { return folder_ + "/" + hash.hex(); }

void ContentCache::remember(const Hash& hash, std::uint64_t size) {
    entries_[hash] = {size, by_use_.insert(by_use_.end(), hash)};
    bytes_ += size;
}

void ContentCache::drop(Hash hash) {
    const auto found = entries_.find(hash);
    if (found == entries_.end()) return;
    bytes_ -= found->second.size;
    by_use_.erase(found->second.used);
    entries_.erase(found);
    remove_file(path_of(hash));
}

void ContentCache::make_room(std::uint64_t size) {
    for (auto at = by_use_.begin(); at != by_use_.end() && bytes_ + size > most_bytes_;) {
        const Hash hash = *at++;
        if (!pinned_.contains(hash)) drop(hash);
    }
}

void ContentCache::pin(std::set<Hash> hashes) {
    const std::lock_guard lock(mutex_);
    pinned_ = std::move(hashes);
    make_room(0);
}

std::optional<std::string> ContentCache::get(const Hash& hash) {
    const std::lock_guard lock(mutex_);
    const auto found = entries_.find(hash);
    if (found == entries_.end()) return std::nullopt;
    auto bytes = find_whole_file(path_of(hash), found->second.size);
    if (!bytes || hash_of(*bytes) != hash) {
        drop(hash);
        return std::nullopt;
    }
    by_use_.splice(by_use_.end(), by_use_, found->second.used);
    return bytes;
}

bool ContentCache::has(const Hash& hash) const {
    const std::lock_guard lock(mutex_);
    return entries_.contains(hash);
}

void ContentCache::put(const Hash& hash, const std::string& bytes) {
    const std::lock_guard lock(mutex_);
    if (entries_.contains(hash)) return;
    make_room(bytes.size());
    // Not synced: after a crash a torn file does not have its hash, and is fetched again.
    const auto path = path_of(hash);
    const auto temporary = path + ".new";
    {
        const Fd fd = open_file(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, 0600);
        write_all(fd, bytes, temporary);
    }
    std::error_code error;
    std::filesystem::rename(temporary, path, error);
    if (error) throw system_error("cannot rename '" + temporary + "'", error.value());
    remember(hash, bytes.size());
}

std::uint64_t ContentCache::bytes() const {
    const std::lock_guard lock(mutex_);
    return bytes_;
}

}  // namespace prove
