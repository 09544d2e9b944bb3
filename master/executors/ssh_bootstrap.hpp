// What the login shell of a host is told: one line that starts prove-exec, whichever shell it is (sh, csh, fish), as
// root where that is wished, from a copy that is there already and right, or from one that comes through the same pipe.
// What it finds out on the way it tells in lines with a nonce (common/pipe): "ready", "upload x86_64 2
// /var/tmp/prove-0", ...
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "master/executors/ssh_target.hpp"

namespace prove {

// prove-exec for one kind of machine.
struct ExecProgram {
    std::string machine;  // as `uname -m` has it
    std::shared_ptr<const std::string> bytes;
    std::string sha256;  // lower-case hex
};
// Reads a program and hashes it. Throws Error where it cannot be read.
ExecProgram load_exec_program(const std::string& machine, const std::string& path);
// Those beside this program or in /usr/lib/prove. Throws Error(missing) where there is none.
std::vector<ExecProgram> find_exec_programs();

// `first_place`: how many of the places for a copy are passed over, since the copy did not work out there.
std::string bootstrap_command(const std::vector<ExecProgram>& programs, const std::string& nonce, Become become,
                              int first_place);

// What marks the prompt for a password on the standard error of sudo.
std::string sudo_prompt(const std::string& nonce);

}  // namespace prove
