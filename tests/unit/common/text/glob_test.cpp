// Globs: anchored, by characters, and never slow.
#include "common/text/glob.hpp"

#include <catch2/catch.hpp>

#include <string>

using namespace prove;

TEST_CASE("S77 a glob is anchored at both ends", "[glob]") {
    CHECK(glob_matches("web", "web"));
    CHECK_FALSE(glob_matches("web", "web1"));
    CHECK_FALSE(glob_matches("web", "aweb"));
    CHECK(glob_matches("web*", "web"));
    CHECK(glob_matches("*", ""));
    CHECK_FALSE(glob_matches("", "x"));
    CHECK_FALSE(glob_matches("?", ""));
}

TEST_CASE("stars take as much as is needed and no more", "[glob]") {
    CHECK(glob_matches("a*b*c", "aXbYbZc"));
    CHECK_FALSE(glob_matches("a*b*c", "aXbYbZ"));
    CHECK(glob_matches("*.example.org", "www.example.org"));
    CHECK(glob_matches("**", "x"));
}

TEST_CASE("a question mark is one character, not one byte", "[glob]") {
    CHECK(glob_matches("b?r", "b\xC3\xA4r"));
    CHECK_FALSE(glob_matches("b??r", "b\xC3\xA4r"));
}

TEST_CASE("sets have ranges, negation, and a closing bracket as first member", "[glob]") {
    CHECK(glob_matches("web[1-3]", "web2"));
    CHECK_FALSE(glob_matches("web[1-3]", "web4"));
    CHECK(glob_matches("web[!1-3]", "web4"));
    CHECK(glob_matches("[]]", "]"));
    CHECK(glob_matches("[a-]", "-"));
    CHECK(glob_matches("[\xC3\xA0-\xC3\xBF]", "\xC3\xA4"));
    CHECK_FALSE(glob_matches("[!a]", "a"));
}

TEST_CASE("a backslash takes a character as it is", "[glob]") {
    CHECK(glob_matches("a\\*", "a*"));
    CHECK_FALSE(glob_matches("a\\*", "ab"));
}

TEST_CASE("a pattern that is not whole matches nothing", "[glob]") {
    for (const char* pattern : {"[", "a[b", "[!", "[]", "a\\"}) {
        CHECK_FALSE(is_valid_glob(pattern));
        CHECK_FALSE(glob_matches(pattern, pattern));
    }
    CHECK(is_valid_glob("[]]"));
}

TEST_CASE("plain names are told from patterns", "[glob]") {
    CHECK_FALSE(is_glob("web1.example.org"));
    CHECK(is_glob("web*"));
    CHECK(is_glob("web[12]"));
}

TEST_CASE("a hostile pattern takes time in proportion, not exponentially", "[glob]") {
    std::string pattern;
    for (int i = 0; i < 200; ++i) pattern += "*a";
    CHECK_FALSE(glob_matches(pattern + "b", std::string(5'000, 'a')));
}
