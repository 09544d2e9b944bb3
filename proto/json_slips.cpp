// See the header.
#include "proto/json_slips.hpp"

#include <algorithm>

namespace prove {

namespace {

bool begins_with(std::string_view text, std::string_view with) {
    return text.substr(0, with.size()) == with;
}

bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || static_cast<unsigned char>(c) >= 0x80;
}

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

// Of the digits that end at `at`, with others before it.
bool begins_with_zero(std::string_view text, std::size_t at) {
    const std::size_t end = at;
    while (at > 0 && is_digit(text[at - 1])) --at;
    return at < end && text[at] == '0';
}

// The last byte before `at` that is not blank; '\0' at the begin.
char last_before(std::string_view text, std::size_t at) {
    const std::size_t found = text.substr(0, at).find_last_not_of(" \t\r\n");
    return found == std::string_view::npos ? '\0' : text[found];
}

// A word in the place of a value or a key. The reader stops within `tru`, so it is looked for from its begin.
std::string word_slip(std::string_view text, std::size_t at) {
    while (at > 0 && is_letter(text[at - 1])) --at;
    for (const std::string_view word : {"True", "False", "None", "TRUE", "FALSE", "NULL", "Null", "nil"})
        if (begins_with(text.substr(at), word)) return "JSON writes true, false and null in small letters";
    for (const std::string_view word : {"NaN", "Infinity", "nan", "inf"})
        if (begins_with(text.substr(at), word)) return "a number that JSON does not have";
    return "a word that is not true, false or null; a text stands in double quotes";
}

}  // namespace

std::string json_slip(std::string_view text, std::size_t at) {
    at = std::min(at, text.size());
    if (text.find_first_not_of(" \t\r\n") == std::string_view::npos) return "there is nothing in it";
    const char c = at < text.size() ? text[at] : '\0';
    if (c == '\n' || c == '\r') return "a text is not closed on its line; a line's end in a text is written \\n";
    if (text.find_first_not_of(" \t\r\n", at) == std::string_view::npos)
        return "it ends before everything that was opened in it is closed";
    const char before = last_before(text, at);
    for (const std::string_view mark : {"<<<<<<<", "=======", ">>>>>>>"})
        if (begins_with(text.substr(at), mark)) return "a mark of Git's where versions could not be merged; settle it";
    if ((c == '$' || c == '{' || c == '%') && (before == '{' || begins_with(text.substr(at), "${")))
        return "a template's mark; templates are files named .json.mako and .json.jinja";
    if ((c == '}' || c == ']') && before == ',') return "a ',' with nothing after it; leave it out";
    if (c == ',' && (before == ',' || before == '[' || before == '{'))
        return "a ',' with nothing before it; leave it out";
    if (c == '/' || c == '#') return "JSON has no comments";
    if (c == '\'') return "a text stands in double quotes";
    if (at > 0 && text[at - 1] == '\\')
        return "a '\\' in a text that stands before nothing it could mean; '\\\\' is a backslash";
    if (c == '\t') return "a tab in a text; it is written \\t";
    if (c == '+' || c == '.') return "a number begins with a digit or '-'";
    if (is_digit(c) && begins_with_zero(text, at)) return "a number has no zeros before it";
    if (is_letter(c) && at > 0 && is_digit(text[at - 1])) return "a number is decimal, as 16 or 1.5e3";
    if (c == '"' && before != ',' && before != ':') return "there is no ',' or ':' before this text";
    return is_letter(c) ? word_slip(text, at) : "";
}

}  // namespace prove
