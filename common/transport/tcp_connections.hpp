// The kernel's view of this process's TCP connections, and of its memory: what libzmq does not tell.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/transport/flood_watch.hpp"
#include "common/transport/zeromq.hpp"

namespace prove {

// The peer's address and port as text; empty where the descriptor is no connection (any more).
std::string peer_of(int descriptor);
// nullopt where it is no connection to one of these ports.
std::optional<TcpConnection> tcp_connection(int descriptor, const ZeromqPorts& ports);
std::vector<TcpConnection> tcp_connections(const ZeromqPorts& ports);
// Ends it for both sides without closing it: the descriptor stays its owner's. Nothing happens where it is another one
// by now.
void shut_down(const TcpConnection& connection);

std::uint64_t resident_bytes();

}  // namespace prove
