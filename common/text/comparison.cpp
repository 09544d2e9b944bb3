// Comparisons of values that have a type (a fact may be a number, a boolean, a list) with text that has none.
#include "common/text/comparison.hpp"

#include <algorithm>
#include <cctype>
#include <cstdlib>

#include "common/text/glob.hpp"
#include "common/text/text.hpp"

namespace prove {

namespace {

const Value* find_path(const Value& mapping, const std::string& path) {
    const Value* at = &mapping;
    for (const auto& name : split(path, '.')) {
        if (!at->is_mapping()) return nullptr;
        at = at->find(name);
        if (at == nullptr) return nullptr;
    }
    return at;
}

// As it is written in YAML, so that `fact:cpu.count=4` and `var:tls=true` need no quotes.
std::string written(const Value& value) {
    switch (value.kind()) {
        case Value::Kind::text:
            return value.text();
        case Value::Kind::boolean:
            return value.boolean() ? "true" : "false";
        case Value::Kind::null:
            return "null";
        case Value::Kind::integer:
        case Value::Kind::real:
            return write_json(value);
        default:
            return {};
    }
}

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

// Without leading zeros, so that longer means larger.
std::string_view digits_at(std::string_view text, std::size_t& at) {
    const auto begin = at;
    while (at < text.size() && is_digit(text[at])) ++at;
    auto digits = text.substr(begin, at - begin);
    while (digits.size() > 1 && digits.front() == '0') digits.remove_prefix(1);
    return digits;
}

int compare_numbers(std::string_view a, std::string_view b) {
    if (a.size() != b.size()) return a.size() < b.size() ? -1 : 1;
    return a.compare(b);
}

// Versions in their natural order: 9 < 12.5 < 12.11.
int compare_versions(std::string_view a, std::string_view b) {
    std::size_t i = 0, j = 0;
    while (i < a.size() && j < b.size()) {
        if (is_digit(a[i]) && is_digit(b[j])) {
            if (const int order = compare_numbers(digits_at(a, i), digits_at(b, j)); order != 0) return order;
        } else if (a[i] != b[j]) {
            return a[i] < b[j] ? -1 : 1;
        } else {
            ++i;
            ++j;
        }
    }
    return static_cast<int>(i < a.size()) - static_cast<int>(j < b.size());
}

std::optional<double> number_of(const std::string& text) {
    if (text.empty() || std::isspace(static_cast<unsigned char>(text.front()))) return std::nullopt;
    char* end = nullptr;
    const double number = std::strtod(text.c_str(), &end);
    return *end == '\0' ? std::optional(number) : std::nullopt;
}

int compare(const Value& value, const std::string& wanted) {
    const bool numeric = value.kind() == Value::Kind::integer || value.kind() == Value::Kind::real;
    if (const auto number = numeric ? number_of(wanted) : std::nullopt)
        return value.real() < *number ? -1 : static_cast<int>(value.real() > *number);
    return compare_versions(written(value), wanted);
}

bool is_equal(const Value& value, const std::string& wanted) {
    if (value.is_list())
        return std::any_of(value.list().begin(), value.list().end(),
                           [&](const Value& member) { return is_equal(member, wanted); });
    return !value.is_mapping() && glob_matches(wanted, written(value));
}

}  // namespace

const char* symbol_of(Comparison::Operator op) {
    switch (op) {
        case Comparison::Operator::equal:
            return "=";
        case Comparison::Operator::unequal:
            return "!=";
        case Comparison::Operator::less:
            return "<";
        case Comparison::Operator::less_or_equal:
            return "<=";
        case Comparison::Operator::greater:
            return ">";
        case Comparison::Operator::greater_or_equal:
            return ">=";
    }
    return "";
}

bool Comparison::holds(const Value& mapping) const {
    const Value* const value = find_path(mapping, path);
    if (value == nullptr) return false;
    if (op == Operator::equal) return is_equal(*value, wanted);
    if (op == Operator::unequal) return !is_equal(*value, wanted);
    if (value->is_list() || value->is_mapping() || value->is_null() || value->is_boolean()) return false;
    const int order = compare(*value, wanted);
    if (op == Operator::less) return order < 0;
    if (op == Operator::less_or_equal) return order <= 0;
    if (op == Operator::greater) return order > 0;
    return order >= 0;
}

std::optional<OperatorFound> find_operator(std::string_view text) {
    using Operator = Comparison::Operator;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool equals_next = i + 1 < text.size() && text[i + 1] == '=';
        if (text[i] == '!' && equals_next) return OperatorFound{Operator::unequal, i, 2};
        if (text[i] == '=') return OperatorFound{Operator::equal, i, 1};
        if (text[i] == '<')
            return OperatorFound{equals_next ? Operator::less_or_equal : Operator::less, i, equals_next ? 2u : 1u};
        if (text[i] == '>')
            return OperatorFound{equals_next ? Operator::greater_or_equal : Operator::greater, i,
                                 equals_next ? 2u : 1u};
    }
    return std::nullopt;
}

}  // namespace prove
