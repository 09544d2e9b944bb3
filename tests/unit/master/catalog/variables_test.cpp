// Merging of variable layers, and what is wrong with one by itself.
#include <catch2/catch.hpp>

#include "master/catalog/catalog.hpp"

using prove::Diagnostics;
using prove::Value;

namespace {

Value json(const std::string& text) {
    return prove::read_json(text, {}, std::make_shared<const std::string>("x.json"));
}

std::string merged(const std::string& base, const std::string& over) {
    auto result = json(base);
    prove::merge_variables(result, json(over));
    return prove::write_json(result);
}

std::vector<std::string> faults(const std::string& variables, prove::SecretRule rule = prove::SecretRule::allowed) {
    Diagnostics diagnostics;
    prove::check_variables(json(variables), "group web", rule, diagnostics);
    std::vector<std::string> result;
    for (const auto& diagnostic : diagnostics.sorted()) result.push_back(diagnostic.text);
    return result;
}

}  // namespace

TEST_CASE("mappings merge deeply; lists and scalars replace", "[variables]") {
    CHECK(merged(R"({"a":1,"m":{"x":1,"deep":{"k":1}}})", R"({"m":{"y":2,"deep":{"l":2}}})") ==
          R"({"a":1,"m":{"x":1,"deep":{"k":1,"l":2},"y":2}})");
    CHECK(merged(R"({"l":[1,2]})", R"({"l":[3]})") == R"({"l":[3]})");
    CHECK(merged(R"({"a":1})", R"({"a":"x"})") == R"({"a":"x"})");
    CHECK(merged(R"({"a":{"x":1}})", R"({"a":null})") == R"({"a":null})");
    CHECK(merged(R"({"a":1})", R"({"a":{"x":1}})") == R"({"a":{"x":1}})");
}

TEST_CASE("key+ appends to the list below, or is the list where there is none", "[variables]") {
    CHECK(merged(R"({"l":[1]})", R"({"l+":[2,3]})") == R"({"l":[1,2,3]})");
    CHECK(merged("{}", R"({"l+":[2]})") == R"({"l":[2]})");
    CHECK(merged(R"({"m":{"l":[1]}})", R"({"m":{"l+":[2]}})") == R"({"m":{"l":[1,2]}})");
    CHECK(merged("{}", R"({"m":{"l+":[2],"n":{"k!":{"a":1}}}})") == R"({"m":{"l":[2],"n":{"k":{"a":1}}}})");
}

TEST_CASE("key! replaces a mapping whole", "[variables]") {
    CHECK(merged(R"({"m":{"x":1}})", R"({"m!":{"y":2}})") == R"({"m":{"y":2}})");
    CHECK(merged("{}", R"({"m!":{"y":2}})") == R"({"m":{"y":2}})");
}

TEST_CASE("appending to what is no list is an error with both places", "[variables]") {
    auto base = json(R"({"l": 5})");
    try {
        prove::merge_variables(base, json("{\n\"l+\": [1]}"));
        FAIL("merged");
    } catch (const prove::Error& error) {
        CHECK(error.kind() == prove::ErrorKind::catalog);
        CHECK(error.position().line == 2);
        CHECK(error.text().find("'l+' appends to a list, but 'l' is the integer 5 at x.json:1:") == 0);
    }
}

TEST_CASE("merging layers one by one gives the same as merging them in any bracketing", "[variables]") {
    const char* const layers[] = {R"({"a":{"x":1},"l":[1]})", R"({"a":{"y":2},"l+":[2]})",
                                  R"({"a":{"x":3,"z":{"k":1}},"l+":[3]})", R"({"a!":{"only":1}})"};
    auto left = Value::object();
    for (const auto* layer : layers) prove::merge_variables(left, json(layer));
    CHECK(prove::write_json(left) == R"({"a":{"only":1},"l":[1,2,3]})");
}

TEST_CASE("a merged value keeps the place of the layer that won", "[variables]") {
    auto base = json("{\"a\": 1}");
    prove::merge_variables(base, json("{\n\n\"a\": 2}"));
    CHECK(base.at("a").position().line == 3);
}

TEST_CASE("a key and its key+ or key! side by side are an error", "[variables]") {
    CHECK(faults(R"({"l":[1],"l+":[2]})") ==
          std::vector<std::string>{"'l+' and 'l' stand side by side; write one of them"});
    CHECK(faults(R"({"deep":{"m":{},"m!":{}}})").size() == 1);
    CHECK(faults(R"({"x+":[],"x!":{}})") ==
          std::vector<std::string>{"'x+' and 'x!' stand side by side; write one of them"});
}

TEST_CASE("key+ is a list and key! is a mapping", "[variables]") {
    CHECK(faults(R"({"l+":1})") == std::vector<std::string>{"'l+' appends a list, found the integer 1"});
    CHECK(faults(R"({"m!":[]})").size() == 1);
    CHECK(faults(R"({"l+":[1],"m!":{"a":1},"+":1,"!":2})").empty());
}

TEST_CASE("what stands after !secret is what prove-cli secret encrypt prints, wherever it stands", "[variables]") {
    const auto refused = std::vector<std::string>{
        "after '!secret' stands what 'prove-cli secret encrypt' prints, and this is something else"};
    CHECK(faults(R"({"password":{"$secret":"abc"}})") == refused);
    CHECK(faults(R"({"users":[{"password":{"$secret":"prove1.0123.abc"}}]})") == refused);
    CHECK(faults(R"({"password":{"$secret":5}})") == refused);
    CHECK(faults(R"({"password":{"$secret":"prove1.01234567.aGVsbG8="}})").empty());
}

TEST_CASE("S62 a group that matches by facts may not bring secrets", "[variables]") {
    CHECK(faults(R"({"password":{"$secret":"prove1.01234567.aGVsbG8="}})", prove::SecretRule::by_facts) ==
          std::vector<std::string>{"a group that matches by facts may not bring '!secret' values: a host could lie its "
                                   "way to them"});
}
