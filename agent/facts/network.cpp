// Interfaces by getifaddrs. See the header.
#include "agent/facts/network.hpp"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <map>
#include <memory>
#include <vector>

#include "common/text/text.hpp"

namespace prove {

namespace {

constexpr std::size_t most_interfaces = 300;
constexpr std::size_t most_addresses = 500;

std::string mac_text(const sockaddr_ll& address) {
    if (address.sll_halen != 6) return "";
    std::array<char, 18> text{};
    const unsigned char* m = address.sll_addr;
    std::snprintf(text.data(), text.size(), "%02x:%02x:%02x:%02x:%02x:%02x", m[0], m[1], m[2], m[3], m[4], m[5]);
    return text.data();
}

// "" for what is no address of the host to others: link-local ones.
std::string address_text(const sockaddr& address) {
    std::array<char, INET6_ADDRSTRLEN> text{};
    if (address.sa_family == AF_INET) {
        const auto& v4 = reinterpret_cast<const sockaddr_in&>(address);
        (void)inet_ntop(AF_INET, &v4.sin_addr, text.data(), text.size());
        return std::string(text.data()).rfind("169.254.", 0) == 0 ? "" : text.data();
    }
    if (address.sa_family != AF_INET6) return "";
    const auto& v6 = reinterpret_cast<const sockaddr_in6&>(address);
    if (IN6_IS_ADDR_LINKLOCAL(&v6.sin6_addr)) return "";
    (void)inet_ntop(AF_INET6, &v6.sin6_addr, text.data(), text.size());
    return text.data();
}

Value list_of(std::vector<std::string> texts) {
    std::sort(texts.begin(), texts.end());
    Value list = Value::array();
    for (std::string& text : texts) list.push(std::move(text));
    return list;
}

std::map<std::string, NetworkInterface> interfaces() {
    std::map<std::string, NetworkInterface> result;
    ifaddrs* first = nullptr;
    if (::getifaddrs(&first) != 0) return result;
    const std::unique_ptr<ifaddrs, void (*)(ifaddrs*)> all(first, ::freeifaddrs);
    for (const ifaddrs* entry = first; entry != nullptr; entry = entry->ifa_next) {
        if ((entry->ifa_flags & IFF_LOOPBACK) != 0) continue;
        NetworkInterface& interface = result[entry->ifa_name];
        interface.up = (entry->ifa_flags & IFF_UP) != 0;
        if (entry->ifa_addr == nullptr) continue;
        if (entry->ifa_addr->sa_family == AF_PACKET)
            interface.mac = mac_text(reinterpret_cast<const sockaddr_ll&>(*entry->ifa_addr));
        const std::string address = address_text(*entry->ifa_addr);
        if (!address.empty()) interface.addresses.push_back(address);
    }
    return result;
}

using Named = std::pair<std::string, NetworkInterface>;

// Those with addresses are what others know the host by.
std::vector<Named> most_useful(const std::map<std::string, NetworkInterface>& interfaces) {
    std::vector<Named> all(interfaces.begin(), interfaces.end());
    std::stable_partition(all.begin(), all.end(), [](const Named& one) { return !one.second.addresses.empty(); });
    all.resize(std::min(all.size(), most_interfaces));
    std::sort(all.begin(), all.end(), [](const Named& a, const Named& b) { return a.first < b.first; });
    return all;
}

}  // namespace

Value interface_facts(const std::map<std::string, NetworkInterface>& interfaces) {
    std::vector<std::string> addresses;
    Value named = Value::object();
    for (auto& [name, interface] : most_useful(interfaces)) {
        auto own = interface.addresses;
        own.resize(std::min(own.size(), most_addresses - addresses.size()));
        addresses.insert(addresses.end(), own.begin(), own.end());
        Value facts = Value::object();
        if (!interface.mac.empty()) facts.set("mac", interface.mac);
        facts.set("up", interface.up);
        facts.set("addresses", list_of(std::move(own)));
        named.set(name, std::move(facts));
    }
    Value result = Value::object();
    result.set("addresses", list_of(std::move(addresses)));
    result.set("interfaces", std::move(named));
    return result;
}

Value read_interfaces() { return interface_facts(interfaces()); }

std::string fqdn_of(const std::string& host_name, const std::string& hosts_file) {
    if (host_name.find('.') != std::string::npos) return host_name;
    for (const std::string& line : split_lines(hosts_file)) {
        const auto words = split_words(line.substr(0, line.find('#')));
        if (words.size() < 2 || std::find(words.begin() + 1, words.end(), host_name) == words.end()) continue;
        for (auto word = words.begin() + 1; word != words.end(); ++word)
            if (word->rfind(host_name + ".", 0) == 0) return *word;
    }
    return host_name;
}

}  // namespace prove
