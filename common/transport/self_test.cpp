// The stranger of the self test.
#include "common/transport/self_test.hpp"

#include <array>

#include "common/transport/monitor.hpp"
#include "common/transport/zeromq_sockets.hpp"
#include "proto/error.hpp"

namespace prove {

void check_strangers_refused(const std::string& endpoint, zmq::socket_type type, const PublicTransportKey& server_key) {
    std::array<char, 41> public_text{}, secret_text{};
    if (zmq_curve_keypair(public_text.data(), secret_text.data()) != 0)
        throw Error(ErrorKind::internal, "this libzmq has no CURVE");
    zmq::context_t context;
    zmq::socket_t stranger(context, type);
    set_common_options(stranger);
    set_option(stranger, ZMQ_CURVE_SERVERKEY, server_key.data(), server_key.size);
    set_option(stranger, ZMQ_CURVE_PUBLICKEY, public_text.data(), 40);
    set_option(stranger, ZMQ_CURVE_SECRETKEY, secret_text.data(), 40);
    Monitor monitor(context, stranger, "inproc://self-test");
    stranger.connect(endpoint);

    for (int waits = 0; waits < 50; ++waits) {
        zmq::pollitem_t items[] = {{monitor.socket().handle(), 0, ZMQ_POLLIN, 0}};
        poll_sockets(items, std::chrono::milliseconds(100));
        while (const auto event = monitor.next()) {
            if (event->id == ZMQ_EVENT_HANDSHAKE_FAILED_AUTH) return;
            if (event->id == ZMQ_EVENT_HANDSHAKE_SUCCEEDED)
                throw Error(ErrorKind::refused, "self test: a stranger's key was let in; refusing to start");
        }
    }
    throw Error(ErrorKind::refused, "self test: no answer to a stranger's handshake within 5 s; refusing to start");
}

}  // namespace prove
