// Contents by their hash, on disk, bounded: what a run has fetched once need not be fetched again (S65: the hash is the
// whole key). Nothing here is trusted: what is read is hashed again, and what does not fit is thrown away. What is pinned
// stays whatever else comes. Thread-safe.
#pragma once

#include <cstdint>
#include <list>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>

#include "proto/bytes.hpp"

namespace prove {

class ContentCache {
 public:
    // Makes the folder (0700) where it is missing; what is in it already counts, oldest first. What is too much goes once
    // it is known what is pinned, or something comes.
    ContentCache(std::string folder, std::uint64_t most_bytes);
    std::optional<std::string> get(const Hash& hash);
    bool has(const Hash& hash) const;
    // Throws Error where it cannot be written: a run without its content must fail.
    void put(const Hash& hash, const std::string& bytes);
    // These, here or still to come, make room for nothing else; what was pinned before is like any other again.
    void pin(std::set<Hash> hashes);
    std::uint64_t bytes() const;
    std::uint64_t most_bytes() const { return most_bytes_; }

 private:
    struct Entry {
        std::uint64_t size = 0;
        std::list<Hash>::iterator used;
    };
    std::string path_of(const Hash& hash) const;
    void remember(const Hash& hash, std::uint64_t size);
    void drop(Hash hash);                // a copy: the list that it may come from changes
    void make_room(std::uint64_t size);

    std::string folder_;
    std::uint64_t most_bytes_;
    mutable std::mutex mutex_;
    std::map<Hash, Entry> entries_;
    std::list<Hash> by_use_;             // least recently used first
    std::set<Hash> pinned_;
    std::uint64_t bytes_ = 0;
};

}  // namespace prove
