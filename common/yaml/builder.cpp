// Events to values: see builder.hpp.
#include "common/yaml/builder.hpp"

#include "common/text/text.hpp"
#include "common/yaml/scalar.hpp"

namespace prove {

void YamlBuilder::problem(const SourcePosition& position, std::string text) {
    // Nobody reads more, and a file of nothing but mistakes must not cost much.
    if (diagnostics_.all().size() >= 100) throw YamlStop();
    diagnostics_.error(position, "", std::move(text)).excerpt = source_.excerpt_at(position);
}

void YamlBuilder::stop(const SourcePosition& position, std::string text) {
    problem(position, std::move(text));
    throw YamlStop();
}

void YamlBuilder::document(const SourcePosition& position) {
    if (documents_++ == 0) return;
    if (source_.line(position.line).substr(0, 3) == "---") stop(position, "a second document ('---'); a file has one");
    stop(position, "this does not go on with what stands above: a list and a mapping cannot stand side by side");
}

void YamlBuilder::check_indentation(const SourcePosition& position) {
    if (!source_.follows_tab(position)) return;
    stop({position.file, position.line, 1}, "a tab in the indentation; only blanks may indent");
}

void YamlBuilder::take_key(const SourcePosition& position, std::string key, bool plain) {
    Frame& frame = frames_.back();
    if (plain && key == "<<") problem(position, read_plain_scalar(key).problem);
    if (key.rfind("\xC2\xA0", 0) == 0)
        problem(position, "a no-break space, which only looks like a blank; only blanks may indent");
    if (key.find('\r') != std::string::npos)
        problem(position, "a carriage return that ends no line; save the file with line ends as Unix has them");
    if (const Mapping::Member* first = frame.value.mapping().member(key))
        problem(position, "the key " + quoted(key) + " is there twice; first in line " +
                              std::to_string(first->key_position.line));
    frame.key = std::move(key);
    frame.key_position = position;
    frame.has_key = true;
}

void YamlBuilder::null(const SourcePosition& position) {
    if (wants_key()) stop(position, "a key is missing before the ':'");
    check_indentation(position);
    Value value;
    // A parser marks the token after an empty value, which may be lines away; the key is what the user sees.
    value.set_position(in_mapping() ? frames_.back().key_position : position);
    add(std::move(value));
}

void YamlBuilder::scalar(const SourcePosition& position, const std::string& tag, bool plain, std::string text) {
    check_indentation(position);
    if (!tag.empty() && tag != "!secret" && tag != "!out")
        problem(position, "the tag " + quoted(tag) + " is not known; there are !secret and !out");
    if (wants_key()) {
        if (!tag.empty()) problem(position, "a key cannot have a tag");
        take_key(position, std::move(text), plain && tag.empty());
        return;
    }
    Value value;
    if (!tag.empty()) {
        if (text.empty()) problem(position, tag + " needs a text after it");
        Value inner(std::move(text));
        inner.set_position(position);
        value = Value::object();
        value.set("$" + tag.substr(1), std::move(inner));
    } else if (plain) {
        PlainScalar scalar = read_plain_scalar(text);
        if (!scalar.problem.empty()) problem(position, std::move(scalar.problem));
        value = std::move(scalar.value);
    } else {
        value = Value(std::move(text));
    }
    value.set_position(position);
    add(std::move(value));
}

void YamlBuilder::open(const SourcePosition& position, const std::string& tag, Value empty) {
    check_indentation(position);
    if (wants_key()) {
        const std::string_view rest = source_.from(position);
        const char found = rest.empty() ? ' ' : rest.front();
        const bool is_bracket = found == '[' || found == '{';
        // The commonest cause is a template's expression that was left as it is.
        if (found == '{' && source_.before(position).ends_with('{'))
            stop(position, "'{{' is Jinja's, for files named .yml.jinja; quote it if it is text");
        if (is_bracket && !source_.bracket_is_closed(position))
            stop(position, found == '[' ? "a '[' without its ']'" : "a '{' without its '}'");
        stop(position, "a key must be a text; quote it if it begins with '{' or '['");
    }
    if (frames_.size() >= depth_limit_)
        stop(position, "nested more than " + std::to_string(depth_limit_) + " levels deep");
    if (!tag.empty()) {
        const bool known = tag == "!secret" || tag == "!out";
        problem(position, known ? tag + " stands before a text, not before a list or a mapping"
                                : "the tag " + quoted(tag) + " is not known; there are !secret and !out");
    }
    Frame frame;
    frame.value = std::move(empty);
    frame.value.set_position(position);
    frames_.push_back(std::move(frame));
}

void YamlBuilder::end() {
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
