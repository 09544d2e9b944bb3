// A scope in systemd for a process: out of our own unit, so that a restart of the agent does not end a package manager
// halfway (reliability), and outside the agent's limits.
#pragma once

#include <string>

namespace prove {

// Puts the process and what it will start into a new scope "prove-<name>-<random>.scope". Where there is no systemd, or
// it refuses, the process stays where it is: being in a scope is a comfort, no condition.
void enter_scope(const std::string& name, int pid);
// Whether we run as a unit of systemd, which would take our children along when it is stopped.
bool runs_as_unit();

}  // namespace prove
