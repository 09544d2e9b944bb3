// What the server's and the client's half of the ZeroMQ transport share: socket options and reading of messages.
#pragma once

#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <zmq.hpp>

#include "common/transport/zeromq.hpp"

namespace prove {

// zmq_setsockopt that throws: an option that fails to be set may be the one that keeps strangers out (S30).
void set_option(zmq::socket_t& socket, int option, const void* value, std::size_t size);
void set_option(zmq::socket_t& socket, int option, int value);
void set_option(zmq::socket_t& socket, int option, const std::string& value);

// Options of every TCP socket: no lingering, size limit, heartbeats, TCP keepalive (S38).
void set_common_options(zmq::socket_t& socket);
// CURVE server with ZAP enforced (S30).
void set_server_security(zmq::socket_t& socket, Channel channel, const CurveKey& key);
void set_client_security(zmq::socket_t& socket, const PublicTransportKey& server, const CurveKey& own);

// One frame of what was received, with what libzmq knows of its sender.
struct ReceivedFrames {
    std::vector<std::string> frames;
    std::string user_id;                 // empty where there is none
    std::string address;
    int descriptor = -1;
};
// Takes one whole message; false where there is none. Frames beyond the eighth are thrown away unread: no envelope has so
// many, and the count alone has it refused.
bool receive_message(zmq::socket_t& socket, ReceivedFrames& into);

// zmq_poll; a signal ends the wait early, like a timeout.
void poll_sockets(std::span<zmq::pollitem_t> items, std::chrono::milliseconds at_most);

// Throws Error(internal) where a frame is over the limit: the receiver would drop the connection for it (F7).
void check_sizes(const Frames& frames, std::size_t limit);

// An IPv4 peer's address as people write it: a socket that listens for both families maps it into IPv6.
std::string plain_address(const std::string& address);
// `host` and port as an endpoint; an IPv6 address is put in brackets.
std::string tcp_endpoint(const std::string& host, int port);
// The port of a socket's last bind.
int bound_port(const zmq::socket_t& socket);

}  // namespace prove
