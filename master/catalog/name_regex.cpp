// POSIX extended expressions of the C library, whose matcher builds an automaton: "(a*)*b" on a long name costs it
// microseconds. std::regex backtracks (hours for the same), and its polynomial mode took 43 s for "((a?){99}){99}b".
// What is left is bounded here: length, counts, and back-references, which no automaton has.
#include "master/catalog/name_regex.hpp"

#include <regex.h>

#include <algorithm>
#include <string_view>

#include "common/text/text.hpp"
#include "proto/error.hpp"

namespace prove {

namespace {

constexpr std::size_t longest_pattern = 256;
// What all counts such as {16} of a pattern multiply to: nested ones copy what they repeat that often.
constexpr std::size_t most_copies = 256, too_many = 1000;

[[noreturn]] void refuse(const std::string& text) {
    throw Error(ErrorKind::usage, text);
}

// How often "{2,5}" at `at` copies what stands before it.
std::size_t copies_at(const std::string& pattern, std::size_t at) {
    std::size_t count = 0, largest = 1;
    for (auto i = at + 1; i < pattern.size() && pattern[i] != '}'; ++i) {
        const bool is_digit = pattern[i] >= '0' && pattern[i] <= '9';
        count = is_digit ? std::min(count * 10 + static_cast<std::size_t>(pattern[i] - '0'), too_many) : 0;
        largest = std::max(largest, count);
    }
    return largest;
}

// Where the set that begins at `at` with '[' ends: at its ']', which stands for itself where it comes first, and which
// classes such as [:alpha:] have of their own. At the pattern's end where it is never closed.
std::size_t end_of_set(const std::string& pattern, std::size_t at) {
    ++at;
    if (at < pattern.size() && pattern[at] == '^') ++at;
    if (at < pattern.size() && pattern[at] == ']') ++at;
    for (; at < pattern.size() && pattern[at] != ']'; ++at)
        if (pattern.compare(at, 2, "[:") == 0) at = std::min(pattern.find(":]", at + 2), pattern.size() - 2) + 1;
    return std::min(at, pattern.size());
}

// \d, which the C library would take for a 'd', and what it would take for something else silently.
std::string translated_escape(char c) {
    if (c == 'd') return "[0-9]";
    if (c == 'D') return "[^0-9]";
    if (c >= '0' && c <= '9') refuse("back-references such as '\\1' are not possible");
    const bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (is_letter && std::string_view("wWsSbB").find(c) == std::string_view::npos)
        refuse("'\\" + std::string(1, c) + "' means nothing here");
    return {'\\', c};
}

// The pattern as the C library reads it; refuses what it would take wrongly, or take all memory for.
std::string translated(const std::string& pattern) {
    std::string result;
    std::size_t copies = 1;
    for (std::size_t i = 0; i < pattern.size(); ++i) {
        const char c = pattern[i];
        if (c == '[') {
            const auto set = pattern.substr(i, end_of_set(pattern, i) - i);
            if (set.find('\\') != std::string::npos)
                refuse("a '\\' within '[]' means only itself; write what is meant");
            result += set;
            i += set.size() - 1;
        } else if (c == '\\') {
            if (++i == pattern.size()) refuse("'\\' stands before nothing that it could mean");
            result += translated_escape(pattern[i]);
        } else {
            // A '+' makes one copy too, so "((a+)+)+" doubles with each.
            copies *= c == '+' ? 2 : c == '{' ? copies_at(pattern, i) : 1;
            if (copies > most_copies)
                refuse("its '+' and its counts in '{}' multiply to more than " + std::to_string(most_copies));
            result += c;
        }
    }
    return result;
}

const char* meaning(int code) {
    switch (code) {
        case REG_EPAREN:
            return "a parenthesis is not closed";
        case REG_EBRACK:
            return "a '[' is not closed";
        case REG_EBRACE:
        case REG_BADBR:
            return "what stands in '{}' is not a count";
        case REG_ERANGE:
            return "a range such as 'z-a' is the wrong way round";
        case REG_BADRPT:
            return "'*', '+', '?' or '{' has nothing before it to repeat";
        case REG_ECTYPE:
            return "there is no such character class";
        default:
            return "it is no regular expression, or too large";
    }
}

}  // namespace

struct NameRegex::Compiled {
    explicit Compiled(const std::string& pattern) {
        if (const int code = ::regcomp(&regex, pattern.c_str(), REG_EXTENDED | REG_NOSUB); code != 0)
            refuse(meaning(code));
    }
    ~Compiled() { ::regfree(&regex); }
    Compiled(const Compiled&) = delete;
    Compiled& operator=(const Compiled&) = delete;

    regex_t regex{};
};

NameRegex::NameRegex(const std::string& pattern) : pattern_(pattern) {
    if (pattern.empty()) refuse("it is empty, which would mean every target");
    if (pattern.size() > longest_pattern)
        refuse("it is longer than " + std::to_string(longest_pattern) + " characters");
    compiled_ = std::make_shared<Compiled>(translated(pattern));
}

bool NameRegex::found_in(const std::string& name) const {
    return ::regexec(&compiled_->regex, name.c_str(), 0, nullptr, 0) == 0;
}

}  // namespace prove
