// master.yml: every key that it may have, and its default.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "common/log/sinks.hpp"
#include "common/transport/zeromq.hpp"
#include "master/commands/operations.hpp"
#include "master/jobs/permit.hpp"
#include "master/store/store.hpp"

namespace prove {

struct MasterSettings {
    std::string address = "*";  // where agents' sockets listen
    ZeromqPorts ports;
    std::string advertise;  // host that join tokens name; default: this machine's name
    std::string catalog = "/etc/prove/catalog";
    std::string catalog_from;  // "files" or "commit"; empty: the commit where the catalog is a Git work tree
    std::string data = "/var/lib/prove-master";
    std::string runtime = "/run/prove-master";
    std::string socket_group;                             // of the API's socket; empty: as it is made
    std::vector<std::string> administrators = {"prove"};  // groups whose members may do everything
    int render_workers = 2;
    int compile_threads = 2;
    int io_threads = 1;
    std::string ssh_folder = "/etc/prove/ssh";  // the operators': known_hosts, keys, and config
    int ssh_sessions = 20;                      // at once
    Retention retention;
    std::int64_t offline_ms = CommandOperations::default_offline_ms;  // agents enforce so long without a master (S60)
    LogSettings log;
    std::string metrics_file;  // written anew every 15 s, for Prometheus; empty: none

    std::string secret_key;  // the file of the private key that opens the catalog's secrets; empty: keys/secret.key

    std::string secret_key_file() const { return secret_key.empty() ? keys() + "/secret.key" : secret_key; }
    std::string keys() const { return data + "/keys"; }
    std::string ssh_config() const { return data + "/ssh_config"; }
    std::string database() const { return data + "/prove.db"; }
    std::string socket() const { return runtime + "/api.sock"; }
};

// Throws Error(invalid) with file, line and column of all that is wrong (P32). A missing file at its default place is no
// error.
MasterSettings load_master_settings(const std::string& path, bool must_exist);
MasterSettings master_settings_from_text(const std::string& text, const std::string& name);

}  // namespace prove
