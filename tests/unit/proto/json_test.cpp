// JSON in and out: what reads back, where things stand, and what is refused (security.md section 16, "Decoders").
#include <catch2/catch.hpp>

#include "pace.hpp"
#include "proto/value.hpp"

using namespace prove;

namespace {

std::string refusal_of(std::string_view text, const JsonLimits& limits = {}) {
    try {
        read_json(text, limits);
        return "taken";
    } catch (const Error& error) {
        CHECK(error.kind() == ErrorKind::invalid);
        return error.text();
    }
}

std::string nested(std::size_t depth) {
    return std::string(depth, '[') + std::string(depth, ']');
}

std::string place_of(const Value& value) {
    return value.position().text();
}

}  // namespace

TEST_CASE("JSON reads into values and writes back as it was", "[json]") {
    const std::string text =
        R"({"a":[1,-2,3.5,true,false,null,"x"],"b":{},"c":[],"d":{"e":"\"\\\n\u0001 é"},"f":9223372036854775807})";
    CHECK(write_json(read_json(text)) == text);
    CHECK(read_json(" [ 1 , 2 ] ") == Value(Value::List{1, 2}));
    CHECK(read_json("-9223372036854775808").integer() == INT64_MIN);
    CHECK(read_json("\"\\ud83d\\ude00\"").text() == "\xF0\x9F\x98\x80");
}

TEST_CASE("a real stays a real and an integer an integer", "[json]") {
    for (const double number : {0.1, 1e300, -2.5e-8, 5.0, 1e16, 0.0}) {
        const Value read = read_json(write_json(Value(number)));
        CHECK(read.kind() == Value::Kind::real);
        CHECK(read.real() == number);
    }
    CHECK(write_json(Value(5.0)) == "5.0");
    CHECK(read_json("5").is_integer());
}

TEST_CASE("S47 bytes that are not UTF-8 are written as the replacement character", "[json]") {
    CHECK(write_json(Value("a\xFF"
                           "b\xC3")) ==
          "\"a\xEF\xBF\xBD"
          "b\xEF\xBF\xBD\"");
    CHECK(write_json(Value("\xED\xA0\x80")).find('\xED') == std::string::npos);
    CHECK(write_json(Value(std::string("\0", 1))) == "\"\\u0000\"");
    CHECK(write_json(Value(std::numeric_limits<double>::infinity())) == "null");
}

TEST_CASE("S14 control characters never appear raw in written JSON", "[json]") {
    CHECK(write_json(Value("\x1b[2J\x7f\u009b\u2028")) == R"("\u001b[2J\u007f\u009b\u2028")");
    CHECK(read_json(R"("\u009b")").text() == "\u009b");
}

TEST_CASE("values read from a file know their lines and columns, counted in characters", "[json]") {
    const auto file = std::make_shared<const std::string>("vars.json");
    const Value value = read_json("{\"ø\": [1,\n  {\"k\\\"]\": true}],\n \"z\": \"\\\\\", \"n\": -1.5e3}", {}, file);
    CHECK(place_of(value) == "vars.json:1:1");
    CHECK(place_of(value.at("ø")) == "vars.json:1:7");
    CHECK(place_of(value.at("ø").list()[0]) == "vars.json:1:8");
    CHECK(place_of(value.at("ø").list()[1]) == "vars.json:2:3");
    const auto* const inner = value.at("ø").list()[1].mapping().member("k\"]");
    REQUIRE(inner != nullptr);
    CHECK(inner->key_position.text() == "vars.json:2:4");
    CHECK(place_of(inner->value) == "vars.json:2:12");
    CHECK(place_of(value.at("z")) == "vars.json:3:7");
    CHECK(value.mapping().member("n")->key_position.text() == "vars.json:3:13");
    CHECK(place_of(value.at("n")) == "vars.json:3:18");
}

TEST_CASE("an error in a JSON file names line, column and what was expected", "[json]") {
    const auto file = std::make_shared<const std::string>("vars.json");
    try {
        read_json("{\"a\": 1,\n \"b\" 2}", {}, file);
        FAIL("taken");
    } catch (const Error& error) {
        CHECK(error.position().text() == "vars.json:2:6");
        CHECK(error.text() == "not valid JSON: a syntax error; expected ':'");
    }
    CHECK(refusal_of("{\"a\":\n tru}") == "not valid JSON: a syntax error at line 2, column 5");
}

TEST_CASE("S92 an error does not repeat the input, which may be a secret", "[json]") {
    for (const std::string text :
         {"{\"password\": hunter2}", "{\"password\": \"hunter2}", "hunter2", "\"hunter2\" hunter2"})
        CHECK(refusal_of(text).find("hunter2") == std::string::npos);
}

TEST_CASE("S46 JSON cut short at any byte is refused", "[json]") {
    const std::string good = R"({"a":[1,-2.5,true,null,"x\u00e9"],"b":{"c":"d"}})";
    for (std::size_t size = 0; size < good.size(); ++size) CHECK(refusal_of(good.substr(0, size)) != "taken");
    CHECK(refusal_of(good) == "taken");
}

TEST_CASE("S46 depth 33 is refused and depth 32 is taken", "[json]") {
    CHECK(refusal_of(nested(32)) == "taken");
    CHECK(refusal_of(nested(33)) == "not valid JSON: deeper than 32 levels");
    CHECK(refusal_of(std::string(8u << 20, '[')) == "not valid JSON: deeper than 32 levels");
}

TEST_CASE("S46 more than 100,000 values are refused, a StateRun may have 1,000,000", "[json]") {
    const auto list = [](std::size_t items) {
        std::string text = "[1";
        for (std::size_t i = 1; i < items; ++i) text += ",1";
        return text + "]";
    };
    CHECK(refusal_of(list(99'999)) == "taken");
    CHECK(refusal_of(list(100'000)) == "not valid JSON: more than 100000 values");
    CHECK(refusal_of(list(100'000), JsonLimits::state_run()) == "taken");
}

TEST_CASE("S46 a key given twice is refused, also when it is written differently", "[json]") {
    CHECK(refusal_of(R"({"a":1,"b":2,"a":3})") == "not valid JSON: the key 'a' is given twice");
    CHECK(refusal_of("{\"a\":1,\"\\u0061\":2}") == "not valid JSON: the key 'a' is given twice");
    CHECK(refusal_of(R"([{"a":1},{"a":1}])") == "taken");
}

TEST_CASE("S46 too many or too long keys and texts are refused", "[json]") {
    const auto object = [](int keys) {
        std::string text = "{\"k\":0";
        for (int i = 1; i < keys; ++i) text += ",\"" + std::to_string(i) + "\":0";
        return text + "}";
    };
    CHECK(refusal_of(object(1000)) == "taken");
    CHECK(refusal_of(object(1001)) == "not valid JSON: more than 1000 keys in one object");
    CHECK(refusal_of("{\"" + std::string(256, 'k') + "\":1}") == "taken");
    CHECK(refusal_of("{\"" + std::string(257, 'k') + "\":1}") == "not valid JSON: a key of more than 256 bytes");
    CHECK(refusal_of("\"" + std::string((1u << 20) + 1, 'x') + "\"") ==
          "not valid JSON: a text of more than 1048576 bytes");
    JsonLimits small;
    small.bytes = 4;
    CHECK(refusal_of("[1,2]", small) == "not valid JSON: longer than 4 bytes");
}

TEST_CASE("S46 integers out of range are refused, not rounded", "[json]") {
    for (const std::string text : {"9223372036854775808", "18446744073709551615", "18446744073709551616",
                                   "-9223372036854775809", "1e999", "-1e999", "123456789012345678901234567890"})
        CHECK_THAT(refusal_of(text), Catch::Contains("a number out of range"));
}

TEST_CASE("S46 what is not JSON is refused: NaN, Infinity, comments, single quotes, trailing commas", "[json]") {
    for (const std::string text :
         {"NaN",   "Infinity", "-Infinity", "[1,]",   "{\"a\":1,}", "// x\n1",     "/* */ 1",
          "'a'",   "01",       "+1",        "1.",     ".5",         "0x10",        "tru",
          "{a:1}", "",         " ",         "\"\t\"", "\"\\x41\"",  "\"\\ud800\"", "\"\\udc00\\ud800\""})
        CHECK(refusal_of(text) != "taken");
}

TEST_CASE("S46 trailing bytes are refused, also after a NUL", "[json]") {
    CHECK(refusal_of("1 2") != "taken");
    CHECK(refusal_of("{} x") != "taken");
    CHECK(refusal_of(std::string("1\0", 2)) == "not valid JSON: a NUL byte");
    CHECK(refusal_of(std::string("1\0 2", 4)) == "not valid JSON: a NUL byte");
    CHECK(refusal_of("\xEF\xBB\xBF"
                     "1") == "not valid JSON: it begins with a byte order mark; save the file without one");
}

TEST_CASE("S46 a NUL in a key is refused, however it is written", "[json]") {
    CHECK(refusal_of("{\"a\\u0000b\":1}") == "not valid JSON: a key with a NUL character");
    CHECK(read_json("\"a\\u0000b\"").text().size() == 3);
}

TEST_CASE("S46 invalid and overlong UTF-8 is refused", "[json]") {
    for (const std::string bytes : {"\xFF", "\xC0\x80", "\xC1\xBF", "\xE0\x80\x80", "\xED\xA0\x80", "\xF0\x80\x80\x80",
                                    "\xF4\x90\x80\x80", "\xC3", "\x80"})
        CHECK_THAT(refusal_of("\"" + bytes + "\""), Catch::Contains("not valid JSON"));
}

TEST_CASE("S46 hostile JSON costs less than 50 ms", "[json]") {
    std::string many_keys = "{";
    for (int i = 0; i < 20'000; ++i) many_keys += "\"k" + std::to_string(i) + "\":0,";
    // As large as a payload may be that is not fetched in chunks.
    const std::size_t size = 320u << 10;
    for (const std::string& text : {std::string(size, '['), many_keys, "[" + std::string(size, '1') + "]",
                                    std::string(size, '\\'), "{\"a\":" + std::string(size, '[')}) {
        CHECK(prove::test::shipped_ms([&] { CHECK(refusal_of(text) != "taken"); }) < 50);
    }
}
