// One agent's core over a disk, a network and a clock in memory, and a master that a test plays by hand.
#pragma once

#include <catch2/catch.hpp>

#include <atomic>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "agent/daemon/core.hpp"
#include "common/keys/keys.hpp"
#include "common/transport/memory.hpp"
#include "proto/messages.hpp"
#include "proto/sealed.hpp"
#include "tests/support/fake_clock.hpp"
#include "tests/support/simulated_disk.hpp"

namespace prove::test {

struct SeededRandom final : Random {
    std::mt19937_64 engine{7};
    void fill(std::uint8_t* target, std::size_t size) override {
        for (std::size_t i = 0; i < size; ++i) target[i] = static_cast<std::uint8_t>(engine());
    }
    std::uint64_t below(std::uint64_t bound) override { return engine() % bound; }
};

inline JobId job_number(std::uint8_t number) {
    JobId::Raw raw;
    raw.bytes.fill(number);
    return JobId(raw);
}

// The keys of a master of one cluster, and what it signs with them.
struct FakeMaster {
    ClusterId cluster;
    SigningKey root = SigningKey::generate();
    SigningKey online = SigningKey::generate();
    TransportKey transport = TransportKey::generate();
    TransportKey enrol = TransportKey::generate();
    std::uint64_t sequence = 100;
    std::uint32_t epoch = 3;

    FakeMaster() { cluster.bytes.fill(0xC1); }
    RootSet roots() const { return {1, {root.public_key()}}; }
    KeysetDocument document(std::uint64_t version = 1) const {
        KeysetDocument keyset;
        keyset.cluster = cluster;
        keyset.version = version;
        keyset.expires_ms = 1'900'000'000'000;
        keyset.roots = roots();
        keyset.online = {{online.public_key(), epoch, 0, 1'900'000'000'000}};
        keyset.transport = {transport.public_key()};
        keyset.enrol = enrol.public_key();
        return keyset;
    }
    std::string signed_keyset(const KeysetDocument& keyset) const {
        const auto text = keyset_document(keyset);
        return assemble_keyset({{root.key_id(), root.sign(keyset_signed_bytes(text))}}, text);
    }
    KeyId id() const { return online.key_id(); }

    // An envelope to one agent; tests bend the header before it is signed.
    Header header(MessageType type, const KeyId& agent, const JobId& job, std::int64_t now_ms) {
        Header header;
        header.type = type;
        header.audience_kind = AudienceKind::agent;
        header.audience = audience_of(agent);
        header.cluster = cluster;
        header.job = job;
        header.epoch = epoch;
        header.sequence = ++sequence;
        header.issued_ms = now_ms;
        header.not_after_ms = now_ms + 60'000;
        return header;
    }
    Frames sign(const Header& header, const std::string& payload) const {
        return make_envelope(header, payload, KeyEnvelopeSigner(online));
    }
};

struct FakeStarter final : JobStarter {
    std::vector<JobOrder> started;
    std::vector<std::pair<JobId, std::string>> cancelled;
    std::string full;
    std::string refusal(const std::string& operation) const override {
        return operation == "unheard of" ? "no such operation" : full;
    }
    void start(JobOrder order) override { started.push_back(std::move(order)); }
    void cancel(const JobId& job, const std::string& reason) override { cancelled.emplace_back(job, reason); }
    int times(const JobId& job) const {
        int count = 0;
        for (const auto& order : started) count += order.job == job ? 1 : 0;
        return count;
    }
};

struct Heard final : CoreListener {
    std::vector<Transfers::Outcome> contents;
    std::vector<JobResult> ended;
    std::vector<RunReply> answers;
    std::vector<std::pair<LateReply, std::vector<std::string>>> late;
    std::string name;
    std::vector<StatesBody> keeps;           // the kept runs, one after the other
    void kept(const StatesBody& run) override { keeps.push_back(run); }
    void late_answered(const LateReply& reply, const std::vector<std::string>& frames) override {
        late.emplace_back(reply, frames);
    }
    void content_arrived(const Transfers::Outcome& outcome) override { contents.push_back(outcome); }
    void job_ended(const JobResult& result) override { ended.push_back(result); }
    void run_answered(const RunReply& reply) override { answers.push_back(reply); }
    void named(const std::string& given) override { name = given; }
};

struct Admits final : Admission {
    std::atomic<bool> all{true};
    KeyId key;
    std::optional<KeyId> accepted(const PublicTransportKey&) const override {
        return all ? std::optional(key) : std::nullopt;
    }
};

// How long a run that is kept may be applied without a master, here: a master says 30 days.
constexpr std::int64_t kept_for_ms = 2LL * 86'400'000;

struct World {
    FakeClock clock;
    SeededRandom random;
    SimulatedDisk disk;
    FakeMaster master;
    SigningKey sign = SigningKey::generate();
    SealKey seal_key = SealKey::generate();
    PublicTransportKey curve = TransportKey::generate().public_key();
    KeyEnvelopeSigner signer{sign};
    Admits admits;
    MemoryNetwork network{admits};
    std::unique_ptr<ServerTransport> server = network.server();
    std::unique_ptr<ClientTransport> net = network.client(curve);
    FakeStarter starter;
    Heard heard;
    std::vector<std::string> kept_keysets;
    std::unique_ptr<Trust> trust;
    std::unique_ptr<AgentJournal> journal;
    std::unique_ptr<AgentCore> core;
    std::vector<Incoming> inbox;             // what the master has received
    std::optional<Route> route;
    AgentJournal::Limits limits;
    std::string boot_id = "boot";            // another one: the machine was started anew, too

    World() {
        admits.key = sign.key_id();
        trust = std::make_unique<Trust>(master.cluster, master.roots(), master.signed_keyset(master.document()),
                                        [this](const std::string& bytes, const RootSet&) { kept_keysets.push_back(bytes); });
        boot();
    }
    KeyId agent() const { return sign.key_id(); }

    // Starts the agent, as after a crash where it ran before: only the disk is left.
    void boot() {
        core.reset();
        journal.reset();
        starter = {};
        net = network.client(curve);
        journal = std::make_unique<AgentJournal>(disk, random, silent_logger(), limits);
        core = std::make_unique<AgentCore>(AgentCore::Parts{{master.cluster, agent(), signer, seal_key}, *trust, *journal,
                                                            disk, *net, starter, heard, clock, random, silent_logger(), "1.0",
                                                            boot_id});
        core->start();
    }

    // Lets both sides work until nothing moves.
    void settle() {
        // Twice round without a move: what a tick has begun shows in the next round.
        for (int still = 0; still < 2; ++still) {
            bool moved = false;
            for (const auto& event : net->receive(Milliseconds(0))) {
                core->handle(event);
                moved = true;
            }
            core->tick();
            for (auto& incoming : server->receive(Milliseconds(0))) {
                route = incoming.route;
                inbox.push_back(std::move(incoming));
                moved = true;
            }
            if (moved) still = -1;
        }
    }
    // Time goes by, with everything that falls due on the way.
    void pass(std::int64_t ms) {
        const auto end = clock.boot + ms;
        settle();
        while (clock.boot < end) {
            const auto next = std::clamp<std::int64_t>(core->next_ms(), clock.boot + 1, end);
            clock.pass(Milliseconds(next - clock.boot));
            settle();
        }
    }

    // The payload of a message's body, whoever sent it.
    static MessageType type_of(const std::vector<std::string>& frames) {
        return static_cast<MessageType>(frames.at(0).at(5));
    }
    std::vector<Value> received(MessageType type) const {
        std::vector<Value> bodies;
        for (const auto& incoming : inbox)
            if (type_of(incoming.frames) == type) bodies.push_back(read_json(incoming.frames[2], JsonLimits::state_run()));
        return bodies;
    }
    int count(MessageType type) const { return static_cast<int>(received(type).size()); }

    void send(const Frames& frames) {
        REQUIRE(route);
        server->send(*route, frames);
        settle();
    }
    void send(MessageType type, const JobId& job, const Value& body) {
        send(master.sign(master.header(type, agent(), job, clock.wall), write_json(body)));
    }
    void publish(MessageType type, const JobId& job, const Value& body) {
        auto header = master.header(type, agent(), job, clock.wall);
        header.audience_kind = AudienceKind::all;
        header.audience = audience_of(master.cluster);
        server->publish(master.sign(header, write_json(body)));
        settle();
    }

    // Connects and answers the hello; the floor is just below what the master sends next.
    void connect(const std::vector<JobId>& pending = {}, std::optional<std::uint64_t> floor = {}) {
        const auto hellos = count(MessageType::hello);
        for (int waits = 0; waits < 300 && count(MessageType::hello) == hellos; ++waits) pass(1'000);
        REQUIRE(count(MessageType::hello) == hellos + 1);
        welcome(pending, floor);
        REQUIRE(core->status().link == Link::State::up);
    }
    void welcome(const std::vector<JobId>& pending = {}, std::optional<std::uint64_t> floor = {}) {
        const auto hello = hello_from(received(MessageType::hello).back());
        Welcome welcome;
        welcome.nonce = hello.nonce;
        welcome.sequence_floor = floor.value_or(master.sequence);
        welcome.keyset_version = 1;
        welcome.pending = pending;
        welcome.time_ms = clock.wall;
        welcome.name = "web1";
        send(MessageType::welcome, {}, to_value(welcome));
    }

    JobCommand command_for(const JobId& job, const std::string& operation = "cmd", std::uint64_t generation = 0) const {
        JobCommand command;
        command.cluster = master.cluster;
        command.agent = agent();
        command.job = job;
        command.generation = generation;
        command.operation = operation;
        command.body = Value::object();
        command.body.set("shell", "true");
        if (operation == "states") {
            StatesBody body;
            body.mode = RunMode::apply;
            body.run = Value::object();
            body.offline_until_ms = clock.wall + kept_for_ms;
            command.body = to_value(body);
        }
        return command;
    }
    Frames command_frames(const JobCommand& command) {
        const bool states = command.operation == "states";
        auto header = master.header(states ? MessageType::staterun : MessageType::command, agent(), command.job, clock.wall);
        header.sealed = true;
        header.not_after_ms = clock.wall + 3'600'000;
        return master.sign(header, sealed_command(command, seal_key.public_key()));
    }
    Frames command_frames(const JobId& job, const std::string& operation = "cmd", std::uint64_t generation = 0) {
        return command_frames(command_for(job, operation, generation));
    }
    JobResult result_for(const JobId& job, const std::string& said = "done") const {
        JobResult result;
        result.job = job;
        result.started_ms = clock.wall;
        result.finished_ms = clock.wall;
        result.body = Value::object();
        result.body.set("said", said);
        return result;
    }
    void finish(const JobId& job) {
        core->finished(result_for(job));
        settle();
    }
    // A sheet of the master's, as it is now.
    void send_sheet(const ScheduleSheet& sheet) { send(MessageType::schedules, {}, to_value(sheet)); }
    std::uint64_t refused(Refusal refusal) const {
        const auto counters = core->status().refused;
        const auto found = counters.find(name_of(refusal));
        return found == counters.end() ? 0 : found->second;
    }
};

}  // namespace prove::test
