// agent.yml: every key has a default, so that a file is only needed for what differs.
#pragma once

#include <optional>
#include <string>

#include "agent/engine/ledger.hpp"
#include "common/log/sinks.hpp"
#include "proto/token.hpp"

namespace prove {

struct AgentSettings {
    std::string data = "/var/lib/prove-agent";
    std::string ledger = root_ledger_folder;  // with `data` elsewhere: in there, for agents that share a machine
    std::string runtime = "/run/prove-agent";
    std::string facts = "/etc/prove/facts.d";
    std::string machine_id = "/etc/machine-id";
    // Where the master is, if elsewhere than token or pin say: "host" or "host:port" (the main port; the publishing and
    // the enrolment port are its neighbours below and above).
    std::string master;
    std::string pin;                     // "prove-master-...", who the master is
    std::string token;                   // "prove-join-...", or
    std::string token_file;              // a file with it
    std::string name;                    // the name wished for; the host's own where empty
    LogSettings log;
    std::uint64_t cache_bytes = 512u << 20;
    std::string metrics_file;            // written anew every minute, for Prometheus; empty: none

    std::string status_socket() const { return runtime + "/status.sock"; }
};

// Throws Error(invalid) with file, line and column of all that is wrong. A missing file is an error only where it was named on the command line.
AgentSettings load_agent_settings(const std::string& path, bool must_exist);
AgentSettings agent_settings_from_text(const std::string& text, const std::string& name);

// `pin` with the address that `master` names, where it names one; throws Error(invalid) where it is not an address.
MasterPin at_address(MasterPin pin, const std::string& master);

}  // namespace prove
