// How a target is reached by SSH, and the rules for what may go to ssh's command line (S87): whatever a catalog says,
// none of it can become an option of ssh or a command of a shell.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "proto/value.hpp"

namespace prove {

enum class Become { none, sudo, su, doas };
const char* name_of(Become become);

struct SshTarget {
    std::string host;
    std::string user;  // empty: as ssh's configuration has it
    std::optional<int> port;
    std::string identity_file;  // empty: as ssh's configuration has it
    Become become = Become::none;
};

// From a target's `host` and `ssh:`. Throws Error(invalid) where one of them breaks the rules.
SshTarget ssh_target_from(const std::string& host, const Value& ssh);

// The user's own ssh, with the user's own configuration, or with that of the file `config`. `command` is what the login
// shell on the host is given.
std::vector<std::string> ssh_arguments(const SshTarget& target, const std::string& command,
                                       const std::string& config = "");

}  // namespace prove
