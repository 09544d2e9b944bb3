// YAML as users write it: what it means, what is refused, and where it is said to be.
#include "common/yaml/yaml.hpp"

#include <catch2/catch.hpp>

using namespace prove;

namespace {

FileName file() {
    static const auto name = std::make_shared<const std::string>("states/site.yml");
    return name;
}

Value read(std::string_view text) {
    return read_yaml(text, file());
}

// "LINE:COLUMN: text" of each thing that is wrong.
std::vector<std::string> problems(std::string_view text, const YamlLimits& limits = {}) {
    Diagnostics diagnostics;
    const auto value = read_yaml(text, file(), diagnostics, limits);
    CHECK(value.has_value() == diagnostics.all().empty());
    std::vector<std::string> result;
    for (const auto& diagnostic : diagnostics.sorted())
        result.push_back(std::to_string(diagnostic.position.line) + ":" + std::to_string(diagnostic.position.column) +
                         ": " + diagnostic.text);
    return result;
}
using Problems = std::vector<std::string>;

std::string place(const SourcePosition& position) {
    return position.text();
}

}  // namespace

TEST_CASE("a document becomes mappings, lists and scalars in the order written", "[yaml]") {
    CHECK(write_json(read("b: [1, two, {c: 3}]\na:\n- x\n- y: z\n")) ==
          R"({"b":[1,"two",{"c":3}],"a":["x",{"y":"z"}]})");
    CHECK(read("").is_null());
    CHECK(read("# nothing\n").is_null());
    CHECK(read("---\na: 1\n...\n") == read("a: 1"));
    CHECK(read("{\"a\": 1, \"b\": [true, null]}") == read("a: 1\nb: [true, ~]"));  // JSON is YAML
}

TEST_CASE("plain scalars are YAML 1.2's: yes, no, on and off are texts", "[yaml]") {
    for (const char* text : {"yes", "no", "on", "off", "y", "0x", "0o9", "1_000", "1.2.3", "12:30", "2026-11-22", "-",
                             "+", "1e", "-x", ".", "0b1", "e5"}) {
        INFO(text);
        CHECK(read("[" + std::string(text) + "]").list()[0] == Value(text));
    }
    CHECK(write_json(
              read("[true, True, FALSE, null, ~, Null, 0, -7, +7, 0x1F, 0o17, 1.5, -2e3, .5, 9223372036854775807]")) ==
          "[true,true,false,null,null,null,0,-7,7,31,15,1.5,-2000.0,0.5,9223372036854775807]");
    CHECK(read("-9223372036854775808") == Value(std::int64_t{INT64_MIN}));
}

TEST_CASE("quoted scalars are texts, whatever is in them", "[yaml]") {
    CHECK(write_json(read("['0644', \"true\", '~', '', \"a\\tb\"]")) == R"(["0644","true","~","","a\tb"])");
    CHECK(read("'&x *y !z'").text() == "&x *y !z");
}

TEST_CASE("block texts keep their lines, tabs and what looks like YAML", "[yaml]") {
    CHECK(read("a: |\n  all:\n  \techo *x &y\n  # kept\n").at("a").text() == "all:\n\techo *x &y\n# kept\n");
    CHECK(read("a: >-\n  one\n  two\n").at("a").text() == "one two");
}

TEST_CASE("every value and key knows its line and column, in characters", "[yaml]") {
    const Value value =
        read("# comment\n\xC3\xA4\xC3\xB6: first\nlist:\n  - a\n  - {\xC3\xA4: b}\nempty:\n\nlast: 1\n");
    const Mapping& mapping = value.mapping();
    CHECK(place(mapping.member("\xC3\xA4\xC3\xB6")->key_position) == "states/site.yml:2:1");
    CHECK(place(value.at("\xC3\xA4\xC3\xB6").position()) == "states/site.yml:2:5");
    CHECK(place(value.at("list").list()[0].position()) == "states/site.yml:4:5");
    CHECK(place(value.at("list").list()[1].at("\xC3\xA4").position()) == "states/site.yml:5:9");
    CHECK(place(value.at("empty").position()) == "states/site.yml:6:1");
    CHECK(place(value.position()) == "states/site.yml:2:1");
}

TEST_CASE("line ends of other systems and a byte order mark change nothing", "[yaml]") {
    CHECK(read("a: 1\r\nb: x\r\n") == read("a: 1\nb: x\n"));
    CHECK(read("\xEF\xBB\xBF"
               "a: 1") == read("a: 1"));
    CHECK(place(read("\xEF\xBB\xBF"
                     "a: 1")
                    .at("a")
                    .position()) == "states/site.yml:1:4");
}

TEST_CASE("a tagged text is a mapping of its tag", "[yaml]") {
    CHECK(write_json(read("a: !secret c2VjcmV0\nb: !out 'certificate.not_after'")) ==
          R"({"a":{"$secret":"c2VjcmV0"},"b":{"$out":"certificate.not_after"}})");
    CHECK(problems("a: !secret") == Problems{"1:4: !secret needs a text after it"});
    CHECK(problems("a: !out [1]") == Problems{"1:4: !out stands before a text, not before a list or a mapping"});
}

TEST_CASE("S46 tags other than !secret and !out are refused", "[yaml]") {
    CHECK(problems("a: !!python/object x") ==
          Problems{"1:4: the tag 'tag:yaml.org,2002:python/object' is not known; there are !secret and !out"});
    CHECK(problems("!x\na: 1").size() == 1);
    CHECK(problems("!secret a: 1") == Problems{"1:1: a key cannot have a tag"});
}

TEST_CASE("S81 anchors, aliases and merge keys are refused, with what to do", "[yaml]") {
    CHECK(problems("a: &x 1") ==
          Problems{
              "1:4: '&' begins an anchor, which is not read here; write it out, or quote a text that begins with '&'"});
    CHECK(problems("path: *.conf")[0].rfind("1:7: '*' begins an alias", 0) == 0);
    CHECK(problems("a: *") != Problems{});
    CHECK(problems("<<: {a: 1}") ==
          Problems{"1:1: merge keys ('<<') are not read; write the members out, or use a variable"});
}

TEST_CASE("a key that is there twice is refused and says where the first one is", "[yaml]") {
    CHECK(problems("a: 1\nb: 2\na: 3") == Problems{"3:1: the key 'a' is there twice; first in line 1"});
    CHECK(problems("{a: {x: 1, x: 2}}") == Problems{"1:12: the key 'x' is there twice; first in line 1"});
    CHECK(problems("1: a\n'1': b").size() == 1);
}

TEST_CASE("a mode without quotes is refused with the right way to write it", "[yaml]") {
    CHECK(problems("mode: 0644") == Problems{"1:7: a number with leading zeros; a mode is written in quotes: '0644'"});
    CHECK(problems("[007, 0888, -01]").size() == 3);
    CHECK(problems("[0, 0.5, -0]").empty());
}

TEST_CASE("numbers that cannot be kept exactly are refused", "[yaml]") {
    for (const char* text :
         {"9223372036854775808", "-9223372036854775809", "0xFFFFFFFFFFFFFFFFF", "1e999", ".inf", "-.inf", ".nan"}) {
        INFO(text);
        CHECK(problems(text).size() == 1);
    }
}

TEST_CASE("tabs as indentation are refused at the line they stand in", "[yaml]") {
    CHECK(problems("a:\n\tb: 1") == Problems{"2:1: a tab in the indentation; only blanks may indent"});
    CHECK(problems("a: [\n\t1]") == Problems{"2:1: a tab in the indentation; only blanks may indent"});
    CHECK(problems("a: b\n\tc: d")[0].find("a tab in the indentation") != std::string::npos);
    CHECK(problems("a:\n  b: 1\n \tc: 2")[0].find("a tab in the indentation") != std::string::npos);
    CHECK(problems("a:\n\t- b: 1")[0].find("a tab in the indentation") != std::string::npos);
    CHECK(problems("a:\t1").empty());
}

TEST_CASE("a file is one document", "[yaml]") {
    CHECK(problems("a: 1\n---\nb: 2") == Problems{"2:1: a second document ('---'); a file has one"});
    CHECK(problems("- a\nb: 1") ==
          Problems{"2:1: this does not go on with what stands above: a list and a mapping cannot stand side by side"});
}

TEST_CASE("keys are texts", "[yaml]") {
    CHECK(problems("? [a]\n: 1") == Problems{"1:3: a key must be a text; quote it if it begins with '{' or '['"});
    CHECK(problems("{{ x }}: 1").size() == 1);
    CHECK(problems(": 1") == Problems{"1:1: a key is missing before the ':'"});
    CHECK(read("80: http").at("80").text() == "http");
}

TEST_CASE("syntax errors are told in sentences, at their place", "[yaml]") {
    CHECK(
        problems("a: b: c") ==
        Problems{"1:5: a ': ' where no value can begin; check the indentation, and quote a text that has ': ' in it"});
    CHECK(problems("a:\n  - 1\n - 2") == Problems{"3:2: this fits to no line above; check the indentation"});
    CHECK(problems("x: 1\na: [1, 2\nb: 3") == Problems{"2:4: a '[' without its ']'"});
    CHECK(problems("a: {b: 1") == Problems{"1:4: a '{' without its '}'"});
    CHECK(problems("a: 'x")[0].find("a quoted text is not closed") != std::string::npos);
    CHECK(problems("a: \"x\n")[0].find("a quoted text is not closed") != std::string::npos);
    CHECK(problems("a: \"x\\\"\n")[0].find("a quoted text is not closed") != std::string::npos);
    CHECK(problems("a: 'it''s'\nb: \"a\\\"b\"\nc: \"two\n  lines\"").empty());
    CHECK(problems("a: @x") == Problems{"1:4: a text cannot begin with '@'; write it in quotes"});
    CHECK(problems("a: \"\\z\"")[0].find("unknown escape '\\z'") != std::string::npos);
    CHECK(problems("a: - b")[0].rfind("1:4: a '- ' where no list can begin", 0) == 0);
}

TEST_CASE("what only looks like YAML's own signs is told where it stands, not where the reader stumbled", "[yaml]") {
    const auto one = [](const std::string& text) { return problems(text).at(0); };
    CHECK(one("a:\n  - fn:cmd.run\n    cmd: x") == "2:3: there is no blank after the ':'");
    CHECK(one("a:\n  -fn: cmd.run\n   cmd: x") == "2:3: there is no blank after the '-'");
    CHECK(one("a:\n  \u2013 fn: cmd.run\n    cmd: x") ==
          "2:3: a list begins with '-', not with the dash of a word processor");
    CHECK(one("a:\n\u00a0\u00a0b: c") ==
          "2:1: a no-break space, which only looks like a blank; only blanks may indent");
    CHECK(one("a:\n  -\tb: 1\n\tc: d").find("a tab in the indentation") != std::string::npos);
    CHECK(one("a:\r  b: 2\r").find("a carriage return that ends no line") != std::string::npos);
    CHECK(one("a: \"x\" y\nb: 1").rfind("1:8: a quoted text ends before this", 0) == 0);
    CHECK(one("a:\n  b: 'it's here'").rfind("2:10: a quoted text ends before this", 0) == 0);
    CHECK(one("a: {b: c d: e}") == "1:11: there is no ',' before this; or a text with ': ' in it needs quotes");
    CHECK(one("a:\n  - {b: c, d") == "2:5: a '{' without its '}'");
    CHECK(one("{% if x %}\na: 1") == "1:2: '{%' is Jinja's, for files named .yml.jinja; quote it if it is text");
    CHECK(one("a: {{ x }}") == "1:5: '{{' is Jinja's, for files named .yml.jinja; quote it if it is text");
}

TEST_CASE("lines that YAML would leave out silently are refused: directives, and marks of a merge", "[yaml]") {
    const auto one = [](const std::string& text) { return problems(text).at(0); };
    for (const char* text : {"% if x:\na: 1", "a: 1\n% endif", "%YAML 1.2\n---\na: 1", "%TAG ! tag:x\n---\na: 1"})
        CHECK(one(text).find(":1: a '%' that begins a line is a directive of YAML, which is not read here") !=
              std::string::npos);
    CHECK(one("a: 1\n<<<<<<< HEAD\nb: 2\n=======\nb: 3\n>>>>>>> other") ==
          "2:1: a mark of Git's where versions could not be merged; settle it");
    CHECK(problems("a: |\n  % text\n  <<<<<<< text").empty());
}

TEST_CASE("everything that is wrong is told at once, each with its line", "[yaml]") {
    Diagnostics diagnostics;
    CHECK_FALSE(read_yaml("a: 0644\na: .nan\n", file(), diagnostics).has_value());
    REQUIRE(diagnostics.all().size() == 3);
    CHECK(diagnostics.sorted()[0].excerpt ==
          "    1 | a: 0644\n"
          "      |    ^~~~");
    CHECK_THROWS_AS(read("a: 0644"), CatalogError);
}

TEST_CASE("S46 bytes that are not UTF-8, and NUL, are refused at their place", "[yaml]") {
    CHECK(problems("a: 1\nb: \xFF") == Problems{"2:4: a byte that is not UTF-8; save the file as UTF-8"});
    CHECK(problems("a: \xC0\x80").size() == 1);
    CHECK(problems(std::string_view("\xC3\xA4: \0", 5)) == Problems{"1:4: a NUL byte; this is not text"});
    CHECK(problems("\"\\xFF\"").empty());  // an escape makes a character
}

TEST_CASE("S81 depth 64 is read, 65 is refused, in either style", "[yaml]") {
    const auto nested = [](int depth) {
        return std::string(static_cast<std::size_t>(depth), '[') + std::string(static_cast<std::size_t>(depth), ']');
    };
    CHECK(problems(nested(64)).empty());
    CHECK(problems(nested(65)) == Problems{"1:65: nested more than 64 levels deep"});
    std::string block;
    for (int i = 0; i < 65; ++i) block += std::string(static_cast<std::size_t>(i), ' ') + "a:\n";
    CHECK(problems(block + std::string(65, ' ') + "b: 1").size() == 1);
    CHECK(problems(std::string(10'000, '[')).size() == 1);
    CHECK(problems(std::string(10'000, '-')).empty());
}

TEST_CASE("S81 a file over the size limit is refused before it is read", "[yaml]") {
    YamlLimits limits;
    limits.bytes = 10;
    CHECK(problems("a: 4567890", limits).empty());
    CHECK(problems("a: 45678901", limits) == Problems{"0:0: larger than 10 bytes, which is the most that is read"});
}

TEST_CASE("a file of nothing but mistakes ends after a hundred", "[yaml]") {
    std::string text;
    for (int i = 0; i < 10'000; ++i) text += "a: 1\n";
    CHECK(problems(text).size() == 100);
}

TEST_CASE("a file cut at any byte is read or refused, never more", "[yaml]") {
    const std::string text = "a: [1, {b: 'c'}]\nd: |\n  e\nf: !secret x\ng: \"h\\u00e4\"\n\xC3\xA4: ~\n";
    for (std::size_t size = 0; size < text.size(); ++size) {
        Diagnostics diagnostics;
        const auto value = read_yaml(std::string_view(text).substr(0, size), file(), diagnostics);
        REQUIRE(value.has_value() == diagnostics.all().empty());
    }
}
