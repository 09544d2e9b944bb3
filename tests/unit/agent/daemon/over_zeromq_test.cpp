// The core over the real transport: an agent and a master's sockets in one process, from handshake to stored result.
#include <catch2/catch.hpp>

#include "common/transport/zeromq.hpp"
#include "tests/unit/agent/daemon/world.hpp"

using namespace prove;
using namespace prove::test;

namespace {

struct OverZeromq {
    SystemClock clock;
    SystemRandom random;
    SimulatedDisk disk;
    FakeMaster master;
    SigningKey sign = SigningKey::generate();
    SealKey seal_key = SealKey::generate();
    TransportKey curve = TransportKey::generate();
    KeyEnvelopeSigner signer{sign};
    Admits admits;
    FakeStarter starter;
    Heard heard;
    std::unique_ptr<ZeromqServer> server;
    std::unique_ptr<ClientTransport> net;
    Trust trust{master.cluster, master.roots(), master.signed_keyset(master.document()),
                [](const std::string&, const RootSet&) {}};
    AgentJournal journal{disk, random, silent_logger()};
    std::unique_ptr<AgentCore> core;
    std::vector<Incoming> inbox;

    OverZeromq() {
        admits.key = sign.key_id();
        ZeromqServerSettings settings;
        settings.address = "127.0.0.1";
        settings.ports = {0, 0, 0};
        settings.transport = {master.transport.public_key(), {master.transport.secret().data(), 32}};
        settings.enrol = {master.enrol.public_key(), {master.enrol.secret().data(), 32}};
        // The self test's stranger must be refused, so nobody is admitted before it is over.
        admits.all = false;
        server = make_zeromq_server(settings, admits, clock, random, silent_logger());
        admits.all = true;
        net = make_zeromq_client({"127.0.0.1", server->ports(), master.transport.public_key(),
                                  {curve.public_key(), {curve.secret().data(), 32}}},
                                 random);
        core = std::make_unique<AgentCore>(AgentCore::Parts{{master.cluster, sign.key_id(), signer, seal_key}, trust, journal, disk,
                                                            *net, starter, heard, clock, random, silent_logger(), "1.0", "b"});
        core->start();
    }
    // Both sides work until a message of this type came to the master.
    Incoming await(MessageType type) {
        const auto end = clock.boot_ms() + 10'000;
        while (clock.boot_ms() < end) {
            turn();
            for (auto at = inbox.begin(); at != inbox.end(); ++at) {
                if (World::type_of(at->frames) != type) continue;
                auto found = *at;
                inbox.erase(at);
                return found;
            }
        }
        FAIL("no " << name_of(type) << " came within 10 s");
        return {};
    }
    void turn() {
        for (const auto& event : net->receive(Milliseconds(5))) core->handle(event);
        core->tick();
        for (auto& incoming : server->receive(Milliseconds(5))) inbox.push_back(std::move(incoming));
    }
    void send(const Route& route, MessageType type, const JobId& job, const Value& body) {
        server->send(route, master.sign(master.header(type, sign.key_id(), job, clock.wall_ms()), write_json(body)));
    }
};

}  // namespace

TEST_CASE("over ZeroMQ an agent says hello, fetches what is announced, runs it and gives its result until it is stored") {
    OverZeromq world;
    const auto hello = world.await(MessageType::hello);
    CHECK(hello.user_id == world.sign.key_id());
    Welcome welcome;
    welcome.nonce = hello_from(read_json(hello.frames[2])).nonce;
    welcome.sequence_floor = world.master.sequence;
    welcome.time_ms = world.clock.wall_ms();
    welcome.name = "web1";
    world.send(hello.route, MessageType::welcome, {}, to_value(welcome));

    const JobId job = job_number(1);
    Announcement announcement;
    announcement.job = job;
    bool fetched = false;
    for (int tries = 0; tries < 100 && !fetched; ++tries) {
        // The subscription needs a moment; a real master sends to fresh connections directly.
        auto header = world.master.header(MessageType::announcement, world.sign.key_id(), job, world.clock.wall_ms());
        header.audience_kind = AudienceKind::all;
        header.audience = audience_of(world.master.cluster);
        world.server->publish(world.master.sign(header, write_json(to_value(announcement))));
        for (int turns = 0; turns < 10; ++turns) world.turn();
        for (const auto& incoming : world.inbox) fetched |= World::type_of(incoming.frames) == MessageType::fetch;
    }
    const auto fetch = world.await(MessageType::fetch);

    JobCommand command;
    command.cluster = world.master.cluster;
    command.agent = world.sign.key_id();
    command.job = job;
    command.operation = "cmd";
    command.body = Value::object();
    auto header = world.master.header(MessageType::command, world.sign.key_id(), job, world.clock.wall_ms());
    header.sealed = true;
    world.server->send(fetch.route, world.master.sign(header, sealed_command(command, world.seal_key.public_key())));
    world.await(MessageType::accepted);
    REQUIRE(world.starter.times(job) == 1);

    JobResult result;
    result.job = job;
    world.core->finished(result);
    const auto told = world.await(MessageType::result);
    CHECK(job_result_from(read_json(told.frames[2])).job == job);
    world.send(told.route, MessageType::stored, job, to_value(Stored{job}));
    for (int turns = 0; turns < 200 && world.core->status().unsent > 0; ++turns) world.turn();
    CHECK(world.core->status().unsent == 0);
}
