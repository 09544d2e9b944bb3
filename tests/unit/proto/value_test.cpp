// Values, mappings and the reader of fields.
#include <catch2/catch.hpp>

#include <thread>

#include "proto/value.hpp"

using namespace prove;

TEST_CASE("a mapping keeps the order in which it was written, whatever its size", "[value]") {
    for (const int size : {3, 15, 16, 17, 300}) {
        Mapping mapping;
        for (int i = size; i > 0; --i) mapping.set("key" + std::to_string(i), i);
        mapping.set("key2", 200);
        int expected = size;
        for (const auto& member : mapping) CHECK(member.key == "key" + std::to_string(expected--));
        CHECK(mapping.size() == static_cast<std::size_t>(size));
        CHECK(mapping.find("key2")->integer() == 200);
        CHECK(mapping.find("key0") == nullptr);
    }
}

TEST_CASE("a member that was erased is gone, and the others are still found", "[value]") {
    for (const int size : {4, 16, 40}) {
        Mapping mapping;
        for (int i = 0; i < size; ++i) mapping.set(std::to_string(i), i);
        CHECK(mapping.erase("1"));
        CHECK_FALSE(mapping.erase("1"));
        CHECK(mapping.size() == static_cast<std::size_t>(size - 1));
        for (int i = 2; i < size; ++i) CHECK(mapping.find(std::to_string(i))->integer() == i);
        mapping.set("1", "again");
        CHECK(mapping.find("1")->text() == "again");
    }
}

TEST_CASE("two mappings are equal whatever their order and their positions", "[value]") {
    const auto file = std::make_shared<const std::string>("a.yml");
    Value a = Value::object(), b = Value::object();
    a.set("x", 1);
    a.set("y", Value(Value::List{1, "two"}));
    b.mapping().set("y", SourcePosition{file, 3, 1}, Value(Value::List{1, "two"}));
    b.set("x", 1);
    b.set_position(SourcePosition{file, 1, 1});
    CHECK(a == b);
    b.set("x", 2);
    CHECK_FALSE(a == b);
    a.set("x", 2.0);
    CHECK_FALSE(a == b);
}

TEST_CASE("a copied value is its own, and a moved one costs nothing", "[value]") {
    Value a = Value::object();
    a.set("list", Value(Value::List{1, 2}));
    Value b = a;
    b.mapping().find("list")->push(3);
    CHECK(a.at("list").list().size() == 2);
    const Value* const held = &a.at("list");
    const Value c = std::move(a);
    CHECK(&c.at("list") == held);
    static_assert(std::is_nothrow_move_constructible_v<Value>);
}

TEST_CASE("a value of the wrong kind says what was expected, what was found and where", "[value]") {
    Value value("yes");
    value.set_position({std::make_shared<const std::string>("a.yml"), 3, 7});
    try {
        value.boolean();
        FAIL("taken");
    } catch (const Error& error) {
        CHECK(error.full_text() == "a.yml:3:7: expected true or false, found the text 'yes'");
        CHECK(error.kind() == ErrorKind::invalid);
    }
    CHECK_THROWS_WITH(Value(5).text(), "expected a text, found the integer 5");
    CHECK_THROWS_WITH(Value().mapping(), "expected a mapping, found nothing");
    CHECK_THROWS_WITH(Value::array().integer(), "expected an integer, found a list");
    CHECK_THROWS_WITH(Value(1.5).integer(), "expected an integer, found the number 1.5");
    CHECK_THROWS_WITH(Value::object().at("path"), "'path' is missing");
    CHECK(Value(std::string(200, 'x')).described().size() < 90);
    CHECK(Value(3).real() == 3.0);
}

TEST_CASE("a number above the largest 64-bit integer is refused", "[value]") {
    CHECK(Value(std::uint64_t{INT64_MAX}).integer() == INT64_MAX);
    CHECK_THROWS_AS(Value(std::uint64_t{1} << 63), Error);
}

TEST_CASE("S46 fields that nobody asked for are refused, with the nearest name", "[value]") {
    Value value = Value::object();
    value.set("nonce", "n");
    value.set("counte", 3);
    Fields fields(value, "hello");
    CHECK(fields.text("nonce") == "n");
    CHECK(fields.integer("counter", 9) == 9);
    CHECK_THROWS_WITH(fields.end(), "hello: unknown field 'counte'; did you mean 'counter'?");
    CHECK_THROWS_WITH(Fields(value, "hello").required("journal"), "hello: 'journal' is missing");
    CHECK_THROWS_AS(Fields(Value(1), "hello"), Error);
}

TEST_CASE("a large mapping may be read from several threads", "[value]") {
    Mapping mapping;
    for (int i = 0; i < 1000; ++i) mapping.set(std::to_string(i), i);
    const Mapping copy = mapping;
    std::vector<std::thread> readers;
    std::vector<int> found(2, 0);
    for (int& sum : found)
        readers.emplace_back([&copy, &sum] {
            for (int i = 0; i < 1000; ++i) sum += copy.has(std::to_string(i)) ? 1 : 0;
        });
    for (auto& reader : readers) reader.join();
    CHECK(found == std::vector<int>{1000, 1000});
}
