// Small work on text: see text.hpp.
#include "common/text/text.hpp"

#include <array>
#include <cstdio>

#include "common/text/utf8.hpp"

namespace prove {

namespace {

bool is_space(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v';
}

void append_escaped(std::string& result, char32_t point, bool keep_lines) {
    std::array<char, 16> buffer{};
    if (point == '\n') {
        result += keep_lines ? "\n" : "\\n";
    } else if (point == '\t') {
        result += keep_lines ? "\t" : "\\t";
    } else if (point == '\r') {
        result += "\\r";
    } else if (point < 0x20 || point == 0x7f) {
        std::snprintf(buffer.data(), buffer.size(), "\\x%02x", static_cast<unsigned>(point));
        result += buffer.data();
    } else {
        std::snprintf(buffer.data(), buffer.size(), "\\u%04x", static_cast<unsigned>(point));
        result += buffer.data();
    }
}

// C0 and C1 controls, and the marks that reorder or hide text on a terminal (bidirectional overrides, line separators).
bool is_control(char32_t point) {
    return point < 0x20 || (point >= 0x7f && point < 0xa0) || point == 0x2028 || point == 0x2029 ||
           (point >= 0x202a && point <= 0x202e) || (point >= 0x2066 && point <= 0x2069);
}

std::string escaped(std::string_view text, bool keep_lines) {
    std::string result;
    result.reserve(text.size());
    for (std::size_t at = 0; at < text.size();) {
        const Utf8Character character = utf8_at(text, at);
        if (!character.valid) {
            result += "\xEF\xBF\xBD";
        } else if (is_control(character.point)) {
            append_escaped(result, character.point, keep_lines);
        } else {
            result.append(text.substr(at, character.size));
        }
        at += character.size;
    }
    return result;
}

}  // namespace

std::vector<std::string> split(std::string_view text, char separator) {
    std::vector<std::string> result;
    std::size_t start = 0;
    for (;;) {
        const std::size_t end = text.find(separator, start);
        if (end == std::string_view::npos) break;
        result.emplace_back(text.substr(start, end - start));
        start = end + 1;
    }
    result.emplace_back(text.substr(start));
    return result;
}

std::vector<std::string> split_words(std::string_view text) {
    std::vector<std::string> result;
    std::size_t at = 0;
    while (at < text.size()) {
        while (at < text.size() && is_space(text[at])) ++at;
        const std::size_t start = at;
        while (at < text.size() && !is_space(text[at])) ++at;
        if (at > start) result.emplace_back(text.substr(start, at - start));
    }
    return result;
}

std::vector<std::string> split_lines(std::string_view text) {
    std::vector<std::string> result;
    while (!text.empty()) {
        const std::size_t end = text.find('\n');
        std::string_view line = text.substr(0, end);
        if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
        result.emplace_back(line);
        if (end == std::string_view::npos) break;
        text.remove_prefix(end + 1);
    }
    return result;
}

std::string_view trim_end(std::string_view text) {
    while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
    return text;
}

std::string_view trim(std::string_view text) {
    while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
    return trim_end(text);
}

std::string join(const std::vector<std::string>& parts, std::string_view separator) {
    std::string result;
    for (std::size_t i = 0; i < parts.size(); ++i) {
        if (i != 0) result += separator;
        result += parts[i];
    }
    return result;
}

std::string join_words(const std::vector<std::string>& parts, std::string_view conjunction) {
    std::string result;
    for (std::size_t i = 0; i < parts.size(); ++i) {
        if (i != 0 && i + 1 == parts.size()) {
            result += " " + std::string(conjunction) + " ";
        } else if (i != 0) {
            result += ", ";
        }
        result += parts[i];
    }
    return result;
}

std::string lower(std::string_view ascii) {
    std::string result(ascii);
    for (char& c : result)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return result;
}

std::string replace_all(std::string text, std::string_view what, std::string_view with) {
    if (what.empty()) return text;
    for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size()))
        text.replace(at, what.size(), with);
    return text;
}

std::string quoted(std::string_view text) {
    // Escaping first: a cut must not split what was one escape, and 80 is about what people see.
    constexpr std::size_t most = 80;
    std::string shown = escape_control(text.substr(0, most * 4));
    if (utf8_length(shown) > most) shown = std::string(utf8_prefix(shown, most - 3)) + "...";
    return "'" + shown + "'";
}

std::string counted(std::size_t count, std::string_view singular) {
    return std::to_string(count) + " " + std::string(singular) + (count == 1 ? "" : "s");
}

std::string escape_control(std::string_view text) {
    return escaped(text, false);
}

std::string escape_control_keep_lines(std::string_view text) {
    return escaped(text, true);
}

std::string shell_quoted(std::string_view argument) {
    constexpr std::string_view safe = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:,=@%+";
    if (!argument.empty() && argument.find_first_not_of(safe) == std::string_view::npos) return std::string(argument);
    return "'" + replace_all(std::string(argument), "'", "'\\''") + "'";
}

}  // namespace prove
