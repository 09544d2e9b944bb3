// What a receiver takes, and each thing that it refuses (security.md sections 6 and 16, "Envelope"); whom it
// is for is in envelope_audience_test.cpp.
#include <catch2/catch.hpp>

#include <cstring>

#include "wire_fixture.hpp"

using namespace prove;
using namespace prove::test;

namespace {

constexpr int last_type = static_cast<int>(MessageType::schedules);

std::string refusal_at_agent(const Pair& pair, const std::vector<std::string>& frames) {
    const auto result = verify(frames, pair.from_master, pair.at_agent);
    return result.verified ? "taken" : name_of(result.refusal);
}

std::string refusal_at_master(const Pair& pair, const std::vector<std::string>& frames) {
    const auto result = verify(frames, pair.from_agent, pair.at_master);
    return result.verified ? "taken" : name_of(result.refusal);
}

}  // namespace

TEST_CASE("S41 an envelope that a known key made for this receiver is taken, both ways", "[envelope]") {
    const Pair pair;
    const auto result = verify(pair.to_agent(pair.header_to_agent(), "{\"job\":1}"), pair.from_master, pair.at_agent);
    REQUIRE(result.verified);
    CHECK(result.verified->payload() == "{\"job\":1}");
    CHECK(result.verified->header().sequence == 41);
    CHECK(result.verified->header().sender == pair.master.id());
    CHECK(result.verified->header().not_after_ms == now_ms + 60'000);
    CHECK(refusal_at_master(pair, pair.to_master(pair.header_to_master())) == "taken");
}

TEST_CASE("S44 extra, missing and empty frames are refused", "[envelope]") {
    const Pair pair;
    const auto good = pair.to_agent(pair.header_to_agent());
    CHECK(refusal_at_agent(pair, {}) == "wrong number of frames");
    CHECK(refusal_at_agent(pair, {good[0], good[1]}) == "wrong number of frames");
    CHECK(refusal_at_agent(pair, {good[0], good[1], good[2], ""}) == "wrong number of frames");
    CHECK(refusal_at_agent(pair, {"", good[1], good[2]}) == "wrong header size");
    CHECK(refusal_at_agent(pair, {good[0], "", good[2]}) == "wrong signature size");
    CHECK(refusal_at_agent(pair, {good[0], good[1], ""}) == "wrong payload size");
}

TEST_CASE("S44 an envelope cut short at any byte, or longer by one, is refused", "[envelope]") {
    const Pair pair;
    const auto good = pair.to_agent(pair.header_to_agent(), "{\"by\":\"ops\"}");
    for (std::size_t frame = 0; frame < 3; ++frame) {
        for (std::size_t size = 0; size < good[frame].size(); ++size) {
            auto cut = good;
            cut[frame].resize(size);
            CHECK(refusal_at_agent(pair, cut) != "taken");
        }
        auto longer = good;
        longer[frame].push_back('\0');
        CHECK(refusal_at_agent(pair, longer) != "taken");
    }
}

TEST_CASE("S41 a change of any single bit of header, signature or payload is refused", "[envelope]") {
    const Pair pair;
    const auto good = pair.to_agent(pair.header_to_agent());
    for (std::size_t frame = 0; frame < 3; ++frame) {
        for (std::size_t bit = 0; bit < good[frame].size() * 8; ++bit) {
            auto changed = good;
            changed[frame][bit / 8] = static_cast<char>(changed[frame][bit / 8] ^ (1 << (bit % 8)));
            CHECK(refusal_at_agent(pair, changed) != "taken");
        }
    }
}

TEST_CASE("S44 a wrong magic, version, type, flag or padding is refused although the signature is good", "[envelope]") {
    const Pair pair;
    const auto good = pair.to_agent(pair.header_to_agent());
    const auto with = [&](std::size_t offset, std::uint8_t byte) {
        return refusal_at_agent(pair, pair.resigned(good, offset, byte, pair.master));
    };
    CHECK(with(0, 'p') == "wrong magic");
    CHECK(with(3, '2') == "wrong magic");
    CHECK(with(4, 0) == "unsupported version");
    CHECK(with(4, 2) == "unsupported version");
    CHECK(with(5, 0) == "unknown type");
    CHECK(with(5, static_cast<std::uint8_t>(last_type + 1)) == "unknown type");
    CHECK(with(5, 255) == "unknown type");
    CHECK(with(6, 1) == "wrong flags");
    CHECK(with(7, 4) == "wrong flags");
    for (const std::size_t padding : {25u, 31u, 116u, 119u, 148u, 151u})
        CHECK(with(padding, 1) == "padding is not zero");
}

TEST_CASE("S44 the checks are made in their order, and the first that fails is the one that is told", "[envelope]") {
    Pair pair;
    pair.at_agent.takes_sequence = false;
    pair.at_agent.senders[pair.master.id()].accepted = false;
    auto header = pair.header_to_agent();
    header.cluster = filled<ClusterId>(0xC2);
    header.audience = audience_of(Keys(3).id());
    header.epoch = 6;
    header.issued_ms = now_ms - 10;
    header.not_after_ms = now_ms - 1;
    // Wrong in everything that can be wrong at once; then one thing after the other is put right.
    auto frames = pair.to_agent(header, "{\"by\":\"ops\"}");
    frames[0][0] = 'X';
    frames[0][4] = 9;
    frames[0][5] = 99;
    frames[0][7] = 4;
    frames[0][25] = 1;
    frames[1].assign(Signature::size, 'x');
    frames[2][2] = 'B';
    const auto next = [&] { return refusal_at_agent(pair, frames); };

    frames.push_back("");
    CHECK(next() == "wrong number of frames");
    frames.pop_back();
    CHECK(next() == "wrong magic");
    frames[0][0] = 'P';
    CHECK(next() == "unsupported version");
    frames[0][4] = 1;
    CHECK(next() == "unknown type");
    frames[0][5] = static_cast<char>(MessageType::result);
    CHECK(next() == "type not allowed here");
    frames[0][5] = static_cast<char>(MessageType::cancel);
    CHECK(next() == "wrong flags");
    frames[0][7] = 0;
    CHECK(next() == "padding is not zero");
    frames[0][25] = 0;
    CHECK(next() == "another cluster");
    pair.at_agent.cluster_id = header.cluster;
    CHECK(next() == "not in the audience");
    pair.at_agent.own = Keys(3).id();
    CHECK(next() == "sender not accepted");
    pair.at_agent.senders[pair.master.id()].accepted = true;
    CHECK(next() == "bad signature");
    frames[1] = pair.master.sign_bytes(signed_bytes(MessageType::cancel, frames[0])).view();
    CHECK(next() == "payload changed");
    frames[2][2] = 'b';
    CHECK(next() == "wrong epoch");
    pair.at_agent.senders[pair.master.id()].epoch = 6;
    CHECK(next() == "expired");
    pair.from_master.now_ms = now_ms - 5;
    CHECK(next() == "replayed");
    pair.at_agent.takes_sequence = true;
    CHECK(next() == "taken");
}

TEST_CASE("S44 the flag of a dry run belongs to what may be one, and to nothing else", "[envelope]") {
    const Pair pair;
    auto header = pair.header_to_agent(MessageType::staterun);
    header.sealed = header.dry_run = true;
    const auto result = verify(pair.to_agent(header), pair.from_master, pair.at_agent);
    REQUIRE(result.verified);
    CHECK(result.verified->header().dry_run);
    header = pair.header_to_agent(MessageType::cancel);
    header.dry_run = true;
    CHECK(refusal_at_agent(pair, pair.to_agent(header)) == "wrong flags");
    auto up = pair.header_to_master(MessageType::result);
    up.dry_run = true;
    CHECK(refusal_at_master(pair, pair.to_master(up)) == "wrong flags");
}

TEST_CASE("S44 a version below the keyset's minimum is refused", "[envelope]") {
    Pair pair;
    pair.at_agent.minimum = 2;
    CHECK(refusal_at_agent(pair, pair.to_agent(pair.header_to_agent())) == "unsupported version");
}

TEST_CASE("S44 a type that this sender may not send, or that may not come by this socket, is refused", "[envelope]") {
    Pair pair;
    CHECK(refusal_at_agent(pair, pair.to_agent(pair.header_to_agent(MessageType::hello))) == "type not allowed here");
    CHECK(refusal_at_agent(pair, pair.to_agent(pair.header_to_agent(MessageType::result))) == "type not allowed here");
    CHECK(refusal_at_master(pair, pair.to_master(pair.header_to_master(MessageType::cancel))) ==
          "type not allowed here");
    CHECK(refusal_at_master(pair, pair.to_master(pair.header_to_master(MessageType::enrol_request))) ==
          "type not allowed here");

    pair.from_master.socket = Arrival::Socket::publish;
    CHECK(refusal_at_agent(pair, pair.to_agent(pair.header_to_agent(MessageType::welcome))) == "type not allowed here");
    pair.from_agent.socket = Arrival::Socket::enrol;
    CHECK(refusal_at_master(pair, pair.to_master(pair.header_to_master(MessageType::result))) ==
          "type not allowed here");
    pair.from_agent.socket = Arrival::Socket::publish;
    CHECK(refusal_at_master(pair, pair.to_master(pair.header_to_master(MessageType::heartbeat))) ==
          "type not allowed here");
}

TEST_CASE("S44 an agent's key does not speak for the master, nor a master's for an agent", "[envelope]") {
    Pair pair;
    pair.at_agent.senders[pair.agent.id()] = SenderKey{pair.agent.sign, true, 7, false};
    const auto forged =
        Pair::frames_of(make_envelope(pair.header_to_agent(MessageType::heartbeat), "{}", KeySigner(pair.agent)));
    CHECK(refusal_at_agent(pair, forged) == "type not allowed here");
    pair.at_master.senders[pair.agent.id()].is_master = true;
    CHECK(refusal_at_master(pair, pair.to_master(pair.header_to_master())) == "type not allowed here");
}

TEST_CASE("S16 an envelope of another cluster is refused", "[envelope]") {
    const Pair pair;
    auto header = pair.header_to_agent();
    header.cluster = filled<ClusterId>(0xC2);
    CHECK(refusal_at_agent(pair, pair.to_agent(header)) == "another cluster");
}

TEST_CASE("S44 an unknown key is refused, and so is one that is pending, rejected, revoked or in conflict",
          "[envelope]") {
    Pair pair;
    pair.at_master.senders[pair.agent.id()].accepted = false;
    CHECK(refusal_at_master(pair, pair.to_master(pair.header_to_master())) == "sender not accepted");
    pair.at_master.senders.clear();
    CHECK(refusal_at_master(pair, pair.to_master(pair.header_to_master())) == "unknown sender");
}

TEST_CASE("S33 a sender that is not the connection's own key is refused, and so is a connection without one",
          "[envelope]") {
    Pair pair;
    const Keys other(3);
    pair.at_master.senders[other.id()] = SenderKey{other.sign, true, 0, false};
    pair.from_agent.user_id = other.id();
    CHECK(refusal_at_master(pair, pair.to_master(pair.header_to_master())) == "sender is not the connection's key");
    pair.from_agent.user_id = std::nullopt;
    CHECK(refusal_at_master(pair, pair.to_master(pair.header_to_master())) == "sender is not the connection's key");
}

TEST_CASE("S41 a signature by another key, or made for another type, is refused", "[envelope]") {
    const Pair pair;
    auto frames = pair.to_agent(pair.header_to_agent());
    frames[1] = Keys(3).sign_bytes(signed_bytes(MessageType::cancel, frames[0])).view();
    CHECK(refusal_at_agent(pair, frames) == "bad signature");
    frames[1] = pair.master.sign_bytes(signed_bytes(MessageType::stored, frames[0])).view();
    CHECK(refusal_at_agent(pair, frames) == "bad signature");
    frames[1] = pair.master.sign_bytes(frames[0]).view();
    CHECK(refusal_at_agent(pair, frames) == "bad signature");
}

TEST_CASE("S41 every type and every other signed thing has a context of its own", "[envelope]") {
    std::vector<std::string> contexts;
    for (int type = 1; type <= last_type; ++type) contexts.push_back(signed_bytes(static_cast<MessageType>(type), ""));
    for (const auto kind : {SignedKind::identity, SignedKind::keyset, SignedKind::token, SignedKind::audit})
        contexts.push_back(in_context(kind, ""));
    for (const auto& context : contexts) CHECK(context.size() == 32);
    std::sort(contexts.begin(), contexts.end());
    CHECK(std::adjacent_find(contexts.begin(), contexts.end()) == contexts.end());
    CHECK(signed_bytes(MessageType::file_request, "x") ==
          std::string("prove.v1.file_request") + std::string(11, '\0') + "x");
}

TEST_CASE("S44 a changed payload is refused", "[envelope]") {
    const Pair pair;
    auto frames = pair.to_agent(pair.header_to_agent(), "{\"by\":\"ops\"}");
    frames[2][2] = 'B';
    CHECK(refusal_at_agent(pair, frames) == "payload changed");
}

TEST_CASE("S42 what is verified and read are the bytes that came; nothing is written anew to be compared", "[envelope]") {
    const Pair pair;
    const std::string spaced = " {\n  \"job\" : 1, \"by\":\"\\u0061\" } ";
    const auto result = verify(pair.to_agent(pair.header_to_agent(), spaced), pair.from_master, pair.at_agent);
    REQUIRE(result.verified);
    CHECK(result.verified->payload() == spaced);
    // The same value in other bytes is another payload.
    auto frames = pair.to_agent(pair.header_to_agent(), spaced);
    frames[2] = write_json(read_json(spaced));
    frames[2].resize(spaced.size(), ' ');
    CHECK(refusal_at_agent(pair, frames) == "payload changed");
}

TEST_CASE("S44 a payload over its type's limit is refused, and cannot be made", "[envelope]") {
    const Pair pair;
    const auto header = pair.header_to_agent(MessageType::stored);
    const std::size_t limit = payload_limit(MessageType::stored);
    CHECK(refusal_at_agent(pair, pair.to_agent(header, std::string(limit, ' '))) == "taken");
    CHECK_THROWS_AS(pair.to_agent(header, std::string(limit + 1, ' ')), Error);

    auto large = pair.header_to_agent(MessageType::welcome);
    auto frames = pair.to_agent(large, std::string(limit + 1, ' '));
    CHECK(refusal_at_agent(pair, pair.resigned(frames, 5, static_cast<std::uint8_t>(MessageType::stored),
                                               pair.master)) == "wrong payload size");
    frames[2].assign((512u << 10) + 1, ' ');
    CHECK(refusal_at_agent(pair, frames) == "wrong payload size");
}

TEST_CASE("S67 an envelope of another epoch than its key's is refused", "[envelope]") {
    const Pair pair;
    auto header = pair.header_to_agent();
    header.epoch = 6;
    CHECK(refusal_at_agent(pair, pair.to_agent(header)) == "wrong epoch");
    auto up = pair.header_to_master();
    up.epoch = 7;
    CHECK(refusal_at_master(pair, pair.to_master(up)) == "wrong epoch");
}

TEST_CASE("S44 an envelope from the future, expired or with too long a life is refused", "[envelope]") {
    const Pair pair;
    const auto with = [&](std::int64_t issued, std::int64_t not_after) {
        auto header = pair.header_to_agent();
        header.issued_ms = issued;
        header.not_after_ms = not_after;
        return refusal_at_agent(pair, pair.to_agent(header));
    };
    const std::int64_t limit = lifetime_limit_ms(MessageType::cancel);
    CHECK(with(now_ms + 300'000, now_ms + 300'001) == "taken");
    CHECK(with(now_ms + 300'001, now_ms + 300'002) == "issued in the future");
    CHECK(with(now_ms - 10, now_ms) == "taken");
    CHECK(with(now_ms - 10, now_ms - 1) == "expired");
    CHECK(with(now_ms, now_ms + limit) == "taken");
    CHECK(with(now_ms, now_ms + limit + 1) == "lifetime not allowed");
    CHECK(with(now_ms, now_ms) == "lifetime not allowed");
    CHECK(with(now_ms, now_ms - 1) == "lifetime not allowed");
    CHECK(with(-1, now_ms) == "issued in the future");
    CHECK(with(now_ms, -1) == "lifetime not allowed");
    CHECK(with(INT64_MIN, INT64_MAX) == "issued in the future");
    CHECK(with(0, INT64_MAX) == "lifetime not allowed");
}

TEST_CASE("S50 an envelope that the receiver has seen before is refused", "[envelope]") {
    Pair pair;
    pair.at_agent.takes_sequence = false;
    CHECK(refusal_at_agent(pair, pair.to_agent(pair.header_to_agent())) == "replayed");
}

TEST_CASE("S61 a command that is not sealed is refused, and so is anything sealed that need not be", "[envelope]") {
    const Pair pair;
    auto header = pair.header_to_agent(MessageType::command);
    CHECK(refusal_at_agent(pair, pair.to_agent(header)) == "wrong flags");
    header.sealed = true;
    CHECK(refusal_at_agent(pair, pair.to_agent(header)) == "taken");
    auto cancel = pair.header_to_agent(MessageType::cancel);
    cancel.sealed = true;
    CHECK(refusal_at_agent(pair, pair.to_agent(cancel)) == "wrong flags");
    auto chunk = pair.header_to_master(MessageType::file_chunk);
    chunk.sealed = true;
    CHECK(refusal_at_master(pair, pair.to_master(chunk)) == "wrong flags");
}

TEST_CASE("an envelope without a payload cannot be made", "[envelope]") {
    const Pair pair;
    CHECK_THROWS_AS(pair.to_agent(pair.header_to_agent(), ""), Error);
}

TEST_CASE("every refusal has words of its own", "[envelope]") {
    std::vector<std::string> names;
    for (int i = 0; i <= static_cast<int>(Refusal::replay); ++i) names.push_back(name_of(static_cast<Refusal>(i)));
    std::sort(names.begin(), names.end());
    CHECK(std::adjacent_find(names.begin(), names.end()) == names.end());
}
