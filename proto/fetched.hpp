// What operation "fetch" answers with: one file of a target, whole. A text in a message is limited, so that its bytes come
// in pieces.
#pragma once

#include <cstdint>
#include <string>

#include "proto/bytes.hpp"
#include "proto/value.hpp"

namespace prove {

// A result has at most 4 MiB of JSON, and bytes are a third longer there.
inline constexpr std::size_t most_fetched = 2u << 20;

struct Fetched {
    std::string path;
    std::string user, group;  // names, or digits where they have none
    unsigned mode = 0;
    std::string bytes;
};

Value to_value(const Fetched& fetched);
// Checks the bytes against the size and the hash that came with them; throws Error(invalid).
Fetched fetched_from(const Value& body);
// The same without the bytes: what may be shown and kept. As it is where it is none.
Value without_bytes(Value body);

}  // namespace prove
