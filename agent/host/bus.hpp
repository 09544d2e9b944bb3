// A connection to systemd: over the system bus, or over its own socket where there is no bus (as systemctl does as
// root).
#pragma once

#include <memory>

struct sd_bus;

namespace prove {

struct CloseBus {
    void operator()(sd_bus* bus) const;
};
using BusConnection = std::unique_ptr<sd_bus, CloseBus>;

// Null where there is no systemd to talk to.
BusConnection connect_to_systemd();

inline constexpr const char* systemd_name = "org.freedesktop.systemd1";
inline constexpr const char* systemd_path = "/org/freedesktop/systemd1";
inline constexpr const char* systemd_manager = "org.freedesktop.systemd1.Manager";

}  // namespace prove
