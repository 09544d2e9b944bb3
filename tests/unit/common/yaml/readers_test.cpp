// The two readers of YAML agree: what the quick one takes, the careful one reads to the same values at the same places.
#include "common/yaml/readers.hpp"

#include <catch2/catch.hpp>
#include <functional>
#include <random>

using namespace prove;

namespace {

// A value with the place of everything in it.
std::string with_places(const Value& value) {
    std::string result = value.position().text() + " ";
    if (value.is_list()) {
        for (const Value& member : value.list()) result += "[" + with_places(member) + "]";
    } else if (value.is_mapping()) {
        for (const auto& member : value.mapping())
            result += "{" + member.key_position.text() + " " + member.key + ": " + with_places(member.value) + "}";
    } else {
        result += write_json(value);
    }
    return result;
}

struct Both {
    explicit Both(const std::string& text) {
        const YamlSource source(text, std::make_shared<const std::string>("f"));
        if (const auto value = read_quickly(source, 64)) quick = with_places(*value);
        Diagnostics diagnostics;
        if (const auto value = read_carefully(source, 64, diagnostics)) careful = with_places(*value);
        for (const auto& one : diagnostics.all()) problems += one.full_text() + "\n";
    }
    std::string quick, careful, problems;
};

// Pieces that YAML is made of, the odd ones too, put together without much sense.
std::string random_text(std::mt19937& random) {
    static const std::vector<std::string> pieces = {"a",
                                                    "b:",
                                                    "c: ",
                                                    "- ",
                                                    "- ",
                                                    "-",
                                                    ": ",
                                                    ":",
                                                    "\n",
                                                    "\n",
                                                    "\n",
                                                    "\n  ",
                                                    "\n  ",
                                                    "\n    ",
                                                    "\n   ",
                                                    " ",
                                                    "  ",
                                                    "x y",
                                                    "'q'",
                                                    "\"d\"",
                                                    "'",
                                                    "\"",
                                                    "'a''b'",
                                                    "\"\\n\"",
                                                    "\"\\u00e4\"",
                                                    "[",
                                                    "]",
                                                    "{",
                                                    "}",
                                                    ", ",
                                                    ",",
                                                    "# c",
                                                    " # c",
                                                    "#",
                                                    "|",
                                                    ">",
                                                    "|\n  t\n",
                                                    ">\n  t\n  u\n\n  v\n",
                                                    "|-\n    t\n      u\n",
                                                    "|2\n    t\n",
                                                    "|+\n  t\n\n",
                                                    "!secret x",
                                                    "!out ",
                                                    "!x",
                                                    "&n ",
                                                    "*n",
                                                    "~",
                                                    "null",
                                                    "12",
                                                    "0644",
                                                    "1.5",
                                                    "true",
                                                    "---",
                                                    "...",
                                                    "\n---\n",
                                                    "\n...\n",
                                                    "? ",
                                                    "?",
                                                    "\t",
                                                    "\xC3\xA4",
                                                    "\xE2\x82\xAC",
                                                    "%",
                                                    "@",
                                                    "`",
                                                    "http://x:80/",
                                                    "a#b",
                                                    "a:b",
                                                    "k: v\n",
                                                    "k: v\n",
                                                    "l:\n  - m\n",
                                                    "l:\n- m\n",
                                                    "%TAG",
                                                    "<<: ",
                                                    "\\",
                                                    "\xEF\xBB\xBF",
                                                    "\xC2\x85",
                                                    "\xE2\x80\xA8",
                                                    "\x7F",
                                                    "\x01",
                                                    "$"};
    std::string text;
    for (auto count = random() % 14 + 1; count > 0; --count) text += pieces[random() % pieces.size()];
    return text;
}

// A file as people write it, with a few accidents.
std::string random_file(std::mt19937& random) {
    static const std::vector<std::string> values = {" x",
                                                    " 'x y'",
                                                    " \"a: b\"",
                                                    " |\n      one\n       two\n\n      three",
                                                    " >-\n      one\n      two",
                                                    " [a, {b: c}, 'd']",
                                                    " {a: 1, b: [2, 3]}",
                                                    "",
                                                    " ~",
                                                    "\n      - one\n      - two: 2\n        three: 3",
                                                    "\n      k: v\n      l:\n        m: n",
                                                    " 12 # why",
                                                    " one\n      two",
                                                    " \"one\n      two\"",
                                                    " !secret abc",
                                                    "\n    - same\n    - indent",
                                                    " |+\n      x\n\n",
                                                    " http://a:80/b#c",
                                                    " a 'b' \"c\"",
                                                    " \xC3\xA4: b",
                                                    " ''",
                                                    " {}",
                                                    " []",
                                                    " [\n      a,\n      b\n    ]",
                                                    " -1",
                                                    " >\n      a\n\n        b\n      c\n",
                                                    " |\n\n      first is empty\n",
                                                    " |\n      # no comment\n  # but this is\n"};
    std::string text = random() % 3 == 0 ? "# head\n\n" : "";
    for (int state = 0; state < 3; ++state) {
        text += "s" + std::to_string(state) + ":\n";
        for (auto part = random() % 3 + 1; part > 0; --part) {
            text += "  - fn: cmd.run\n";
            for (int key = 0; key < 3; ++key)
                text += "    k" + std::to_string(key) + ":" + values[random() % values.size()] + "\n";
        }
    }
    for (auto accidents = random() % 3; accidents > 0; --accidents) {
        const std::size_t at = random() % text.size();
        if (random() % 2 == 0)
            text.erase(at, 1);
        else
            text.insert(at, std::string(1, " \n:-'\"#[{}|\t,x"[random() % 14]));
    }
    return text;
}

int agreements(const std::function<std::string(std::mt19937&)>& make, int count) {
    std::mt19937 random(23112026);
    int quick = 0;
    for (int i = 0; i < count; ++i) {
        const std::string text = make(random);
        const Both both(text);
        if (both.quick.empty()) continue;
        ++quick;
        INFO(text << "\n----\n" << both.problems);
        REQUIRE(both.quick == both.careful);
    }
    return quick;
}

}  // namespace

TEST_CASE("what the quick reader takes, the careful one reads to the same: pieces without sense", "[yaml]") {
    CHECK(agreements(random_text, 20'000) > 2'000);
}

TEST_CASE("what the quick reader takes, the careful one reads to the same: files with accidents", "[yaml]") {
    CHECK(agreements(random_file, 4'000) > 1'000);
}
