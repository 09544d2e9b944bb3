// Plain scalars: see scalar.hpp.
#include "common/yaml/scalar.hpp"

#include <charconv>
#include <limits>

#include "common/text/text.hpp"

namespace prove {

namespace {

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

bool all_digits(std::string_view text) {
    for (const char c : text)
        if (!is_digit(c)) return false;
    return !text.empty();
}

// [0-9]+ | [0-9]*.[0-9]* with a digit somewhere, and an exponent perhaps.
bool is_float(std::string_view text) {
    std::size_t at = 0, digits = 0;
    while (at < text.size() && is_digit(text[at])) ++at, ++digits;
    if (at < text.size() && text[at] == '.') {
        ++at;
        while (at < text.size() && is_digit(text[at])) ++at, ++digits;
    }
    if (digits == 0) return false;
    if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
        ++at;
        if (at < text.size() && (text[at] == '+' || text[at] == '-')) ++at;
        return all_digits(text.substr(at));
    }
    return at == text.size();
}

PlainScalar too_large(const std::string& text) {
    return {Value(), "the number " + quoted(text) + " is too large; if it is a text, write it in quotes"};
}

PlainScalar integer_of(const std::string& text, std::string_view digits, int base, bool negative) {
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number, base);
    if (error == std::errc::result_out_of_range) return too_large(text);
    if (error != std::errc() || end != digits.data() + digits.size()) return {Value(text), ""};
    const std::uint64_t most = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
    if (number > most + (negative ? 1 : 0)) return too_large(text);
    return {Value(static_cast<std::int64_t>(negative ? 0 - number : number)), ""};
}

}  // namespace

PlainScalar read_plain_scalar(const std::string& text) {
    if (text.empty() || text == "~" || text == "null" || text == "Null" || text == "NULL") return {};
    if (text == "true" || text == "True" || text == "TRUE") return {Value(true), ""};
    if (text == "false" || text == "False" || text == "FALSE") return {Value(false), ""};
    if (text == "<<") return {Value(), "merge keys ('<<') are not read; write the members out, or use a variable"};
    const bool sign = text[0] == '-' || text[0] == '+';
    const std::string_view rest = std::string_view(text).substr(sign ? 1 : 0);
    // Most scalars are words: decided by their first character.
    if (rest.empty() || (!is_digit(rest[0]) && rest[0] != '.')) return {Value(text), ""};
    if (rest == ".inf" || rest == ".Inf" || rest == ".INF" || rest == ".nan" || rest == ".NaN" || rest == ".NAN")
        return {Value(), quoted(text) + " is not a number that can be used; if it is a text, write it in quotes"};
    if (!sign && rest.substr(0, 2) == "0x") return integer_of(text, rest.substr(2), 16, false);
    if (!sign && rest.substr(0, 2) == "0o") return integer_of(text, rest.substr(2), 8, false);
    if (all_digits(rest)) {
        if (rest.size() > 1 && rest[0] == '0')
            return {Value(), "a number with leading zeros; a mode is written in quotes: '" + text + "'"};
        return integer_of(text, rest, 10, text[0] == '-');
    }
    if (!is_float(rest)) return {Value(text), ""};
    double number = 0;
    const char* begin = text.data() + (text[0] == '+' ? 1 : 0);
    const auto [end, error] = std::from_chars(begin, text.data() + text.size(), number);
    if (error == std::errc::result_out_of_range) return too_large(text);
    static_cast<void>(end);
    return {Value(number), ""};
}

}  // namespace prove
