// A file on its way from a target.
#include <catch2/catch.hpp>

#include "proto/fetched.hpp"

using namespace prove;

namespace {

Fetched file(std::string bytes) {
    return {.path = "/etc/motd", .user = "root", .group = "staff", .mode = 0640, .bytes = std::move(bytes)};
}

}  // namespace

TEST_CASE("a fetched file comes as it was: nothing, binary, and as much as there may be", "[fetched]") {
    for (const std::string& bytes : {std::string(), std::string("\0\xff\n", 3), std::string(most_fetched, 'x')}) {
        const std::string text = write_json(to_value(file(bytes)));
        CHECK(text.size() < (4u << 20));  // what a result may have
        const Fetched again = fetched_from(read_json(text));
        CHECK(again.bytes == bytes);
        CHECK(again.path == "/etc/motd");
        CHECK(again.user == "root");
        CHECK(again.group == "staff");
        CHECK(again.mode == 0640);
    }
}

TEST_CASE("S64 bytes that are not those that were read are refused", "[fetched]") {
    const Value good = to_value(file("hello"));
    for (const auto& [key, value] : {std::pair<const char*, Value>{"hash", hash_of("other").hex()}, {"size", 4}, {"size", -1},
                                     {"pieces", Value::array()}, {"pieces", Value(Value::List{"!"})}, {"more", 1}}) {
        Value bad = good;
        bad.set(key, value);
        CHECK_THROWS_AS(fetched_from(bad), Error);
    }
    CHECK_THROWS_WITH(fetched_from(to_value(file(std::string(most_fetched + 1, 'x')))), "the file that came has more than 2 MiB");
}

TEST_CASE("without its bytes it tells its size and hash", "[fetched]") {
    const Value told = without_bytes(to_value(file("a secret")));
    CHECK(told.find("pieces") == nullptr);
    CHECK(told.at("size") == Value(8));
    CHECK(told.at("hash") == Value(hash_of("a secret").hex()));
    CHECK(without_bytes(Value()).is_null());
}
