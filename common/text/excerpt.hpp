// A line of the user's file with a caret under the place that is meant:
//    12 |     pth: nginx.conf
//       |     ^~~
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace prove {

// `column` from 1 in characters, `width` how many characters are meant (1: only the caret). Tabs in the line are shown
// as one blank, control characters escaped away, a long line is cut around the place. Two lines, no final line end.
std::string excerpt(std::string_view line_text, std::size_t line, std::size_t column, std::size_t width = 1);
// The nth line (from 1) of a file's text, without its line end; "" where there is none.
std::string_view line_of(std::string_view text, std::size_t line);
// How many characters the word, quoted text or key that begins at `column` has: what to underline.
std::size_t word_width(std::string_view line_text, std::size_t column);

}  // namespace prove
