// Job ids from their text.
#include "proto/ids.hpp"

namespace prove {

std::optional<JobId> JobId::from_text(std::string_view text) {
    const auto bytes = from_base32(text);
    if (!bytes) return std::nullopt;
    const auto raw = Raw::from(*bytes);
    return raw ? std::optional<JobId>(JobId(*raw)) : std::nullopt;
}

}  // namespace prove
