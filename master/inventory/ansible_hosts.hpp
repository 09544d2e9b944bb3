// How Ansible writes hosts: names with ranges in them, web[01:20].example.com, perhaps with a port.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace prove {

struct HostPattern {
    std::vector<std::string> hosts;
    std::optional<std::int64_t> port;
};

// Throws Error(invalid) where a range is wrong, or makes more than `most` hosts.
HostPattern expand_hosts(const std::string& pattern, std::size_t most);

}  // namespace prove
