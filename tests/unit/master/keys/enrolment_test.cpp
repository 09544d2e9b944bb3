// What strangers get at the enrolment socket, and what a token is worth. The bytes are proto's tests.
#include "master/keys/enrolment.hpp"

#include <catch2/catch.hpp>

#include <set>

#include "common/keys/keys.hpp"
#include "master/store/memory_store.hpp"
#include "tests/support/fake_clock.hpp"
#include "tests/support/seeded_random.hpp"

using namespace prove;
using namespace prove::test;
using Status = EnrolReply::Status;

namespace {

struct Gate {
    FakeClock clock;
    SeededRandom random;
    MemoryStore store;
    SigningKey root = SigningKey::generate(), online = SigningKey::generate();
    TransportKey enrol = TransportKey::generate();
    KeyEnvelopeSigner online_signer{online};
    ClusterId cluster = random.bytes<ClusterId>();
    KeyTable keys;
    KeyDesk desk{store, keys, clock, silent_logger()};
    LocalSigner signer{online_signer, cluster, 1, store, clock, random};
    std::vector<Frames> sent;
    MasterPin pin;
    std::unique_ptr<Enrolment> enrolment;

    Gate() {
        KeysetDocument keyset;
        keyset.cluster = cluster;
        keyset.version = 1;
        keyset.expires_ms = clock.wall + 1'000'000'000;
        keyset.roots = RootSet{1, {root.public_key()}};
        keyset.online = {{online.public_key(), 1, clock.wall - 1000, keyset.expires_ms}};
        keyset.transport = {TransportKey::generate().public_key()};
        keyset.enrol = enrol.public_key();
        const auto document = keyset_document(keyset);
        const auto bytes = assemble_keyset({{root.key_id(), root.sign(keyset_signed_bytes(document))}}, document);
        pin = MasterPin{cluster, root_set_hash(keyset.roots), enrol.public_key(), "127.0.0.1"};
        enrolment = std::make_unique<Enrolment>(
            Enrolment::Parts{keys, desk, signer, clock, random, silent_logger(),
                             [this](const Route&, const Frames& frames) { sent.push_back(frames); }},
            Enrolment::Identity{root_set_bytes(keyset.roots), bytes, enrol.public_key()});
    }
    JoinToken token(const std::string& pattern = "", std::int64_t life_ms = 3'600'000) {
        JoinToken made;
        made.pin = pin;
        made.id = random.bytes<TokenId>();
        made.seed = random.bytes<TokenSeed>();
        made.expires_ms = clock.wall + life_ms;
        TokenRow row;
        row.id = made.id.hex();
        row.key = public_key_of(made.seed);
        row.pattern = pattern;
        row.expires_ms = made.expires_ms;
        desk.add_token({"alice", ""}, row, [](const Error*) {});
        return made;
    }
};

struct Machine {
    Gate& gate;
    std::string name;
    SigningKey sign = SigningKey::generate();
    TransportKey transport = TransportKey::generate();
    SealKey seal = SealKey::generate();
    std::string record;

    Machine(Gate& at, std::string called) : gate(at), name(std::move(called)) {
        IdentityRecord identity;
        identity.cluster = gate.cluster;
        identity.sign = sign.public_key();
        identity.transport = transport.public_key();
        identity.seal = seal.public_key();
        identity.created_ms = gate.clock.wall;
        identity.name = name;
        record = make_identity(identity, sign.signer());
    }
    // Asks, and gives the answer as the agent sees it; nullopt where there was none.
    std::optional<EnrolReply> ask(const JoinToken* token = nullptr, const ServerNonce& nonce = {},
                                  const PublicTransportKey* curve = nullptr) {
        EnrolRequest request;
        request.identity = record;
        if (token != nullptr) request.token = token->id;
        request.nonce = nonce;
        if (token != nullptr && !nonce.is_zero())
            request.proof = token_proof(token->seed, record, gate.enrol.public_key(), nonce);
        Header header;
        header.type = MessageType::enrol_request;
        header.sender = sign.key_id();
        header.audience_kind = AudienceKind::master;
        header.audience = audience_of(gate.cluster);
        header.cluster = gate.cluster;
        header.message = gate.random.bytes<MessageId>();
        header.sequence = 1;
        header.issued_ms = gate.clock.wall + clock_ahead_ms;
        header.not_after_ms = header.issued_ms + 60'000;
        const auto frames = make_envelope(header, to_bytes(request), KeyEnvelopeSigner(sign));
        Incoming in;
        in.channel = Channel::enrol;
        in.address = "10.0.0.9";
        in.transport_key = curve != nullptr ? *curve : transport.public_key();
        in.frames = {frames.header, frames.signature, frames.payload};
        gate.sent.clear();
        gate.enrolment->receive(in);
        if (gate.sent.empty()) return std::nullopt;
        const auto& reply = gate.sent.back();
        return receive_reply({reply.header, reply.signature, reply.payload}, gate.pin, sign.key_id(), gate.clock.wall)
            .reply;
    }
    // Both steps: the challenge, and the proof.
    std::optional<EnrolReply> join(const JoinToken& token) {
        const auto challenge = ask(&token);
        if (!challenge || challenge->status != Status::challenge) return challenge;
        return ask(&token, challenge->nonce);
    }
    std::optional<KeyRow> row() const { return gate.keys.find(sign.key_id()); }
    std::int64_t clock_ahead_ms = 0;
};

}  // namespace

TEST_CASE("P13 a machine whose clock is wrong can ask to be let in", "[enrolment]") {
    const std::int64_t day_ms = 24LL * 3600 * 1000;
    Gate gate;
    Machine web1(gate, "web1");
    web1.clock_ahead_ms = GENERATE_COPY(-day_ms, day_ms);
    const auto reply = web1.ask();
    REQUIRE(reply);
    CHECK(reply->status == Status::pending);
}

TEST_CASE("S24 without a token a machine waits, and nothing accepts it by itself", "[enrolment]") {
    Gate gate;
    Machine web1(gate, "web1");
    CHECK(web1.ask()->status == Status::pending);
    for (int i = 0; i < 10; ++i) {
        gate.clock.pass(Milliseconds(60'000));
        CHECK(web1.ask()->status == Status::pending);
    }
    CHECK(web1.row()->state == KeyState::pending);
    CHECK_FALSE(gate.keys.accepted(web1.transport.public_key()));
}

TEST_CASE("what an operator decided is the next answer", "[enrolment]") {
    Gate gate;
    Machine web1(gate, "web1");
    web1.ask();
    const Decider alice{"alice", ""};
    SECTION("accepted, under the name that was given") {
        gate.desk.accept(alice, "web1", TargetId("front"), false, [](const Error*, const KeyRow&) {});
        const auto reply = web1.ask();
        CHECK(reply->status == Status::accepted);
        CHECK(reply->text == "front");
    }
    SECTION("rejected") {
        gate.desk.reject(alice, "web1", [](const Error*, const KeyRow&) {});
        CHECK(web1.ask()->status == Status::rejected);
    }
}

TEST_CASE("S23 a token lets a machine in: used, accepted and written down in one transaction", "[enrolment]") {
    Gate gate;
    Machine web1(gate, "web1");
    const auto token = gate.token();
    gate.store.hold();
    CHECK_FALSE(web1.join(token));  // no answer before it is durable
    CHECK(gate.store.keys().empty());
    REQUIRE(gate.store.tokens().size() == 1);
    CHECK(gate.store.tokens().front().used_ms == 0);
    gate.store.commit();
    CHECK(gate.store.keys().front().state == KeyState::accepted);
    CHECK(gate.store.tokens().front().used_ms == gate.clock.wall);
    CHECK(gate.store.tokens().front().used_by == web1.sign.key_id());
    CHECK(gate.store.audit(0, 10).back().who == "token " + token.id.hex());
    CHECK(gate.keys.accepted(web1.transport.public_key()));
    CHECK(web1.ask()->status == Status::accepted);
}

TEST_CASE("S22 a token is used once, also when two come at the same time", "[enrolment]") {
    Gate gate;
    Machine web1(gate, "web1"), web2(gate, "web2");
    const auto token = gate.token();
    gate.store.hold();
    web1.join(token);
    const auto second = web2.join(token);
    REQUIRE(second);
    CHECK(second->status == Status::rejected);
    gate.store.commit();
    CHECK(web2.join(token)->status == Status::rejected);
    CHECK_FALSE(web2.row());
}

TEST_CASE("S22 a token that was used stays used when the master starts again", "[enrolment]") {
    Gate gate;
    Machine web1(gate, "web1");
    const auto token = gate.token();
    REQUIRE(web1.join(token)->status == Status::accepted);
    KeyTable table;
    const KeyDesk again(gate.store, table, gate.clock, silent_logger());
    REQUIRE(again.token(token.id.hex()) != nullptr);
    CHECK(again.token(token.id.hex())->used_ms != 0);
}

TEST_CASE("S22 a token that could not be used up, since the disk is full, can be used later", "[enrolment]") {
    Gate gate;
    Machine web1(gate, "web1");
    const auto token = gate.token();
    const auto challenge = web1.ask(&token);
    gate.store.fail_with(Error(ErrorKind::full, "no space left"));
    CHECK_FALSE(web1.ask(&token, challenge->nonce));
    CHECK_FALSE(web1.row());
    gate.store.fail_with(std::nullopt);
    CHECK(web1.join(token)->status == Status::accepted);
}

TEST_CASE("S21 expired, unknown and foreign tokens are refused with one general answer", "[enrolment]") {
    Gate gate;
    Machine web1(gate, "web1");
    const auto expired = gate.token("", 1'000);
    auto unknown = gate.token();
    unknown.id = gate.random.bytes<TokenId>();
    const auto other_name = gate.token("db*");
    auto wrong_seed = gate.token();
    wrong_seed.seed = gate.random.bytes<TokenSeed>();
    gate.clock.pass(Milliseconds(1'000));
    std::set<std::string> texts;
    for (const JoinToken* token :
         std::initializer_list<const JoinToken*>{&expired, &unknown, &other_name, &wrong_seed}) {
        const auto reply = web1.join(*token);
        REQUIRE(reply);
        CHECK(reply->status == Status::rejected);
        texts.insert(reply->text);
    }
    CHECK(texts.size() == 1);
    CHECK_FALSE(web1.row());
}

TEST_CASE("S23 a proof over another nonce, or the same one twice, lets nobody in", "[enrolment]") {
    Gate gate;
    Machine web1(gate, "web1"), web2(gate, "web2");
    const auto token = gate.token();
    CHECK(web1.ask(&token, gate.random.bytes<ServerNonce>())->status == Status::challenge);
    const auto nonce = web1.ask(&token)->nonce;
    CHECK(web2.ask(&token, nonce)->status == Status::challenge);  // it was web1's
    gate.clock.pass(Milliseconds(61'000));
    gate.enrolment->tick();
    CHECK(web1.ask(&token, nonce)->status == Status::challenge);  // too late
}

TEST_CASE("S22 a token for a pattern takes names like it, one for a name gives it", "[enrolment]") {
    Gate gate;
    Machine web1(gate, "web1"), localhost(gate, "localhost");
    CHECK(web1.join(gate.token("web*"))->text == "web1");
    CHECK(localhost.join(gate.token("db7"))->text == "db7");
}

TEST_CASE("S13 a token does not take a name from another key: that is an operator's to decide", "[enrolment]") {
    Gate gate;
    Machine old(gate, "web1"), rebuilt(gate, "web1");
    old.join(gate.token());
    const auto reply = rebuilt.join(gate.token());
    CHECK(reply->status == Status::pending);
    CHECK(reply->text.find("belongs to another key") != std::string::npos);
    CHECK(old.row()->state == KeyState::accepted);
}

TEST_CASE("S12 a record whose transport key is not the connection's is not answered", "[enrolment]") {
    Gate gate;
    Machine web1(gate, "web1");
    const auto other = TransportKey::generate().public_key();
    CHECK_FALSE(web1.ask(nullptr, {}, &other));
    CHECK_FALSE(web1.row());
}

TEST_CASE("S12 a known key with other keys beside it is refused", "[enrolment]") {
    Gate gate;
    Machine web1(gate, "web1");
    web1.join(gate.token());
    const auto accepted = web1.transport.public_key();
    web1.transport = TransportKey::generate();
    IdentityRecord identity = read_identity(web1.record);
    identity.transport = web1.transport.public_key();
    web1.record = make_identity(identity, web1.sign.signer());
    CHECK(web1.ask()->status == Status::rejected);
    CHECK(gate.keys.accepted(accepted));
    CHECK_FALSE(gate.keys.accepted(web1.transport.public_key()));
}

TEST_CASE("S16 a record of another cluster, noise, and truncation at every byte are not answered", "[enrolment]") {
    Gate gate, other;
    Machine stranger(other, "web1");
    Incoming in;
    in.channel = Channel::enrol;
    in.transport_key = stranger.transport.public_key();
    for (std::size_t size = 0; size < stranger.record.size(); size += 7) {
        in.frames = {std::string(184, 'x'), std::string(64, 'y'), stranger.record.substr(0, size)};
        gate.enrolment->receive(in);
    }
    CHECK(gate.sent.empty());
    CHECK(gate.keys.all().empty());
}

TEST_CASE("a stranger who asks without end is answered now and then, and others as ever", "[enrolment]") {
    Gate gate;
    Machine loud(gate, "loud"), calm(gate, "calm");
    int answers = 0;
    for (int i = 0; i < 100; ++i)
        if (loud.ask()) ++answers;
    CHECK(answers == 10);
    CHECK(calm.ask());
    gate.clock.pass(Milliseconds(2'000));
    CHECK(loud.ask());
}
