// Asking the kernel.
#include "common/transport/tcp_connections.hpp"

#include <arpa/inet.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <filesystem>
#include <fstream>

#include "common/transport/zeromq_sockets.hpp"

namespace prove {

namespace {

struct Address {
    std::string text;
    int port = 0;
};

using Asked = int (*)(int, sockaddr*, socklen_t*);

std::optional<Address> address(int descriptor, Asked ask) {
    sockaddr_storage found{};
    socklen_t size = sizeof(found);
    if (ask(descriptor, reinterpret_cast<sockaddr*>(&found), &size) != 0) return std::nullopt;
    std::array<char, INET6_ADDRSTRLEN> text{};
    if (found.ss_family == AF_INET) {
        const auto& v4 = reinterpret_cast<const sockaddr_in&>(found);
        (void)::inet_ntop(AF_INET, &v4.sin_addr, text.data(), text.size());
        return Address{text.data(), ntohs(v4.sin_port)};
    }
    if (found.ss_family != AF_INET6) return std::nullopt;
    const auto& v6 = reinterpret_cast<const sockaddr_in6&>(found);
    (void)::inet_ntop(AF_INET6, &v6.sin6_addr, text.data(), text.size());
    return Address{plain_address(text.data()), ntohs(v6.sin6_port)};
}

std::optional<Channel> channel_of(int port, const ZeromqPorts& ports) {
    if (port == ports.main) return Channel::main;
    if (port == ports.publish) return Channel::publish;
    return port == ports.enrol ? std::optional(Channel::enrol) : std::nullopt;
}

}  // namespace

std::string peer_of(int descriptor) {
    const auto peer = address(descriptor, ::getpeername);
    return peer ? peer->text + " " + std::to_string(peer->port) : std::string();
}

std::optional<TcpConnection> tcp_connection(int descriptor, const ZeromqPorts& ports) {
    const auto own = address(descriptor, ::getsockname);
    const auto channel = own ? channel_of(own->port, ports) : std::nullopt;
    tcp_info info{};
    socklen_t size = sizeof(info);
    if (!channel || ::getsockopt(descriptor, IPPROTO_TCP, TCP_INFO, &info, &size) != 0) return std::nullopt;
    TcpConnection connection{descriptor, *channel, peer_of(descriptor), info.tcpi_bytes_received};
    if (connection.peer.empty()) return std::nullopt;    // it listens
    return connection;
}

std::vector<TcpConnection> tcp_connections(const ZeromqPorts& ports) {
    std::vector<TcpConnection> all;
    std::error_code error;
    const std::filesystem::directory_iterator end;
    for (std::filesystem::directory_iterator at("/proc/self/fd", error); !error && at != end; at.increment(error)) {
        const auto name = at->path().filename().string();
        int descriptor = -1;
        std::from_chars(name.data(), name.data() + name.size(), descriptor);
        if (auto connection = tcp_connection(descriptor, ports)) all.push_back(std::move(*connection));
    }
    return all;
}

void shut_down(const TcpConnection& connection) {
    if (!connection.peer.empty() && peer_of(connection.descriptor) == connection.peer)
        ::shutdown(connection.descriptor, SHUT_RDWR);
}

std::uint64_t resident_bytes() {
    std::ifstream file("/proc/self/statm");
    std::uint64_t size = 0, resident = 0;
    file >> size >> resident;
    return resident * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

}  // namespace prove
