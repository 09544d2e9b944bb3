// A line with a caret: see excerpt.hpp.
#include "common/text/excerpt.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <vector>

#include "common/text/utf8.hpp"

namespace prove {

namespace {

constexpr std::size_t most_shown = 100;

// The line as characters that each take one column and cannot move the cursor.
std::vector<std::string> cells_of(std::string_view line) {
    std::vector<std::string> cells;
    for (std::size_t at = 0; at < line.size();) {
        const Utf8Character character = utf8_at(line, at);
        if (!character.valid || character.point < 0x20 || (character.point >= 0x7f && character.point < 0xa0)) {
            cells.emplace_back(line[at] == '\t' ? " " : "\xEF\xBF\xBD");
        } else {
            cells.emplace_back(line.substr(at, character.size));
        }
        at += character.size;
    }
    return cells;
}

bool ends_word(std::string_view cell) {
    return cell == " " || cell == "\t" || cell == ":" || cell == "," || cell == "]" || cell == "}" || cell == "#";
}

}  // namespace

std::string excerpt(std::string_view line_text, std::size_t line, std::size_t column, std::size_t width) {
    const std::vector<std::string> cells = cells_of(line_text);
    column = std::min(std::max<std::size_t>(column, 1), cells.size() + 1);
    width = std::max<std::size_t>(1, std::min(width, cells.size() + 1 - column));

    std::size_t first = 0;
    if (cells.size() > most_shown && column > most_shown * 2 / 3) first = column - most_shown / 2;
    const std::size_t end = std::min(cells.size(), first + most_shown);
    std::string shown = first > 0 ? "..." : "";
    const std::size_t indent = (first > 0 ? 3 : 0) + column - 1 - first;
    for (std::size_t i = first; i < end; ++i) shown += cells[i];
    if (end < cells.size()) shown += "...";

    std::array<char, 32> number{};
    std::snprintf(number.data(), number.size(), "%5zu", line);
    const std::string gutter(std::string_view(number.data()).size(), ' ');
    const std::size_t underline = std::min(width, std::max<std::size_t>(1, end + 1 - column)) - 1;
    return std::string(number.data()) + " | " + shown + "\n" + gutter + " | " + std::string(indent, ' ') + "^" +
           std::string(underline, '~');
}

std::string_view line_of(std::string_view text, std::size_t line) {
    for (; line > 1; --line) {
        const std::size_t end = text.find('\n');
        if (end == std::string_view::npos) return {};
        text.remove_prefix(end + 1);
    }
    text = text.substr(0, text.find('\n'));
    if (!text.empty() && text.back() == '\r') text.remove_suffix(1);
    return text;
}

std::size_t word_width(std::string_view line_text, std::size_t column) {
    const std::vector<std::string> cells = cells_of(line_text);
    if (column == 0 || column > cells.size()) return 1;
    const std::size_t start = column - 1;
    std::size_t at = start;
    if (cells[at] == "'" || cells[at] == "\"") {
        for (++at; at < cells.size() && cells[at] != cells[start];) ++at;
        return std::min(at + 1, cells.size()) - start;
    }
    while (at < cells.size() && !ends_word(cells[at])) ++at;
    return std::max<std::size_t>(1, at - start);
}

}  // namespace prove
