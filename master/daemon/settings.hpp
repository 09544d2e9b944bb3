// master.yml: every key that it may have, and its default.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "common/log/log.hpp"
#include "common/transport/zeromq.hpp"
#include "master/jobs/permit.hpp"
#include "master/store/store.hpp"

namespace prove {

struct MasterSettings {
    std::string address = "*";  // where agents' sockets listen
    ZeromqPorts ports;
    std::string advertise;  // host that join tokens name; default: this machine's name
    std::string catalog = "/etc/prove/catalog";
    std::string data = "/var/lib/prove-master";
    std::string runtime = "/run/prove-master";
    std::string socket_group;                             // of the API's socket; empty: as it is made
    std::vector<std::string> administrators = {"prove"};  // groups whose members may do everything
    int render_workers = 2;
    int compile_threads = 2;
    int io_threads = 1;
    Retention retention;
    LogLevel log_level = LogLevel::info;
    std::string log_file;  // empty: standard error

    std::string keys() const { return data + "/keys"; }
    std::string database() const { return data + "/prove.db"; }
    std::string socket() const { return runtime + "/api.sock"; }
};

// Throws Error with file, line and column for whatever is wrong (P32). A missing file at its default place is no error.
MasterSettings load_master_settings(const std::string& path, bool must_exist);

}  // namespace prove
