// Identity records, join tokens and enrolment messages: what two strangers believe of each other.
#include <catch2/catch.hpp>

#include "wire_fixture.hpp"

using namespace prove;
using namespace prove::test;

namespace {

using Names = std::vector<std::string>;

MasterPin pin_of(const RootSet& roots) {
    MasterPin pin;
    pin.cluster = filled<ClusterId>(0xC1);
    pin.root_set = root_set_hash(roots);
    pin.enrol = Keys(9).transport;
    pin.host = "master.example";
    return pin;
}

JoinToken token_of(const RootSet& roots) {
    return JoinToken{pin_of(roots), filled<TokenId>(0x11), filled<TokenSeed>(0x22), now_ms + 3'600'000};
}

// Public curve keys of small order, as published with X25519: 0, 1, and two of order 8.
const std::vector<std::string> small_order = {std::string(64, '0'), "01" + std::string(62, '0'),
                                              "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
                                              "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157"};

std::string refusal_of(const Pair& pair, const std::string& payload) {
    const auto frames = pair.to_master(pair.header_to_master(MessageType::enrol_request), payload);
    const auto result = receive_request(frames, pair.at_master.cluster_id, pair.agent.transport, now_ms);
    return result.received ? "taken" : result.refusal;
}

}  // namespace

TEST_CASE("S12 an identity record reads back, and its key id is made from its signing key", "[identity]") {
    const Keys keys(2);
    const auto record = identity_of(keys);
    const auto bytes = make_identity(record, keys.signer());
    CHECK(bytes.size() == 16 + 4 * 32 + 8 + 16 + 1 + record.name.size() + 64);
    CHECK(read_identity(bytes) == record);
    CHECK(read_identity(bytes).key_id() ==
          *KeyId::from(hash_of(std::string("prove.keyid.v1").append(keys.sign.view())).view().substr(0, 16)));
}

TEST_CASE("S12 an identity record that is cut at any byte, longer, or changed in any bit is refused", "[identity]") {
    const Keys keys(2);
    const auto bytes = make_identity(identity_of(keys), keys.signer());
    for (std::size_t size = 0; size < bytes.size(); ++size)
        CHECK_THROWS_AS(read_identity(bytes.substr(0, size)), Error);
    CHECK_THROWS_AS(read_identity(bytes + '\0'), Error);
    for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
        std::string changed = bytes;
        changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << (bit % 8)));
        CHECK_THROWS_AS(read_identity(changed), Error);
    }
}

TEST_CASE("S12 an identity record that another key signed, or that was signed as something else, is refused",
          "[identity]") {
    const Keys keys(2);
    CHECK_THROWS_AS(read_identity(make_identity(identity_of(keys), Keys(3).signer())), Error);
    const auto bytes = make_identity(identity_of(keys), [&](std::string_view signed_text) {
        return keys.sign_bytes(in_context(SignedKind::token, signed_text.substr(32)));
    });
    CHECK_THROWS_AS(read_identity(bytes), Error);
}

TEST_CASE("S12 public keys that are zero or of small order are refused, wherever they stand", "[identity]") {
    const Keys keys(2);
    for (const auto& hex : small_order) {
        auto record = identity_of(keys);
        record.transport = *PublicTransportKey::from_hex_text(hex);
        CHECK_THROWS_AS(read_identity(make_identity(record, keys.signer())), Error);
        record = identity_of(keys);
        record.seal = *PublicSealKey::from_hex_text(hex);
        CHECK_THROWS_AS(read_identity(make_identity(record, keys.signer())), Error);
    }
    // Zero, the neutral element, and one of order 4: with those, some signatures hold that nobody made.
    for (const auto& hex : {std::string(64, '0'), "01" + std::string(62, '0'), "ec" + std::string(60, 'f') + "7f"})
        CHECK_FALSE(is_fit(*PublicSignKey::from_hex_text(hex)));
    CHECK(is_fit(keys.sign));
    CHECK(is_fit(keys.transport));
    CHECK(is_fit(keys.seal));
}

TEST_CASE("S11 an identity record with one key in two places is refused", "[identity]") {
    const Keys keys(2);
    auto record = identity_of(keys);
    record.seal = *PublicSealKey::from(record.transport.view());
    CHECK_THROWS_AS(read_identity(make_identity(record, keys.signer())), Error);
}

TEST_CASE("S13 names are lower-case letters, digits, dots, dashes and underscores", "[identity]") {
    const std::vector<std::string> names = {"a", "7", "web1", "web-1.example.org", "a_b", std::string(253, 'a')};
    for (const auto& good : names) CHECK(is_target_name(good));
    const std::vector<std::string> others = {"",
                                             "Web1",
                                             "a/b",
                                             "..",
                                             "a..b",
                                             "-a",
                                             "a-",
                                             ".a",
                                             "a b",
                                             "a\nb",
                                             "a\u00f8b",
                                             std::string("a\0b", 3),
                                             std::string(254, 'a')};
    for (const auto& bad : others) {
        CHECK_FALSE(is_target_name(bad));
        auto record = identity_of(Keys(2));
        record.name = bad;
        CHECK_THROWS_AS(make_identity(record, Keys(2).signer()), Error);
    }
}

TEST_CASE("S13 an identity record with a malformed name is refused although its signature is good", "[identity]") {
    const Keys keys(2);
    auto record = identity_of(keys);
    record.name = "web1";
    const auto good = make_identity(record, keys.signer());
    for (const std::string& name : Names{"a/b1", "..b1", "WEB1",
                                         "we\x01"
                                         "1",
                                         "w\u00f81"}) {
        std::string bytes = good.substr(0, good.size() - 64);
        bytes.replace(bytes.size() - 4, 4, name);
        bytes += keys.sign_bytes(in_context(SignedKind::identity, bytes)).view();
        CHECK_THROWS_WITH(read_identity(bytes), "identity record: malformed name");
    }
}

TEST_CASE("S20 a fingerprint is 32 characters in groups of four", "[identity]") {
    const auto text = fingerprint_of(Keys(2).sign);
    CHECK(text.size() == 39);
    for (std::size_t i = 4; i < text.size(); i += 5) CHECK(text[i] == '-');
    CHECK(text != fingerprint_of(Keys(3).sign));
}

TEST_CASE("S21 a join token reads back from its text, which is one word", "[token]") {
    const Keys root(10);
    const auto token = token_of(root_set_of({&root}, 1));
    const auto text = to_text(token);
    CHECK(text.substr(0, 11) == "prove-join-");
    CHECK(text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == std::string::npos);
    CHECK(token_from_text(text) == token);
    const auto pin = to_text(token.pin);
    CHECK(pin_from_text(pin) == token.pin);
    CHECK_THROWS_AS(token_from_text(pin), Error);
    CHECK_THROWS_AS(pin_from_text(text), Error);
}

TEST_CASE("S21 a join token that was copied wrongly is refused, with words that say so", "[token]") {
    const Keys root(10);
    const auto text = to_text(token_of(root_set_of({&root}, 1)));
    for (std::size_t size = 0; size < text.size(); ++size)
        CHECK_THROWS_AS(token_from_text(text.substr(0, size)), Error);
    for (std::size_t i = 11; i < text.size(); ++i) {
        std::string changed = text;
        changed[i] = changed[i] == 'x' ? 'y' : 'x';
        CHECK_THROWS_AS(token_from_text(changed), Error);
    }
    CHECK_THROWS_WITH(token_from_text(text + "0"), Catch::Contains("not a join token: copied wrongly"));
    CHECK_THROWS_WITH(token_from_text("hello"), Catch::Contains("begins with 'prove-join-'"));
    CHECK_THROWS_AS(token_from_text(std::string(1'000'000, 'z')), Error);
}

TEST_CASE("S87 a join token whose host could be taken for an option or a command is not made", "[token]") {
    const Keys root(10);
    auto token = token_of(root_set_of({&root}, 1));
    for (const std::string& host : Names{"", "-oProxyCommand=x", "a b", "a'b", "$(x)", "a\nb"}) {
        token.pin.host = host;
        CHECK_THROWS_AS(to_text(token), Error);
    }
    token.pin.host = "2001:db8::1";
    CHECK(token_from_text(to_text(token)).pin.host == "2001:db8::1");
}

TEST_CASE("S23 a token's proof holds for one record, one master and one nonce only", "[token]") {
    const auto seed = filled<TokenSeed>(0x22);
    const auto enrol = Keys(9).transport;
    const auto nonce = filled<ServerNonce>(0x33);
    const auto proof = token_proof(seed, "record", enrol, nonce);
    const auto key = public_key_of(seed);
    CHECK(token_proof_holds(proof, key, "record", enrol, nonce));
    CHECK_FALSE(token_proof_holds(proof, key, "recorD", enrol, nonce));
    CHECK_FALSE(token_proof_holds(proof, key, "record", Keys(8).transport, nonce));
    CHECK_FALSE(token_proof_holds(proof, key, "record", enrol, filled<ServerNonce>(0x34)));
    CHECK_FALSE(token_proof_holds(proof, public_key_of(filled<TokenSeed>(0x23)), "record", enrol, nonce));
    CHECK_FALSE(token_proof_holds(Signature{}, key, "record", enrol, nonce));
}

TEST_CASE("S23 an enrolment request reaches the master with its record, token and proof", "[enrol]") {
    const Pair pair;
    EnrolRequest request;
    request.identity = make_identity(identity_of(pair.agent), pair.agent.signer());
    request.token = filled<TokenId>(0x11);
    request.nonce = filled<ServerNonce>(0x33);
    request.proof = token_proof(filled<TokenSeed>(0x22), request.identity, Keys(9).transport, request.nonce);
    const auto frames = pair.to_master(pair.header_to_master(MessageType::enrol_request), to_bytes(request));
    const auto result = receive_request(frames, pair.at_master.cluster_id, pair.agent.transport, now_ms);
    REQUIRE(result.received);
    CHECK(result.received->identity == identity_of(pair.agent));
    CHECK(result.received->request.identity == request.identity);
    CHECK(token_proof_holds(result.received->request.proof, public_key_of(filled<TokenSeed>(0x22)),
                            result.received->request.identity, Keys(9).transport, result.received->request.nonce));
}

TEST_CASE("S12 an enrolment request whose transport key is not the one that CURVE used is refused", "[enrol]") {
    const Pair pair;
    EnrolRequest request;
    request.identity = make_identity(identity_of(pair.agent), pair.agent.signer());
    const auto frames = pair.to_master(pair.header_to_master(MessageType::enrol_request), to_bytes(request));
    const auto result = receive_request(frames, pair.at_master.cluster_id, Keys(3).transport, now_ms);
    CHECK(result.refusal == "transport key is not the connection's");
}

TEST_CASE("S12 an enrolment request that carries somebody else's record, or another cluster's, is refused", "[enrol]") {
    const Pair pair;
    const Keys other(3);
    EnrolRequest request;
    request.identity = make_identity(identity_of(other), other.signer());
    CHECK(refusal_of(pair, to_bytes(request)) == "unknown sender");
    auto record = identity_of(pair.agent);
    record.cluster = filled<ClusterId>(0xC2);
    request.identity = make_identity(record, pair.agent.signer());
    CHECK(refusal_of(pair, to_bytes(request)) == "identity record of another cluster");
}

TEST_CASE("S44 an enrolment request that is cut, longer, too large or of another type is refused", "[enrol]") {
    const Pair pair;
    EnrolRequest request;
    request.identity = make_identity(identity_of(pair.agent), pair.agent.signer());
    const auto good = to_bytes(request);
    CHECK(refusal_of(pair, good) == "taken");
    for (std::size_t size = 1; size < good.size(); ++size) CHECK(refusal_of(pair, good.substr(0, size)) != "taken");
    CHECK(refusal_of(pair, good + "x") != "taken");
    request.nonce = filled<ServerNonce>(1);
    CHECK(refusal_of(pair, to_bytes(request)) == "enrol request: token, nonce and proof do not fit together");

    auto frames = pair.to_master(pair.header_to_master(MessageType::enrol_request), good);
    frames[2].resize((16u << 10) + 1);
    CHECK(receive_request(frames, pair.at_master.cluster_id, pair.agent.transport, now_ms).refusal == "wrong size");
    frames = pair.to_master(pair.header_to_master(MessageType::hello), good);
    CHECK(receive_request(frames, pair.at_master.cluster_id, pair.agent.transport, now_ms).refusal ==
          "type not allowed here");
}

TEST_CASE("S27 an agent believes a reply only where root set, keyset and signature lead back to its pin", "[enrol]") {
    const Pair pair;
    const Keys root(10);
    const auto roots = root_set_of({&root}, 1);
    EnrolReply reply;
    reply.status = EnrolReply::Status::accepted;
    reply.text = "web1";
    reply.root_set = root_set_bytes(roots);
    reply.keyset = signed_keyset(keyset_of(roots, pair.master), {&root});
    const auto header = pair.header_to_agent(MessageType::enrol_reply);
    const auto receive = [&](const EnrolReply& sent, const Keys& signer, const MasterPin& pin) {
        const auto frames = Pair::frames_of(make_envelope(header, to_bytes(sent), KeySigner(signer)));
        return receive_reply(frames, pin, pair.agent.id(), now_ms);
    };

    const auto received = receive(reply, pair.master, pin_of(roots));
    CHECK(received.reply.text == "web1");
    CHECK(received.roots == roots);
    CHECK(received.keyset.version == 3);

    const Keys other(11);
    const auto others = root_set_of({&other}, 1);
    CHECK_THROWS_WITH(receive(reply, pair.master, pin_of(others)), Catch::Contains("not the ones that are pinned"));
    CHECK_THROWS_WITH(receive(reply, other, pin_of(roots)), Catch::Contains("unknown sender"));
    auto forged = reply;
    forged.keyset = signed_keyset(keyset_of(roots, other), {&other});
    CHECK_THROWS_AS(receive(forged, other, pin_of(roots)), Error);
    auto foreign = pin_of(roots);
    foreign.cluster = filled<ClusterId>(0xC2);
    CHECK_THROWS_WITH(receive(reply, pair.master, foreign), Catch::Contains("another cluster's"));
}

TEST_CASE("S44 an enrolment reply that is cut, longer or contradicts itself is refused", "[enrol]") {
    EnrolReply reply;
    reply.status = EnrolReply::Status::challenge;
    reply.nonce = filled<ServerNonce>(5);
    reply.root_set = "r";
    reply.keyset = "k";
    const auto good = to_bytes(reply);
    CHECK(enrol_reply_from(good).nonce == reply.nonce);
    for (std::size_t size = 0; size < good.size(); ++size)
        CHECK_THROWS_AS(enrol_reply_from(good.substr(0, size)), Error);
    CHECK_THROWS_AS(enrol_reply_from(good + "x"), Error);
    for (const char status : {0, 2, 5}) {
        auto changed = good;
        changed[0] = status;
        CHECK_THROWS_AS(enrol_reply_from(changed), Error);
    }
    reply = EnrolReply{};
    reply.status = EnrolReply::Status::accepted;
    for (const std::string& name : Names{"", "../x", "Web1"}) {
        reply.text = name;
        CHECK_THROWS_AS(enrol_reply_from(to_bytes(reply)), Error);
    }
}
