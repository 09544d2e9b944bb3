// An agent's half over libzmq: one context with one I/O thread, and sockets that are thrown away and made anew whenever
// the core says so, since libzmq never tries again after a refusal and tries without pause after a failed handshake (F15).
#include <optional>

#include "common/transport/monitor.hpp"
#include "common/transport/wake.hpp"
#include "common/transport/zeromq.hpp"
#include "common/transport/zeromq_sockets.hpp"
#include "proto/error.hpp"

namespace prove {

namespace {

constexpr const char* topic = "e0/all;";
constexpr std::size_t most_messages = 200;

// One connection: a socket and its monitor.
struct Connection {
    Connection(zmq::context_t& context, zmq::socket_type type, Channel of, const std::string& monitor_address)
        : channel(of), socket(context, type), monitor(context, socket, monitor_address) {}
    Channel channel;
    zmq::socket_t socket;
    Monitor monitor;
    bool up = false;
};

class Client final : public ClientTransport {
 public:
    Client(const ZeromqClientSettings& settings, Random& random, Channel channel)
        : settings_(settings), random_(random), channel_(channel), context_(1) {
        // Four are in use at a time; those that were closed count until libzmq's own thread has reaped them, which takes a
        // while on a machine that is busy.
        context_.set(zmq::ctxopt::max_sockets, 128);
        ipv6_ = settings_.host.find(':') != std::string::npos;
    }

    void connect() override {
        const bool failed_before = !connections_.empty() && !ever_up_;
        disconnect();
        // libzmq takes the first address that a name has in one family, so after a failure the other family has its try.
        if (failed_before && settings_.host.find(':') == std::string::npos) ipv6_ = !ipv6_;
        ever_up_ = false;
        open(channel_);
    }

    void subscribe() override {
        if (connections_.size() == 1 && channel_ == Channel::main) open(Channel::publish);
    }

    void disconnect() override { connections_.clear(); }

    bool send(const Frames& frames) override {
        check_sizes(frames, frame_limit);
        if (connections_.empty() || !connections_[0]->up) return false;
        auto& socket = connections_[0]->socket;
        constexpr auto more = zmq::send_flags::dontwait | zmq::send_flags::sndmore;
        try {
            // As with the ROUTER, only the first frame can be refused.
            if (!socket.send(zmq::buffer(frames.header), more)) return false;
        } catch (const zmq::error_t& error) {
            if (error.num() == EINTR) return false;
            throw;
        }
        socket.send(zmq::buffer(frames.signature), more);
        socket.send(zmq::buffer(frames.payload), zmq::send_flags::dontwait);
        return true;
    }

    std::vector<ClientEvent> receive(Milliseconds at_most) override {
        std::vector<zmq::pollitem_t> items{{nullptr, wake_.fd(), ZMQ_POLLIN, 0}};
        for (auto& connection : connections_) {
            items.push_back({connection->monitor.socket().handle(), 0, ZMQ_POLLIN, 0});
            items.push_back({connection->socket.handle(), 0, ZMQ_POLLIN, 0});
        }
        poll_sockets(items, at_most);
        if (items[0].revents & ZMQ_POLLIN) wake_.clear();
        std::vector<ClientEvent> events;
        for (std::size_t i = 0; i < connections_.size(); ++i) {
            auto& connection = *connections_[i];
            // A message can overtake the monitor's word that the connection is up: events are read first and always.
            take_monitor_events(connection, events);
            if (items[2 + 2 * i].revents & ZMQ_POLLIN) take_messages(connection, events);
        }
        return events;
    }

    void wake() override { wake_.signal(); }

 private:
    void open(Channel channel) {
        const auto type = channel == Channel::publish ? zmq::socket_type::sub : zmq::socket_type::dealer;
        connections_.push_back(std::make_unique<Connection>(context_, type, channel,
                                                            "inproc://monitor-" + std::to_string(++monitors_)));
        auto& socket = connections_.back()->socket;
        set_common_options(socket);
        set_client_security(socket, settings_.server_key, settings_.own);
        set_option(socket, ZMQ_HANDSHAKE_IVL, 30'000);
        set_option(socket, ZMQ_RECONNECT_IVL, 1'000 + static_cast<int>(random_.below(4'000)));
        set_option(socket, ZMQ_RECONNECT_IVL_MAX, 60'000);
        set_option(socket, ZMQ_IPV6, ipv6_ ? 1 : 0);
        set_option(socket, ZMQ_RCVHWM, 100);
        if (channel == Channel::publish) {
            set_option(socket, ZMQ_SUBSCRIBE, std::string(topic));
        } else {
            set_option(socket, ZMQ_SNDHWM, 100);
            set_option(socket, ZMQ_IMMEDIATE, 1);    // nothing queues up for a master that is not there
        }
        const auto endpoint = tcp_endpoint(settings_.host, port_of(channel));
        try {
            socket.connect(endpoint);
        } catch (const zmq::error_t& error) {
            throw Error(ErrorKind::invalid, "'" + settings_.host + "' is not an address of a master: " + error.what());
        }
    }

    int port_of(Channel channel) const {
        return channel == Channel::main      ? settings_.ports.main
               : channel == Channel::publish ? settings_.ports.publish
                                             : settings_.ports.enrol;
    }

    void take_monitor_events(Connection& connection, std::vector<ClientEvent>& events) {
        while (const auto event = connection.monitor.next()) {
            ClientEvent told;
            told.channel = connection.channel;
            told.kind = ClientEvent::Kind::disconnected;
            switch (event->id) {
                case ZMQ_EVENT_HANDSHAKE_SUCCEEDED:
                    told.kind = ClientEvent::Kind::connected;
                    connection.up = ever_up_ = true;
                    break;
                case ZMQ_EVENT_HANDSHAKE_FAILED_AUTH:
                    told.reason = "the master does not accept this agent's key";
                    break;
                case ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL:
                case ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL:
                    // libzmq tells the client nothing more, neither here nor when ZAP says 300 (later).
                    told.reason = "the handshake was broken off: the master is busy, or it has another key";
                    break;
                case ZMQ_EVENT_DISCONNECTED:
                    told.reason = "the connection was lost";
                    break;
                default:
                    told.kind = ClientEvent::Kind::retrying;
                    told.reason = "nobody answers at " + tcp_endpoint(settings_.host, port_of(connection.channel));
            }
            if (told.kind == ClientEvent::Kind::disconnected) connection.up = false;
            events.push_back(std::move(told));
        }
    }

    static void take_messages(Connection& connection, std::vector<ClientEvent>& events) {
        ReceivedFrames received;
        for (std::size_t taken = 0; taken < most_messages && receive_message(connection.socket, received); ++taken) {
            ClientEvent event;
            event.channel = connection.channel;
            event.frames = std::move(received.frames);
            if (connection.channel == Channel::publish && !event.frames.empty())
                event.frames.erase(event.frames.begin());    // the topic
            events.push_back(std::move(event));
        }
    }

    ZeromqClientSettings settings_;
    Random& random_;
    Channel channel_;
    zmq::context_t context_;
    Wake wake_;
    std::vector<std::unique_ptr<Connection>> connections_;    // the one to send to, then the subscription
    bool ipv6_ = false;
    bool ever_up_ = false;
    std::uint64_t monitors_ = 0;
};

}  // namespace

std::unique_ptr<ClientTransport> make_zeromq_client(const ZeromqClientSettings& settings, Random& random) {
    return std::make_unique<Client>(settings, random, Channel::main);
}

std::unique_ptr<ClientTransport> make_zeromq_enrol_client(const ZeromqClientSettings& settings, Random& random) {
    return std::make_unique<Client>(settings, random, Channel::enrol);
}

}  // namespace prove
