// The ZeroMQ transport between a real server and real clients on the loopback interface.
#include <catch2/catch.hpp>

#include <cstdlib>

#include "proto/error.hpp"
#include "tests/unit/common/transport/fixture.hpp"

using namespace prove;
using namespace prove::test;
using Kind = ClientEvent::Kind;

TEST_CASE("an accepted agent's message reaches the master with the key that CURVE established, and is answered") {
    LoopbackServer at;
    const Pair agent;
    at.admission.add(agent);
    auto client = at.client(agent);
    client->connect();
    REQUIRE(at.await(*client, Kind::connected, Channel::main));
    REQUIRE(client->send(frames("hello")));

    const auto arrived = at.receive(1);
    REQUIRE(arrived.size() == 1);
    CHECK(arrived[0].user_id == id_of(agent));
    CHECK(arrived[0].channel == Channel::main);
    CHECK(arrived[0].address == "127.0.0.1");
    CHECK(arrived[0].frames == std::vector<std::string>{"header", "signature", "hello"});

    REQUIRE(at.server->send(arrived[0].route, frames("welcome")));
    const auto answer = at.await(*client, Kind::message, Channel::main);
    REQUIRE(answer);
    CHECK(answer->frames == std::vector<std::string>{"header", "signature", "welcome"});
}

TEST_CASE("what is published reaches every accepted agent, without its topic") {
    LoopbackServer at;
    const Pair first, second;
    at.admission.add(first);
    at.admission.add(second);
    std::vector<std::unique_ptr<ClientTransport>> clients;
    for (const auto* agent : {&first, &second}) {
        clients.push_back(at.client(*agent));
        clients.back()->connect();
        REQUIRE(at.await(*clients.back(), Kind::connected, Channel::publish));
    }
    for (auto& client : clients) {
        std::optional<ClientEvent> got;
        // The subscription travels after the handshake: the first publications may pass it.
        for (int tries = 0; tries < 50 && !got; ++tries) {
            at.server->publish(frames("news"));
            got = at.await(*client, Kind::message, Channel::publish, 50);
        }
        REQUIRE(got);
        CHECK(got->frames == std::vector<std::string>{"header", "signature", "news"});
    }
}

TEST_CASE("S29 S32 a key that is not accepted is refused at the handshake and nothing of it arrives") {
    LoopbackServer at;
    const Pair stranger;
    auto client = at.client(stranger);
    client->connect();
    const auto refused = at.await(*client, Kind::disconnected, Channel::main);
    REQUIRE(refused);
    CHECK(refused->reason == "the master does not accept this agent's key");
    CHECK_FALSE(client->send(frames("let me in")));
    CHECK(at.receive(1, 200).empty());
    CHECK(at.admission.asked >= 1);
}

TEST_CASE("S26 the enrolment socket lets any CURVE key in and says which; the main sockets do not know it") {
    LoopbackServer at;
    const Pair stranger;
    auto client = at.enrol_client(stranger);
    client->connect();
    REQUIRE(at.await(*client, Kind::connected, Channel::enrol));
    REQUIRE(client->send(frames("who am I")));
    const auto arrived = at.receive(1);
    REQUIRE(arrived.size() == 1);
    CHECK(arrived[0].channel == Channel::enrol);
    CHECK(arrived[0].transport_key == stranger.public_key);
    CHECK_FALSE(arrived[0].user_id);
    REQUIRE(at.server->send(arrived[0].route, frames("pending")));
    CHECK(at.await(*client, Kind::message, Channel::enrol));
}

TEST_CASE("S33 a revoked key's live connection goes on delivering, so every message carries its key to be checked") {
    LoopbackServer at;
    const Pair agent;
    at.admission.add(agent);
    auto client = at.client(agent);
    client->connect();
    REQUIRE(at.await(*client, Kind::connected, Channel::main));
    REQUIRE(client->send(frames("before")));
    REQUIRE(at.receive(1).size() == 1);
    at.admission.remove(agent);
    REQUIRE(client->send(frames("after")));
    const auto arrived = at.receive(1);
    REQUIRE(arrived.size() == 1);        // F2: libzmq asks ZAP once
    CHECK(arrived[0].user_id == id_of(agent));
}

TEST_CASE("S68 a revoked key is cut off from both main sockets at once and does not come back") {
    LoopbackServer at;
    const Pair agent;
    at.admission.add(agent);
    auto client = at.client(agent);
    client->connect();
    REQUIRE(at.await(*client, Kind::connected, Channel::publish));
    REQUIRE(client->send(frames("before")));
    REQUIRE(at.receive(1).size() == 1);
    std::optional<ClientEvent> news;
    for (int tries = 0; tries < 50 && !news; ++tries) {
        at.server->publish(frames("news"));
        news = at.await(*client, Kind::message, Channel::publish, 50);
    }
    REQUIRE(news);

    at.admission.remove(agent);
    at.server->disconnect(id_of(agent));
    CHECK(at.await(*client, Kind::disconnected, Channel::main, 1'000));
    CHECK_FALSE(client->send(frames("after")));
    at.server->publish(frames("not for you"));
    CHECK_FALSE(at.await(*client, Kind::message, Channel::publish, 200));
    CHECK(at.receive(1, 100).empty());
}

TEST_CASE("S68 cutting one agent off leaves the others connected") {
    LoopbackServer at;
    const Pair bad, good;
    at.admission.add(bad);
    at.admission.add(good);
    auto first = at.client(bad), second = at.client(good);
    first->connect();
    second->connect();
    REQUIRE(at.await(*first, Kind::connected, Channel::main));
    REQUIRE(at.await(*second, Kind::connected, Channel::main));
    first->send(frames("bad"));
    second->send(frames("good"));
    REQUIRE(at.receive(2).size() == 2);
    at.server->disconnect(id_of(bad));
    REQUIRE(at.await(*first, Kind::disconnected, Channel::main));
    REQUIRE(second->send(frames("still here")));
    const auto arrived = at.receive(1);
    REQUIRE(arrived.size() == 1);
    CHECK(arrived[0].user_id == id_of(good));
}

TEST_CASE("a connection that has ended is noticed, and one that lives is not called ended") {
    LoopbackServer at;
    const Pair first, second;
    at.admission.add(first);
    at.admission.add(second);
    auto stays = at.client(first), goes = at.client(second);
    for (auto* client : {&stays, &goes}) {
        (*client)->connect();
        REQUIRE(at.await(**client, Kind::connected, Channel::main));
        REQUIRE((*client)->send(frames("hello")));
    }
    std::vector<Incoming> arrived = at.receive(2 - at.pending.size());
    arrived.insert(arrived.end(), at.pending.begin(), at.pending.end());
    REQUIRE(arrived.size() == 2);
    CHECK(at.server->take_ended().empty());
    goes.reset();
    std::vector<ServerTransport::Ended> ended;
    for (int tries = 0; tries < 200 && ended.empty(); ++tries) {
        at.server->receive(Milliseconds(10));
        ended = at.server->take_ended();
    }
    REQUIRE(ended.size() == 1);
    CHECK(ended[0].key == id_of(second));
    const auto& theirs = arrived[0].user_id == id_of(second) ? arrived[0] : arrived[1];
    CHECK(ended[0].route == theirs.route);
    CHECK(at.server->take_ended().empty());
}

TEST_CASE("S32 an accepted key that connects more than ten times a minute is put off") {
    LoopbackServer at;
    const Pair agent;
    at.admission.add(agent);
    auto client = at.client(agent);
    for (int i = 0; i < 10; ++i) {
        client->connect();
        REQUIRE(at.await(*client, Kind::connected, Channel::main));
    }
    client->connect();
    // Whether libzmq breaks the connection off at once or at the end of the handshake's time depends on its timing.
    CHECK_FALSE(at.await(*client, Kind::connected, Channel::main, 500));
    CHECK_FALSE(client->send(frames("too many")));
}

TEST_CASE("S36 the numbers that libzmq gives to connections do not start where an unseeded process starts") {
    const auto first_route = [] {
        std::srand(1);                   // what a process starts with
        LoopbackServer at;
        const Pair agent;
        at.admission.add(agent);
        auto client = at.client(agent);
        client->connect();
        REQUIRE(at.await(*client, Kind::connected, Channel::main));
        REQUIRE(client->send(frames("hello")));
        const auto arrived = at.receive(1);
        REQUIRE(arrived.size() == 1);
        return arrived[0].route.bytes;
    };
    CHECK(first_route() != first_route());
}

TEST_CASE("S38 a message to a connection that is gone is refused, so that the sender keeps it") {
    LoopbackServer at;
    const Pair agent;
    at.admission.add(agent);
    auto client = at.client(agent);
    client->connect();
    REQUIRE(at.await(*client, Kind::connected, Channel::main));
    REQUIRE(client->send(frames("hello")));
    const auto arrived = at.receive(1);
    REQUIRE(arrived.size() == 1);
    client->disconnect();
    bool refused = false;
    for (int tries = 0; tries < 100 && !refused; ++tries) {
        refused = !at.server->send(arrived[0].route, frames("anybody?"));
        at.server->receive(Milliseconds(10));
    }
    CHECK(refused);
    CHECK_FALSE(at.server->send({"no such route", Channel::main}, frames("x")));
}

TEST_CASE("S38 an agent that does not read fills its queue, and the master is told instead of growing") {
    LoopbackServer at;
    const Pair agent;
    at.admission.add(agent);
    auto client = at.client(agent);
    client->connect();
    REQUIRE(at.await(*client, Kind::connected, Channel::main));
    REQUIRE(client->send(frames("hello")));
    const auto arrived = at.receive(1);
    REQUIRE(arrived.size() == 1);
    int taken = 0;
    while (taken < 2'000 && at.server->send(arrived[0].route, frames(std::string(frame_limit, 'x')))) ++taken;
    CHECK(taken < 2'000);
}

TEST_CASE("S38 a frame over the limit is an error at the sender, on both sides") {
    LoopbackServer at;
    const Pair agent;
    auto client = at.client(agent);
    CHECK_THROWS_AS(client->send(frames(std::string(frame_limit + 1, 'x'))), Error);
    CHECK_THROWS_AS(at.server->send({"r", Channel::main}, frames(std::string(frame_limit + 1, 'x'))), Error);
    CHECK_THROWS_AS(at.server->publish(frames(std::string(publish_limit + 1, 'x'))), Error);
}

TEST_CASE("S38a after a refusal nothing happens until connect() is called again, and then an accepted key gets in") {
    LoopbackServer at;
    const Pair agent;
    auto client = at.client(agent);
    client->connect();
    REQUIRE(at.await(*client, Kind::disconnected, Channel::main));
    const int asked = at.admission.asked;
    at.admission.add(agent);
    CHECK_FALSE(at.await(*client, Kind::connected, Channel::main, 1'000));
    CHECK(at.admission.asked == asked);  // F15: libzmq does not try again after 400
    client->connect();
    CHECK(at.await(*client, Kind::connected, Channel::main));
}

TEST_CASE("S38a a master with another key than the pinned one is reported, not talked to") {
    LoopbackServer at;
    const Pair agent, other;
    at.admission.add(agent);
    auto settings = at.settings_for(agent);
    settings.server_key = other.public_key;
    auto client = make_zeromq_client(settings, at.random);
    client->connect();
    const auto failed = at.await(*client, Kind::disconnected, Channel::main);
    REQUIRE(failed);
    CHECK_FALSE(client->send(frames("hello")));
    CHECK(at.receive(1, 100).empty());
}

TEST_CASE("a master that is not there is reported as nobody answering") {
    LoopbackServer at;
    const Pair agent;
    auto settings = at.settings_for(agent);
    at.server.reset();
    auto client = make_zeromq_client(settings, at.random);
    client->connect();
    std::string reason;
    for (int tries = 0; tries < 100 && reason.empty(); ++tries)
        for (const auto& event : client->receive(Milliseconds(20)))
            if (event.kind == Kind::retrying) reason = event.reason;
    CHECK_THAT(reason, Catch::StartsWith("nobody answers at tcp://127.0.0.1:"));
}

TEST_CASE("S39 publishing never blocks and never fails, whoever listens") {
    LoopbackServer at;
    const Pair agent;
    at.admission.add(agent);
    auto client = at.client(agent);
    client->connect();
    REQUIRE(at.await(*client, Kind::connected, Channel::publish));
    for (int i = 0; i < 5'000; ++i) at.server->publish(frames(std::string(1'000, 'x')));
    SUCCEED("5,000 publications to a subscriber that does not read");
}

TEST_CASE("wake() ends a wait, and is remembered when it comes before") {
    LoopbackServer at;
    at.server->wake();
    const auto before = at.clock.boot_ms();
    at.server->receive(Milliseconds(10'000));
    const Pair agent;
    auto client = at.client(agent);
    client->wake();
    client->receive(Milliseconds(10'000));
    CHECK(at.clock.boot_ms() - before < 5'000);
}

TEST_CASE("an address that cannot be listened at is named") {
    LoopbackServer at;
    ZeromqServerSettings settings;
    settings.address = "127.0.0.1";
    settings.ports = at.server->ports();
    settings.transport = at.transport.key();
    settings.enrol = at.enrol.key();
    Accepted admission;
    CHECK_THROWS_WITH(make_zeromq_server(settings, admission, at.clock, at.random, silent_logger()),
                      Catch::Contains("cannot listen at tcp://127.0.0.1:"));
}
