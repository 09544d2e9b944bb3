// Where targets can come from beside a catalog, each by an option of prove-cli. One file a format, and one line of the
// list in formats.cpp. A reader opens what it is given and writes down everything that is wrong with it as problems of
// the inventory, with their places; it throws only where there is nothing to read.
#pragma once

#include <string>
#include <vector>

#include "master/catalog/inventory.hpp"

namespace prove {

struct InventoryFormat {
    std::string option;    // "ssh-hosts"
    std::string argument;  // what help calls its value: "FILE"
    std::string help;
    std::string by_default;  // the value where the option stands alone; empty: it wants one
    Inventory (*read)(const std::string& value);
};

std::vector<InventoryFormat> inventory_formats();

// What ssh reads by itself.
inline constexpr const char* user_ssh_config = "~/.ssh/config";

// HOST, USER@HOST, HOST:PORT ..., separated by commas.
Inventory read_ssh_hosts(const std::string& list);
// The hosts that an ssh configuration names: no patterns.
Inventory read_ssh_config(const std::string& path);
// In INI or YAML.
Inventory read_ansible_inventory(const std::string& path);
// In plain YAML.
Inventory read_salt_roster(const std::string& path);

}  // namespace prove
