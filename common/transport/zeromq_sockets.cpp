// Options and reading that both halves of the ZeroMQ transport share.
#include "common/transport/zeromq_sockets.hpp"

#include <cerrno>
#include <cstdlib>

#include "common/transport/zap.hpp"
#include "proto/error.hpp"

namespace prove {

namespace {
// ZMQ_ZAP_ENFORCE_DOMAIN: a draft option that zmq.h of Debian 12 leaves out and the library has (S30).
constexpr int zap_enforce_domain = 93;
constexpr std::size_t most_frames = 8;

// A signal may interrupt a receive; inside a message the rest is there already and the call is made again.
bool receive_frame(zmq::socket_t& socket, zmq::message_t& message, bool first) {
    while (true) {
        try {
            return socket.recv(message, first ? zmq::recv_flags::dontwait : zmq::recv_flags::none).has_value();
        } catch (const zmq::error_t& error) {
            if (error.num() != EINTR) throw;
            if (first) return false;
        }
    }
}

std::string property(zmq::message_t& message, const char* name) {
    const char* value = zmq_msg_gets(message.handle(), name);
    return value ? value : "";
}
}  // namespace

void set_option(zmq::socket_t& socket, int option, const void* value, std::size_t size) {
    if (zmq_setsockopt(socket.handle(), option, value, size) != 0)
        throw Error(ErrorKind::internal, "libzmq refuses socket option " + std::to_string(option) + ": " +
                                             zmq_strerror(zmq_errno()));
}

void set_option(zmq::socket_t& socket, int option, int value) { set_option(socket, option, &value, sizeof(value)); }

void set_option(zmq::socket_t& socket, int option, const std::string& value) {
    set_option(socket, option, value.data(), value.size());
}

void set_common_options(zmq::socket_t& socket) {
    const std::int64_t most = 520 << 10;
    set_option(socket, ZMQ_MAXMSGSIZE, &most, sizeof(most));
    set_option(socket, ZMQ_LINGER, 0);
    set_option(socket, ZMQ_HEARTBEAT_IVL, 15'000);
    set_option(socket, ZMQ_HEARTBEAT_TIMEOUT, 45'000);
    set_option(socket, ZMQ_HEARTBEAT_TTL, 60'000);
    set_option(socket, ZMQ_TCP_KEEPALIVE, 1);
    set_option(socket, ZMQ_TCP_KEEPALIVE_IDLE, 60);
    set_option(socket, ZMQ_TCP_KEEPALIVE_INTVL, 15);
    set_option(socket, ZMQ_TCP_KEEPALIVE_CNT, 4);
}

void set_server_security(zmq::socket_t& socket, Channel channel, const CurveKey& key) {
    set_option(socket, ZMQ_CURVE_SERVER, 1);
    set_option(socket, ZMQ_CURVE_SECRETKEY, key.secret.data(), key.secret.size());
    set_option(socket, ZMQ_ZAP_DOMAIN, std::string(zap_domain(channel)));
    set_option(socket, zap_enforce_domain, 1);
}

void set_client_security(zmq::socket_t& socket, const PublicTransportKey& server, const CurveKey& own) {
    set_option(socket, ZMQ_CURVE_SERVERKEY, server.data(), server.size);
    set_option(socket, ZMQ_CURVE_PUBLICKEY, own.public_key.data(), own.public_key.size);
    set_option(socket, ZMQ_CURVE_SECRETKEY, own.secret.data(), own.secret.size());
}

std::string plain_address(const std::string& address) {
    const std::string mapped = "::ffff:";
    return address.starts_with(mapped) ? address.substr(mapped.size()) : address;
}

bool receive_message(zmq::socket_t& socket, ReceivedFrames& into) {
    into = {};
    zmq::message_t message;
    bool first = true, more = true;
    while (more) {
        if (!receive_frame(socket, message, first)) return false;
        more = message.more();
        if (into.frames.size() < most_frames) into.frames.push_back(message.to_string());
        // libzmq gives the properties with every frame but the routing id, which it makes itself.
        if (!more) {
            into.user_id = property(message, "User-Id");
            into.address = plain_address(property(message, "Peer-Address"));
            into.descriptor = zmq_msg_get(message.handle(), ZMQ_SRCFD);
        }
        first = false;
    }
    return true;
}

void poll_sockets(std::span<zmq::pollitem_t> items, std::chrono::milliseconds at_most) {
    for (auto& item : items) item.revents = 0;
    if (zmq_poll(items.data(), static_cast<int>(items.size()), at_most.count()) < 0 && zmq_errno() != EINTR)
        throw Error(ErrorKind::internal, std::string("cannot wait for messages: ") + zmq_strerror(zmq_errno()));
}

void check_sizes(const Frames& frames, std::size_t limit) {
    if (frames.header.size() > limit || frames.signature.size() > limit || frames.payload.size() > limit)
        throw Error(ErrorKind::internal, "a frame of " + std::to_string(frames.payload.size()) +
                                             " bytes is over the transport's limit of " + std::to_string(limit));
}

std::string tcp_endpoint(const std::string& host, int port) {
    const bool brackets = host.find(':') != std::string::npos && host.front() != '[';
    return "tcp://" + (brackets ? "[" + host + "]" : host) + ":" + (port == 0 ? "*" : std::to_string(port));
}

int bound_port(const zmq::socket_t& socket) {
    const auto endpoint = socket.get(zmq::sockopt::last_endpoint);
    return std::atoi(endpoint.c_str() + endpoint.rfind(':') + 1);
}

}  // namespace prove
