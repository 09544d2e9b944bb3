// Small work on text that every room needs: cutting, joining, quoting for messages, escaping for terminals.
// Pure functions over bytes; what knows about characters is in utf8.hpp.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace prove {

// "a,b,,c" at ',' is {"a", "b", "", "c"}; "" is {""}.
std::vector<std::string> split(std::string_view text, char separator);
// Words between runs of blanks and tabs and line ends; none is empty.
std::vector<std::string> split_words(std::string_view text);
// Lines without their line ends; a last line end does not make one more line.
std::vector<std::string> split_lines(std::string_view text);
std::string_view trim(std::string_view text);
std::string_view trim_end(std::string_view text);
std::string join(const std::vector<std::string>& parts, std::string_view separator);
// "a", "a and b", "a, b and c": for sentences; the last word is `conjunction`.
std::string join_words(const std::vector<std::string>& parts, std::string_view conjunction = "and");
std::string lower(std::string_view ascii);
std::string replace_all(std::string text, std::string_view what, std::string_view with);

// The user's words in a message: 'x'. Control characters are escaped, and what is longer than 80 characters is cut.
std::string quoted(std::string_view text);
// "1 target", "3 targets".
std::string counted(std::size_t count, std::string_view singular);

// Text from outside for a terminal or a log line (S14): control characters as \n, \t, \x1b, C1 ones as \u009b, bytes
// that are not UTF-8 as U+FFFD. Nothing that is left can move a cursor or change a colour.
std::string escape_control(std::string_view text);
// The same, but line ends and tabs stay: for output of commands and diffs.
std::string escape_control_keep_lines(std::string_view text);

// One argument of a shell command line, quoted only where it has to be.
std::string shell_quoted(std::string_view argument);

}  // namespace prove
