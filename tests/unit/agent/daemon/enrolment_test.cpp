// Enrolment from the agent's side (section 4), its keys and what it stores of them.
#include <catch2/catch.hpp>

#include <filesystem>

#include "agent/daemon/agent_settings.hpp"
#include "agent/daemon/control.hpp"
#include "agent/daemon/enrolment.hpp"
#include "common/files/files.hpp"
#include "proto/claimed_time.hpp"
#include "tests/unit/agent/daemon/world.hpp"

using namespace prove;
using namespace prove::test;

namespace {

struct Enrolling {
    TemporaryFolder folder;
    FakeClock clock;
    SeededRandom random;
    FakeMaster master;
    Admits admits;
    MemoryNetwork network{admits};
    std::unique_ptr<ServerTransport> server = network.server();
    KeyRing keys = KeyRing::load_or_make(folder.path() + "/keys");
    std::unique_ptr<ClientTransport> net = network.enrol_client(keys.transport.public_key());
    JoinToken token;
    std::unique_ptr<Enrolment> enrolment;
    std::vector<ReceivedRequest> requests;
    Route route;

    explicit Enrolling(bool with_token) {
        token.pin = pin();
        token.id.bytes.fill(1);
        token.seed.bytes.fill(2);
        token.expires_ms = clock.wall + 3'600'000;
        enrolment = std::make_unique<Enrolment>(
            Enrolment::Parts{keys, pin(), with_token ? std::optional(token) : std::nullopt, hash_of("machine"), "web1", *net,
                             clock, random, silent_logger()});
        enrolment->start();
        settle();
    }
    MasterPin pin() const {
        MasterPin pin;
        pin.cluster = master.cluster;
        pin.root_set = root_set_hash(master.roots());
        pin.enrol = master.enrol.public_key();
        pin.host = "master.example";
        return pin;
    }
    void settle() {
        for (int still = 0; still < 2; ++still) {
            for (const auto& event : net->receive(Milliseconds(0))) {
                enrolment->handle(event);
                still = -1;
            }
            enrolment->tick();
            for (const auto& incoming : server->receive(Milliseconds(0))) {
                const auto result = receive_request(
                    incoming.frames, master.cluster, incoming.transport_key,
                    claimed_time(incoming.frames, MessageType::enrol_request).value_or(clock.wall));
                INFO(result.refusal);
                REQUIRE(result.received);
                requests.push_back(*result.received);
                route = incoming.route;
                still = -1;
            }
        }
    }
    void pass(std::int64_t ms) {
        for (; ms > 0; ms -= 500) {
            clock.pass(Milliseconds(500));
            settle();
        }
    }
    void reply(EnrolReply reply) {
        auto header = master.header(MessageType::enrol_reply, keys.sign.key_id(), {}, clock.wall);
        if (reply.root_set.empty()) reply.root_set = root_set_bytes(master.roots());
        if (reply.keyset.empty()) reply.keyset = master.signed_keyset(master.document());
        server->send(route, master.sign(header, to_bytes(reply)));
        settle();
    }
    void reply(EnrolReply::Status status, const std::string& text = "") {
        EnrolReply answer;
        answer.status = status;
        answer.text = text;
        if (status == EnrolReply::Status::challenge) answer.nonce.bytes.fill(9);
        reply(answer);
    }
};

}  // namespace

TEST_CASE("S21 S23 with a token the agent proves it over record, enrolment key and the master's nonce, and is in") {
    Enrolling world(true);
    REQUIRE(world.requests.size() == 1);
    CHECK(world.requests[0].request.token == world.token.id);
    CHECK(world.requests[0].request.proof.is_zero());
    world.reply(EnrolReply::Status::challenge);
    REQUIRE(world.requests.size() == 2);
    const auto& request = world.requests[1].request;
    CHECK(token_proof_holds(request.proof, public_key_of(world.token.seed), request.identity,
                            world.master.enrol.public_key(), request.nonce));
    world.reply(EnrolReply::Status::accepted, "web1");
    REQUIRE(world.enrolment->enrolled());
    CHECK(world.enrolment->enrolled()->name == "web1");
    CHECK(world.enrolment->enrolled()->roots == world.master.roots());
}

TEST_CASE("P13 a machine whose clock is wrong can join") {
    for (const std::int64_t wrong : {-50LL * 365 * 86'400'000, -86'400'000LL, 86'400'000LL, 20LL * 365 * 86'400'000}) {
        Enrolling world(true);
        const auto right = world.clock.wall;
        world.clock.wall += wrong;
        for (const auto status : {EnrolReply::Status::challenge, EnrolReply::Status::accepted}) {
            EnrolReply answer;
            answer.status = status;
            answer.text = "web1";
            if (status == EnrolReply::Status::challenge) answer.nonce.bytes.fill(9);
            answer.root_set = root_set_bytes(world.master.roots());
            answer.keyset = world.master.signed_keyset(world.master.document());
            const auto header = world.master.header(MessageType::enrol_reply, world.keys.sign.key_id(), {}, right);
            world.server->send(world.route, world.master.sign(header, to_bytes(answer)));
            world.settle();
        }
        CHECK(world.enrolment->enrolled());
    }
}

TEST_CASE("S24 without a token the agent waits, asking now and then, until an operator has decided") {
    Enrolling world(false);
    for (int answers = 0; answers < 5; ++answers) {
        world.reply(EnrolReply::Status::pending);
        CHECK_THAT(world.enrolment->state(), Catch::StartsWith("pending"));
        CHECK_FALSE(world.enrolment->enrolled());
        const auto asked = world.requests.size();
        for (int waits = 0; waits < 122 && world.requests.size() == asked; ++waits) world.pass(500);
        REQUIRE(world.requests.size() == asked + 1);
    }
    CHECK(world.requests.back().request.token.is_zero());
    world.reply(EnrolReply::Status::accepted, "web1");
    CHECK(world.enrolment->enrolled());
}

TEST_CASE("a token that is refused is said so, and not tried again") {
    Enrolling world(true);
    world.reply(EnrolReply::Status::rejected, "the token has expired");
    CHECK(world.enrolment->rejected());
    CHECK_THAT(world.enrolment->state(), Catch::Contains("the token has expired"));
    world.pass(61'000);
    CHECK(world.requests.back().request.token.is_zero());
}

TEST_CASE("S25 N1 a master that shows other root keys than the pinned ones is a hard failure, and nothing is kept of it") {
    Enrolling world(false);
    const FakeMaster other;
    EnrolReply reply;
    reply.status = EnrolReply::Status::accepted;
    reply.text = "web1";
    reply.root_set = root_set_bytes(other.roots());
    reply.keyset = other.signed_keyset(other.document());
    CHECK_THROWS_WITH(world.reply(reply), Catch::Contains("not the ones that are pinned"));
    CHECK_FALSE(world.enrolment->enrolled());
}

TEST_CASE("S27 a keyset that the pinned root set did not sign is refused, and asked about again later") {
    Enrolling world(false);
    const FakeMaster other;
    EnrolReply reply;
    reply.status = EnrolReply::Status::accepted;
    reply.text = "web1";
    reply.keyset = other.signed_keyset(other.document());
    world.reply(reply);
    CHECK_FALSE(world.enrolment->enrolled());
    const auto asked = world.requests.size();
    world.pass(10'000);
    CHECK(world.requests.size() == asked + 1);
}

TEST_CASE("a master that does not answer is asked anew on a new connection, less and less often") {
    Enrolling world(false);
    world.pass(600'000);
    CHECK(world.requests.size() > 5);
    CHECK(world.requests.size() < 20);
}

TEST_CASE("a name is made of what the host is called") {
    CHECK(name_from_host("web1") == "web1");
    CHECK(name_from_host("WEB1.Example.ORG") == "web1.example.org");
    CHECK(name_from_host("-web..1_") == "web.1");
    CHECK(name_from_host("h\xc3\xb6st!") == "hst");
    CHECK(name_from_host("...") == "unnamed");
    CHECK(name_from_host(std::string(300, 'a')).size() == 253);
}

TEST_CASE("S11 S15 keys are made once, and made anew on a machine that is a copy") {
    TemporaryFolder folder;
    const auto id = folder.path() + "/machine-id";
    write_file_durably(id, "0123456789abcdef\n");
    IdentityStore store(folder.path() + "/data", id);
    const auto first = store.keys(silent_logger()).sign.key_id();
    CHECK(store.keys(silent_logger()).sign.key_id() == first);
    MasterPin pin;
    pin.cluster.bytes.fill(3);
    pin.root_set = hash_of("roots");
    pin.enrol = TransportKey::generate().public_key();
    pin.host = "master.example";
    store.set_pin(pin);
    make_private_folder(store.journal_folder());
    write_file_durably(store.journal_folder() + "/staterun", "of the original");

    write_file_durably(id, "another machine\n");
    IdentityStore copy(folder.path() + "/data", id);
    CHECK(copy.keys(silent_logger()).sign.key_id() != first);
    CHECK(copy.pin() == pin);
    CHECK_FALSE(copy.enrolled());
    CHECK_FALSE(exists(store.journal_folder() + "/staterun"));
}

TEST_CASE("S28 reset leaves nothing by which this agent could be known") {
    TemporaryFolder folder;
    IdentityStore store(folder.path() + "/data", "/etc/machine-id");
    store.keys(silent_logger());
    make_private_folder(store.journal_folder());
    write_file_durably(store.journal_folder() + "/journal", "x");
    store.reset();
    CHECK_FALSE(store.has_keys());
    CHECK(list_folder(store.data()) == std::vector<std::string>{"keys.lock"});    // a lock, which means nothing
}

TEST_CASE("S94 a data folder that others may look into is refused") {
    TemporaryFolder folder;
    make_folders(folder.path() + "/data", 0755);
    std::filesystem::permissions(folder.path() + "/data", std::filesystem::perms(0755));
    CHECK_THROWS_AS(IdentityStore(folder.path() + "/data", "/etc/machine-id"), Error);
}

TEST_CASE("an enrolment is read back as it was written, and nothing else is") {
    const FakeMaster master;
    Enrolled enrolled;
    enrolled.pin.cluster = master.cluster;
    enrolled.pin.root_set = root_set_hash(master.roots());
    enrolled.pin.enrol = master.enrol.public_key();
    enrolled.pin.host = "10.0.0.1";
    enrolled.roots = master.roots();
    enrolled.keyset = master.signed_keyset(master.document());
    enrolled.name = "web1";
    CHECK(enrolled_from_text(to_text(enrolled)) == enrolled);
    CHECK_THROWS_AS(enrolled_from_text("{}"), Error);
    CHECK_THROWS_AS(enrolled_from_text(to_text(enrolled) + "{}"), Error);
}

TEST_CASE("P32 agent.yml: all that is unknown or impossible is said at once, with its place") {
    const auto complaint = [](const std::string& text) -> std::string {
        try {
            agent_settings_from_text(text, "/etc/prove/agent.yml");
        } catch (const Error& error) {
            return error.full_text();
        }
        return "nothing was thrown";
    };
    CHECK(complaint("dta: /x\nlog: {level: loud}\nname: Web_1\nmaster: 'm:x'\npin: prove-join-123\ntoken: abc\n"
                    "token_file: t\n") ==
          "/etc/prove/agent.yml:1:1: unknown setting 'dta', did you mean 'data'?\n"
          "/etc/prove/agent.yml:2:14: level: expected debug, info, warning or error, found 'loud'\n"
          "/etc/prove/agent.yml:3:7: name: 'Web_1' cannot be an agent's name; it takes small letters, digits and . _ - "
          "within, at most 253 of them\n"
          "/etc/prove/agent.yml:4:9: master: 'm:x' is not an address; expected host or host:port\n"
          "/etc/prove/agent.yml:5:6: pin: not a master's pin: expected a text that begins with 'prove-master-'\n"
          "/etc/prove/agent.yml:6:8: token: not a join token: expected a text that begins with 'prove-join-'");
    CHECK_THAT(complaint("trust_on_first_use: true\n"), Catch::Contains("agent.yml:1:21: trust_on_first_use: is not built"));
}

TEST_CASE("agent.yml takes one token, in words or as a file") {
    const std::string token = to_text(Enrolling(true).token);
    CHECK(agent_settings_from_text("token: " + token, "agent.yml").token == token);
    CHECK_THROWS_WITH(agent_settings_from_text("token_file: b\ntoken: " + token, "agent.yml"),
                      "token_file: a token is given already");
}

TEST_CASE("everything in agent.yml has a default, and a relative folder is meant from the file's own") {
    const auto settings = agent_settings_from_text("data: x\nfacts: /f\nlog: {file: a.log}\nmaster: m.example\ncache_mib: 1\n",
                                                   "/etc/prove/agent.yml");
    CHECK(settings.data == "/etc/prove/x");
    CHECK(settings.facts == "/f");
    CHECK(settings.log.file == "/etc/prove/a.log");
    CHECK(settings.cache_bytes == 1u << 20);
    CHECK(agent_settings_from_text("", "agent.yml").data == "/var/lib/prove-agent");
    // What is owed on a host is one list, whoever runs there; only agents that share a machine have one each.
    CHECK(agent_settings_from_text("", "agent.yml").ledger == "/var/lib/prove/ledger");
    CHECK(settings.ledger == "/etc/prove/x/ledger");
    CHECK(agent_settings_from_text("data: /d\nledger: /var/lib/prove/ledger", "agent.yml").ledger == "/var/lib/prove/ledger");
}

TEST_CASE("`master:` names another address of the pinned master, with its main port where one is given") {
    MasterPin pin;
    pin.host = "a";
    CHECK(at_address(pin, "").host == "a");
    CHECK(at_address(pin, "b").host == "b");
    CHECK(at_address(pin, "b").router_port == 4516);
    const auto moved = at_address(pin, "b:5001");
    CHECK(moved.publish_port == 5000);
    CHECK(moved.enrol_port == 5002);
    CHECK(at_address(pin, "fe80::1").host == "fe80::1");
    for (const auto* wrong : {"b:", "b:x", "b:99999", ":4516", "b:1"}) CHECK_THROWS_AS(at_address(pin, wrong), Error);
}

TEST_CASE("S96 the local door answers requests, errors and nonsense, and goes with its server") {
    TemporaryFolder folder;
    const auto path = folder.path() + "/run/status.sock";
    {
        ControlServer::Handlers handlers;
        handlers.request = [](Value request, const ControlServer::Reply& reply, const ControlServer::Fail& fail) {
            if (request.at("do").text() == "fail") return fail("no");
            reply(request);
        };
        handlers.signal = [](int) {};
        const ControlServer server(path, std::move(handlers), silent_logger());
        Value request = Value::object();
        request.set("do", "echo");
        CHECK(ask_agent(path, request) == request);
        request.set("do", "fail");
        CHECK_THROWS_WITH(ask_agent(path, request), "no");
        CHECK_THROWS_WITH(ask_agent(path, Value::object()), Catch::Contains("do"));
        CHECK((std::filesystem::status(path).permissions() & std::filesystem::perms(0077)) == std::filesystem::perms::none);
    }
    CHECK_THROWS_WITH(ask_agent(path, Value::object()), Catch::Contains("no prove-agent is running"));
}
