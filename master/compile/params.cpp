// `_params`: read before the file is rendered, since its values are names in the rendering. So it stands first in its
// file, free of template syntax, and is cut out of the text by its lines.
#include <algorithm>

#include "common/text/text.hpp"
#include "master/compile/data_file.hpp"
#include "master/compile/state_files.hpp"
#include "master/render/renderer.hpp"
#include "proto/secret_text.hpp"

namespace prove {

namespace {

bool is_blank_or_comment(std::string_view line) {
    const std::string_view text = trim(line);
    return text.empty() || text[0] == '#' || text == "---";
}

bool begins_params(std::string_view line) {
    return line.rfind("_params:", 0) == 0;
}

// The block's lines, blank lines before it so that every place in it stays right; "" where the file has none.
std::string params_block(const std::string& text) {
    std::string block;
    bool found = false;
    for (const std::string& line : split_lines(text)) {
        if (!found && !begins_params(line)) {
            if (!is_blank_or_comment(line)) return "";
            block += "\n";
            continue;
        }
        const bool goes_on = !found || is_blank_or_comment(line) || line[0] == ' ' || line[0] == '\t' ||
                             line[0] == '}' || line[0] == ']';
        if (!goes_on) break;
        found = true;
        block += line + "\n";
    }
    return found ? block : "";
}

// The same for JSON: an object with the first member alone, where that is "_params".
std::string json_params_block(const std::string& text) {
    const auto skip = [&](std::size_t at) { return std::min(text.find_first_not_of(" \t\r\n", at), text.size()); };
    const std::string key = "\"_params\"";
    std::size_t at = skip(0);
    if (text.compare(at, 1, "{") != 0) return "";
    const std::size_t begin = skip(at + 1);
    if (text.compare(begin, key.size(), key) != 0) return "";
    int depth = 0;
    bool in_text = false;
    for (at = begin + key.size(); at < text.size(); ++at) {
        const char c = text[at];
        if (c == '"') in_text = !in_text;
        if (in_text && c == '\\') ++at;
        if (in_text) continue;
        if (c == '{' || c == '[') ++depth;
        if (c == '}' || c == ']') --depth;
        if (depth < 0 || (depth == 0 && (c == '}' || c == ']' || c == ','))) break;
    }
    const bool is_closed = at < text.size() && depth == 0 && text[at] != ',';
    return text.substr(0, at + (is_closed ? 1 : 0)) + "}";
}

Value params_of(const Value& document, Diagnostics& diagnostics) {
    const Value* params = document.is_mapping() ? document.find("_params") : nullptr;
    if (params == nullptr) return Value::object();
    if (params->is_mapping()) return *params;
    diagnostics.error(params->position(), "",
                      "'_params' is a mapping from names to defaults, found " + params->described());
    return Value::object();
}

}  // namespace

Value read_params(const SourceFile& source, Diagnostics& diagnostics) {
    const bool is_template = needs_rendering(source);
    if (is_json(source.format) && !is_template) {
        Diagnostics reported_with_the_states;
        return params_of(read_data(source, source.text, source.path, reported_with_the_states).value_or(Value()),
                         diagnostics);
    }
    const std::string block = is_json(source.format) ? json_params_block(source.text) : params_block(source.text);
    if (block.empty()) return Value::object();
    const bool is_mako = engine_of(source.format) == "mako";
    if (is_template && (is_mako ? has_mako_syntax(block) : has_jinja_syntax(block))) {
        const auto before = std::count(block.begin(), block.begin() + block.find_first_not_of("\n "), '\n');
        diagnostics.error({source.path, static_cast<std::uint32_t>(before + 1), 1}, "",
                          "'_params' is read before the file is rendered, so it must be free of template syntax");
        return Value::object();
    }
    const auto document = read_data(source, block, source.path, diagnostics);
    return document ? params_of(*document, diagnostics) : Value::object();
}

namespace {

// Whether a value may stand where the default is one like this. A default of null takes everything.
bool is_like(const Value& value, const Value& fallback) {
    const bool number = value.is_integer() && fallback.kind() == Value::Kind::real;
    if (is_secret(value) || is_secret(fallback)) return fallback.is_null() || fallback.is_text() || is_secret(fallback);
    return fallback.is_null() || value.kind() == fallback.kind() || number;
}

std::string kind_wanted(const Value& fallback) {
    switch (fallback.kind()) {
        case Value::Kind::boolean:
            return "true or false";
        case Value::Kind::integer:
            return "an integer";
        case Value::Kind::real:
            return "a number";
        case Value::Kind::text:
            return "a text";
        case Value::Kind::list:
            return "a list";
        case Value::Kind::mapping:
            return "a mapping";
        case Value::Kind::null:
            break;
    }
    return "a value";
}

}  // namespace

Value params_with(const Value& defaults, const Value& with, const std::string& where, const SourceFile& source,
                  Diagnostics& diagnostics) {
    Value result = defaults;
    std::vector<std::string> names;
    for (const Mapping::Member& member : defaults.mapping()) names.push_back(member.key);
    for (const Mapping::Member& member : with.mapping()) {
        const Value* fallback = defaults.find(member.key);
        if (fallback == nullptr) {
            const std::string near = nearest(member.key, names);
            diagnostics.error(member.key_position, where,
                              "the state file " + quoted(source.name) + " has no parameter " + quoted(member.key) +
                                  (!near.empty()   ? "; did you mean " + quoted(near) + "?"
                                   : names.empty() ? "; it has none, since it begins with no '_params'"
                                                   : "; it has " + join_words(names)));
        } else if (!is_like(member.value, *fallback)) {
            diagnostics.error(member.value.position(), where,
                              "the parameter " + quoted(member.key) + " of " + quoted(source.name) + ": expected " +
                                  kind_wanted(*fallback) + " as its default is, found " + member.value.described());
        } else {
            result.set(member.key, member.value);
        }
    }
    return result;
}

}  // namespace prove
