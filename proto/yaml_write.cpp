// Value to YAML in block style, for people. What a YAML 1.1 or 1.2 reader could take for something other than text is
// quoted; the rule is narrow on purpose, since a needless pair of quotes harms nobody.
#include "proto/value.hpp"

#include "proto/write_json.hpp"

#include <algorithm>
#include <array>

namespace prove {

namespace {

bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

// Words that some reader takes for a boolean or for nothing.
bool is_reserved(std::string_view text) {
    static constexpr std::array<std::string_view, 9> words = {"true", "false", "null", "yes", "no",
                                                              "on",   "off",   "y",    "n"};
    std::string lower(text);
    std::transform(lower.begin(), lower.end(), lower.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    return std::find(words.begin(), words.end(), lower) != words.end();
}

bool may_stand_plain(std::string_view text) {
    if (text.empty() || text.back() == ' ' || is_reserved(text)) return false;
    if (!is_letter(text[0]) && text[0] != '/' && text[0] != '_') return false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (c == ':' && (i + 1 == text.size() || text[i + 1] == ' ')) return false;
        if (!is_letter(c) && !is_digit(c) && std::string_view(" _-./:@+=,()~%").find(c) == std::string_view::npos)
            return false;
    }
    return true;
}

// A literal block can hold lines of printable text; its first line must not begin with a space, which would be taken
// for indentation.
bool may_stand_as_block(std::string_view text) {
    if (text.find('\n') == std::string_view::npos || std::string_view(" \t\n").find(text[0]) != std::string_view::npos)
        return false;
    return std::all_of(text.begin(), text.end(),
                       [](char c) { return c == '\n' || c == '\t' || (c >= ' ' && c <= '~'); });
}

// A reader looks no further than 1024 characters for the ':' of a key without "? " (YAML 1.2, 7.4.2).
constexpr std::size_t longest_implicit_key = 1000;

class Writer {
  public:
    // What stands after "key:" or "- ": a scalar on the same line, or a block below.
    void member(const Value& value, int level) {
        if (value.is_mapping() && !value.mapping().empty()) {
            result_.push_back('\n');
            mapping(value.mapping(), level, false);
        } else if (value.is_list() && !value.list().empty()) {
            result_.push_back('\n');
            list(value.list(), level);
        } else {
            result_.push_back(' ');
            scalar(value, level);
        }
    }
    void top(const Value& value) {
        if (value.is_mapping() && !value.mapping().empty()) return mapping(value.mapping(), 0, false);
        if (value.is_list() && !value.list().empty()) return list(value.list(), 0);
        scalar(value, 1);
    }
    std::string take() { return std::move(result_); }

  private:
    void indent(int level) { result_.append(static_cast<std::size_t>(2 * level), ' '); }

    // `begun`: the first key stands on a line that is already there, after "- ".
    void mapping(const Mapping& members, int level, bool begun) {
        for (const auto& entry : members) {
            if (!begun) indent(level);
            begun = false;
            key(entry.key, level);
            member(entry.value, level + 1);
        }
    }
    void key(const std::string& key, int level) {
        const std::size_t begin = result_.size();
        text(key);
        if (result_.size() - begin > longest_implicit_key) {
            result_.insert(begin, "? ");
            result_.push_back('\n');
            indent(level);
        }
        result_.push_back(':');
    }
    void list(const Value::List& items, int level) {
        for (const auto& item : items) {
            indent(level);
            result_.push_back('-');
            if (item.is_mapping() && !item.mapping().empty()) {
                result_.push_back(' ');
                mapping(item.mapping(), level + 1, true);
            } else {
                member(item, level + 1);
            }
        }
    }
    void scalar(const Value& value, int level) {
        if (value.is_text() && may_stand_as_block(value.text())) return block(value.text(), level);
        if (value.is_text()) {
            text(value.text());
        } else if (value.is_mapping()) {
            result_ += "{}";
        } else if (value.is_list()) {
            result_ += "[]";
        } else {
            result_ += write_json(value);
        }
        result_.push_back('\n');
    }
    void text(const std::string& written) {
        if (may_stand_plain(written)) {
            result_ += written;
        } else {
            append_json_text(result_, written);
        }
    }
    void block(std::string_view text, int level) {
        result_.push_back('|');
        const bool ended = text.back() == '\n';
        if (!ended) result_.push_back('-');
        if (ended && text.size() > 1 && text[text.size() - 2] == '\n') result_.push_back('+');
        result_.push_back('\n');
        while (!text.empty()) {
            const auto end = text.find('\n');
            const auto line = text.substr(0, end);
            if (!line.empty()) indent(level);
            result_.append(line);
            result_.push_back('\n');
            text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
        }
    }

    std::string result_;
};

}  // namespace

std::string write_yaml(const Value& value) {
    Writer writer;
    writer.top(value);
    return writer.take();
}

}  // namespace prove
