// Connections, and how parcels travel on them.
#include "tests/support/simulator/network.hpp"

#include <algorithm>

namespace prove::sim {

namespace {

template <class T>
T part(const std::string& header, std::size_t offset) {
    return T::from(std::string_view(header).substr(offset, T::size)).value();
}

std::vector<std::string> as_list(const Frames& frames) {
    return {frames.header, frames.signature, frames.payload};
}

}  // namespace

Seen see(const std::string& header) {
    Seen seen;
    seen.type = static_cast<MessageType>(header.at(5));
    seen.sender = part<KeyId>(header, 8);
    seen.audience_kind = static_cast<AudienceKind>(header.at(24));
    seen.audience = header.substr(32, 32);
    seen.message = part<MessageId>(header, 80);
    seen.job = JobId(part<JobId::Raw>(header, 96));
    for (std::size_t i = 120; i < 128; ++i) seen.sequence = (seen.sequence << 8) | static_cast<std::uint8_t>(header[i]);
    return seen;
}

class Network::Client final : public ClientTransport {
  public:
    Client(Network& network_, std::string name_, const KeyId& key_, const PublicTransportKey& transport_,
           AgentPort& port_)
        : network(network_), name(std::move(name_)), key(key_), transport(transport_), port(port_) {
        network.clients_.push_back(this);
    }
    void connect() override {
        disconnect();
        const auto number = ++attempts;
        network.stage_.queue.after(network.delay(), [this, number] { network.attempt(*this, number); });
    }
    void subscribe() override {
        if (!connection) return;
        network.subscribe(*this, connection->number);
    }
    void disconnect() override {
        ++attempts;
        network.close_from_client(*this, true);
    }
    bool send(const Frames& frames) override {
        if (!connection) return false;
        port.sending(frames);
        if (network.stage_.strikes(Fault::queue_full, 1)) return false;
        network.travel(connection, {up, frames});
        return true;
    }
    std::vector<ClientEvent> receive(Milliseconds) override { return {}; }  // the simulation hands events over itself
    void wake() override {}

    void tell(ClientEvent::Kind kind, Channel channel, const std::string& reason = {}) {
        ClientEvent event;
        event.kind = kind;
        event.channel = channel;
        event.reason = reason;
        port.arrived(event);
    }

    Network& network;
    std::string name;
    KeyId key;
    PublicTransportKey transport;
    AgentPort& port;
    std::uint64_t attempts = 0;
    ConnectionRef connection;
    bool blocked = false;
};

std::unique_ptr<ClientTransport> Network::client(const std::string& name, const KeyId& key,
                                                 const PublicTransportKey& transport, AgentPort& port) {
    return std::make_unique<Client>(*this, name, key, transport, port);
}

std::int64_t Network::delay() {
    return stage_.strikes(Fault::slow_links, 20) ? stage_.between(100, 4'000) : stage_.between(1, 60);
}

void Network::attempt(Client& client, std::uint64_t number) {
    if (client.attempts != number) return;
    if (client.blocked || !master_->listens()) {
        if (!client.blocked) client.tell(ClientEvent::Kind::retrying, Channel::main, "nobody answers");
        stage_.queue.after(stage_.between(500, 3'000), [this, &client, number] { attempt(client, number); });
        return;
    }
    if (!master_->admits(client.transport)) {
        stage_.trace.add(client.name + " is not let in");
        return client.tell(ClientEvent::Kind::disconnected, Channel::main, "the master refused our key");
    }
    auto connection = std::make_shared<Connection>();
    connection->number = ++connection_number_;
    connection->client = &client;
    client.connection = connection;
    connections_["route " + std::to_string(connection->number)] = connection;
    stage_.trace.add(client.name + " is connected by " + std::to_string(connection->number));
    client.tell(ClientEvent::Kind::connected, Channel::main);
}

void Network::subscribe(Client& client, std::uint64_t number) {
    const auto takes = stage_.strikes(Fault::slow_links, 20) ? stage_.between(1'000, 8'000) : delay();
    stage_.queue.after(takes, [connection = client.connection, number] {
        if (!connection->client_open || connection->number != number) return;
        if (!connection->server_open || connection->silent || connection->client->blocked) return;
        connection->subscribed = true;
        connection->client->tell(ClientEvent::Kind::connected, Channel::publish);
    });
}

void Network::close_from_client(Client& client, bool told) {
    const auto connection = std::exchange(client.connection, nullptr);
    if (!connection) return;
    connection->client_open = false;
    if (told) travel(connection, {up, std::nullopt});
}

void Network::vanish(const std::string& name) {
    for (auto* client : clients_)
        if (client->name == name) {
            ++client->attempts;
            close_from_client(*client, false);
        }
}

bool Network::send(const Route& route, const Frames& frames) {
    master_->sending(frames);
    const auto found = connections_.find(route.bytes);
    if (found == connections_.end()) return false;
    if (stage_.strikes(Fault::queue_full, 1)) return false;
    travel(found->second, {down, frames});
    return true;
}

void Network::publish(const Frames& frames) {
    master_->sending(frames);
    for (const auto& [route, connection] : connections_) {
        if (!connection->subscribed || connection->publish_dead) continue;
        if (stage_.strikes(Fault::publish_lossy, 25)) {
            stage_.trace.add("lost on its way: a publication");
            continue;
        }
        travel(connection, {published, frames});
    }
}

void Network::disconnect(const KeyId& key) {
    for (auto at = connections_.begin(); at != connections_.end();) {
        const auto connection = at->second;
        if (connection->client->key != key) {
            ++at;
            continue;
        }
        connection->server_open = false;
        at = connections_.erase(at);
        travel(connection, {down, std::nullopt});
    }
}

void Network::master_gone() {
    for (auto& [route, connection] : connections_) {
        connection->server_open = false;
        travel(connection, {down, std::nullopt});
    }
    connections_.clear();
}

void Network::travel(const ConnectionRef& connection, Parcel parcel) {
    if (connection->silent) return;
    auto& last = connection->last[parcel.lane];
    last = std::max(last, stage_.queue.now() + delay());
    if (parcel.frames && stage_.strikes(Fault::duplicates, 10))
        stage_.queue.at(last + stage_.between(1, 20'000), [this, connection, parcel] { arrive(connection, parcel); });
    stage_.queue.at(last, [this, connection, parcel = std::move(parcel)] { arrive(connection, parcel); });
}

void Network::arrive(const ConnectionRef& connection, const Parcel& parcel) {
    if (connection->silent) return;
    const bool blocked = connection->client->blocked;
    if (blocked && parcel.lane == published) return;  // what waits for a subscriber is dropped in the end (F6)
    if (blocked || !connection->stalled.empty()) {
        connection->stalled.push_back(parcel);
        return;
    }
    hand_over(*connection, parcel);
}

void Network::hand_over(Connection& connection, const Parcel& parcel) {
    const auto tell_trace = [&](const char* arrow) {
        const auto seen = see(parcel.frames->header);
        stage_.trace.add(connection.client->name + arrow + name_of(seen.type) +
                         (seen.job.is_zero() ? "" : " " + seen.job.short_text()));
    };
    if (parcel.lane == up) {
        const auto found = connections_.find("route " + std::to_string(connection.number));
        if (found == connections_.end()) return;
        if (!parcel.frames) {
            connection.server_open = false;
            connections_.erase(found);
            return;
        }
        if (lost_type_ && see(parcel.frames->header).type == *lost_type_) return;
        tell_trace(" -> ");
        Incoming incoming;
        incoming.route = {found->first, Channel::main};
        incoming.user_id = connection.client->key;
        incoming.address = "simulated";
        incoming.frames = as_list(*parcel.frames);
        return master_->arrived(incoming);
    }
    if (!connection.client_open) return;
    auto& client = *connection.client;
    if (!parcel.frames) {
        connection.client_open = false;
        client.connection.reset();
        return client.tell(ClientEvent::Kind::disconnected, Channel::main, "the connection was lost");
    }
    if (parcel.lane == published && connection.publish_dead) return;
    tell_trace(parcel.lane == published ? " <= " : " <- ");
    ClientEvent event;
    event.channel = parcel.lane == published ? Channel::publish : Channel::main;
    event.frames = as_list(*parcel.frames);
    client.port.arrived(event);
}

Network::ConnectionRef Network::live(const std::string& name) const {
    for (auto* client : clients_)
        if (client->name == name) return client->connection;
    return nullptr;
}

void Network::break_both(const ConnectionRef& connection) {
    connection->stalled.clear();
    connection->server_open = false;
    connections_.erase("route " + std::to_string(connection->number));
    if (connection->client_open) hand_over(*connection, {down, std::nullopt});
}

void Network::reset(const std::string& name) {
    if (const auto connection = live(name)) break_both(connection);
}

void Network::make_half_open(const std::string& name) {
    if (const auto connection = live(name)) connection->silent = true;
}

void Network::kill_publishing(const std::string& name) {
    if (const auto connection = live(name)) connection->publish_dead = true;
}

void Network::block(const std::string& name) {
    for (auto* client : clients_)
        if (client->name == name) client->blocked = true;
}

void Network::unblock(const std::string& name) {
    for (auto* client : clients_) {
        if (client->name != name || !client->blocked) continue;
        client->blocked = false;
        std::vector<ConnectionRef> stalled;
        for (const auto& [route, connection] : connections_)
            if (connection->client == client) stalled.push_back(connection);
        if (client->connection && !client->connection->server_open) stalled.push_back(client->connection);
        for (const auto& connection : stalled) stage_.percent(50) ? break_both(connection) : resume(connection);
    }
}

void Network::resume(const ConnectionRef& connection) {
    const auto parcels = std::exchange(connection->stalled, {});
    for (const auto& parcel : parcels) hand_over(*connection, parcel);
}

void Network::heal() {
    // A path that is back resets what it does not know.
    for (auto* client : clients_) {
        unblock(client->name);
        const auto connection = client->connection;
        if (connection && connection->silent) break_both(connection);
    }
    for (const auto& [route, connection] : connections_) connection->publish_dead = false;
}

}  // namespace prove::sim
