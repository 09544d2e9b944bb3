// Values of Ansible's INI inventories: Python literals, or texts.
#include <catch2/catch.hpp>

#include "master/inventory/python_literal.hpp"

using prove::read_python_literal;

namespace {

std::string read(const std::string& text) {
    const auto value = read_python_literal(text);
    return value ? prove::write_json(*value) : "a text";
}

}  // namespace

TEST_CASE("numbers, strings, lists, tuples, dicts, True, False and None are literals") {
    CHECK(read("8080") == "8080");
    CHECK(read("-1_000") == "-1000");
    CHECK(read("0x1F") == "31");
    CHECK(read("0o644") == "420");
    CHECK(read("1.5e3") == "1500.0");
    CHECK(read(".5") == "0.5");
    CHECK(read("True") == "true");
    CHECK(read("None") == "null");
    CHECK(read("'it\\'s'") == "\"it's\"");
    CHECK(read("\"a\\tb\"") == "\"a\\tb\"");
    CHECK(read("['a', \"b\", 1,]") == "[\"a\",\"b\",1]");
    CHECK(read("(1, 2)") == "[1,2]");
    CHECK(read("(1)") == "1");
    CHECK(read("{'a': [1, {'b': None}]}") == "{\"a\":[1,{\"b\":null}]}");
    CHECK(read("00") == "0");
}

TEST_CASE("everything else is a text") {
    for (const auto* const text : {"",       "web1", "0644",  "true",  "yes",      "10.0.0.1", "1.2.3",
                                   "[a, b]", "['a'", "{'a'}", "'a' b", "8080 # x", "it's",     "-",
                                   "1e",     "0x",   "0x-1",  "1__0",  "[,]",      "{1: 2}",   "99999999999999999999"})
        CHECK(read(text) == "a text");
    CHECK(read(std::string(100'000, '[')) == "a text");
}
