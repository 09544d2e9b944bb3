// What the transport's tests share: keys, an admission list, and a server on free ports of the loopback interface.
#pragma once

#include <catch2/catch.hpp>

#include <array>
#include <atomic>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <zmq.hpp>

#include "common/log/log.hpp"
#include "common/time/clock.hpp"
#include "common/time/random.hpp"
#include "common/transport/zeromq.hpp"

namespace prove::test {

struct Pair {
    PublicTransportKey public_key;
    std::array<std::uint8_t, 32> secret{};
    Pair() {
        char public_text[41], secret_text[41];
        REQUIRE(zmq_curve_keypair(public_text, secret_text) == 0);
        zmq_z85_decode(public_key.data(), public_text);
        zmq_z85_decode(secret.data(), secret_text);
    }
    CurveKey key() const { return {public_key, secret}; }
};

// The key id of a transport key in these tests: its first half.
inline KeyId id_of(const Pair& pair) { return *KeyId::from(pair.public_key.view().substr(0, 16)); }

struct Accepted final : Admission {
    std::optional<KeyId> accepted(const PublicTransportKey& key) const override {
        const std::lock_guard lock(mutex);
        ++asked;
        if (!keys.contains(key)) return std::nullopt;
        return KeyId::from(key.view().substr(0, 16));
    }
    void add(const Pair& pair) {
        const std::lock_guard lock(mutex);
        keys.insert(pair.public_key);
    }
    void remove(const Pair& pair) {
        const std::lock_guard lock(mutex);
        keys.erase(pair.public_key);
    }
    mutable std::mutex mutex;
    std::set<PublicTransportKey> keys;
    mutable std::atomic<int> asked{0};
};

struct LoopbackServer {
    Accepted admission;
    SystemClock clock;
    SystemRandom random;
    Pair transport, enrol;
    std::unique_ptr<ZeromqServer> server;

    LoopbackServer() {
        ZeromqServerSettings settings;
        settings.address = "127.0.0.1";
        settings.ports = {0, 0, 0};
        settings.transport = transport.key();
        settings.enrol = enrol.key();
        server = make_zeromq_server(settings, admission, clock, random, silent_logger());
    }
    ZeromqClientSettings settings_for(const Pair& own, bool to_enrol = false) {
        return {"127.0.0.1", server->ports(), to_enrol ? enrol.public_key : transport.public_key, own.key()};
    }
    std::unique_ptr<ClientTransport> client(const Pair& own) { return make_zeromq_client(settings_for(own), random); }
    std::unique_ptr<ClientTransport> enrol_client(const Pair& own) {
        return make_zeromq_enrol_client(settings_for(own, true), random);
    }
    // Receives until `enough` messages came or the time is over.
    std::vector<Incoming> receive(std::size_t enough, int most_ms = 3'000) {
        std::vector<Incoming> all;
        const auto end = clock.boot_ms() + most_ms;
        while (all.size() < enough && clock.boot_ms() < end)
            for (auto& one : server->receive(Milliseconds(50))) all.push_back(std::move(one));
        return all;
    }
    // Lets the server answer subscriptions and the client hear, until an event of this kind and channel comes.
    std::optional<ClientEvent> await(ClientTransport& client, ClientEvent::Kind kind, Channel channel,
                                     int most_ms = 3'000) {
        const auto end = clock.boot_ms() + most_ms;
        while (clock.boot_ms() < end) {
            for (auto& incoming : server->receive(Milliseconds(10))) pending.push_back(std::move(incoming));
            for (auto& event : client.receive(Milliseconds(10))) {
                if (event.kind == ClientEvent::Kind::connected) client.subscribe();
                if (event.kind == kind && event.channel == channel) return event;
            }
        }
        return std::nullopt;
    }
    std::vector<Incoming> pending;       // what came while await() waited
};

inline Frames frames(const std::string& payload) { return {"header", "signature", payload}; }

// A client of our own making, for what the product's client never does.
struct RawClient {
    zmq::context_t context;
    zmq::socket_t socket;
    explicit RawClient(zmq::socket_type type) : socket(context, type) {
        socket.set(zmq::sockopt::linger, 0);
        socket.set(zmq::sockopt::rcvtimeo, 300);
    }
    void secure(const PublicTransportKey& server, const Pair& own) {
        zmq_setsockopt(socket.handle(), ZMQ_CURVE_SERVERKEY, server.data(), 32);
        zmq_setsockopt(socket.handle(), ZMQ_CURVE_PUBLICKEY, own.public_key.data(), 32);
        zmq_setsockopt(socket.handle(), ZMQ_CURVE_SECRETKEY, own.secret.data(), 32);
    }
    void connect(int port) { socket.connect("tcp://127.0.0.1:" + std::to_string(port)); }
    void send(const std::vector<std::string>& parts) {
        for (std::size_t i = 0; i < parts.size(); ++i)
            socket.send(zmq::buffer(parts[i]),
                        i + 1 < parts.size() ? zmq::send_flags::sndmore : zmq::send_flags::none);
    }
    bool receives_something() {
        zmq::message_t message;
        return socket.recv(message).has_value();
    }
};

}  // namespace prove::test
