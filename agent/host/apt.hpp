// Debian's packages: apt-get to act, without questions, in one transaction; dpkg's database to look.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "agent/host/commands.hpp"
#include "agent/host/dpkg_status.hpp"
#include "agent/host/host.hpp"

namespace prove {

class Apt {
  public:
    explicit Apt(const Commands& commands) : commands_(commands) {}

    // Remembered until forget().
    const DpkgStatus& status();
    void forget() { status_.reset(); }

    // One transaction for all of them. Throws Error where it fails; what is installed then, status() tells.
    void install(const std::vector<PackageWish>& wishes);
    // Refuses when others would go, too: what depends on a package has to be named.
    void remove(const std::vector<std::string>& names, bool purge);

  private:
    CommandResult run(std::vector<std::string> arguments, Commands::Show show);
    void wait_for_locks();
    void configure_pending();
    void refresh_lists(bool must_work);
    bool lists_are_old() const;
    [[noreturn]] void fail_install(const CommandResult& result, const std::vector<PackageWish>& wishes);

    const Commands& commands_;
    std::optional<DpkgStatus> status_;
    bool refreshed_ = false;  // the lists were refreshed in this run
};

// What `apt-get --simulate remove` says would go: names of "Remv" and "Purg" lines, without architecture.
std::vector<std::string> simulated_removals(std::string_view output);

}  // namespace prove
