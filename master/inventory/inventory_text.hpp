// What all inventory readers do: opening a file, places in it, and making a target of a host.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "master/catalog/inventory.hpp"

namespace prove {

// The largest file that is read, and the most hosts that one may make.
constexpr std::size_t largest_inventory = 8u << 20;
constexpr std::size_t most_inventory_hosts = 100'000;

// A text and its name; `text` is empty, with a problem, where it is not UTF-8 text. A byte order mark is left out.
// Throws Error where it cannot be read.
struct InventoryText {
    FileName name;
    std::string text;
};
InventoryText read_inventory_text(const std::string& path, Inventory& inventory);

// "~" and "~/x" with $HOME in its place. Throws Error(usage) where there is no $HOME.
std::string with_home(const std::string& path);

// The place of byte `at` of a line.
SourcePosition place_in_line(const FileName& file, std::size_t line, std::string_view text, std::size_t at);

Value placed(Value value, const SourcePosition& position);
void set_placed(Value& mapping, const std::string& key, Value value, const SourcePosition& position);

// A host's name in small letters, as targets' names are; nullopt, with an error, where it cannot be one.
std::optional<std::string> target_name_of(const std::string& host, const SourcePosition& position,
                                          Diagnostics& problems);

// {name, host, executor: ssh}; `name` is of target_name_of().
Value ssh_target_value(const std::string& name, const std::string& host, const SourcePosition& position);
// Sets a key of the target's `ssh:`.
void set_ssh(Value& target, const std::string& key, Value value, const SourcePosition& position);

// Where a variable's text would be rendered by the tool that the inventory is for: an error, at the text.
void refuse_templates(const Value& value, const std::string& where, const std::string& tool, Diagnostics& problems);

// YAML as the inventory's tool reads it: yes, no, on and off are booleans unless they are quoted. nullopt, with
// problems, where it is wrong.
std::optional<Value> read_yaml_inventory(const InventoryText& text, Diagnostics& problems);

}  // namespace prove
