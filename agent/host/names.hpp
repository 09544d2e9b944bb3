// Names that go into other programs' command lines and files: what they may look like. Checked when a catalog is
// compiled and once more by the verbs, so that no name is ever taken for an option, a path or an expression.
#pragma once

#include <string>

namespace prove {

// A Debian package's name, with an architecture after a colon where it has one ("libc6:i386").
bool is_package_name(const std::string& name);
bool is_package_version(const std::string& version);
// A systemd unit, with or without its suffix ("nginx", "getty@tty1.service").
bool is_unit_name(const std::string& name);
// The unit that a name means: "nginx" is "nginx.service".
std::string unit_name(const std::string& name);
// A local user or group.
bool is_account_name(const std::string& name);

}  // namespace prove
