// Answers of the master's to questions for late states, as it signed them, by what was asked: a host that is as it
// should be asks for nothing. Bounded; what is read is verified again by whoever asked. Thread-safe.
#pragma once

#include <mutex>
#include <string>
#include <vector>

#include "proto/bytes.hpp"

namespace prove {

class LateCache {
 public:
    // Makes the folder (0700) where it is missing.
    LateCache(std::string folder, std::size_t most_entries);
    // Header, signature and payload; nothing where there are none.
    std::vector<std::string> find(const Hash& key);
    // Best effort: what cannot be kept is asked for again.
    void keep(const Hash& key, const std::vector<std::string>& frames);

 private:
    std::string path_of(const Hash& key) const { return folder_ + "/" + key.hex(); }
    void make_room();

    std::string folder_;
    std::size_t most_entries_;
    std::mutex mutex_;
};

}  // namespace prove
