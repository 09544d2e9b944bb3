// Events to values: see builder.hpp.
#include "common/yaml/builder.hpp"

#include <algorithm>

#include "common/text/excerpt.hpp"
#include "common/text/text.hpp"
#include "common/text/utf8.hpp"
#include "common/yaml/scalar.hpp"

namespace prove {

YamlSource::YamlSource(std::string_view text, FileName file)
    : text_(text),
      file_(std::move(file)),
      ascii_(std::none_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) >= 0x80; })) {
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

SourcePosition YamlSource::position(const YAML::Mark& mark) const {
    if (mark.is_null()) return {file_, 0, 0};
    const auto line_number = static_cast<std::uint32_t>(mark.line + 1);
    auto column = static_cast<std::size_t>(mark.column);
    if (!ascii_) column = utf8_length(line(line_number).substr(0, column));
    return {file_, line_number, static_cast<std::uint32_t>(column + 1)};
}

std::string YamlSource::excerpt_at(const SourcePosition& position) const {
    if (position.line == 0 || position.line > line_starts_.size()) return "";
    const std::string_view text = line(position.line);
    return excerpt(text, position.line, position.column, word_width(text, position.column));
}

char YamlSource::at(const YAML::Mark& mark) const {
    const std::string_view text = line(static_cast<std::size_t>(mark.line + 1));
    const auto column = static_cast<std::size_t>(mark.column);
    return column < text.size() ? text[column] : '\0';
}

bool YamlSource::quote_is_closed(const YAML::Mark& mark) const {
    const char quote = at(mark);
    if (quote != '"' && quote != '\'') return true;
    std::size_t i = line_starts_[static_cast<std::size_t>(mark.line)] + static_cast<std::size_t>(mark.column) + 1;
    for (; i < text_.size(); ++i) {
        if (quote == '"' && text_[i] == '\\') {
            ++i;
        } else if (text_[i] == quote) {
            if (quote == '"' || i + 1 == text_.size() || text_[i + 1] != quote) return true;
            ++i;
        }
    }
    return false;
}

bool YamlSource::follows_tab(const YAML::Mark& mark) const {
    const std::string_view before =
        line(static_cast<std::size_t>(mark.line + 1)).substr(0, static_cast<std::size_t>(mark.column));
    return before.find('\t') != std::string_view::npos && before.find_first_not_of(" \t") == std::string_view::npos;
}

void YamlBuilder::problem(const SourcePosition& position, std::string text) {
    // Nobody reads more, and a file of nothing but mistakes must not cost much.
    if (diagnostics_.all().size() >= 100) throw YamlStop();
    diagnostics_.error(position, "", std::move(text)).excerpt = source_.excerpt_at(position);
}

void YamlBuilder::stop(const SourcePosition& position, std::string text) {
    problem(position, std::move(text));
    throw YamlStop();
}

void YamlBuilder::OnDocumentStart(const YAML::Mark& mark) {
    if (documents_++ == 0) return;
    const SourcePosition position = source_.position(mark);
    if (source_.line(position.line).substr(0, 3) == "---") stop(position, "a second document ('---'); a file has one");
    stop(position, "this does not go on with what stands above: a list and a mapping cannot stand side by side");
}

void YamlBuilder::check_indentation(const YAML::Mark& mark) {
    if (!source_.follows_tab(mark)) return;
    SourcePosition position = source_.position(mark);
    position.column = 1;
    stop(position, "a tab in the indentation; only blanks may indent");
}

void YamlBuilder::take_key(const YAML::Mark& mark, const std::string& key, bool plain) {
    const SourcePosition position = source_.position(mark);
    Frame& frame = frames_.back();
    if (plain && key == "<<") problem(position, read_plain_scalar(key).problem);
    if (const Mapping::Member* first = frame.value.mapping().member(key))
        problem(position, "the key " + quoted(key) + " is there twice; first in line " +
                              std::to_string(first->key_position.line));
    frame.key = key;
    frame.key_position = position;
    frame.has_key = true;
}

void YamlBuilder::OnNull(const YAML::Mark& mark, YAML::anchor_t) {
    if (wants_key()) stop(source_.position(mark), "a key is missing before the ':'");
    check_indentation(mark);
    Value value;
    // yaml-cpp marks the token after an empty value, which may be lines away; the key is what the user sees.
    const bool in_mapping = !frames_.empty() && frames_.back().value.is_mapping();
    value.set_position(in_mapping ? frames_.back().key_position : source_.position(mark));
    add(std::move(value));
}

void YamlBuilder::OnAlias(const YAML::Mark& mark, YAML::anchor_t) {
    stop(source_.position(mark),
         "'*' begins an alias, which is not read here; write it out, or quote a text that begins with '*'");
}

void YamlBuilder::OnAnchor(const YAML::Mark& mark, const std::string&) {
    stop(source_.position(mark),
         "'&' begins an anchor, which is not read here; write it out, or quote a text that begins with '&'");
}

void YamlBuilder::OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t, const std::string& text) {
    check_indentation(mark);
    const bool plain = tag == "?";
    const bool tagged = !plain && tag != "!";
    const SourcePosition position = source_.position(mark);
    if (!plain && !source_.quote_is_closed(mark)) problem(position, "a quoted text is not closed");
    if (tagged && tag != "!secret" && tag != "!out")
        problem(position, "the tag " + quoted(tag) + " is not known; there are !secret and !out");
    if (wants_key()) {
        if (tagged) problem(position, "a key cannot have a tag");
        take_key(mark, text, plain);
        return;
    }
    Value value;
    if (tagged) {
        if (text.empty()) problem(position, tag + " needs a text after it");
        Value inner(text);
        inner.set_position(position);
        value = Value::object();
        value.set("$" + tag.substr(1), std::move(inner));
    } else if (plain) {
        PlainScalar scalar = read_plain_scalar(text);
        if (!scalar.problem.empty()) problem(position, std::move(scalar.problem));
        value = std::move(scalar.value);
    } else {
        value = Value(text);
    }
    value.set_position(position);
    add(std::move(value));
}

void YamlBuilder::OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t,
                                  YAML::EmitterStyle::value) {
    open(mark, tag, Value::array());
}

void YamlBuilder::OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t,
                             YAML::EmitterStyle::value) {
    open(mark, tag, Value::object());
}

void YamlBuilder::open(const YAML::Mark& mark, const std::string& tag, Value empty) {
    check_indentation(mark);
    const SourcePosition position = source_.position(mark);
    if (wants_key()) {
        // The commonest cause is a template's expression that was left as it is: `${x}` unquoted is a mapping {x}.
        stop(position, "a key must be a text; quote it if it begins with '{' or '['");
    }
    if (frames_.size() >= depth_limit_)
        stop(position, "nested more than " + std::to_string(depth_limit_) + " levels deep");
    if (!tag.empty() && tag != "?" && tag != "!") {
        const bool known = tag == "!secret" || tag == "!out";
        problem(position, known ? tag + " stands before a text, not before a list or a mapping"
                                : "the tag " + quoted(tag) + " is not known; there are !secret and !out");
    }
    Frame frame;
    frame.value = std::move(empty);
    frame.value.set_position(position);
    frames_.push_back(std::move(frame));
}

void YamlBuilder::close() {
    Value value = std::move(frames_.back().value);
    frames_.pop_back();
    add(std::move(value));
}

void YamlBuilder::add(Value value) {
    if (frames_.empty()) {
        root_ = std::move(value);
        return;
    }
    Frame& frame = frames_.back();
    if (frame.value.is_list()) {
        frame.value.push(std::move(value));
        return;
    }
    frame.value.mapping().set(std::move(frame.key), std::move(frame.key_position), std::move(value));
    frame.has_key = false;
}

}  // namespace prove
