// The bytes of a journal: what journal.hpp's comment says, read and written. Pure.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "common/files/journal.hpp"

namespace prove::journal_format {

inline constexpr std::size_t header_size = 24;
inline constexpr std::size_t record_overhead = 32;

std::string encode_header(std::uint64_t first_sequence);
struct RecordHead {
    std::uint8_t type = 0;
    std::uint64_t sequence = 0;
    std::uint64_t durable = 0;
};
std::string encode_record(const RecordHead& head, std::string_view payload);

struct ReadResult {
    std::uint64_t next_sequence = 1;
    std::size_t whole_bytes = 0;  // up to the end of the last whole record
};
// Throws Error(invalid) for damage and Error(refused) for a newer format; `name` is for messages. Nothing is replayed
// before all of it was found good.
ReadResult read(std::string_view file, std::size_t record_limit, const std::string& name,
                const Journal::Replay& replay);

}  // namespace prove::journal_format
