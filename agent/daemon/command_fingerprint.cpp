// prove-agent fingerprint: what an operator compares before accepting this agent's key.
#include <sys/stat.h>

#include <iostream>

#include "agent/daemon/command_line.hpp"
#include "agent/daemon/identity_store.hpp"
#include "proto/crypto.hpp"

namespace prove {

int run_fingerprint(const AgentSettings& settings) {
    ::umask(0077);
    IdentityStore store(settings.data, settings.machine_id);
    // Made where there are none yet, as on a first start; a daemon may be doing that right now.
    const auto keys = store.has_keys() ? KeyRing::load_or_make(store.keys_folder()) : store.keys(silent_logger());
    std::cout << fingerprint_of(keys.sign.public_key()) << "\n";
    return 0;
}

}  // namespace prove
