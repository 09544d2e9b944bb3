// libzmq's socket monitor: what happens to a socket's connections, as events to be read. Lives in the socket's thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <zmq.hpp>

namespace prove {

class Monitor {
 public:
    struct Event {
        int id = 0;                      // ZMQ_EVENT_...
        std::uint32_t value = 0;         // what it means depends on the event: an errno, a ZAP status
    };
    // `address`: an inproc:// endpoint, unique in the context.
    Monitor(zmq::context_t& context, zmq::socket_t& watched, const std::string& address);
    ~Monitor();
    Monitor(const Monitor&) = delete;
    Monitor& operator=(const Monitor&) = delete;
    zmq::socket_t& socket() { return socket_; }      // for polling
    std::optional<Event> next();

 private:
    zmq::socket_t& watched_;
    zmq::socket_t socket_;
};

}  // namespace prove
