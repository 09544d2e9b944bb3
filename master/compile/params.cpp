// `_params`: read before the file is rendered, since its values are names in the rendering. So it stands first in its
// file, free of template syntax, and is cut out of the text by its lines.
#include "common/text/text.hpp"
#include "common/yaml/yaml.hpp"
#include "master/compile/data_file.hpp"
#include "master/compile/state_files.hpp"
#include "master/render/renderer.hpp"

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
    if (source.format == FileFormat::json || source.format == FileFormat::mako_json) {
        // JSON has no lines to cut at; there they can be had where nothing has to be rendered.
        if (source.format == FileFormat::mako_json) return Value::object();
        Diagnostics reported_with_the_states;
        return params_of(read_data(source, source.text, source.path, reported_with_the_states).value_or(Value()),
                         diagnostics);
    }
    const std::string block = params_block(source.text);
    if (block.empty()) return Value::object();
    if (source.format == FileFormat::mako_yaml && has_mako_syntax(block)) {
        const auto before = static_cast<std::uint32_t>(block.find_first_not_of('\n'));
        diagnostics.error({source.path, before + 1, 1}, "",
                          "'_params' is read before the file is rendered, so it must be free of template syntax");
        return Value::object();
    }
    const auto document = read_yaml(block, source.path, diagnostics);
    return document ? params_of(*document, diagnostics) : Value::object();
}

}  // namespace prove
