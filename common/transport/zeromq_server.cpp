// The master's half over libzmq. Order of construction is the security of it: random seed, context, ZAP handler, sockets
// with CURVE and an enforced ZAP domain, self test on the loopback interface, and only then the real addresses.
#include <cstdlib>

#include "common/log/repeated.hpp"
#include "common/transport/live_connections.hpp"
#include "common/transport/self_test.hpp"
#include "common/transport/tcp_connections.hpp"
#include "common/transport/wake.hpp"
#include "common/transport/zap.hpp"
#include "common/transport/zeromq.hpp"
#include "common/transport/zeromq_sockets.hpp"
#include "proto/error.hpp"

namespace prove {

namespace {

// Until publish epochs are built (S34, S35) there is one topic, in the form that they will have.
constexpr const char* topic = "e0/all;";
constexpr std::size_t most_messages = 1'000;
constexpr std::size_t most_bytes = 32u << 20;
constexpr std::int64_t look_at_memory_ms = 50;
constexpr std::int64_t small_frame_limit = 32 << 10;

// libzmq numbers ROUTER peers from rand(), which nobody else seeds (S36, F3).
zmq::context_t seeded_context(Random& random, int io_threads) {
    unsigned seed = 0;
    random.fill(reinterpret_cast<std::uint8_t*>(&seed), sizeof(seed));
    std::srand(seed);
    zmq::context_t context(io_threads);
    context.set(zmq::ctxopt::max_sockets, 64);
    return context;
}

std::optional<KeyId> key_id_of(const std::string& user_id) { return KeyId::from_hex_text(user_id); }

class Server final : public ZeromqServer {
 public:
    Server(const ZeromqServerSettings& settings, const Admission& admission, const Clock& clock, Random& random,
           const Logger& log)
        : clock_(clock),
          log_(log),
          context_(seeded_context(random, settings.io_threads)),
          zap_(context_, admission, clock, log),
          main_(context_, zmq::socket_type::router),
          enrol_(context_, zmq::socket_type::router),
          publish_(context_, zmq::socket_type::xpub) {
        set_up(main_, Channel::main, settings.transport, 10'000);
        set_up(enrol_, Channel::enrol, settings.enrol, 5'000);
        set_up(publish_, Channel::publish, settings.transport, 10'000);
        for (auto* router : {&main_, &enrol_}) {
            set_option(*router, ZMQ_ROUTER_MANDATORY, 1);
            set_option(*router, ZMQ_SNDHWM, 100);
        }
        set_option(publish_, ZMQ_XPUB_MANUAL, 1);
        set_option(publish_, ZMQ_SNDHWM, 1000);
        self_test(main_, zmq::socket_type::dealer, settings.transport.public_key);
        self_test(publish_, zmq::socket_type::sub, settings.transport.public_key);
        ports_.publish = listen(publish_, settings.address, settings.ports.publish);
        ports_.main = listen(main_, settings.address, settings.ports.main);
        ports_.enrol = listen(enrol_, settings.address, settings.ports.enrol);
    }

    ZeromqPorts ports() const override { return ports_; }

    std::vector<Incoming> receive(Milliseconds at_most) override {
        zmq::pollitem_t items[] = {{main_.handle(), 0, ZMQ_POLLIN, 0},
                                   {enrol_.handle(), 0, ZMQ_POLLIN, 0},
                                   {publish_.handle(), 0, ZMQ_POLLIN, 0},
                                   {nullptr, wake_.fd(), ZMQ_POLLIN, 0}};
        poll_sockets(items, at_most);
        if (zap_.dead()) throw Error(ErrorKind::internal, "the handler of connections has ended; stopping");
        if (items[3].revents & ZMQ_POLLIN) wake_.clear();
        if (items[2].revents & ZMQ_POLLIN) take_subscriptions();
        std::vector<Incoming> arrived;
        // Strangers get a tenth, so that they never stand between accepted agents and their master.
        if (items[1].revents & ZMQ_POLLIN) take(enrol_, Channel::enrol, most_messages / 10, arrived);
        if (items[0].revents & ZMQ_POLLIN) take(main_, Channel::main, most_messages, arrived);
        watch_memory();
        return arrived;
    }

    bool send(const Route& route, const Frames& frames) override {
        check_sizes(frames, frame_limit);
        auto& socket = route.channel == Channel::enrol ? enrol_ : main_;
        try {
            // Only the first frame can be refused: libzmq looks at the peer and at its queue there.
            if (!socket.send(zmq::buffer(route.bytes), zmq::send_flags::dontwait | zmq::send_flags::sndmore))
                return false;
        } catch (const zmq::error_t& error) {
            if (error.num() == EHOSTUNREACH || error.num() == EINTR) return false;
            throw;
        }
        send_frames(socket, frames);
        return true;
    }

    void publish(const Frames& frames) override {
        check_sizes(frames, publish_limit);
        publish_.send(zmq::str_buffer("e0/all;"), zmq::send_flags::dontwait | zmq::send_flags::sndmore);
        send_frames(publish_, frames);
    }

    void disconnect(const KeyId& key) override { connections_.cut(key.hex()); }

    std::vector<Ended> take_ended() override {
        std::vector<Ended> ended;
        for (auto& connection : connections_.take_ended())
            if (const auto key = key_id_of(connection.user_id))
                ended.push_back({*key, {std::move(connection.route), Channel::main}});
        return ended;
    }

    void wake() override { wake_.signal(); }

 private:
    static void set_up(zmq::socket_t& socket, Channel channel, const CurveKey& key, int handshake_ms) {
        set_common_options(socket);
        set_server_security(socket, channel, key);
        set_option(socket, ZMQ_HANDSHAKE_IVL, handshake_ms);
        set_option(socket, ZMQ_BACKLOG, 4096);
        set_option(socket, ZMQ_RCVHWM, 16);
        // Requests to be enrolled and subscriptions are small.
        if (channel != Channel::main) set_option(socket, ZMQ_MAXMSGSIZE, &small_frame_limit, sizeof(small_frame_limit));
        set_option(socket, ZMQ_IPV6, 1);
    }

    static void self_test(zmq::socket_t& socket, zmq::socket_type stranger, const PublicTransportKey& key) {
        socket.bind("tcp://127.0.0.1:*");
        const auto endpoint = socket.get(zmq::sockopt::last_endpoint);
        check_strangers_refused(endpoint, stranger, key);
        socket.unbind(endpoint);
    }

    static int listen(zmq::socket_t& socket, const std::string& address, int port) {
        const auto endpoint = tcp_endpoint(address, port);
        try {
            socket.bind(endpoint);
        } catch (const zmq::error_t& error) {
            throw Error(ErrorKind::unavailable, "cannot listen at " + endpoint + ": " + error.what());
        }
        return bound_port(socket);
    }

    static void send_frames(zmq::socket_t& socket, const Frames& frames) {
        constexpr auto more = zmq::send_flags::dontwait | zmq::send_flags::sndmore;
        socket.send(zmq::buffer(frames.header), more);
        socket.send(zmq::buffer(frames.signature), more);
        socket.send(zmq::buffer(frames.payload), zmq::send_flags::dontwait);
    }

    // Every subscription is answered with the one topic there is, whatever was asked for (S34).
    void take_subscriptions() {
        ReceivedFrames received;
        for (std::size_t taken = 0; taken < most_messages && receive_message(publish_, received); ++taken) {
            if (received.frames.size() != 1 || received.frames[0] != std::string(1, '\1') + topic) continue;
            set_option(publish_, ZMQ_SUBSCRIBE, std::string(topic));
            connections_.seen(received.descriptor, received.user_id);
            delivered(received);
        }
    }

    void delivered(const ReceivedFrames& received) {
        if (const auto connection = tcp_connection(received.descriptor, ports_))
            flood_.delivered(*connection, clock_.boot_ms());
    }

    // Cuts off who fills the memory with messages that never end.
    void watch_memory() {
        const auto now = clock_.boot_ms();
        if (now < look_at_memory_boot_ms_) return;
        look_at_memory_boot_ms_ = now + look_at_memory_ms;
        if (!flood_.due(resident_bytes(), now)) return;
        for (const auto& connection : flood_.flooding(tcp_connections(ports_), now)) {
            shut_down(connection);
            const auto address = connection.peer.substr(0, connection.peer.find(' '));
            if (const auto times = floods_.count("flood", address); times > 0)
                log_.warning("cut off a connection that brought too much without finishing a message",
                             {{"address", address},
                              {"socket", zap_domain(connection.channel)},
                              {"bytes", connection.received},
                              {"times", times}});
        }
    }

    void take(zmq::socket_t& socket, Channel channel, std::size_t most, std::vector<Incoming>& arrived) {
        ReceivedFrames received;
        std::size_t bytes = 0;
        for (std::size_t taken = 0; taken < most && bytes < most_bytes && arrived.size() < most_messages; ++taken) {
            if (!receive_message(socket, received)) return;
            if (received.frames.empty()) continue;
            Incoming incoming;
            incoming.channel = channel;
            incoming.route = {std::move(received.frames[0]), channel};
            received.frames.erase(received.frames.begin());
            incoming.frames = std::move(received.frames);
            incoming.address = std::move(received.address);
            for (const auto& frame : incoming.frames) bytes += frame.size();
            delivered(received);
            if (!identify(incoming, received)) continue;
            arrived.push_back(std::move(incoming));
        }
    }

    // What CURVE and ZAP established; a message without it cannot be there, and is dropped if it is.
    bool identify(Incoming& incoming, const ReceivedFrames& received) {
        if (incoming.channel == Channel::enrol) {
            const auto key = PublicTransportKey::from_hex_text(received.user_id);
            if (key) incoming.transport_key = *key;
            return key.has_value();
        }
        incoming.user_id = key_id_of(received.user_id);
        connections_.seen(received.descriptor, received.user_id, incoming.route.bytes);
        return incoming.user_id.has_value();
    }

    const Clock& clock_;
    Logger log_;
    zmq::context_t context_;
    ZapHandler zap_;
    zmq::socket_t main_;
    zmq::socket_t enrol_;
    zmq::socket_t publish_;
    Wake wake_;
    LiveConnections connections_;
    ZeromqPorts ports_;
    FloodWatch flood_;
    RepeatedEvents floods_{clock_};
    std::int64_t look_at_memory_boot_ms_ = 0;
};

}  // namespace

std::unique_ptr<ZeromqServer> make_zeromq_server(const ZeromqServerSettings& settings, const Admission& admission,
                                                 const Clock& clock, Random& random, const Logger& log) {
    return std::make_unique<Server>(settings, admission, clock, random, log);
}

}  // namespace prove
