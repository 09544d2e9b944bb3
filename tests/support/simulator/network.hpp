// The network between one master and its agents. Whole messages travel in order within a connection and take their
// time; connections break, stall and die without a word; announcements travel beside them and may be lost. Nothing is
// counted as delivered because it was sent. Ends are told through Ports, so that neither machine knows the other.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "master/jobs/dispatch.hpp"
#include "tests/support/simulator/stage.hpp"

namespace prove::sim {

// What of a header the simulator looks at; a message that is ours always has one.
struct Seen {
    MessageType type = MessageType::heartbeat;
    KeyId sender;
    AudienceKind audience_kind = AudienceKind::all;
    std::string audience;
    MessageId message;
    JobId job;
    std::uint64_t sequence = 0;
};
Seen see(const std::string& header);

struct MasterPort {
    virtual ~MasterPort() = default;
    virtual bool listens() const = 0;
    virtual bool admits(const PublicTransportKey& key) const = 0;
    virtual void arrived(const Incoming& incoming) = 0;
    // Before a message leaves; may throw Crash.
    virtual void sending(const Frames& frames) = 0;
};
struct AgentPort {
    virtual ~AgentPort() = default;
    virtual void arrived(const ClientEvent& event) = 0;
    virtual void sending(const Frames& frames) = 0;
};

class Network {
  public:
    explicit Network(Stage& stage) : stage_(stage) {}
    void set_master(MasterPort& master) { master_ = &master; }
    // The agent's end, for as long as the simulation lasts.
    std::unique_ptr<ClientTransport> client(const std::string& name, const KeyId& key,
                                            const PublicTransportKey& transport, AgentPort& port);

    // The master's half, as its MasterNet.
    bool send(const Route& route, const Frames& frames);
    void publish(const Frames& frames);
    void disconnect(const KeyId& key);

    // The master's process is gone, and its sockets with it.
    void master_gone();
    // Faults, by an agent's name.
    void reset(const std::string& name);
    void make_half_open(const std::string& name);
    void kill_publishing(const std::string& name);
    void block(const std::string& name);
    void unblock(const std::string& name);
    // An agent's machine went without a word.
    void vanish(const std::string& name);
    // Every fault of the network ends.
    void heal();
    // Messages of this type never arrive at the master: for a check that checks find it.
    void lose_all(MessageType type) { lost_type_ = type; }

  private:
    class Client;
    enum Lane { up, down, published, lanes };
    struct Parcel {
        Lane lane = up;
        std::optional<Frames> frames;  // none: the other side has closed
    };
    struct Connection {
        std::uint64_t number = 0;
        Client* client = nullptr;
        bool client_open = true, server_open = true;
        bool silent = false;  // half open
        bool subscribed = false;
        bool publish_dead = false;
        std::int64_t last[lanes] = {0, 0, 0};
        std::vector<Parcel> stalled;
    };
    using ConnectionRef = std::shared_ptr<Connection>;

    void attempt(Client& client, std::uint64_t number);
    void subscribe(Client& client, std::uint64_t connection);
    void close_from_client(Client& client, bool told);
    void travel(const ConnectionRef& connection, Parcel parcel);
    void arrive(const ConnectionRef& connection, const Parcel& parcel);
    void hand_over(Connection& connection, const Parcel& parcel);
    void break_both(const ConnectionRef& connection);
    void resume(const ConnectionRef& connection);
    ConnectionRef live(const std::string& name) const;
    std::int64_t delay();

    Stage& stage_;
    MasterPort* master_ = nullptr;
    std::vector<Client*> clients_;
    std::map<std::string, ConnectionRef> connections_;  // by route, while the master has them open
    std::uint64_t connection_number_ = 0;
    std::optional<MessageType> lost_type_;
};

}  // namespace prove::sim
