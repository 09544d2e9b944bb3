// Reading YAML: see yaml.hpp. This file looks at the bytes first, and lets the readers read.
#include "common/yaml/yaml.hpp"

#include <string>

#include "common/text/duration.hpp"
#include "common/text/text.hpp"
#include "common/text/utf8.hpp"
#include "common/yaml/readers.hpp"

namespace prove {

namespace {

SourcePosition position_of_byte(std::string_view text, std::size_t at, const FileName& file) {
    std::uint32_t line = 1;
    std::size_t line_start = 0;
    for (std::size_t i = 0; i < at; ++i)
        if (text[i] == '\n') ++line, line_start = i + 1;
    return {file, line, static_cast<std::uint32_t>(utf8_length(text.substr(line_start, at - line_start)) + 1)};
}

// The first byte that YAML text cannot have, or npos.
std::size_t find_bad_byte(std::string_view text) {
    if (const std::size_t nul = text.find('\0'); nul != std::string_view::npos) return nul;
    if (is_utf8(text)) return std::string_view::npos;
    for (std::size_t at = 0; at < text.size();) {
        const Utf8Character character = utf8_at(text, at);
        if (!character.valid) return at;
        at += character.size;
    }
    return std::string_view::npos;
}

bool bytes_are_good(std::string_view text, const FileName& file, Diagnostics& diagnostics, const YamlLimits& limits) {
    if (text.size() > limits.bytes) {
        diagnostics.error({file, 0, 0}, "",
                          "larger than " + show_size(limits.bytes) + ", which is the most that is read");
        return false;
    }
    const std::size_t bad = find_bad_byte(text);
    if (bad == std::string_view::npos) return true;
    diagnostics.error(
        position_of_byte(text, bad, file), "",
        text[bad] == '\0' ? "a NUL byte; this is not text" : "a byte that is not UTF-8; save the file as UTF-8");
    return false;
}

}  // namespace

std::optional<Value> read_yaml(std::string_view text, const FileName& file, Diagnostics& diagnostics,
                               const YamlLimits& limits) {
    if (!bytes_are_good(text, file, diagnostics, limits)) return std::nullopt;
    if (text.substr(0, 3) == "\xEF\xBB\xBF") text.remove_prefix(3);
    // yaml-cpp would keep the CR at the end of plain scalars.
    std::string bytes(text);
    if (text.find('\r') != std::string_view::npos) bytes = replace_all(std::move(bytes), "\r\n", "\n");

    const YamlSource source(bytes, file);
    if (auto value = read_quickly(source, limits.depth)) return value;
    return read_carefully(source, limits.depth, diagnostics);
}

Value read_yaml(std::string_view text, const FileName& file, const YamlLimits& limits) {
    Diagnostics diagnostics;
    auto value = read_yaml(text, file, diagnostics, limits);
    if (!value) throw CatalogError(std::move(diagnostics));
    return std::move(*value);
}

}  // namespace prove
