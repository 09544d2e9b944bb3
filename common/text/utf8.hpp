// UTF-8: is it valid, how many characters, and what to show where it is not. Strict as RFC 3629 has it: no overlong
// forms, no surrogates, nothing above U+10FFFF.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace prove {

struct Utf8Character {
    char32_t point = 0;
    std::size_t size = 1;  // bytes to go on by; for an invalid one the longest part that must not be read again
    bool valid = false;
};
// The character that begins at byte `at` (at < text.size()).
Utf8Character utf8_at(std::string_view text, std::size_t at);

bool is_utf8(std::string_view text);
// Each maximal invalid part becomes one U+FFFD.
std::string to_utf8_lossy(std::string_view bytes);
// Characters (code points); an invalid part counts as one.
std::size_t utf8_length(std::string_view text);
// The first `characters` characters.
std::string_view utf8_prefix(std::string_view text, std::size_t characters);
// A NUL or invalid UTF-8 in it: not something to show or to diff as text.
bool is_binary(std::string_view content);

}  // namespace prove
