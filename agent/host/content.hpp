// A file's content, named by its hash. The bytes are fetched only where they are needed: a file that is right already
// is known by its hash alone.
#pragma once

#include <cstdint>
#include <string>

#include "proto/bytes.hpp"

namespace prove {

// Where contents come from: the compile's own output (local), the agent's cache and then its master.
struct ContentSource {
    virtual ~ContentSource() = default;
    // The bytes with this hash, checked. Thread-safe. Throws Error(unavailable) or Error(missing); may block on the network.
    // Error(held) where only the master has it, and is away: then whatever needs it is held, and did not fail.
    virtual std::string fetch(const Hash& hash) = 0;
};

struct Content {
    Hash hash;
    std::uint64_t size = 0;
    ContentSource* source = nullptr;  // borrowed; outlives the run

    std::string bytes() const { return source->fetch(hash); }
};

}  // namespace prove
