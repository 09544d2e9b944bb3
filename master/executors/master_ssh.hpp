// SSH as prove-master does it (S87): not with the configuration, keys, agent and environment of whoever started it, but
// with a configuration that it writes itself and with what its operators keep in one folder. What the catalog says can
// choose a host, a user and a port, and nothing else of ssh.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "master/executors/ssh_session.hpp"

namespace prove {

struct MasterSshSettings {
    std::string folder;  // operators': known_hosts, id_ed25519 ..., and config for jump hosts and the like
    std::string config;  // the file that is written for ssh, in a folder of the master's own
    std::string ssh = "ssh";
    std::vector<ExecProgram> programs = {};  // empty: those that are installed
};

// What ssh is told, before it reads the operators' own configuration: what comes first counts.
std::string master_ssh_config(const std::string& folder);

class MasterSsh {
  public:
    // Clock and random are borrowed; the random numbers are drawn by many threads at once.
    MasterSsh(MasterSshSettings settings, const Clock& clock, Random& random);

    // How a target of the catalog is reached, for one job. Throws Error: unavailable where it cannot be, with what to
    // do; cancelled; refused and invalid where it must not be tried. Thread-safe.
    std::unique_ptr<Session> open(const std::string& host, const Value& ssh, const JobId& job, ContentSource& content,
                                  LateSource* late, const Cancellation& cancellation);
    // From now on every session ends at once.
    void cut() { cut_.cancel("prove-master is stopping"); }

  private:
    const SshTools& tools();
    void check_folder() const;

    const MasterSshSettings settings_;
    const Clock& clock_;
    Random& random_;
    Cancellation cut_;
    std::mutex mutex_;
    std::optional<SshTools> tools_;  // once it could be made
};

}  // namespace prove
