// Ansible's variables that say how a host is reached (ansible_host, ansible_user ...), as a target of Prove has it.
#pragma once

#include <map>
#include <string>

#include "proto/error.hpp"
#include "proto/value.hpp"

namespace prove {

// Whether a variable is one of Ansible's own, and no variable for states.
bool is_ansible_own(const std::string& name);
// What may stand in an inventory and means nothing here, once for each name: a warning; what would make Prove do
// something else than Ansible: an error.
void check_ansible_own(const std::string& name, const SourcePosition& position, const std::string& where,
                       Diagnostics& problems);
// Gives the target what the variables say, each with the place where it was written.
void apply_connection(Value& target, const std::map<std::string, Value>& variables, const std::string& where,
                      Diagnostics& problems);

}  // namespace prove
