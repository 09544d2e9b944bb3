// Common slips in JSON, and the words for them.
#include "proto/json_slips.hpp"

#include <catch2/catch.hpp>

#include "proto/value.hpp"

using namespace prove;
using Catch::Matchers::Contains;

namespace {

// "LINE:COLUMN: text" of what is wrong.
std::string slip(const std::string& text) {
    try {
        read_json(text, {}, std::make_shared<const std::string>("a.json"));
    } catch (const Error& error) {
        return error.position().text().substr(7) + ": " + error.text().substr(16);
    }
    return "";
}

}  // namespace

TEST_CASE("a comma too much in JSON is told at what comes after it", "[json]") {
    CHECK(slip("{\"a\": 1,\n}") == "2:1: a ',' with nothing after it; leave it out");
    CHECK(slip("[1, ]") == "1:5: a ',' with nothing after it; leave it out");
    CHECK(slip("[1,,2]") == "1:4: a ',' with nothing before it; leave it out");
    CHECK(slip("[,1]") == "1:2: a ',' with nothing before it; leave it out");
}

TEST_CASE("what other languages write in JSON's place is told with what JSON writes", "[json]") {
    CHECK(slip("{'a': 1}") == "1:2: a text stands in double quotes");
    CHECK(slip("{a: 1}") == "1:2: a word that is not true, false or null; a text stands in double quotes");
    CHECK_THAT(slip("[web1]"), Contains("a text stands in double quotes"));
    CHECK_THAT(slip("[True]"), Contains("JSON writes true, false and null in small letters"));
    CHECK_THAT(slip("[None]"), Contains("JSON writes true, false and null in small letters"));
    CHECK_THAT(slip("[nan]"), Contains("a number that JSON does not have"));
    CHECK_THAT(slip("// it\n[]"), Contains("JSON has no comments"));
    CHECK_THAT(slip("[1] # it"), Contains("JSON has no comments"));
    CHECK_THAT(slip("[+1]"), Contains("a number begins with a digit or '-'"));
    CHECK_THAT(slip("[.5]"), Contains("a number begins with a digit or '-'"));
}

TEST_CASE("what is not closed in JSON, or ends too early, is told so", "[json]") {
    CHECK_THAT(slip(""), Contains("there is nothing in it"));
    CHECK_THAT(slip(" \n"), Contains("there is nothing in it"));
    CHECK_THAT(slip("{\"a\": [\n"), Contains("it ends before everything that was opened in it is closed"));
    CHECK_THAT(slip("[\"web1]\n]"),
               Contains("a text is not closed on its line; a line's end in a text is written \\n"));
    CHECK_THAT(slip("[\"a\tb\"]"), Contains("a tab in a text; it is written \\t"));
    CHECK_THAT(slip("[\"C:\\dir\"]"), Contains("'\\\\' is a backslash"));
    CHECK_THAT(slip("{\"a\": 1 \"b\": 2}"), Contains("there is no ',' or ':' before this text"));
}

TEST_CASE("what is of templates, or of a merge, is told so in JSON", "[json]") {
    for (const char* text : {"[${x}]", "{\"a\": {{ x }}}", "{% if x %}"})
        CHECK_THAT(slip(text), Contains("templates are files named .json.mako and .json.jinja"));
    for (const char* text : {"[1\n<<<<<<< HEAD\n]", "[1\n=======\n]", "[1\n>>>>>>> other\n]"})
        CHECK_THAT(slip(text), Contains("2:1: a mark of Git's"));
}

TEST_CASE("numbers of other languages are told with what JSON's are", "[json]") {
    CHECK_THAT(slip("[012]"), Contains("a number has no zeros before it"));
    CHECK_THAT(slip("[0x1f]"), Contains("a number is decimal"));
    CHECK_THAT(slip("[1_000]"), Contains("a number is decimal"));
}

TEST_CASE("S92 words for a slip in JSON do not repeat it", "[json]") {
    for (const std::string text :
         {"hunter2", "'hunter2'", "[hunter2", "{\"hunter2\" \"hunter2\"}", "\"hunter2\nhunter2"})
        CHECK_THAT(slip(text), !Contains("hunter2"));
}

TEST_CASE("a slip at any byte of a text, and beyond it, has words or none", "[json]") {
    const std::string text = "{\"a\": [1, 'x', True,, \xC3\xBC\\ // \t\n]}";
    for (std::size_t at = 0; at < text.size() + 3; ++at) CHECK(json_slip(text, at).size() < 100);
}
