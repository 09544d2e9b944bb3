// Whom an envelope is for: one agent, a list, everybody or the master (S43), and that none of it ever means more than it
// says (S8).
#include <catch2/catch.hpp>

#include "wire_fixture.hpp"

using namespace prove;
using namespace prove::test;

namespace {

std::string refusal_at_agent(const Pair& pair, const std::vector<std::string>& frames) {
    const auto result = verify(frames, pair.from_master, pair.at_agent);
    return result.verified ? "taken" : name_of(result.refusal);
}

std::string refusal_at_master(const Pair& pair, const std::vector<std::string>& frames) {
    const auto result = verify(frames, pair.from_agent, pair.at_master);
    return result.verified ? "taken" : name_of(result.refusal);
}

}  // namespace

TEST_CASE("S43 an envelope for another agent is refused", "[envelope]") {
    const Pair pair;
    auto header = pair.header_to_agent();
    header.audience = audience_of(Keys(3).id());
    CHECK(refusal_at_agent(pair, pair.to_agent(header)) == "not in the audience");
    header.audience = Bytes<32, struct AudienceTag>{};
    CHECK(refusal_at_agent(pair, pair.to_agent(header)) == "not in the audience");
    // A key id's padding is compared too.
    header.audience = audience_of(pair.agent.id());
    header.audience.bytes[31] = 1;
    CHECK(refusal_at_agent(pair, pair.to_agent(header)) == "not in the audience");
}

TEST_CASE("S43 an unknown audience kind is refused, and so is one that belongs to the other end", "[envelope]") {
    const Pair pair;
    const auto good = pair.to_agent(pair.header_to_agent());
    for (const std::uint8_t kind : {0, 4, 5, 255})
        CHECK(refusal_at_agent(pair, pair.resigned(good, 24, kind, pair.master)) == "not in the audience");
    const auto up = pair.to_master(pair.header_to_master());
    for (const std::uint8_t kind : {1, 2, 3})
        CHECK(refusal_at_master(pair, pair.resigned(up, 24, kind, pair.agent)) == "not in the audience");
}

TEST_CASE("S43 an audience of all reaches everybody of the cluster, and only with types that may", "[envelope]") {
    const Pair pair;
    auto header = pair.header_to_agent(MessageType::announcement);
    header.audience_kind = AudienceKind::all;
    header.audience = audience_of(header.cluster);
    CHECK(refusal_at_agent(pair, pair.to_agent(header)) == "taken");
    header.audience = audience_of(filled<ClusterId>(0xC2));
    CHECK(refusal_at_agent(pair, pair.to_agent(header)) == "not in the audience");
    header = pair.header_to_agent(MessageType::stored);
    header.audience_kind = AudienceKind::all;
    header.audience = audience_of(header.cluster);
    CHECK(refusal_at_agent(pair, pair.to_agent(header)) == "not in the audience");
}

TEST_CASE("S43 an audience list is taken by its members, without the list in the payload", "[envelope]") {
    Pair pair;
    std::vector<KeyId> list = {pair.agent.id(), Keys(3).id(), Keys(4).id()};
    std::sort(list.begin(), list.end());
    auto header = pair.header_to_agent(MessageType::announcement);
    header.audience_kind = AudienceKind::list;
    header.audience = audience_of(list);
    const auto frames = pair.to_agent(header, with_audience_list(list, "{\"kind\":\"keyset\"}"));

    const auto result = verify(frames, pair.from_master, pair.at_agent);
    REQUIRE(result.verified);
    CHECK(result.verified->payload() == "{\"kind\":\"keyset\"}");
    CHECK(result.verified->audience_list() == list);
    pair.at_agent.own = Keys(5).id();
    CHECK(refusal_at_agent(pair, frames) == "not in the audience");
}

TEST_CASE("S43 an audience list that does not match its hash, is unsorted, empty, too long or cut is refused",
          "[envelope]") {
    const Pair pair;
    std::vector<KeyId> list = {pair.agent.id(), Keys(3).id()};
    std::sort(list.begin(), list.end());
    auto header = pair.header_to_agent(MessageType::announcement);
    header.audience_kind = AudienceKind::list;
    header.audience = audience_of(list);
    const std::string good = with_audience_list(list, "{}");

    std::string other_count = good;
    other_count[1] = 1;
    CHECK(refusal_at_agent(pair, pair.to_agent(header, other_count)) == "wrong audience list");
    for (std::size_t size = 2; size <= good.size() - 2; ++size)
        CHECK(refusal_at_agent(pair, pair.to_agent(header, good.substr(0, size))) == "wrong audience list");
    CHECK(refusal_at_agent(pair, pair.to_agent(header, std::string("\0\0{}", 4))) == "wrong audience list");
    CHECK(refusal_at_agent(pair, pair.to_agent(header, "\x01\x01" + std::string(257 * 16, 'x') + "{}")) ==
          "wrong audience list");

    std::swap(list[0], list[1]);
    header.audience = audience_of(list);
    std::string unsorted(good.substr(0, 2));
    for (const auto& key : list) unsorted.append(key.view());
    CHECK(refusal_at_agent(pair, pair.to_agent(header, unsorted + "{}")) == "wrong audience list");
}

TEST_CASE("S8 an empty, unsorted or oversized audience list cannot be made", "[envelope]") {
    CHECK_THROWS_AS(with_audience_list({}, "{}"), Error);
    const auto a = filled<KeyId>(1);
    const auto b = filled<KeyId>(2);
    CHECK_THROWS_AS(with_audience_list({b, a}, "{}"), Error);
    CHECK_THROWS_AS(with_audience_list({a, a}, "{}"), Error);
    std::vector<KeyId> many(257);
    for (std::size_t i = 0; i < many.size(); ++i) {
        many[i].bytes[0] = static_cast<std::uint8_t>(i / 256);
        many[i].bytes[1] = static_cast<std::uint8_t>(i % 256);
    }
    CHECK_THROWS_AS(with_audience_list(many, "{}"), Error);
}
