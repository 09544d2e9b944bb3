// See the header. What is nested deeper than people write is no literal.
#include "master/inventory/python_literal.hpp"

#include <charconv>

#include "common/text/text.hpp"

namespace prove {

namespace {

constexpr int deepest = 32;

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

bool is_name_character(char c) {
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

// Any failure ends the reading.
struct NoLiteral {};

class LiteralReader {
  public:
    explicit LiteralReader(std::string_view text) : text_(text) {}

    Value whole() {
        auto result = value(0);
        skip_blanks();
        if (at_ != text_.size()) throw NoLiteral{};
        return result;
    }

  private:
    char next() const { return at_ < text_.size() ? text_[at_] : '\0'; }
    void skip_blanks() {
        while (next() == ' ' || next() == '\t') ++at_;
    }
    bool take(char c) {
        skip_blanks();
        if (next() != c) return false;
        ++at_;
        return true;
    }
    void want(char c) {
        if (!take(c)) throw NoLiteral{};
    }

    Value value(int depth) {
        if (depth > deepest) throw NoLiteral{};
        skip_blanks();
        const char c = next();
        if (c == '[') return list(depth, ']');
        if (c == '(') return list(depth, ')');
        if (c == '{') return mapping(depth);
        if (c == '\'' || c == '"') return string();
        if (is_digit(c) || c == '-' || c == '+' || c == '.') return number();
        return word();
    }

    // "(x)" is x, and "(x,)" a tuple.
    Value list(int depth, char end) {
        ++at_;
        Value items = Value::array();
        bool comma = false;
        while (!take(end)) {
            if (!items.list().empty() && !comma) throw NoLiteral{};
            items.push(value(depth + 1));
            comma = take(',');
        }
        if (end == ')' && items.list().size() == 1 && !comma) return items.list().front();
        return items;
    }

    Value mapping(int depth) {
        ++at_;
        Value result = Value::object();
        bool comma = true;
        while (!take('}')) {
            if (!comma) throw NoLiteral{};
            const auto key = value(depth + 1);
            if (!key.is_text()) throw NoLiteral{};
            want(':');
            result.set(key.text(), value(depth + 1));
            comma = take(',');
        }
        return result;
    }

    Value string() {
        const char quote = text_[at_++];
        std::string result;
        while (next() != quote) {
            if (at_ >= text_.size()) throw NoLiteral{};
            if (text_[at_] == '\\')
                escape(result);
            else
                result += text_[at_++];
        }
        ++at_;
        return result;
    }

    void escape(std::string& result) {
        static constexpr std::string_view from = "\\'\"abfnrtv", to = "\\'\"\a\b\f\n\r\t\v";
        ++at_;
        const auto known = at_ < text_.size() ? from.find(text_[at_]) : std::string_view::npos;
        // Codes of characters are rare enough to be left to YAML.
        if (known == std::string_view::npos) {
            if (std::string_view("01234567xuUN").find(next()) != std::string_view::npos) throw NoLiteral{};
            result += '\\';  // Python keeps what it does not know
            return;
        }
        result += to[known];
        ++at_;
    }

    // Digits, with single underscores between them, as they are without the underscores.
    std::string digits() {
        std::string result;
        while (is_digit(next()) ||
               (next() == '_' && !result.empty() && at_ + 1 < text_.size() && is_digit(text_[at_ + 1]))) {
            if (next() != '_') result += next();
            ++at_;
        }
        return result;
    }

    Value number() {
        std::string text;
        if (next() == '-' || next() == '+') {
            if (next() == '-') text += '-';
            ++at_;
            skip_blanks();
        }
        if (next() == '0' && at_ + 1 < text_.size() && is_name_character(text_[at_ + 1]) && !is_digit(text_[at_ + 1]))
            return based(text == "-");
        const auto whole = digits();
        // 0644 is none, 00 is.
        const bool bad_integer =
            whole.size() > 1 && whole[0] == '0' && whole.find_first_not_of('0') != std::string::npos;
        text += whole.empty() ? "0" : whole;
        bool is_real = false;
        if (next() == '.') {
            ++at_;
            const auto fraction = digits();
            if (whole.empty() && fraction.empty()) throw NoLiteral{};
            text += "." + (fraction.empty() ? "0" : fraction);
            is_real = true;
        } else if (whole.empty()) {
            throw NoLiteral{};
        }
        if (next() == 'e' || next() == 'E') {
            ++at_;
            text += 'e';
            if (next() == '-' || next() == '+') text += text_[at_++];
            const auto exponent = digits();
            if (exponent.empty()) throw NoLiteral{};
            text += exponent;
            is_real = true;
        }
        if (is_name_character(next()) || next() == '.' || (bad_integer && !is_real)) throw NoLiteral{};
        return is_real ? parsed<double>(text) : parsed<std::int64_t>(text);
    }

    template <class Number>
    static Value parsed(const std::string& text) {
        Number number{};
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
        if (error != std::errc() || end != text.data() + text.size()) throw NoLiteral{};
        return number;
    }

    // 0x1f, 0o644, 0b1
    Value based(bool negative) {
        const auto kind = lower(text_.substr(at_ + 1, 1));
        const int base = kind == "x" ? 16 : kind == "o" ? 8 : kind == "b" ? 2 : 0;
        if (base == 0) throw NoLiteral{};
        at_ += 2;
        std::int64_t number = 0;
        const auto rest = text_.substr(at_);
        const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), number, base);
        if (error != std::errc() || rest.starts_with("-")) throw NoLiteral{};
        at_ += static_cast<std::size_t>(end - rest.data());
        if (is_name_character(next()) || next() == '.') throw NoLiteral{};
        return negative ? -number : number;
    }

    Value word() {
        const auto begin = at_;
        while (is_name_character(next())) ++at_;
        const auto word = text_.substr(begin, at_ - begin);
        if (word == "True") return true;
        if (word == "False") return false;
        if (word == "None") return {};
        throw NoLiteral{};
    }

    const std::string_view text_;
    std::size_t at_ = 0;
};

}  // namespace

std::optional<Value> read_python_literal(std::string_view text) {
    try {
        // Ansible takes the value without the blanks around it.
        return LiteralReader(text).whole();
    } catch (const NoLiteral&) {
        return std::nullopt;
    }
}

}  // namespace prove
