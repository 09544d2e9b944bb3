// UTF-8 as RFC 3629 has it, and nothing that only looks like it.
#include "common/text/utf8.hpp"

#include <catch2/catch.hpp>

using namespace prove;

TEST_CASE("valid UTF-8 of every length is valid", "[utf8]") {
    for (const char* text :
         {"", "plain ascii, longer than eight", "\xC3\xA4", "\xE2\x82\xAC", "\xF0\x9F\x98\x80", "\xF4\x8F\xBF\xBF"})
        CHECK(is_utf8(text));
}

TEST_CASE("S46 overlong forms, surrogates, too large and cut characters are not UTF-8", "[utf8]") {
    for (const char* text : {"\xC0\x80", "\xC1\xBF", "\xE0\x80\x80", "\xE0\x9F\xBF", "\xF0\x80\x80\x80", "\xED\xA0\x80",
                             "\xED\xBF\xBF", "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xFF", "\x80", "a\xC3",
                             "\xE2\x82", "\xF0\x9F\x98", "abcdefgh\xC3(", "\xC3\xA4\xA4"})
        CHECK_FALSE(is_utf8(text));
}

TEST_CASE("each part that is not UTF-8 becomes one replacement character", "[utf8]") {
    CHECK(to_utf8_lossy("a\xFF\xFE"
                        "b") ==
          "a\xEF\xBF\xBD\xEF\xBF\xBD"
          "b");
    CHECK(to_utf8_lossy("a\xE2\x82z") == "a\xEF\xBF\xBDz");  // a cut character is one part
    CHECK(to_utf8_lossy("\xED\xA0\x80") == "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");
    CHECK(to_utf8_lossy("\xC3\xA4 ok") == "\xC3\xA4 ok");
}

TEST_CASE("whatever the bytes are, their lossy form is UTF-8", "[utf8]") {
    std::uint32_t state = 1;
    for (int round = 0; round < 2'000; ++round) {
        std::string bytes;
        for (int i = 0; i < 12; ++i) {
            state = state * 1'664'525u + 1'013'904'223u;
            bytes.push_back(static_cast<char>(state >> 24));
        }
        INFO(round);
        REQUIRE(is_utf8(to_utf8_lossy(bytes)));
        REQUIRE(is_utf8(bytes) == (to_utf8_lossy(bytes) == bytes));
    }
}

TEST_CASE("length and prefix count characters", "[utf8]") {
    CHECK(utf8_length("\xC3\xA4"
                      "b\xE2\x82\xAC") == 3);
    CHECK(utf8_prefix("\xC3\xA4"
                      "b\xE2\x82\xAC",
                      2) ==
          "\xC3\xA4"
          "b");
    CHECK(utf8_prefix("ab", 9) == "ab");
}

TEST_CASE("content with a NUL or without valid UTF-8 is binary", "[utf8]") {
    CHECK(is_binary(std::string_view("a\0", 2)));
    CHECK(is_binary("\xFF"));
    CHECK_FALSE(is_binary("text\xC3\xA4\n"));
    CHECK_FALSE(is_binary(""));
}
