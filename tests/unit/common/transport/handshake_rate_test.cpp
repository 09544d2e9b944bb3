// How often a key or an address may knock.
#include <catch2/catch.hpp>

#include "common/transport/handshake_rate.hpp"

using prove::HandshakeRate;

TEST_CASE("S32 ten handshakes a minute are allowed, the eleventh is not, and a sixth of a minute brings one more") {
    HandshakeRate rate({10, 10.0 / 60}, 100);
    for (int i = 0; i < 10; ++i) CHECK(rate.allow("a", 1'000));
    CHECK_FALSE(rate.allow("a", 1'000));
    CHECK_FALSE(rate.allow("a", 1'000 + 5'900));
    CHECK(rate.allow("a", 1'000 + 6'100));
    CHECK_FALSE(rate.allow("a", 1'000 + 6'200));
}

TEST_CASE("one key's handshakes do not count for another") {
    HandshakeRate rate({1, 1}, 100);
    CHECK(rate.allow("a", 0));
    CHECK_FALSE(rate.allow("a", 0));
    CHECK(rate.allow("b", 0));
}

TEST_CASE("a table that is full refuses strangers and keeps those it counts") {
    HandshakeRate rate({2, 1}, 2);
    CHECK(rate.allow("a", 0));
    CHECK(rate.allow("b", 0));
    CHECK_FALSE(rate.allow("c", 0));
    CHECK(rate.allow("a", 0));
    CHECK_FALSE(rate.allow("a", 0));
    CHECK(rate.allow("c", 10'000));      // by then the others are full again and forgotten
}

TEST_CASE("a clock that goes back gives no tokens away") {
    HandshakeRate rate({1, 1}, 10);
    CHECK(rate.allow("a", 10'000));
    CHECK_FALSE(rate.allow("a", 0));
    CHECK_FALSE(rate.allow("a", 900));
}
