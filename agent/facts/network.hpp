// The network as the kernel shows it, and the host's full name as its own files have it: no name server is ever asked.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "proto/value.hpp"

namespace prove {

struct NetworkInterface {
    std::string mac;
    bool up = false;
    std::vector<std::string> addresses;
};

// {addresses: [...], interfaces: {eth0: {mac, up, addresses}}}; without the loopback.
Value read_interfaces();
// The same of these. Facts go along with the agent's greeting, which has a limit, and a host of containers has thousands:
// at most 300 interfaces, those with addresses first, and 500 addresses.
Value interface_facts(const std::map<std::string, NetworkInterface>& interfaces);
// The name with a dot that /etc/hosts gives this host, else its name alone.
std::string fqdn_of(const std::string& host_name, const std::string& hosts_file);

}  // namespace prove
