// Reads two fields of a raw header.
#include "proto/claimed_time.hpp"

#include <limits>

#include "proto/raw.hpp"

namespace prove {

namespace {

constexpr std::size_t type_offset = 5;
constexpr std::size_t issued_offset = 128;
constexpr std::uint64_t most_time = std::numeric_limits<std::int64_t>::max() / 2;

}  // namespace

std::optional<std::int64_t> claimed_time(const std::vector<std::string>& frames, MessageType type) {
    if (frames.empty()) return std::nullopt;
    const std::string_view header = frames.front();
    if (header.size() != Header::size || static_cast<MessageType>(header[type_offset]) != type) return std::nullopt;
    RawReader raw(header.substr(issued_offset));
    const auto time = raw.number<8>();
    if (time > most_time) return std::nullopt;
    return static_cast<std::int64_t>(time);
}

}  // namespace prove
