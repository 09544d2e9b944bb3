// Patterns: see glob.hpp.
#include "common/text/glob.hpp"

#include <optional>

#include "common/text/utf8.hpp"

namespace prove {

namespace {

constexpr std::size_t none = std::string_view::npos;

// A set beginning at `[`: whether `point` is in it, and where the pattern goes on; nothing where it is not closed.
struct SetMatch {
    bool in_set = false;
    std::size_t after = 0;
};
std::optional<SetMatch> match_set(std::string_view pattern, std::size_t at, char32_t point) {
    ++at;
    bool negated = false;
    if (at < pattern.size() && (pattern[at] == '!' || pattern[at] == '^')) {
        negated = true;
        ++at;
    }
    bool found = false;
    bool first = true;
    const auto next = [&]() -> std::optional<char32_t> {
        if (pattern[at] == '\\' && at + 1 < pattern.size()) ++at;
        const Utf8Character character = utf8_at(pattern, at);
        at += character.size;
        return character.point;
    };
    while (at < pattern.size()) {
        // A `]` right at the start is a member, as in sh.
        if (pattern[at] == ']' && !first) return SetMatch{found != negated, at + 1};
        first = false;
        const char32_t low = *next();
        char32_t high = low;
        if (at + 1 < pattern.size() && pattern[at] == '-' && pattern[at + 1] != ']') {
            ++at;
            high = *next();
        }
        if (point >= low && point <= high) found = true;
    }
    return std::nullopt;
}

// One element of the pattern (not `*`) against one character: where the pattern goes on, or none.
std::size_t match_one(std::string_view pattern, std::size_t at, char32_t point) {
    if (pattern[at] == '?') return at + 1;
    if (pattern[at] == '[') {
        const auto set = match_set(pattern, at, point);
        return set && set->in_set ? set->after : none;
    }
    if (pattern[at] == '\\') {
        if (++at >= pattern.size()) return none;
    }
    const Utf8Character character = utf8_at(pattern, at);
    return character.point == point ? at + character.size : none;
}

}  // namespace

bool glob_matches(std::string_view pattern, std::string_view text) {
    if (!is_valid_glob(pattern)) return false;
    // The usual two-pointer walk: on a mismatch only the latest `*` takes one character more.
    std::size_t p = 0, t = 0, star = none, star_text = 0;
    while (t < text.size()) {
        const Utf8Character character = utf8_at(text, t);
        if (p < pattern.size() && pattern[p] == '*') {
            star = p++;
            star_text = t;
            continue;
        }
        const std::size_t next = p < pattern.size() ? match_one(pattern, p, character.point) : none;
        if (next != none) {
            p = next;
            t += character.size;
        } else if (star != none) {
            p = star + 1;
            star_text += utf8_at(text, star_text).size;
            t = star_text;
        } else {
            return false;
        }
    }
    while (p < pattern.size() && pattern[p] == '*') ++p;
    return p == pattern.size();
}

bool is_glob(std::string_view pattern) {
    return pattern.find_first_of("*?[\\") != none;
}

bool is_valid_glob(std::string_view pattern) {
    for (std::size_t at = 0; at < pattern.size();) {
        if (pattern[at] == '\\') {
            if (at + 1 >= pattern.size()) return false;
            at += 2;
        } else if (pattern[at] == '[') {
            const auto set = match_set(pattern, at, 0);
            if (!set) return false;
            at = set->after;
        } else {
            ++at;
        }
    }
    return true;
}

}  // namespace prove
