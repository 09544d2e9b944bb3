// The network as the kernel shows it, and the host's full name as its own files have it: no name server is ever asked.
#pragma once

#include <string>

#include "proto/value.hpp"

namespace prove {

// {addresses: [...], interfaces: {eth0: {mac, up, addresses}}}; without the loopback.
Value read_interfaces();
// The name with a dot that /etc/hosts gives this host, else its name alone.
std::string fqdn_of(const std::string& host_name, const std::string& hosts_file);

}  // namespace prove
