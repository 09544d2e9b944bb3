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

std::string engine_of(FileFormat format) {
    switch (format) {
        case FileFormat::mako_yaml:
        case FileFormat::mako_json:
            return "mako";
        case FileFormat::jinja_yaml:
        case FileFormat::jinja_json:
            return "jinja";
        case FileFormat::python:
            return "python";
        default:
            return "";
    }
}

bool is_json(FileFormat format) {
    return format == FileFormat::json || format == FileFormat::mako_json || format == FileFormat::jinja_json;
}

bool needs_rendering(const SourceFile& source) {
    const std::string engine = engine_of(source.format);
    if (engine == "mako") return has_mako_syntax(source.text);
    if (engine == "jinja") return has_jinja_syntax(source.text);
    return engine == "python";
}

std::optional<Value> read_data(const SourceFile& source, const std::string& text, const FileName& name,
                               Diagnostics& diagnostics) {
    // Python files are rendered to JSON.
    if (is_json(source.format) || source.format == FileFormat::python) return read_json_data(text, name, diagnostics);
    const bool written = name == source.path;
    return read_yaml(text, name, diagnostics, written ? YamlLimits{} : YamlLimits::rendered());
}

}  // namespace prove
