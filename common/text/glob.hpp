// Patterns as people write them for names: `*` any text, `?` one character, `[a-z]` and `[!a-z]` one of a set, `\`
// before a character takes it as it is. Anchored at both ends. No regular expressions anywhere (S77): they can be made
// slow.
#pragma once

#include <string_view>

namespace prove {

// Time is at most |pattern| x |text|; characters are code points.
bool glob_matches(std::string_view pattern, std::string_view text);
// Whether it has any of the special characters; otherwise it is a plain name.
bool is_glob(std::string_view pattern);
// False for an unclosed `[` or a trailing `\`; such a pattern matches nothing.
bool is_valid_glob(std::string_view pattern);

}  // namespace prove
