// Job ids from their text, and which texts may be names.
#include "proto/ids.hpp"

namespace prove {

bool is_target_name(std::string_view text) {
    const auto alphanumeric = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
    if (text.empty() || text.size() > 253 || !alphanumeric(text.front()) || !alphanumeric(text.back())) return false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (!alphanumeric(text[i]) && text[i] != '.' && text[i] != '_' && text[i] != '-') return false;
        if (text[i] == '.' && i > 0 && text[i - 1] == '.') return false;
    }
    return true;
}

std::optional<JobId> JobId::from_text(std::string_view text) {
    const auto bytes = from_base32(text);
    if (!bytes) return std::nullopt;
    const auto raw = Raw::from(*bytes);
    return raw ? std::optional<JobId>(JobId(*raw)) : std::nullopt;
}

}  // namespace prove
