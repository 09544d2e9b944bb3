// Descriptors of live connections, checked by their peers' addresses before one is shut down.
#include "common/transport/live_connections.hpp"

#include "common/transport/tcp_connections.hpp"

namespace prove {

void LiveConnections::seen(int descriptor, const std::string& user_id, const std::string& route) {
    if (descriptor < 0) return;
    auto& connection = connections_[descriptor];
    // One agent's descriptor that is used again by the same agent has another port, so the peer is read again whenever
    // it could have changed unnoticed; that is a system call of 0.2 us.
    auto peer = peer_of(descriptor);
    if (connection.user_id == user_id && connection.route == route && connection.peer == peer) return;
    if (!connection.route.empty() && connection.route != route)
        ended_.push_back({connection.user_id, connection.route});
    connection = {user_id, route, std::move(peer)};
}

void LiveConnections::cut(const std::string& user_id) {
    std::erase_if(connections_, [&](const auto& entry) {
        const auto& [descriptor, connection] = entry;
        if (connection.user_id != user_id) return false;
        shut_down({descriptor, {}, connection.peer, 0});
        return true;
    });
}

std::vector<LiveConnections::Ended> LiveConnections::take_ended() {
    auto ended = std::exchange(ended_, {});
    std::erase_if(connections_, [&](const auto& entry) {
        const auto& [descriptor, connection] = entry;
        if (!connection.peer.empty() && peer_of(descriptor) == connection.peer) return false;
        if (!connection.route.empty()) ended.push_back({connection.user_id, connection.route});
        return true;
    });
    return ended;
}

}  // namespace prove
