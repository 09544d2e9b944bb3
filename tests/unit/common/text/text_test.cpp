// Cutting, joining, quoting, escaping: what messages and terminals get.
#include "common/text/text.hpp"

#include <catch2/catch.hpp>

#include "common/text/utf8.hpp"

using namespace prove;
using Texts = std::vector<std::string>;

TEST_CASE("a text is split at every separator, empty parts included", "[text]") {
    CHECK(split("a,b,,c", ',') == Texts{"a", "b", "", "c"});
    CHECK(split("", ',') == Texts{""});
    CHECK(split(",", ',') == Texts{"", ""});
}

TEST_CASE("words are what stands between blanks, tabs and line ends", "[text]") {
    CHECK(split_words("  a\tb\n c ") == Texts{"a", "b", "c"});
    CHECK(split_words(" \n").empty());
}

TEST_CASE("lines lose their ends, and a last line end makes no line", "[text]") {
    CHECK(split_lines("a\nb\r\nc") == Texts{"a", "b", "c"});
    CHECK(split_lines("a\n") == Texts{"a"});
    CHECK(split_lines("a\n\n") == Texts{"a", ""});
    CHECK(split_lines("").empty());
}

TEST_CASE("trimming takes blanks of both ends and nothing within", "[text]") {
    CHECK(trim(" \ta b\n") == "a b");
    CHECK(trim(" ").empty());
    CHECK(trim_end(" a ") == " a");
}

TEST_CASE("words are joined as a sentence has them", "[text]") {
    CHECK(join_words({"a"}) == "a");
    CHECK(join_words({"a", "b"}) == "a and b");
    CHECK(join_words({"a", "b", "c"}, "or") == "a, b or c");
    CHECK(join({"a", "b"}, "/") == "a/b");
    CHECK(join({}, "/").empty());
}

TEST_CASE("numbers of things have their plural", "[text]") {
    CHECK(counted(1, "target") == "1 target");
    CHECK(counted(0, "target") == "0 targets");
}

TEST_CASE("replacing goes on behind what was put in", "[text]") {
    CHECK(replace_all("aaa", "a", "aa") == "aaaaaa");
    CHECK(replace_all("abc", "", "x") == "abc");
}

TEST_CASE("a message quotes the user's words and cuts long ones", "[text]") {
    CHECK(quoted("x") == "'x'");
    CHECK(quoted("a\nb") == "'a\\nb'");
    const std::string cut = quoted(std::string(500, 'x'));
    CHECK(cut.size() == 82);
    CHECK(cut.substr(cut.size() - 4) == "...'");
    CHECK(is_utf8(quoted(std::string(79, 'x') + "\xC3\xA4\xC3\xA4\xC3\xA4")));
}

TEST_CASE("S14 control characters of any kind are escaped for terminals", "[text]") {
    CHECK(escape_control("a\x1b[31mb") == "a\\x1b[31mb");
    CHECK(escape_control("a\r\n\tb\x7f") == "a\\r\\n\\tb\\x7f");
    CHECK(escape_control(std::string_view("a\0b", 3)) == "a\\x00b");
    CHECK(escape_control("\xC2\x9B"
                         "31m") == "\\u009b31m");  // the one-character CSI
    CHECK(escape_control("\xE2\x80\xAE"
                         "txt") == "\\u202etxt");  // right-to-left override
    CHECK(escape_control("\x9b"
                         "31m") ==
          "\xEF\xBF\xBD"
          "31m");  // a bare byte is not UTF-8
    CHECK(escape_control("\xC3\xA4") == "\xC3\xA4");
    CHECK(escape_control_keep_lines("a\n\tb\r\x1b") == "a\n\tb\\r\\x1b");
}

TEST_CASE("a shell argument is quoted only where it has to be", "[text]") {
    CHECK(shell_quoted("/etc/motd") == "/etc/motd");
    CHECK(shell_quoted("") == "''");
    CHECK(shell_quoted("a b") == "'a b'");
    CHECK(shell_quoted("it's") == "'it'\\''s'");
    CHECK(shell_quoted("$(x)") == "'$(x)'");
}
