// Value to JSON. Hand-written, since nlohmann's dump() throws on bytes that are not UTF-8, which is what commands
// print.
#include "proto/value.hpp"

#include "proto/write_json.hpp"

#include <charconv>
#include <cmath>

namespace prove {

namespace {

// The length of the valid UTF-8 sequence at the start of `text`, 0 where it is invalid; never over the end.
std::size_t sequence_size(std::string_view text) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const auto continues = [&](std::size_t i, unsigned low = 0x80, unsigned high = 0xBF) {
        return i < text.size() && byte(i) >= low && byte(i) <= high;
    };
    const unsigned first = byte(0);
    if (first < 0x80) return 1;
    if (first >= 0xC2 && first <= 0xDF) return continues(1) ? 2 : 0;
    if (first >= 0xE0 && first <= 0xEF) {
        const unsigned low = first == 0xE0 ? 0xA0 : 0x80;   // overlong
        const unsigned high = first == 0xED ? 0x9F : 0xBF;  // surrogates
        return continues(1, low, high) && continues(2) ? 3 : 0;
    }
    if (first >= 0xF0 && first <= 0xF4) {
        const unsigned low = first == 0xF0 ? 0x90 : 0x80;
        const unsigned high = first == 0xF4 ? 0x8F : 0xBF;  // above U+10FFFF
        return continues(1, low, high) && continues(2) && continues(3) ? 4 : 0;
    }
    return 0;
}

void append_escape(std::string& result, unsigned code_point) {
    static constexpr std::string_view digits = "0123456789abcdef";
    result += "\\u";
    for (int shift = 12; shift >= 0; shift -= 4) result.push_back(digits[(code_point >> shift) & 15]);
}

void append_control(std::string& result, char c) {
    switch (c) {
        case '"':
            result += "\\\"";
            return;
        case '\\':
            result += "\\\\";
            return;
        case '\n':
            result += "\\n";
            return;
        case '\r':
            result += "\\r";
            return;
        case '\t':
            result += "\\t";
            return;
        default:
            append_escape(result, static_cast<unsigned char>(c));
    }
}

// Two- and three-byte sequences that terminals or YAML take for control or line separator characters.
unsigned hidden_code_point(std::string_view sequence) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned>(static_cast<unsigned char>(sequence[i])); };
    if (sequence.size() == 2 && byte(0) == 0xC2 && byte(1) < 0xA0) return byte(1);
    if (sequence == "\xE2\x80\xA8") return 0x2028;
    if (sequence == "\xE2\x80\xA9") return 0x2029;
    if (sequence == "\xEF\xBB\xBF") return 0xFEFF;
    return 0;
}

bool is_plain(char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte >= 0x20 && byte < 0x7F && c != '"' && c != '\\';
}

class Writer {
  public:
    explicit Writer(int indent) : indent_(indent) {}

    void write(const Value& value, int level) {
        switch (value.kind()) {
            case Value::Kind::null:
                result_ += "null";
                return;
            case Value::Kind::boolean:
                result_ += value.boolean() ? "true" : "false";
                return;
            case Value::Kind::integer:
                result_ += std::to_string(value.integer());
                return;
            case Value::Kind::real:
                append_json_real(result_, value.real());
                return;
            case Value::Kind::text:
                append_json_text(result_, value.text());
                return;
            case Value::Kind::list:
                write_list(value.list(), level);
                return;
            case Value::Kind::mapping:
                write_mapping(value.mapping(), level);
                return;
        }
    }
    std::string take() { return std::move(result_); }

  private:
    void write_list(const Value::List& list, int level) {
        result_.push_back('[');
        bool first = true;
        for (const auto& item : list) {
            begin_item(first, level + 1);
            first = false;
            write(item, level + 1);
        }
        if (!first) begin_line(level);
        result_.push_back(']');
    }
    void write_mapping(const Mapping& mapping, int level) {
        result_.push_back('{');
        bool first = true;
        for (const auto& member : mapping) {
            begin_item(first, level + 1);
            first = false;
            append_json_text(result_, member.key);
            result_ += indent_ > 0 ? ": " : ":";
            write(member.value, level + 1);
        }
        if (!first) begin_line(level);
        result_.push_back('}');
    }
    void begin_item(bool first, int level) {
        if (!first) result_.push_back(',');
        begin_line(level);
    }
    void begin_line(int level) {
        if (indent_ == 0) return;
        result_.push_back('\n');
        result_.append(static_cast<std::size_t>(indent_ * level), ' ');
    }

    std::string result_;
    const int indent_;  // 0: all on one line
};

}  // namespace

void append_json_text(std::string& result, std::string_view text) {
    result.push_back('"');
    for (std::size_t i = 0; i < text.size();) {
        std::size_t end = i;
        while (end < text.size() && is_plain(text[end])) ++end;
        result.append(text.substr(i, end - i));
        i = end;
        if (i == text.size()) break;
        const std::size_t size = sequence_size(text.substr(i));
        const auto sequence = text.substr(i, size);
        if (size == 0) {
            result += "\xEF\xBF\xBD";
        } else if (size == 1) {
            append_control(result, text[i]);
        } else if (const unsigned hidden = hidden_code_point(sequence); hidden != 0) {
            append_escape(result, hidden);
        } else {
            result.append(sequence);
        }
        i += size == 0 ? 1 : size;
    }
    result.push_back('"');
}

void append_json_real(std::string& result, double number) {
    // JSON has no word for these, and a writer of results may not fail.
    if (!std::isfinite(number)) {
        result += "null";
        return;
    }
    char buffer[32];
    const auto written = std::to_chars(buffer, buffer + sizeof(buffer), number);
    const std::string_view text(buffer, static_cast<std::size_t>(written.ptr - buffer));
    result.append(text);
    if (text.find_first_of(".e") == std::string_view::npos) result += ".0";
}

std::string write_json(const Value& value) {
    Writer writer(0);
    writer.write(value, 0);
    return writer.take();
}

std::string write_json_pretty(const Value& value) {
    Writer writer(2);
    writer.write(value, 0);
    return writer.take() + "\n";
}

}  // namespace prove
