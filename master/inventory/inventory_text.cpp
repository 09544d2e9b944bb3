// See the header.
#include "master/inventory/inventory_text.hpp"

#include <cstdlib>

#include "common/files/files.hpp"
#include "common/text/excerpt.hpp"
#include "common/text/plain_text.hpp"
#include "common/text/text.hpp"
#include "common/text/utf8.hpp"
#include "common/yaml/source.hpp"
#include "common/yaml/yaml.hpp"
#include "master/catalog/file_kind.hpp"

namespace prove {

namespace {

constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";

// What YAML 1.1 takes for a boolean and YAML 1.2 for a text.
std::optional<bool> old_boolean(const std::string& text) {
    for (const auto* const yes : {"yes", "Yes", "YES", "on", "On", "ON"})
        if (text == yes) return true;
    for (const auto* const no : {"no", "No", "NO", "off", "Off", "OFF"})
        if (text == no) return false;
    return std::nullopt;
}

void take_old_booleans(Value& value, const YamlSource& source) {
    if (value.is_list())
        for (auto& item : value.list()) take_old_booleans(item, source);
    if (value.is_mapping())
        for (auto& member : value.mapping()) take_old_booleans(member.value, source);
    if (!value.is_text()) return;
    const auto boolean = old_boolean(value.text());
    // A quoted one, or a block, begins with something else than the text itself.
    if (boolean && value.position().known() && source.from(value.position()).starts_with(value.text()))
        value = placed(*boolean, value.position());
}

}  // namespace

InventoryText read_inventory_text(const std::string& path, Inventory& inventory) {
    InventoryText result{std::make_shared<const std::string>(path), {}};
    if (is_folder(path)) throw Error(ErrorKind::usage, quoted(path) + " is a folder; name a file of it");
    try {
        result.text = read_whole_file(path, largest_inventory);
    } catch (const Error& error) {
        if (error.kind() != ErrorKind::full) throw;
        throw Error(ErrorKind::usage, quoted(path) + " is larger than " + std::to_string(largest_inventory >> 20) +
                                          " MiB, too large for an inventory");
    }
    if (result.text.starts_with(byte_order_mark)) result.text.erase(0, byte_order_mark.size());
    if (const auto bad = why_no_text(result.text)) {
        inventory.problems.error(
            {result.name, static_cast<std::uint32_t>(bad->line), static_cast<std::uint32_t>(bad->column)}, "",
            bad->problem);
        result.text.clear();
    }
    inventory.texts[path] = result.text;
    return result;
}

std::string with_home(const std::string& path) {
    if (path != "~" && !path.starts_with("~/")) return path;
    const char* const home = std::getenv("HOME");
    if (home == nullptr || *home == '\0') throw Error(ErrorKind::usage, "HOME is not set, so what is " + path + "?");
    return home + path.substr(1);
}

SourcePosition place_in_line(const FileName& file, std::size_t line, std::string_view text, std::size_t at) {
    return {file, static_cast<std::uint32_t>(line),
            static_cast<std::uint32_t>(utf8_length(text.substr(0, std::min(at, text.size()))) + 1)};
}

Value placed(Value value, const SourcePosition& position) {
    value.set_position(position);
    return value;
}

void set_placed(Value& mapping, const std::string& key, Value value, const SourcePosition& position) {
    mapping.mapping().set(key, position, placed(std::move(value), position));
}

std::optional<std::string> target_name_of(const std::string& host, const SourcePosition& position,
                                          Diagnostics& problems) {
    auto name = lower(host);
    if (is_target_name(name)) return name;
    problems.error(
        position, "",
        "a host that becomes a target has letters, digits, '.', '_' and '-' in its name, begins and ends with "
        "a letter or digit and has no '..', found " +
            quoted(host));
    return std::nullopt;
}

Value ssh_target_value(const std::string& name, const std::string& host, const SourcePosition& position) {
    auto target = placed(Value::object(), position);
    set_placed(target, "name", name, position);
    set_placed(target, "host", host, position);
    set_placed(target, "executor", "ssh", position);
    return target;
}

void set_ssh(Value& target, const std::string& key, Value value, const SourcePosition& position) {
    if (target.find("ssh") == nullptr) set_placed(target, "ssh", Value::object(), position);
    set_placed(*target.mapping().find("ssh"), key, std::move(value), position);
}

void refuse_templates(const Value& value, const std::string& where, const std::string& tool, Diagnostics& problems) {
    if (value.is_list())
        for (const auto& item : value.list()) refuse_templates(item, where, tool, problems);
    if (value.is_mapping())
        for (const auto& member : value.mapping()) refuse_templates(member.value, where, tool, problems);
    if (!value.is_text()) return;
    const auto& text = value.text();
    if (text.find("{{") == std::string::npos && text.find("{%") == std::string::npos) return;
    problems.error(
        value.position(), where,
        "the text " + quoted(text) + " is for " + tool +
            " to render, and here an inventory is read as it stands; write the value, or let it be a variable "
            "of the catalog");
}

std::optional<Value> read_yaml_inventory(const InventoryText& text, Diagnostics& problems) {
    YamlLimits limits;
    limits.bytes = largest_inventory;
    auto value = read_yaml(text.text, text.name, problems, limits);
    if (value) take_old_booleans(*value, YamlSource(text.text, text.name));
    return value;
}

}  // namespace prove
