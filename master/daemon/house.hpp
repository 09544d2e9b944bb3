// What prove-master is made of, in the order in which it is made, and how it starts and stops (D9). Only wiring.
#pragma once

#include "master/daemon/settings.hpp"

namespace prove {

// Makes keys where there are none, then runs until SIGTERM or SIGINT. The program's exit code.
int run_master(const MasterSettings& settings, const std::string& version);
// `prove-master init`: makes the cluster's keys. Throws where there are some already.
void init_master(const MasterSettings& settings);

}  // namespace prove
