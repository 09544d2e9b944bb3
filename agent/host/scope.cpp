// Scopes over D-Bus. See the header.
#include "agent/host/scope.hpp"

#include <systemd/sd-bus.h>

#include <cstdint>

#include "agent/host/bus.hpp"
#include "common/files/files.hpp"

namespace prove {

void enter_scope(const std::string& name, int pid) {
    const BusConnection bus = connect_to_systemd();
    if (!bus) return;
    const std::string unit = "prove-" + name + "-" + random_name(8) + ".scope";
    // A broken bus must not hold up the work for long.
    (void)sd_bus_set_method_call_timeout(bus.get(), 5'000'000);
    (void)sd_bus_call_method(bus.get(), systemd_name, systemd_path, systemd_manager, "StartTransientUnit", nullptr,
                             nullptr, "ssa(sv)a(sa(sv))", unit.c_str(), "fail", 3, "PIDs", "au", 1,
                             static_cast<std::uint32_t>(pid), "Description", "s", "Prove: work that outlives its agent",
                             "CollectMode", "s", "inactive-or-failed", 0);
}

bool runs_as_unit() {
    const auto groups = find_whole_file("/proc/self/cgroup");
    return groups && groups->find(".service\n") != std::string::npos && groups->find("user@") == std::string::npos;
}

}  // namespace prove
