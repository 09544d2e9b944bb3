// prove-agent reset: forgets identity, journal, StateRun and enrolment, before an image is made of this machine (S28).
#include <iostream>

#include "agent/daemon/command_line.hpp"
#include "agent/daemon/identity_store.hpp"
#include "common/files/lock.hpp"

namespace prove {

int run_reset(const AgentSettings& settings) {
    IdentityStore store(settings.data, settings.machine_id);
    const auto lock = FileLock::try_acquire(store.lock_file(), "prove-agent reset");
    if (!lock) throw Error(ErrorKind::usage, "prove-agent is running; stop it first");
    store.reset();
    std::cout << "this agent's identity, journal and enrolment are gone; its next start makes new keys\n";
    return 0;
}

}  // namespace prove
