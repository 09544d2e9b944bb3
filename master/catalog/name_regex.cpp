// libstdc++'s polynomial matcher: the usual one backtracks, and "(a*)*b" on a long name would hold the master for
// hours. It has no back-references, which nobody needs in a name. This file alone includes <regex>, which is slow to
// compile.
#include "master/catalog/name_regex.hpp"

#include <regex>

#include "common/text/text.hpp"
#include "proto/error.hpp"

namespace prove {

namespace {

// The compiler of std::regex recurses per parenthesis and copies per repetition; names are short, so are patterns.
constexpr std::size_t longest_pattern = 256;
constexpr std::size_t largest_repetition = 100;

const char* meaning(std::regex_constants::error_type code) {
    using namespace std::regex_constants;
    if (code == error_paren) return "a parenthesis is not closed";
    if (code == error_brack) return "a '[' is not closed";
    if (code == error_brace || code == error_badbrace) return "what stands in '{}' is not a count";
    if (code == error_range) return "a range such as 'z-a' is the wrong way round";
    if (code == error_badrepeat) return "'*', '+' or '?' has nothing before it to repeat";
    if (code == error_escape) return "'\\' stands before nothing that it could mean";
    if (code == error_backref) return "back-references are not possible";
    if (code == error_ctype || code == error_collate) return "there is no such character class";
    return "it is too large";
}

// "{1000}" copies what it repeats a thousand times, and nested ones multiply.
void refuse_large_repetitions(const std::string& pattern) {
    for (std::size_t at = pattern.find('{'); at != std::string::npos; at = pattern.find('{', at + 1)) {
        std::size_t count = 0;
        for (std::size_t i = at + 1; i < pattern.size() && pattern[i] != '}'; ++i) {
            if (pattern[i] < '0' || pattern[i] > '9') {
                count = 0;
                continue;
            }
            count = count * 10 + static_cast<std::size_t>(pattern[i] - '0');
            if (count > largest_repetition)
                throw Error(ErrorKind::usage, "it repeats more than " + std::to_string(largest_repetition) + " times");
        }
    }
}

}  // namespace

struct NameRegex::Compiled {
    std::regex regex;
};

NameRegex::NameRegex(const std::string& pattern) : pattern_(pattern) {
    if (pattern.empty()) throw Error(ErrorKind::usage, "it is empty, which would mean every target");
    if (pattern.size() > longest_pattern)
        throw Error(ErrorKind::usage, "it is longer than " + std::to_string(longest_pattern) + " characters");
    refuse_large_repetitions(pattern);
    try {
        using std::regex_constants::__polynomial;
        compiled_ =
            std::make_shared<Compiled>(Compiled{std::regex(pattern, std::regex_constants::ECMAScript | __polynomial)});
    } catch (const std::regex_error& error) {
        throw Error(ErrorKind::usage, meaning(error.code()));
    }
}

bool NameRegex::found_in(const std::string& name) const {
    return std::regex_search(name, compiled_->regex);
}

}  // namespace prove
