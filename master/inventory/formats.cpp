// The list of inventory formats.
#include "master/inventory/formats.hpp"

namespace prove {

std::vector<InventoryFormat> inventory_formats() {
    return {
        {"ssh-hosts", "[USER@]HOST[:PORT],...", "targets by SSH: these hosts", "", read_ssh_hosts},
        {"ssh-config", "[FILE]", "targets by SSH: the hosts that an ssh configuration names; default ~/.ssh/config",
         user_ssh_config, read_ssh_config},
        {"ansible-inventory", "FILE", "targets, groups and variables of an Ansible inventory (INI or YAML)", "",
         read_ansible_inventory},
        {"salt-roster", "FILE", "targets of a Salt roster (plain YAML)", "", read_salt_roster},
    };
}

}  // namespace prove
