// The sections of a catalog from one plain YAML file, checked and resolved: no text may crash the reader or be taken half.
#include "common/yaml/yaml.hpp"
#include "fuzz.hpp"
#include "master/catalog/parts.hpp"

using namespace prove;

namespace {

void read(const Value& value, CatalogParts& parts, Diagnostics& diagnostics) {
    Shape shape(value, "", diagnostics);
    if (const auto* section = shape.find("options")) read_options(*section, parts, diagnostics);
    if (const auto* section = shape.find("targets")) read_targets(*section, parts, diagnostics);
    if (const auto* section = shape.find("groups")) read_groups(*section, parts, diagnostics);
    if (const auto* section = shape.find("roles")) read_roles(*section, parts, diagnostics);
    if (const auto* section = shape.find("schedules")) read_schedules(*section, parts, diagnostics);
    parts.variables = shape.mapping("variables");
    check_variables(parts.variables, "variables", SecretRule::allowed, diagnostics);
    shape.end();
    check_references(parts, diagnostics);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text(fuzz::text_of(data, size));
    const auto file = std::make_shared<const std::string>("prove.yml");
    Diagnostics diagnostics;
    const auto value = read_yaml(text, file, diagnostics);
    if (!value) {
        fuzz::expect(diagnostics.has_errors(), "what is not read has an error");
        return 0;
    }
    CatalogParts parts;
    parts.plain_texts[*file] = text;
    read(*value, parts, diagnostics);
    for (const auto& diagnostic : diagnostics.sorted()) fuzz::expect(!diagnostic.text.empty(), "an error has words");
    if (diagnostics.has_errors()) return 0;
    settle_executors(parts);
    for (std::size_t i = 0; i < parts.targets.size() && i < 8; ++i) {
        auto merged = Value::object();
        try {
            for (const auto& layer : resolve_target(parts, i, {}).layers) merge_variables(merged, layer.variables);
        } catch (const Error& error) {
            fuzz::expect(error.kind() == ErrorKind::catalog, "layers that do not fit are an error of the catalog");
        }
    }
    return 0;
}
