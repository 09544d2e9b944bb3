// Reading YAML: see yaml.hpp. This file looks at the bytes first, and lets the readers read.
#include "common/yaml/yaml.hpp"

#include <string>

#include "common/text/duration.hpp"
#include "common/text/plain_text.hpp"
#include "common/text/text.hpp"
#include "common/yaml/readers.hpp"
#include "common/yaml/words.hpp"

namespace prove {

namespace {

bool bytes_are_good(std::string_view text, const FileName& file, Diagnostics& diagnostics, const YamlLimits& limits) {
    if (text.size() > limits.bytes) {
        diagnostics.error({file, 0, 0}, "",
                          "larger than " + show_size(limits.bytes) + ", which is the most that is read");
        return false;
    }
    const auto bad = why_no_text(text);
    if (!bad) return true;
    diagnostics.error({file, static_cast<std::uint32_t>(bad->line), static_cast<std::uint32_t>(bad->column)}, "",
                      bad->problem);
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
    if (const auto foreign = foreign_line(source)) {
        diagnostics.error(foreign->first, "", foreign->second).excerpt = source.excerpt_at(foreign->first);
        return std::nullopt;
    }
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
