// Bytes that are no text are told at their place.
#include "common/text/plain_text.hpp"

#include <catch2/catch.hpp>

using namespace prove;

namespace {

std::string problem(std::string_view bytes) {
    const auto found = why_no_text(bytes);
    return found ? std::to_string(found->line) + ":" + std::to_string(found->column) + ": " + found->problem : "";
}

}  // namespace

TEST_CASE("text is UTF-8 without NUL, whatever else it has", "[plain_text]") {
    CHECK(problem("") == "");
    CHECK(problem("gr\xC3\xBC\xC3\x9F"
                  "e \xF0\x9F\x8C\x8D\n\x01\t") == "");
    CHECK(problem("\xEF\xBB\xBFmarked") == "");
}

TEST_CASE("what is no text is told at its first byte that cannot be there, columns in characters", "[plain_text]") {
    CHECK(problem("a\ngr\xC3\xBC \xFC\xDF") == "2:5: a byte that is not UTF-8; save the file as UTF-8");
    CHECK(problem("cut \xC3") == "1:5: a byte that is not UTF-8; save the file as UTF-8");
    CHECK(problem(std::string_view("one\ntwo\0", 8)) == "2:4: a NUL byte; this is not text");
    CHECK(problem(std::string_view("a\0b", 3)) == "1:2: a NUL byte; this is not text");
    CHECK(problem(std::string_view("\xFC then \0", 8)) == "1:1: a byte that is not UTF-8; save the file as UTF-8");
}

TEST_CASE("UTF-16 is called so, since an editor that wrote it can write UTF-8 too", "[plain_text]") {
    CHECK(problem(std::string_view("\xFF\xFE"
                                   "a\0b\0",
                                   6)) == "1:1: this is UTF-16; save the file as UTF-8");
    CHECK(problem(std::string_view("\xFE\xFF\0a\0b", 6)) == "1:1: this is UTF-16; save the file as UTF-8");
    CHECK(problem(std::string_view("a\0:\0 \0b\0", 8)) == "1:2: this is UTF-16; save the file as UTF-8");
}
