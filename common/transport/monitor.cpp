// Reading libzmq's monitor events.
#include "common/transport/monitor.hpp"

#include <cstring>

#include "common/transport/zeromq_sockets.hpp"
#include "proto/error.hpp"

namespace prove {

Monitor::Monitor(zmq::context_t& context, zmq::socket_t& watched, const std::string& address)
    : watched_(watched), socket_(context, zmq::socket_type::pair) {
    constexpr int events = ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_HANDSHAKE_FAILED_AUTH |
                           ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL | ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL |
                           ZMQ_EVENT_DISCONNECTED | ZMQ_EVENT_CONNECT_RETRIED;
    if (zmq_socket_monitor(watched.handle(), address.c_str(), events) != 0)
        throw Error(ErrorKind::internal, std::string("cannot watch a socket: ") + zmq_strerror(zmq_errno()));
    set_option(socket_, ZMQ_LINGER, 0);
    socket_.connect(address);
}

Monitor::~Monitor() {
    // Stops the events; otherwise closing the watched socket would wait for this end.
    zmq_socket_monitor(watched_.handle(), nullptr, 0);
}

std::optional<Monitor::Event> Monitor::next() {
    ReceivedFrames received;
    if (!receive_message(socket_, received) || received.frames.empty() || received.frames[0].size() < 6) return {};
    // The first frame is a 16-bit event and a 32-bit value in this machine's order, the second the endpoint.
    std::uint16_t id = 0;
    Event event;
    std::memcpy(&id, received.frames[0].data(), sizeof(id));
    std::memcpy(&event.value, received.frames[0].data() + sizeof(id), sizeof(event.value));
    event.id = id;
    return event;
}

}  // namespace prove
