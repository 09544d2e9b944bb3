// The user's line with a caret under what is meant.
#include "common/text/excerpt.hpp"

#include <catch2/catch.hpp>

#include "common/text/text.hpp"
#include "common/text/utf8.hpp"

using namespace prove;

TEST_CASE("an excerpt underlines the word that is meant", "[excerpt]") {
    CHECK(excerpt("    pth: nginx.conf", 12, 5, 3) ==
          "   12 |     pth: nginx.conf\n"
          "      |     ^~~");
    CHECK(excerpt("a", 1, 1) ==
          "    1 | a\n"
          "      | ^");
}

TEST_CASE("an excerpt counts characters, shows tabs as one blank, and no control characters", "[excerpt]") {
    CHECK(excerpt("\xC3\xA4\xC3\xB6: x", 3, 5) ==
          "    3 | \xC3\xA4\xC3\xB6: x\n"
          "      |     ^");
    CHECK(excerpt("\ta\x1b[1m", 1, 2) ==
          "    1 |  a\xEF\xBF\xBD[1m\n"
          "      |  ^");
}

TEST_CASE("a place outside the line is brought to its end", "[excerpt]") {
    CHECK(excerpt("ab", 1, 99, 99) ==
          "    1 | ab\n"
          "      |   ^");
    CHECK(excerpt("", 1, 0) ==
          "    1 | \n"
          "      | ^");
}

TEST_CASE("a long line is cut around the place", "[excerpt]") {
    const std::string line = std::string(500, 'a') + "X" + std::string(500, 'b');
    const auto lines = split_lines(excerpt(line, 7, 501, 1));
    REQUIRE(lines.size() == 2);
    CHECK(utf8_length(lines[0]) < 130);
    CHECK(lines[0][lines[1].find('^')] == 'X');
}

TEST_CASE("a word's width ends before a colon, a blank or its closing quote", "[excerpt]") {
    CHECK(word_width("pth: x", 1) == 3);
    CHECK(word_width("a 'b c' d", 3) == 5);
    CHECK(word_width("a", 9) == 1);
    CHECK(word_width("'open", 1) == 5);
}

TEST_CASE("the nth line of a text is found without its end", "[excerpt]") {
    CHECK(line_of("a\nb\r\nc", 2) == "b");
    CHECK(line_of("a\nb\r\nc", 3) == "c");
    CHECK(line_of("a", 2).empty());
}
