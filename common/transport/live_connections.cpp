// Descriptors of live connections, checked by their peers' addresses before one is shut down.
#include "common/transport/live_connections.hpp"

#include <sys/socket.h>

namespace prove {

namespace {
// The peer's socket address as bytes; empty where the descriptor is no connection.
std::string peer_of(int descriptor) {
    sockaddr_storage address{};
    socklen_t size = sizeof(address);
    if (::getpeername(descriptor, reinterpret_cast<sockaddr*>(&address), &size) != 0) return {};
    return std::string(reinterpret_cast<const char*>(&address), size);
}
}  // namespace

void LiveConnections::seen(int descriptor, const std::string& user_id) {
    if (descriptor < 0) return;
    auto& connection = connections_[descriptor];
    // One agent's descriptor that is used again by the same agent has another port, so the peer is read again whenever
    // it could have changed unnoticed; that is a system call of 0.2 us.
    if (connection.user_id == user_id && connection.peer == peer_of(descriptor)) return;
    connection = {user_id, peer_of(descriptor)};
}

void LiveConnections::cut(const std::string& user_id) {
    std::erase_if(connections_, [&](const auto& entry) {
        const auto& [descriptor, connection] = entry;
        if (connection.user_id != user_id) return false;
        if (!connection.peer.empty() && peer_of(descriptor) == connection.peer) ::shutdown(descriptor, SHUT_RDWR);
        return true;
    });
}

}  // namespace prove
