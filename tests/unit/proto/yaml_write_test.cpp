// Values as YAML for people.
#include <catch2/catch.hpp>

#include "proto/value.hpp"

using namespace prove;

namespace {

std::string yaml_of(const std::string& text) {
    Value value = Value::object();
    value.set("k", text);
    return write_yaml(value);
}

}  // namespace

TEST_CASE("YAML is written in block style, mappings of a list beside their dash", "[yaml]") {
    const Value value =
        read_json(R"({"name":"web1","list":[1,"two",[3],{"a":true,"b":{"c":null}}],"empty":{},"none":[],"real":2.5})");
    CHECK(write_yaml(value) ==
          "name: web1\n"
          "list:\n"
          "  - 1\n"
          "  - two\n"
          "  -\n"
          "    - 3\n"
          "  - a: true\n"
          "    b:\n"
          "      c: null\n"
          "empty: {}\n"
          "none: []\n"
          "real: 2.5\n");
    CHECK(write_yaml(Value(5)) == "5\n");
    CHECK(write_yaml(Value::object()) == "{}\n");
}

TEST_CASE("text that YAML would take for something else is quoted", "[yaml]") {
    for (const std::string text :
         {"yes", "No",   "on",   "OFF",   "true",  "null", "~",          "",    "5",    "0644", "1.5", "-1",
          "- a", "a: b", "a #b", "#a",    "key:",  " a",   "a ",         "*a",  "&a",   "!a",   "%a",  "@a",
          "[a]", "{a}",  "a\tb", "12:30", "1_000", ".inf", "2020-01-01", "'a'", "a\"b", "y",    "=",   "<<"})
        CHECK(yaml_of(text) == "k: " + write_json(Value(text)) + "\n");
}

TEST_CASE("ordinary text stands without quotes", "[yaml]") {
    for (const std::string text :
         {"nginx", "/etc/motd", "file.managed", "prove://files/x", "a b c", "web-1", "x=1", "a,b"})
        CHECK(yaml_of(text) == "k: " + text + "\n");
}

TEST_CASE("text of several lines is a literal block that keeps its last line's ending", "[yaml]") {
    CHECK(yaml_of("a\nb\n") == "k: |\n  a\n  b\n");
    CHECK(yaml_of("a\n\n  b") == "k: |-\n  a\n\n    b\n");
    CHECK(yaml_of("a\n\n") == "k: |+\n  a\n\n");
    CHECK(yaml_of(" a\nb") == "k: \" a\\nb\"\n");
    CHECK(yaml_of("a\r\nb") == "k: \"a\\r\\nb\"\n");
    CHECK(yaml_of("\n") == "k: \"\\n\"\n");
}

TEST_CASE("a key that is longer than a reader looks for its ':' is marked as a key", "[yaml]") {
    const std::string key(1'100, 'k'), usual(900, 'k');
    Value inner = Value::object(), value = Value::object();
    inner.set(usual, Value(1));
    inner.set(key, Value(2));
    value.set(key, Value(Value::List{inner}));
    CHECK(write_yaml(value) == "? " + key + "\n:\n  - " + usual + ": 1\n    ? " + key + "\n    : 2\n");
}
