// Reading YAML and JSON of the catalog's data files.
#include "master/compile/data_file.hpp"

#include "common/text/excerpt.hpp"
#include "common/text/text.hpp"
#include "common/yaml/yaml.hpp"
#include "master/render/renderer.hpp"

namespace prove {

namespace {

std::optional<Value> read_json_data(const std::string& text, const FileName& name, Diagnostics& diagnostics) {
    if (trim(text).empty()) return Value();
    JsonLimits limits;
    limits.depth = 64;
    limits.nodes = 1'000'000;
    limits.keys_per_object = 20'000;
    limits.key_bytes = 4096;
    try {
        return read_json(text, limits, name);
    } catch (const Error& error) {
        SourcePosition position = error.position();
        if (!position.known()) position = {name, 1, 1};
        Diagnostic& diagnostic = diagnostics.error(position, "", error.text());
        diagnostic.excerpt = excerpt(line_of(text, position.line), position.line, position.column);
        return std::nullopt;
    }
}

}  // namespace

bool needs_rendering(const SourceFile& source) {
    if (source.format == FileFormat::mako_json) return true;
    return source.format == FileFormat::mako_yaml && has_mako_syntax(source.text);
}

std::optional<Value> read_data(const SourceFile& source, const std::string& text, const FileName& name,
                               Diagnostics& diagnostics) {
    if (source.format == FileFormat::json || source.format == FileFormat::mako_json)
        return read_json_data(text, name, diagnostics);
    const bool written = name == source.path;
    return read_yaml(text, name, diagnostics, written ? YamlLimits{} : YamlLimits::rendered());
}

}  // namespace prove
