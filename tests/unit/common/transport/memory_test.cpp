// The transport in memory behaves as the one over ZeroMQ where tests rely on it.
#include <catch2/catch.hpp>

#include "common/transport/memory.hpp"
#include "tests/unit/common/transport/fixture.hpp"

using namespace prove;
using namespace prove::test;
using Kind = ClientEvent::Kind;

namespace {
struct Setup {
    Accepted admission;
    MemoryNetwork network{admission};
    std::unique_ptr<ServerTransport> server = network.server();
    Pair agent;
    std::unique_ptr<ClientTransport> client = network.client(agent.public_key);
};
std::vector<Kind> kinds(const std::vector<ClientEvent>& events) {
    std::vector<Kind> result;
    for (const auto& event : events) result.push_back(event.kind);
    return result;
}
}  // namespace

TEST_CASE("in memory, messages travel both ways and by publication as over ZeroMQ") {
    Setup at;
    at.admission.add(at.agent);
    at.client->connect();
    at.client->subscribe();
    CHECK(kinds(at.client->receive(Milliseconds(0))) == std::vector{Kind::connected, Kind::connected});
    REQUIRE(at.client->send(frames("hello")));
    const auto arrived = at.server->receive(Milliseconds(0));
    REQUIRE(arrived.size() == 1);
    CHECK(arrived[0].user_id == id_of(at.agent));
    CHECK(at.server->send(arrived[0].route, frames("welcome")));
    at.server->publish(frames("news"));
    const auto events = at.client->receive(Milliseconds(0));
    REQUIRE(events.size() == 2);
    CHECK(events[0].frames.back() == "welcome");
    CHECK(events[1].channel == Channel::publish);
}

TEST_CASE("in memory, a stranger is refused, and a route of an earlier connection leads nowhere") {
    Setup at;
    at.client->connect();
    CHECK(kinds(at.client->receive(Milliseconds(0))) == std::vector{Kind::disconnected});
    CHECK_FALSE(at.client->send(frames("x")));
    at.admission.add(at.agent);
    at.client->connect();
    REQUIRE(at.client->send(frames("hello")));
    const auto arrived = at.server->receive(Milliseconds(0));
    at.client->connect();
    CHECK_FALSE(at.server->send(arrived.at(0).route, frames("late")));
}

TEST_CASE("in memory, connections can be cut, messages lost and the server taken down") {
    Setup at;
    at.admission.add(at.agent);
    at.client->connect();
    at.client->receive(Milliseconds(0));
    at.network.cut(at.agent.public_key);
    CHECK(kinds(at.client->receive(Milliseconds(0))) == std::vector{Kind::disconnected});

    at.client->connect();
    at.network.set_filter([](const MemoryNetwork::Passing& passing) {
        return passing.direction != MemoryNetwork::Direction::to_server;
    });
    CHECK(at.client->send(frames("lost")));
    CHECK(at.server->receive(Milliseconds(0)).empty());
    at.network.set_filter(nullptr);

    at.network.set_server_down(true);
    CHECK_FALSE(at.client->send(frames("x")));
    at.client->connect();
    CHECK(kinds(at.client->receive(Milliseconds(0))) == std::vector{Kind::retrying});
    at.network.set_server_down(false);
    at.client->connect();
    CHECK(at.client->send(frames("back")));
}

TEST_CASE("in memory, the server can cut off a key") {
    Setup at;
    at.admission.add(at.agent);
    at.client->connect();
    at.client->receive(Milliseconds(0));
    at.server->disconnect(id_of(at.agent));
    CHECK(kinds(at.client->receive(Milliseconds(0))) == std::vector{Kind::disconnected});
}
