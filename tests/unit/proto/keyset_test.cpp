// Keysets: whose signatures make one, and which one replaces another.
#include <catch2/catch.hpp>

#include "wire_fixture.hpp"

using namespace prove;
using namespace prove::test;

namespace {

const auto cluster = filled<ClusterId>(0xC1);

}  // namespace

TEST_CASE("S18 a keyset reads back as it was made", "[keyset]") {
    const Keys root(10), online(1);
    const auto roots = root_set_of({&root}, 1);
    auto keyset = keyset_of(roots, online);
    keyset.revoked = {filled<KeyId>(1), filled<KeyId>(2)};
    const auto read = read_keyset(signed_keyset(keyset, {&root}), roots, cluster);
    CHECK(read == keyset);
    CHECK(read.is_revoked(filled<KeyId>(2)));
    CHECK_FALSE(read.is_revoked(filled<KeyId>(3)));
}

TEST_CASE("S18 a keyset that is cut at any byte or changed in any byte is refused", "[keyset]") {
    const Keys root(10), online(1);
    const auto roots = root_set_of({&root}, 1);
    const auto good = signed_keyset(keyset_of(roots, online), {&root});
    for (std::size_t size = 0; size < good.size(); ++size)
        CHECK_THROWS_AS(read_keyset(good.substr(0, size), roots, cluster), Error);
    for (std::size_t i = 0; i < good.size(); ++i) {
        auto changed = good;
        changed[i] = static_cast<char>(changed[i] ^ 1);
        CHECK_THROWS_AS(read_keyset(changed, roots, cluster), Error);
    }
    CHECK_THROWS_AS(read_keyset(good + " ", roots, cluster), Error);
}

TEST_CASE("S19 a keyset needs as many signatures of different pinned roots as the root set says", "[keyset]") {
    const Keys a(10), b(11), c(12), stranger(13), online(1);
    const auto roots = root_set_of({&a, &b, &c}, 2);
    const auto keyset = keyset_of(roots, online);
    CHECK_NOTHROW(read_keyset(signed_keyset(keyset, {&a, &c}), roots, cluster));
    CHECK_NOTHROW(read_keyset(signed_keyset(keyset, {&a, &b, &c}), roots, cluster));
    CHECK_THROWS_WITH(read_keyset(signed_keyset(keyset, {&a}), roots, cluster),
                      Catch::Contains("1 signatures of the pinned root set, where 2 are needed"));
    CHECK_THROWS_WITH(read_keyset(signed_keyset(keyset, {&a, &a}), roots, cluster), Catch::Contains("signed twice"));
    CHECK_THROWS_AS(read_keyset(signed_keyset(keyset, {&a, &stranger}), roots, cluster), Error);
    CHECK_THROWS_AS(read_keyset(signed_keyset(keyset, {}), roots, cluster), Error);
}

TEST_CASE("S19 a signature made over something else does not count", "[keyset]") {
    const Keys root(10), online(1);
    const auto roots = root_set_of({&root}, 1);
    const auto document = keyset_document(keyset_of(roots, online));
    const auto bare = assemble_keyset({{root.id(), root.sign_bytes(document)}}, document);
    CHECK_THROWS_WITH(read_keyset(bare, roots, cluster), Catch::Contains("does not hold"));
    const auto as_envelope =
        assemble_keyset({{root.id(), root.sign_bytes(signed_bytes(MessageType::keyset, document))}}, document);
    CHECK_THROWS_AS(read_keyset(as_envelope, roots, cluster), Error);
}

TEST_CASE("S19 a keyset is taken only where its version is higher than the stored one", "[keyset]") {
    const Keys root(10), online(1);
    const auto roots = root_set_of({&root}, 1);
    const auto bytes = signed_keyset(keyset_of(roots, online, 5), {&root});
    CHECK(take_keyset(bytes, roots, cluster, 4, now_ms).version == 5);
    CHECK_THROWS_WITH(take_keyset(bytes, roots, cluster, 5, now_ms), Catch::Contains("version 5 is not above 5"));
    CHECK_THROWS_AS(take_keyset(bytes, roots, cluster, 6, now_ms), Error);
}

TEST_CASE("S18 a keyset that has expired, or is another cluster's, is refused", "[keyset]") {
    const Keys root(10), online(1);
    const auto roots = root_set_of({&root}, 1);
    const auto bytes = signed_keyset(keyset_of(roots, online), {&root});
    CHECK_THROWS_WITH(take_keyset(bytes, roots, cluster, 0, now_ms + 1'000'001), Catch::Contains("expired"));
    CHECK_THROWS_WITH(take_keyset(bytes, roots, filled<ClusterId>(0xC2), 0, now_ms),
                      Catch::Contains("another cluster's"));
}

TEST_CASE("S19 a new root set is taken where enough old and enough new roots have signed", "[keyset]") {
    const Keys old_root(10), new_a(11), new_b(12), online(1);
    const auto old_set = root_set_of({&old_root}, 1);
    const auto keyset = keyset_of(root_set_of({&new_a, &new_b}, 2), online);
    CHECK_NOTHROW(read_keyset(signed_keyset(keyset, {&old_root, &new_a, &new_b}), old_set, cluster));
    CHECK_THROWS_WITH(read_keyset(signed_keyset(keyset, {&old_root, &new_a}), old_set, cluster),
                      Catch::Contains("of the new root set"));
    CHECK_THROWS_WITH(read_keyset(signed_keyset(keyset, {&new_a, &new_b}), old_set, cluster),
                      Catch::Contains("of the pinned root set"));
}

TEST_CASE("S17 an online key counts only within its validity, and not when it is revoked", "[keyset]") {
    const Keys root(10), online(1);
    auto keyset = keyset_of(root_set_of({&root}, 1), online);
    CHECK(keyset.online_key(online.id(), now_ms)->epoch == 7);
    CHECK(keyset.online_key(online.id(), now_ms - 1001) == nullptr);
    CHECK(keyset.online_key(online.id(), now_ms + 500'001) == nullptr);
    CHECK(keyset.online_key(root.id(), now_ms) == nullptr);
    keyset.revoked = {online.id()};
    CHECK(keyset.online_key(online.id(), now_ms) == nullptr);
}

TEST_CASE("S18 a root set with no keys, too many signatures asked for, or a key twice is refused", "[keyset]") {
    const Keys a(10), b(11);
    const auto roots = root_set_of({&a, &b}, 2);
    const auto good = root_set_bytes(roots);
    CHECK(root_set_from(good) == roots);
    for (std::size_t size = 0; size < good.size(); ++size) CHECK_THROWS_AS(root_set_from(good.substr(0, size)), Error);
    CHECK_THROWS_AS(root_set_from(good + "x"), Error);
    CHECK_THROWS_AS(root_set_from(std::string("\1\0", 2)), Error);
    CHECK_THROWS_AS(root_set_from(std::string("\3\2", 2) + good.substr(2)), Error);
    CHECK_THROWS_AS(root_set_from(std::string("\0\2", 2) + good.substr(2)), Error);
    CHECK_THROWS_AS(root_set_from(std::string("\1\2", 2) + good.substr(2, 32) + good.substr(2, 32)), Error);
    CHECK_THROWS_AS(root_set_from(std::string("\1\1", 2) + std::string(32, '\0')), Error);
}

TEST_CASE("S46 a signed keyset with unknown, missing or impossible fields is refused", "[keyset]") {
    const Keys root(10), online(1);
    const auto roots = root_set_of({&root}, 1);
    const auto with = [&](const std::string& key, Value value) {
        Value document = read_json(keyset_document(keyset_of(roots, online)));
        if (value.is_null()) {
            document.mapping().erase(key);
        } else {
            document.set(key, std::move(value));
        }
        const auto text = write_json(document);
        const auto bytes = assemble_keyset({{root.id(), root.sign_bytes(keyset_signed_bytes(text))}}, text);
        return read_keyset(bytes, roots, cluster);
    };
    CHECK_NOTHROW(with("minimum_agent", "0.2.0"));
    CHECK_THROWS_WITH(with("online_keys", 1), Catch::Contains("unknown field 'online_keys'"));
    for (const char* key :
         {"format", "cluster", "version", "expires_ms", "roots", "online", "transport", "enrol", "minimum_protocol"})
        CHECK_THROWS_AS(with(key, Value()), Error);
    CHECK_THROWS_AS(with("format", 2), Error);
    CHECK_THROWS_AS(with("version", 0), Error);
    CHECK_THROWS_AS(with("version", -1), Error);
    CHECK_THROWS_AS(with("online", Value::array()), Error);
    CHECK_THROWS_AS(with("transport", Value::array()), Error);
    CHECK_THROWS_AS(with("enrol", std::string(64, '0')), Error);
    CHECK_THROWS_AS(with("revoked", Value(Value::List{filled<KeyId>(2).hex(), filled<KeyId>(1).hex()})), Error);
}
