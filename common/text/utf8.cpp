// UTF-8: see utf8.hpp.
#include "common/text/utf8.hpp"

#include <cstdint>
#include <cstring>

namespace prove {

namespace {

struct Lead {
    std::size_t size;
    std::uint8_t low, high;  // the range of the second byte, which is what rules out overlong forms and surrogates
};

Lead lead_of(std::uint8_t byte) {
    if (byte >= 0xc2 && byte <= 0xdf) return {2, 0x80, 0xbf};
    if (byte == 0xe0) return {3, 0xa0, 0xbf};
    if (byte == 0xed) return {3, 0x80, 0x9f};
    if (byte >= 0xe1 && byte <= 0xef) return {3, 0x80, 0xbf};
    if (byte == 0xf0) return {4, 0x90, 0xbf};
    if (byte >= 0xf1 && byte <= 0xf3) return {4, 0x80, 0xbf};
    if (byte == 0xf4) return {4, 0x80, 0x8f};
    return {0, 0, 0};
}

// Bytes from `at` on that are plain ASCII; eight at a time, since nearly all text is.
std::size_t ascii_run(std::string_view text, std::size_t at) {
    const std::size_t start = at;
    while (at + 8 <= text.size()) {
        std::uint64_t word = 0;
        std::memcpy(&word, text.data() + at, 8);
        if ((word & 0x8080808080808080ull) != 0) break;
        at += 8;
    }
    while (at < text.size() && static_cast<std::uint8_t>(text[at]) < 0x80) ++at;
    return at - start;
}

}  // namespace

Utf8Character utf8_at(std::string_view text, std::size_t at) {
    const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
    const std::uint8_t first = byte(at);
    if (first < 0x80) return {first, 1, true};
    const Lead lead = lead_of(first);
    if (lead.size == 0) return {0, 1, false};
    char32_t point = first & (0xffu >> (lead.size + 1));
    for (std::size_t i = 1; i < lead.size; ++i) {
        if (at + i >= text.size()) return {0, i, false};
        const std::uint8_t next = byte(at + i);
        const std::uint8_t low = i == 1 ? lead.low : 0x80;
        const std::uint8_t high = i == 1 ? lead.high : 0xbf;
        if (next < low || next > high) return {0, i, false};
        point = (point << 6) | (next & 0x3f);
    }
    return {point, lead.size, true};
}

bool is_utf8(std::string_view text) {
    for (std::size_t at = ascii_run(text, 0); at < text.size(); at += ascii_run(text, at)) {
        const Utf8Character character = utf8_at(text, at);
        if (!character.valid) return false;
        at += character.size;
    }
    return true;
}

std::string to_utf8_lossy(std::string_view bytes) {
    std::string result;
    result.reserve(bytes.size());
    for (std::size_t at = 0; at < bytes.size();) {
        const std::size_t plain = ascii_run(bytes, at);
        result.append(bytes.substr(at, plain));
        at += plain;
        if (at >= bytes.size()) break;
        const Utf8Character character = utf8_at(bytes, at);
        if (character.valid) {
            result.append(bytes.substr(at, character.size));
        } else {
            result += "\xEF\xBF\xBD";
        }
        at += character.size;
    }
    return result;
}

std::size_t utf8_length(std::string_view text) {
    std::size_t count = 0;
    for (std::size_t at = 0; at < text.size(); ++count) at += utf8_at(text, at).size;
    return count;
}

std::string_view utf8_prefix(std::string_view text, std::size_t characters) {
    std::size_t at = 0;
    while (characters-- > 0 && at < text.size()) at += utf8_at(text, at).size;
    return text.substr(0, at);
}

bool is_binary(std::string_view content) {
    return content.find('\0') != std::string_view::npos || !is_utf8(content);
}

}  // namespace prove
