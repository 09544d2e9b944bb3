// Messages that never end: whom the watch calls guilty, and that a real socket's connection is cut off in time.
#include <catch2/catch.hpp>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <thread>

#include "common/transport/tcp_connections.hpp"
#include "tests/unit/common/transport/fixture.hpp"

using namespace prove;
using namespace prove::test;

namespace {

constexpr std::uint64_t mib = 1u << 20;

TcpConnection connection(int descriptor, Channel channel, std::uint64_t received, const std::string& peer = "a 1") {
    return {descriptor, channel, peer, received};
}

// Descriptors of the guilty.
std::vector<int> guilty(FloodWatch& watch, const std::vector<TcpConnection>& all, std::int64_t boot_ms = 0) {
    std::vector<int> descriptors;
    for (const auto& one : watch.flooding(all, boot_ms)) descriptors.push_back(one.descriptor);
    return descriptors;
}

// Hands on what one client says to a server, up to a number of bytes: what comes after them never arrives.
class Relay {
 public:
    Relay(int server_port, std::uint64_t most) : most_(most), listening_(::socket(AF_INET, SOCK_STREAM, 0)) {
        sockaddr_in address = loopback(0);
        socklen_t size = sizeof(address);
        REQUIRE(::bind(listening_, reinterpret_cast<sockaddr*>(&address), size) == 0);
        REQUIRE(::listen(listening_, 1) == 0);
        REQUIRE(::getsockname(listening_, reinterpret_cast<sockaddr*>(&address), &size) == 0);
        port = ntohs(address.sin_port);
        thread_ = std::thread([this, server_port] { run(server_port); });
    }
    ~Relay() {
        stop_ = true;
        thread_.join();
    }
    int port = 0;
    std::atomic<bool> cut_off{false};            // by the server
    std::atomic<std::uint64_t> handed_on{0};

 private:
    static sockaddr_in loopback(int port) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        address.sin_port = htons(static_cast<std::uint16_t>(port));
        return address;
    }
    void run(int server_port) {
        pollfd waiting{listening_, POLLIN, 0};
        while (!stop_ && ::poll(&waiting, 1, 50) == 0) {
        }
        const int client = ::accept(listening_, nullptr, nullptr);
        const int server = ::socket(AF_INET, SOCK_STREAM, 0);
        const auto address = loopback(server_port);
        if (::connect(server, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0) hand_on(client, server);
        for (const int descriptor : {client, server, listening_}) ::close(descriptor);
    }
    void hand_on(int client, int server) {
        std::vector<char> bytes(1 << 16);
        while (!stop_) {
            pollfd both[] = {{server, POLLIN, 0}, {handed_on < most_ ? client : -1, POLLIN, 0}};
            ::poll(both, 2, 50);
            for (const auto& [from, to] : {std::pair(server, client), std::pair(client, server)}) {
                const auto& end = both[from == server ? 0 : 1];
                if (end.revents == 0) continue;
                const auto count = ::recv(from, bytes.data(), bytes.size(), 0);
                if (count <= 0 || ::send(to, bytes.data(), static_cast<std::size_t>(count), MSG_NOSIGNAL) != count) {
                    cut_off = true;
                    return;
                }
                if (from == client) handed_on += static_cast<std::uint64_t>(count);
            }
        }
    }
    const std::uint64_t most_;
    int listening_;
    std::atomic<bool> stop_{false};
    std::thread thread_;
};

}  // namespace

TEST_CASE("S38 a connection that brings more than a message may have and finishes none is cut off") {
    FloodWatch watch;
    CHECK(guilty(watch, {connection(1, Channel::main, 16 * mib), connection(2, Channel::main, 25 * mib),
                         connection(3, Channel::enrol, 20'000), connection(4, Channel::enrol, 70'000),
                         connection(5, Channel::publish, 70'000)}) == std::vector{2, 4, 5});
}

TEST_CASE("S38 who finishes messages may bring as much as it likes") {
    FloodWatch watch;
    for (std::uint64_t received = mib; received < 1'000 * mib; received += 8 * mib) {
        watch.delivered(connection(1, Channel::main, received), 0);
        CHECK(guilty(watch, {connection(1, Channel::main, received + 8 * mib)}).empty());
    }
    CHECK(guilty(watch, {connection(1, Channel::main, 1'100 * mib)}) == std::vector{1});
}

TEST_CASE("S38 a descriptor that is used again owes nothing for the connection before") {
    FloodWatch watch;
    watch.delivered(connection(1, Channel::main, 900 * mib), 0);
    CHECK(guilty(watch, {connection(1, Channel::main, 30 * mib, "b 2")}) == std::vector{1});
    CHECK(guilty(watch, {connection(1, Channel::main, 10 * mib, "c 3")}).empty());
}

TEST_CASE("S38 the heartbeats of a quiet connection are not held against it, in a year either") {
    FloodWatch watch;
    watch.delivered(connection(1, Channel::publish, 1'000), 0);
    const std::int64_t year_s = 365LL * 86'400;
    const auto heartbeats = static_cast<std::uint64_t>(year_s / 15 * 120);
    CHECK(guilty(watch, {connection(1, Channel::publish, 1'000 + heartbeats)}, year_s * 1'000).empty());
    CHECK(guilty(watch, {connection(1, Channel::publish, 1'000 + heartbeats)}, 1'000) == std::vector{1});
}

TEST_CASE("S38 connections are looked at whenever the process has grown by 32 MiB, also from where it had shrunk to") {
    FloodWatch watch;
    CHECK(watch.due(100 * mib, 0));
    CHECK_FALSE(watch.due(120 * mib, 1));
    CHECK(watch.due(133 * mib, 2));
    CHECK_FALSE(watch.due(50 * mib, 3));
    CHECK(watch.due(90 * mib, 4));
}

TEST_CASE("S38 connections are looked at every ten seconds where the process does not grow") {
    FloodWatch watch;
    CHECK(watch.due(100 * mib, 0));
    CHECK_FALSE(watch.due(100 * mib, 9'999));
    CHECK(watch.due(100 * mib, 10'000));
    CHECK_FALSE(watch.due(100 * mib, 10'001));
}

TEST_CASE("S38 a process that comes near its unit's limit keeps nobody's unfinished messages, and no strangers") {
    FloodWatch watch;
    REQUIRE(watch.due(2'100 * mib, 0));
    CHECK(guilty(watch, {connection(1, Channel::main, 2 * mib), connection(2, Channel::main, 100'000),
                         connection(3, Channel::enrol, 100), connection(4, Channel::publish, 1'000)}) ==
          std::vector{1, 3});
    // It stays so large, but does not grow any more: whoever comes is let in.
    REQUIRE(watch.due(2'100 * mib, 10'000));
    CHECK(guilty(watch, {connection(3, Channel::enrol, 100)}).empty());
}

TEST_CASE("S38 a message without an end is cut off on a real socket, while others are served") {
    LoopbackServer at;
    const Pair good, bad;
    at.admission.add(good);
    at.admission.add(bad);
    const bool stranger = GENERATE(true, false);
    auto agent = at.client(good);
    agent->connect();
    REQUIRE(at.await(*agent, ClientEvent::Kind::connected, Channel::main));

    const auto ports = at.server->ports();
    Relay relay(stranger ? ports.enrol : ports.main, 120 * mib);
    bool cut_off = false;
    {
        RawClient attacker(zmq::socket_type::dealer);
        attacker.secure(stranger ? at.enrol.public_key : at.transport.public_key, bad);
        attacker.connect(relay.port);
        attacker.send(std::vector<std::string>(5'000, std::string(30'000, 'x')));
        const auto end = at.clock.boot_ms() + 120'000;
        while (!relay.cut_off && at.clock.boot_ms() < end) CHECK(at.server->receive(Milliseconds(20)).empty());
        cut_off = relay.cut_off;
    }
    INFO("handed on " << relay.handed_on << " of " << (stranger ? "a stranger" : "an agent"));
    CHECK(cut_off);
    REQUIRE(agent->send(frames("still here")));
    CHECK(at.receive(1).size() == 1);
}
