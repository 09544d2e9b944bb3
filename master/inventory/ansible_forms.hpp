// The two forms of Ansible's inventories that are texts.
#pragma once

#include "master/inventory/ansible_model.hpp"
#include "master/inventory/inventory_text.hpp"

namespace prove {

// [web], [web:vars], [web:children].
void read_ansible_ini(const InventoryText& text, AnsibleModel& model, Diagnostics& problems);
// all: {hosts: ..., vars: ..., children: ...}
void read_ansible_yaml(const InventoryText& text, AnsibleModel& model, Diagnostics& problems);

}  // namespace prove
