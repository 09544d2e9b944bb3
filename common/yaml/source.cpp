// Lines of a text: see source.hpp.
#include "common/yaml/source.hpp"

#include <algorithm>

#include "common/text/excerpt.hpp"
#include "common/text/text.hpp"
#include "common/text/utf8.hpp"

namespace prove {

YamlSource::YamlSource(std::string_view text, FileName file)
    : text_(text),
      file_(std::move(file)),
      ascii_(std::none_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) >= 0x80; })),
      has_tabs_(text.find('\t') != std::string_view::npos) {
    line_starts_.push_back(0);
    for (std::size_t end = text.find('\n'); end != std::string_view::npos; end = text.find('\n', end + 1))
        line_starts_.push_back(end + 1);
}

std::string_view YamlSource::line(std::size_t number) const {
    if (number == 0 || number > line_starts_.size()) return {};
    const std::size_t start = line_starts_[number - 1];
    const std::size_t end = number < line_starts_.size() ? line_starts_[number] - 1 : text_.size();
    return text_.substr(start, end - start);
}

std::string YamlSource::excerpt_at(const SourcePosition& position) const {
    if (position.line == 0 || position.line > line_starts_.size()) return "";
    const std::string_view text = line(position.line);
    return excerpt(text, position.line, position.column, word_width(text, position.column));
}

std::string_view YamlSource::before(const SourcePosition& position) const {
    return utf8_prefix(line(position.line), std::max(position.column, 1u) - 1);
}

std::string_view YamlSource::from(const SourcePosition& position) const {
    return line(position.line).substr(before(position).size());
}

bool YamlSource::bracket_is_closed(const SourcePosition& position) const {
    if (position.line == 0 || position.column == 0) return false;
    std::size_t i = line_start(position.line) + before(position).size();
    int depth = 0;
    char last = ' ';  // a quote within a word opens nothing
    for (; i < text_.size(); last = text_[i], ++i) {
        const char c = text_[i];
        const bool begins_word = std::string_view(" \t\n[{,:").find(last) != std::string_view::npos;
        if ((c == '"' || c == '\'') && begins_word) {
            for (++i; i < text_.size() && text_[i] != c; ++i)
                if (c == '"' && text_[i] == '\\') ++i;
        } else if (c == '#' && begins_word) {
            i = std::min(text_.find('\n', i), text_.size() - 1);
        } else if (c == '[' || c == '{') {
            ++depth;
        } else if ((c == ']' || c == '}') && --depth <= 0) {
            return true;
        }
        if (i >= text_.size()) break;
    }
    return false;
}

bool YamlSource::follows_tab(const SourcePosition& position) const {
    if (!has_tabs_ || position.column < 2) return false;
    // As many bytes as characters: what is all blanks has one for each.
    const std::string_view before = line(position.line).substr(0, position.column - 1);
    return before.find('\t') != std::string_view::npos && before.find_first_not_of(" \t") == std::string_view::npos;
}

}  // namespace prove
