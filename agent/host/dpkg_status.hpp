// What dpkg has installed, read from its own database once per run: 962 packages in a millisecond, where dpkg-query
// takes ten and a fork (demands B5).
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "agent/host/host.hpp"

namespace prove {

class DpkgStatus {
  public:
    // Reads `status`, then what is in `updates/` (what dpkg has not merged yet) over it. Empty where there is no dpkg.
    static DpkgStatus read(const std::string& folder = "/var/lib/dpkg");

    // "curl" is the package of the machine's own architecture, or of all; otherwise of any other. "libc6:i386" is
    // exact.
    PackageInfo package(const std::string& name) const;
    // Whether some package is unpacked but not configured, so that `dpkg --configure -a` has to come first.
    bool has_half_configured() const;

    struct Difference {
        std::string name;
        PackageInfo before, after;
    };
    // Packages whose state or version differs, by name.
    std::vector<Difference> differences(const DpkgStatus& after) const;

    void merge(std::string_view stanzas);  // one or several paragraphs of a status file

  private:
    std::string native_architecture() const;

    // By name, then by architecture.
    std::map<std::string, std::map<std::string, PackageInfo, std::less<>>, std::less<>> packages_;
};

}  // namespace prove
