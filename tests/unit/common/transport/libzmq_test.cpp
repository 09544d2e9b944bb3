// What the installed libzmq does, as measured in the threat model (F1 to F8, F15): if a new version changes one of these,
// the rule that stands on it is to be looked at again.
#include <catch2/catch.hpp>

#include "common/transport/self_test.hpp"
#include "common/transport/zeromq_sockets.hpp"
#include "proto/error.hpp"
#include "tests/unit/common/transport/fixture.hpp"

using namespace prove;
using namespace prove::test;

namespace {
// A CURVE server of its own, with nobody answering ZAP.
struct BareServer {
    zmq::context_t context;
    zmq::socket_t socket{context, zmq::socket_type::router};
    Pair keys;
    explicit BareServer(bool domain, bool enforce) {
        socket.set(zmq::sockopt::linger, 0);
        socket.set(zmq::sockopt::rcvtimeo, 500);
        set_option(socket, ZMQ_CURVE_SERVER, 1);
        set_option(socket, ZMQ_CURVE_SECRETKEY, keys.secret.data(), 32);
        if (domain) set_option(socket, ZMQ_ZAP_DOMAIN, std::string("main"));
        if (enforce) set_option(socket, 93, 1);
        socket.bind("tcp://127.0.0.1:*");
    }
    bool lets_a_stranger_in() {
        RawClient stranger(zmq::socket_type::dealer);
        stranger.secure(keys.public_key, Pair());
        stranger.connect(bound_port(socket));
        stranger.send({"hi"});
        zmq::message_t message;
        return socket.recv(message).has_value();
    }
};
}  // namespace

TEST_CASE("S29 F1 a CURVE server without a ZAP handler lets every key in, even with a domain") {
    CHECK(BareServer(false, false).lets_a_stranger_in());
    CHECK(BareServer(true, false).lets_a_stranger_in());
}

TEST_CASE("S30 F1 option 93 exists in the installed library and closes the gate when there is no handler") {
    CHECK_FALSE(BareServer(true, true).lets_a_stranger_in());
}

TEST_CASE("S31 the self test refuses to start behind a socket that lets a stranger in") {
    BareServer open(true, false);
    const auto endpoint = open.socket.get(zmq::sockopt::last_endpoint);
    CHECK_THROWS_WITH(check_strangers_refused(endpoint, zmq::socket_type::dealer, open.keys.public_key), Catch::Contains("was let in"));
}

TEST_CASE("S40 a client without CURVE gets nothing through on any socket") {
    LoopbackServer at;
    const auto ports = at.server->ports();
    for (const int port : {ports.main, ports.enrol}) {
        RawClient plain(zmq::socket_type::dealer);
        plain.connect(port);
        plain.socket.send(zmq::buffer(std::string("hi")), zmq::send_flags::dontwait);
        CHECK(at.receive(1, 200).empty());
    }
    RawClient listener(zmq::socket_type::sub);
    listener.socket.set(zmq::sockopt::subscribe, "");
    listener.connect(ports.publish);
    at.receive(1, 200);
    at.server->publish(frames("secret"));
    CHECK_FALSE(listener.receives_something());
}

TEST_CASE("S34 F5 a subscription to anything but the one topic receives nothing") {
    LoopbackServer at;
    const Pair agent;
    at.admission.add(agent);
    for (const auto& asked : std::vector<std::string>{"", "e0/all", "e1/all;", "e0/a/" + id_of(agent).hex() + ";"}) {
        RawClient listener(zmq::socket_type::sub);
        listener.secure(at.transport.public_key, agent);
        listener.socket.set(zmq::sockopt::subscribe, asked);
        listener.connect(at.server->ports().publish);
        at.receive(1, 200);
        at.server->publish(frames("news"));
        CHECK_FALSE(listener.receives_something());
    }
}

TEST_CASE("S37 F4 a second peer that claims a routing id is silently ignored, so ids are no identities") {
    LoopbackServer at;
    const Pair agent;
    at.admission.add(agent);
    RawClient first(zmq::socket_type::dealer), second(zmq::socket_type::dealer);
    for (auto* peer : {&first, &second}) {
        peer->secure(at.transport.public_key, agent);
        peer->socket.set(zmq::sockopt::routing_id, "same");
        peer->connect(at.server->ports().main);
        peer->send({"h", "s", peer == &first ? "first" : "second"});
        at.receive(1, 300);
    }
    first.send({"h", "s", "again"});
    const auto arrived = at.receive(1, 500);
    REQUIRE(arrived.size() == 1);
    CHECK(arrived[0].frames.back() == "again");
    CHECK(arrived[0].user_id == id_of(agent));
}

TEST_CASE("S38 F7 a frame over 520 KiB never arrives and costs its sender the connection") {
    LoopbackServer at;
    const Pair agent;
    at.admission.add(agent);
    RawClient peer(zmq::socket_type::dealer);
    peer.secure(at.transport.public_key, agent);
    peer.socket.set(zmq::sockopt::reconnect_ivl, 50);
    peer.connect(at.server->ports().main);
    peer.send({"h", "s", std::string(600u << 10, 'x')});
    CHECK(at.receive(1, 500).empty());
    peer.send({"h", "s", "small"});
    const auto arrived = at.receive(1);
    REQUIRE(arrived.size() == 1);
    CHECK(arrived[0].frames.back() == "small");
}

TEST_CASE("S44 a message with too many or too few frames arrives as such, to be refused by its count") {
    LoopbackServer at;
    const Pair agent;
    at.admission.add(agent);
    RawClient peer(zmq::socket_type::dealer);
    peer.secure(at.transport.public_key, agent);
    peer.connect(at.server->ports().main);
    peer.send({"only one"});
    peer.send(std::vector<std::string>(1'000, "x"));
    peer.send({"h", "s", "p"});
    const auto arrived = at.receive(3);
    REQUIRE(arrived.size() == 3);
    CHECK(arrived[0].frames.size() == 1);
    CHECK(arrived[1].frames.size() > 3);
    CHECK(arrived[1].frames.size() < 10);
    CHECK(arrived[2].frames.size() == 3);
}
