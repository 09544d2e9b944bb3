// The network in memory: two kinds of ends over one locked state.
#include "common/transport/memory.hpp"

namespace prove {

namespace {
std::vector<std::string> as_list(const Frames& frames) { return {frames.header, frames.signature, frames.payload}; }
}  // namespace

class MemoryServer final : public ServerTransport {
 public:
    explicit MemoryServer(MemoryNetwork& network) : network_(network) {}

    std::vector<Incoming> receive(Milliseconds at_most) override {
        std::unique_lock lock(network_.mutex_);
        network_.changed_.wait_for(lock, at_most,
                                   [&] { return !network_.server_inbox_.empty() || network_.server_woken_; });
        network_.server_woken_ = false;
        std::vector<Incoming> arrived(network_.server_inbox_.begin(), network_.server_inbox_.end());
        network_.server_inbox_.clear();
        return arrived;
    }
    bool send(const Route& route, const Frames& frames) override { return network_.to_client(route, frames); }
    void publish(const Frames& frames) override { network_.publish(frames); }
    void disconnect(const KeyId& key) override { network_.disconnect(key); }
    std::vector<Ended> take_ended() override {
        const std::lock_guard lock(network_.mutex_);
        return std::exchange(network_.ended_, {});
    }
    void wake() override {
        const std::lock_guard lock(network_.mutex_);
        network_.server_woken_ = true;
        network_.changed_.notify_all();
    }

 private:
    MemoryNetwork& network_;
};

class MemoryClient final : public ClientTransport {
 public:
    MemoryClient(MemoryNetwork& network, std::shared_ptr<MemoryNetwork::Link> link)
        : network_(network), link_(std::move(link)) {
        const std::lock_guard lock(network_.mutex_);
        network_.links_.push_back(link_);
    }
    ~MemoryClient() override {
        const std::lock_guard lock(network_.mutex_);
        std::erase(network_.links_, link_);
    }
    MemoryClient(const MemoryClient&) = delete;
    MemoryClient& operator=(const MemoryClient&) = delete;

    void connect() override {
        const std::lock_guard lock(network_.mutex_);
        network_.connect(*link_);
    }
    void subscribe() override {
        const std::lock_guard lock(network_.mutex_);
        network_.subscribe(*link_);
    }
    void disconnect() override {
        const std::lock_guard lock(network_.mutex_);
        network_.end(*link_);
        link_->inbox.clear();
    }
    bool send(const Frames& frames) override { return network_.to_server(*link_, frames); }
    std::vector<ClientEvent> receive(Milliseconds at_most) override {
        std::unique_lock lock(network_.mutex_);
        network_.changed_.wait_for(lock, at_most, [&] { return !link_->inbox.empty() || link_->woken; });
        link_->woken = false;
        std::vector<ClientEvent> events(link_->inbox.begin(), link_->inbox.end());
        link_->inbox.clear();
        return events;
    }
    void wake() override {
        const std::lock_guard lock(network_.mutex_);
        link_->woken = true;
        network_.changed_.notify_all();
    }

 private:
    MemoryNetwork& network_;
    std::shared_ptr<MemoryNetwork::Link> link_;
};

std::unique_ptr<ServerTransport> MemoryNetwork::server() { return std::make_unique<MemoryServer>(*this); }

std::unique_ptr<ClientTransport> MemoryNetwork::client(const PublicTransportKey& key) {
    auto link = std::make_shared<Link>();
    link->key = key;
    return std::make_unique<MemoryClient>(*this, std::move(link));
}

std::unique_ptr<ClientTransport> MemoryNetwork::enrol_client(const PublicTransportKey& key) {
    auto link = std::make_shared<Link>();
    link->key = key;
    link->enrol = true;
    return std::make_unique<MemoryClient>(*this, std::move(link));
}

void MemoryNetwork::set_filter(Filter filter) {
    const std::lock_guard lock(mutex_);
    filter_ = std::move(filter);
}

void MemoryNetwork::cut(const PublicTransportKey& key) {
    const std::lock_guard lock(mutex_);
    for (const auto& link : links_)
        if (link->key == key && link->connected) break_link(*link, "the connection was lost");
}

void MemoryNetwork::set_server_down(bool down) {
    const std::lock_guard lock(mutex_);
    server_down_ = down;
    if (!down) return;
    server_inbox_.clear();
    for (const auto& link : links_)
        if (link->connected) break_link(*link, "the connection was lost");
}

void MemoryNetwork::connect(Link& link) {
    link.inbox.clear();
    end(link);
    ClientEvent event;
    event.channel = link.enrol ? Channel::enrol : Channel::main;
    if (server_down_) {
        event.kind = ClientEvent::Kind::retrying;
        event.reason = "nobody answers";
        link.inbox.push_back(event);
    } else if (link.user = admission_.accepted(link.key); !link.enrol && !link.user) {
        break_link(link, "the master does not accept this agent's key");
    } else {
        link.connected = true;
        link.route = "route " + std::to_string(++routes_);
        event.kind = ClientEvent::Kind::connected;
        link.inbox.push_back(event);
    }
    changed_.notify_all();
}

void MemoryNetwork::subscribe(Link& link) {
    if (!link.connected || link.subscribed || link.enrol) return;
    link.subscribed = true;
    ClientEvent event;
    event.kind = ClientEvent::Kind::connected;
    event.channel = Channel::publish;
    link.inbox.push_back(event);
    changed_.notify_all();
}

void MemoryNetwork::end(Link& link) {
    if (link.connected && !link.enrol && link.user && !server_down_)
        ended_.push_back({*link.user, {link.route, Channel::main}});
    link.connected = link.subscribed = false;
}

void MemoryNetwork::break_link(Link& link, const std::string& reason) {
    end(link);
    ClientEvent event;
    event.kind = ClientEvent::Kind::disconnected;
    event.channel = link.enrol ? Channel::enrol : Channel::main;
    event.reason = reason;
    link.inbox.push_back(std::move(event));
    changed_.notify_all();
}

bool MemoryNetwork::passes(Direction direction, const Link& link, const std::vector<std::string>& frames) {
    return !filter_ || filter_({direction, link.key, frames});
}

bool MemoryNetwork::to_server(Link& link, const Frames& frames) {
    const std::lock_guard lock(mutex_);
    if (!link.connected) return false;
    Incoming incoming;
    incoming.channel = link.enrol ? Channel::enrol : Channel::main;
    incoming.route = {link.route, incoming.channel};
    incoming.address = "memory";
    incoming.frames = as_list(frames);
    if (link.enrol) {
        incoming.transport_key = link.key;
    } else {
        incoming.user_id = link.user;
    }
    if (passes(Direction::to_server, link, incoming.frames)) server_inbox_.push_back(std::move(incoming));
    changed_.notify_all();
    return true;
}

bool MemoryNetwork::to_client(const Route& route, const Frames& frames) {
    const std::lock_guard lock(mutex_);
    for (const auto& link : links_) {
        if (!link->connected || link->route != route.bytes) continue;
        ClientEvent event;
        event.channel = route.channel;
        event.frames = as_list(frames);
        if (passes(Direction::to_client, *link, event.frames)) link->inbox.push_back(std::move(event));
        changed_.notify_all();
        return true;
    }
    return false;
}

void MemoryNetwork::publish(const Frames& frames) {
    const std::lock_guard lock(mutex_);
    for (const auto& link : links_) {
        if (!link->subscribed) continue;
        ClientEvent event;
        event.channel = Channel::publish;
        event.frames = as_list(frames);
        if (passes(Direction::published, *link, event.frames)) link->inbox.push_back(std::move(event));
    }
    changed_.notify_all();
}

void MemoryNetwork::disconnect(const KeyId& key) {
    const std::lock_guard lock(mutex_);
    for (const auto& link : links_)
        if (link->connected && !link->enrol && link->user == key) break_link(*link, "the connection was lost");
}

}  // namespace prove
