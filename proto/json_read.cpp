// JSON text to Value, by nlohmann's SAX parser (which does not recurse) under the limits of S46. What that parser lets
// through and we do not: a NUL byte as the end of input, a byte order mark, integers too large for 64 bits (it makes
// them reals), and a key given twice.
#include "proto/value.hpp"

#include <nlohmann/json.hpp>

#include <cstring>
#include <limits>

#include "proto/json_slips.hpp"

namespace prove {

namespace {

using nlohmann::json;

// Walks over the text in step with the parser's events, since those do not say where they happened. Each event is one
// token; between two tokens stand only white space, commas and colons.
class PositionTracker {
  public:
    PositionTracker(std::string_view text, const FileName& file) : text_(text), file_(file) {}

    SourcePosition next_token() {
        if (!file_) return {};
        while (offset_ < text_.size() && std::strchr(" \t\r\n,:", text_[offset_]) != nullptr) step();
        const SourcePosition position{file_, line_, column_};
        skip_token();
        return position;
    }

  private:
    void step() {
        const auto byte = static_cast<unsigned char>(text_[offset_++]);
        if (byte == '\n') {
            ++line_;
            column_ = 1;
        } else if ((byte & 0xC0) != 0x80) {
            ++column_;
        }
    }
    void skip_token() {
        const char first = offset_ < text_.size() ? text_[offset_] : ' ';
        step_if_any();
        if (first == '"') {
            while (offset_ < text_.size() && text_[offset_] != '"') {
                if (text_[offset_] == '\\') step();
                step_if_any();
            }
            step_if_any();
        } else if (std::strchr("{}[]", first) == nullptr) {
            while (offset_ < text_.size() && std::strchr(" \t\r\n,:]}", text_[offset_]) == nullptr) step();
        }
    }
    void step_if_any() {
        if (offset_ < text_.size()) step();
    }

    std::string_view text_;
    const FileName& file_;
    std::size_t offset_ = 0;
    std::uint32_t line_ = 1;
    std::uint32_t column_ = 1;
};

// Line and column of a byte; for error messages, where speed does not count.
SourcePosition position_of(std::string_view text, std::size_t offset, const FileName& file) {
    SourcePosition position{file, 1, 1};
    for (std::size_t i = 0; i < offset && i < text.size(); ++i) {
        if (text[i] == '\n') {
            ++position.line;
            position.column = 1;
        } else if ((static_cast<unsigned char>(text[i]) & 0xC0) != 0x80) {
            ++position.column;
        }
    }
    return position;
}

[[noreturn]] void refuse(const SourcePosition& position, const std::string& why) {
    throw Error(ErrorKind::invalid, position, "not valid JSON: " + why);
}

// Builds the Value; nlohmann calls it for every token. A pointer into a list stays good while it is on the stack, since
// nothing is added to that list before its element has ended.
class Builder {
  public:
    using number_integer_t = json::number_integer_t;
    using number_unsigned_t = json::number_unsigned_t;
    using number_float_t = json::number_float_t;
    using string_t = json::string_t;
    using binary_t = json::binary_t;

    Builder(std::string_view text, const JsonLimits& limits, const FileName& file)
        : text_(text), limits_(limits), file_(file), tracker_(text, file) {}

    bool null() { return add(Value(), tracker_.next_token()); }
    bool boolean(bool v) { return add(Value(v), tracker_.next_token()); }
    bool number_integer(number_integer_t v) { return add(Value(v), tracker_.next_token()); }
    bool number_unsigned(number_unsigned_t v) {
        const auto position = tracker_.next_token();
        if (v > static_cast<number_unsigned_t>(std::numeric_limits<std::int64_t>::max())) out_of_range(position);
        return add(Value(static_cast<std::int64_t>(v)), position);
    }
    bool number_float(number_float_t v, const string_t& written) {
        const auto position = tracker_.next_token();
        if (written.find_first_of(".eE") == string_t::npos) out_of_range(position);
        return add(Value(v), position);
    }
    bool string(string_t& v) {
        const auto position = tracker_.next_token();
        if (v.size() > limits_.string_bytes)
            refuse(position, "a text of more than " + std::to_string(limits_.string_bytes) + " bytes");
        return add(Value(std::move(v)), position);
    }
    bool binary(binary_t&) { return false; }
    bool key(string_t& v) {
        key_position_ = tracker_.next_token();
        Mapping& mapping = open_.back()->mapping();
        if (v.size() > limits_.key_bytes)
            refuse(key_position_, "a key of more than " + std::to_string(limits_.key_bytes) + " bytes");
        if (v.find('\0') != string_t::npos) refuse(key_position_, "a key with a NUL character");
        if (mapping.has(v)) refuse(key_position_, "the key '" + v + "' is given twice");
        if (mapping.size() >= limits_.keys_per_object)
            refuse(key_position_, "more than " + std::to_string(limits_.keys_per_object) + " keys in one object");
        key_ = std::move(v);
        return true;
    }
    bool start_object(std::size_t) { return start(Value::object()); }
    bool end_object() { return end(); }
    bool start_array(std::size_t) { return start(Value::array()); }
    bool end_array() { return end(); }
    // Only nlohmann's "expected ..." is repeated: the rest of its message quotes the input, which may be a secret
    // (S92).
    bool parse_error(std::size_t count, const std::string&, const json::exception& fault) {
        const auto position = position_of(text_, count > 0 ? count - 1 : 0, file_);
        const std::string message = fault.what();
        const std::string slip = json_slip(text_, count > 0 ? count - 1 : 0);
        const bool is_utf8 = message.find("ill-formed UTF-8") == std::string::npos;
        std::string why = fault.id == 406 ? "a number out of range"
                          : !is_utf8      ? "invalid UTF-8"
                          : !slip.empty() ? slip
                                          : "a syntax error";
        if (!position.known())
            why += " at line " + std::to_string(position.line) + ", column " + std::to_string(position.column);
        if (const auto expected = message.rfind("; expected "); expected != std::string::npos && slip.empty())
            why += message.substr(expected);
        refuse(position, why);
    }

    Value take() { return std::move(root_); }

  private:
    bool start(Value container) {
        if (open_.size() >= limits_.depth)
            refuse(tracker_.next_token(), "deeper than " + std::to_string(limits_.depth) + " levels");
        open_.push_back(&place(std::move(container), tracker_.next_token()));
        return true;
    }
    bool end() {
        tracker_.next_token();
        open_.pop_back();
        return true;
    }
    bool add(Value value, SourcePosition position) {
        place(std::move(value), std::move(position));
        return true;
    }
    Value& place(Value value, SourcePosition position) {
        if (++nodes_ > limits_.nodes) refuse(position, "more than " + std::to_string(limits_.nodes) + " values");
        value.set_position(std::move(position));
        if (open_.empty()) return root_ = std::move(value);
        Value& parent = *open_.back();
        if (parent.is_list()) return parent.list().emplace_back(std::move(value));
        return parent.mapping().set(std::move(key_), std::move(key_position_), std::move(value));
    }
    [[noreturn]] void out_of_range(const SourcePosition& position) { refuse(position, "a number out of range"); }

    std::string_view text_;
    const JsonLimits& limits_;
    const FileName& file_;
    PositionTracker tracker_;
    Value root_;
    std::vector<Value*> open_;
    std::string key_;
    SourcePosition key_position_;
    std::size_t nodes_ = 0;
};

}  // namespace

Value read_json(std::string_view text, const JsonLimits& limits, const FileName& file) {
    const SourcePosition start{file, 1, 1};
    if (text.size() > limits.bytes) refuse(start, "longer than " + std::to_string(limits.bytes) + " bytes");
    if (text.substr(0, 3) == "\xEF\xBB\xBF")
        refuse(start, "it begins with a byte order mark; save the file without one");
    if (const auto nul = text.find('\0'); nul != std::string_view::npos)
        refuse(position_of(text, nul, file), "a NUL byte");
    Builder builder(text, limits, file);
    json::sax_parse(text.data(), text.data() + text.size(), &builder);
    return builder.take();
}

}  // namespace prove
