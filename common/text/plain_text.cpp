// See the header.
#include "common/text/plain_text.hpp"

#include <algorithm>

#include "common/text/utf8.hpp"

namespace prove {

namespace {

std::size_t find_no_text(std::string_view bytes) {
    for (std::size_t at = 0; at < bytes.size();) {
        const Utf8Character character = utf8_at(bytes, at);
        if (!character.valid || character.point == 0) return at;
        at += character.size;
    }
    return std::string_view::npos;
}

// As some editors of other systems write it: a mark of its own at the begin, or every other byte of plain words a NUL.
bool looks_like_utf16(std::string_view bytes) {
    const std::string_view mark = bytes.substr(0, 2);
    if (mark == "\xFF\xFE" || mark == "\xFE\xFF") return true;
    const auto nuls = static_cast<std::size_t>(std::count(bytes.begin(), bytes.end(), '\0'));
    return nuls > 1 && nuls * 3 > bytes.size();
}

}  // namespace

std::optional<NoText> why_no_text(std::string_view bytes) {
    // Nearly always: nothing is looked at character by character.
    if (bytes.find('\0') == std::string_view::npos && is_utf8(bytes)) return std::nullopt;
    const std::size_t at = find_no_text(bytes);
    const std::string_view before = bytes.substr(0, at);
    NoText result;
    result.line += static_cast<std::size_t>(std::count(before.begin(), before.end(), '\n'));
    result.column += utf8_length(before.substr(before.rfind('\n') + 1));
    result.problem = looks_like_utf16(bytes) ? "this is UTF-16; save the file as UTF-8"
                     : bytes[at] == '\0'     ? "a NUL byte; this is not text"
                                             : "a byte that is not UTF-8; save the file as UTF-8";
    return result;
}

}  // namespace prove
