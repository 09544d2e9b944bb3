// A transport without a network, for tests and the simulator: one server and any number of clients in one process, with
// hooks to lose, cut and look at what travels. Messages are there at once; whoever wants delay holds them in `filter`.
// Thread-safe: the ends may be used from different threads.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

#include "common/transport/transport.hpp"

namespace prove {

class MemoryNetwork {
 public:
    enum class Direction { to_server, to_client, published };
    struct Passing {
        Direction direction = Direction::to_server;
        PublicTransportKey client;
        const std::vector<std::string>& frames;
    };
    // Asked for each message that passes; false loses it. Called with the network locked: it must not use the network.
    using Filter = std::function<bool(const Passing&)>;

    // `admission` outlives the network.
    explicit MemoryNetwork(const Admission& admission) : admission_(admission) {}

    std::unique_ptr<ServerTransport> server();
    // Two main channels for an agent whose key is `key`, or the enrolment channel.
    std::unique_ptr<ClientTransport> client(const PublicTransportKey& key);
    std::unique_ptr<ClientTransport> enrol_client(const PublicTransportKey& key);

    void set_filter(Filter filter);
    // The client's connection breaks and both sides can tell, as with a reset.
    void cut(const PublicTransportKey& key);
    // While the server is down nobody connects, and who was connected is cut.
    void set_server_down(bool down);

 private:
    friend class MemoryServer;
    friend class MemoryClient;

    struct Link {
        PublicTransportKey key;
        bool enrol = false;
        std::optional<KeyId> user;       // what admission said at the handshake: it is asked only then (F2)
        bool connected = false;
        bool subscribed = false;
        std::string route;               // a new one for every connection
        std::deque<ClientEvent> inbox;
        bool woken = false;
    };

    void connect(Link& link);
    void subscribe(Link& link);
    void end(Link& link);
    void break_link(Link& link, const std::string& reason);
    bool passes(Direction direction, const Link& link, const std::vector<std::string>& frames);
    bool to_server(Link& link, const Frames& frames);
    bool to_client(const Route& route, const Frames& frames);
    void publish(const Frames& frames);
    void disconnect(const KeyId& key);

    const Admission& admission_;
    std::mutex mutex_;
    std::condition_variable changed_;
    Filter filter_;
    bool server_down_ = false;
    bool server_woken_ = false;
    std::uint64_t routes_ = 0;
    std::deque<Incoming> server_inbox_;
    std::vector<ServerTransport::Ended> ended_;
    std::vector<std::shared_ptr<Link>> links_;     // in order of making: a seeded filter is asked in the same order
};

}  // namespace prove
