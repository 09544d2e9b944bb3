// Unified diffs: right (applying one gives the other text), small, and bounded.
#include "common/text/diff.hpp"

#include <catch2/catch.hpp>

#include <vector>

#include "common/text/text.hpp"

using namespace prove;

namespace {

// The text that a diff makes of `before`: what patch(1) does, strictly.
std::string patched(const std::string& before, const std::string& diff) {
    std::vector<std::string> old_lines = split(before, '\n');
    std::string result;
    std::size_t at = 0;  // lines of `before` that were taken
    bool no_end = false;
    const auto take_until = [&](std::size_t line) {
        for (; at < line; ++at) result += old_lines.at(at) + "\n";
    };
    const auto lines = split(diff, '\n');
    char last_mark = ' ';
    for (std::size_t i = 2; i + 1 < lines.size(); ++i) {
        const std::string& line = lines[i];
        if (line.rfind("@@ -", 0) == 0) {
            const auto range = split(line.substr(4, line.find(' ', 4) - 4), ',');
            const std::size_t start = std::stoul(range[0]);
            const bool empty = range.size() > 1 && range[1] == "0";
            take_until(empty ? start : start - 1);
            continue;
        }
        if (line[0] == '\\') {
            if (last_mark != '-') no_end = true;
            continue;
        }
        last_mark = line[0];
        if (line[0] == '+') result += line.substr(1) + "\n";
        if (line[0] == ' ') {
            REQUIRE(old_lines.at(at) == line.substr(1));
            result += old_lines.at(at++) + "\n";
        }
        if (line[0] == '-') {
            REQUIRE(old_lines.at(at) == line.substr(1));
            ++at;
        }
    }
    const bool old_had_end = before.empty() || before.back() == '\n';
    take_until(old_lines.size() - 1);
    if (!old_had_end && at < old_lines.size()) return result + old_lines.at(at);
    if (no_end) result.pop_back();
    return result;
}

}  // namespace

TEST_CASE("equal texts have no diff", "[diff]") {
    CHECK(unified_diff("a\n", "a\n", "x").empty());
}

TEST_CASE("a changed line stands between three lines of context", "[diff]") {
    CHECK(unified_diff("1\n2\n3\n4\n5\n6\n7\n8\n9\n", "1\n2\n3\n4\nFIVE\n6\n7\n8\n9\n", "/etc/x") ==
          "--- /etc/x\n+++ /etc/x\n@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+FIVE\n 6\n 7\n 8\n");
}

TEST_CASE("a new file and an emptied one are shown whole", "[diff]") {
    CHECK(unified_diff("", "a\nb\n", "x") == "--- x\n+++ x\n@@ -0,0 +1,2 @@\n+a\n+b\n");
    CHECK(unified_diff("a\n", "", "x") == "--- x\n+++ x\n@@ -1 +0,0 @@\n-a\n");
}

TEST_CASE("changes far apart make hunks of their own, near ones make one", "[diff]") {
    std::string before, after;
    for (int i = 0; i < 40; ++i) {
        before += std::to_string(i) + "\n";
        after += (i == 5 || i == 30 || i == 34 ? "new\n" : std::to_string(i) + "\n");
    }
    const std::string diff = unified_diff(before, after, "x");
    CHECK(diff.find("@@ -3,7 +3,7 @@") != std::string::npos);
    CHECK(diff.find("@@ -28,11 +28,11 @@") != std::string::npos);
    CHECK(patched(before, diff) == after);
}

TEST_CASE("a missing last line end is told", "[diff]") {
    CHECK(unified_diff("a", "a\n", "x") == "--- x\n+++ x\n@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+a\n");
}

TEST_CASE("what is not text is only measured", "[diff]") {
    CHECK(unified_diff("0123456789", std::string_view("\0\1", 2), "x") == "binary: 10 bytes -> 2 bytes");
    CHECK(unified_diff("", "\xFF", "x") == "binary: 0 bytes -> 1 byte");
}

TEST_CASE("a diff over its limit is cut and says so", "[diff]") {
    std::string after;
    for (int i = 0; i < 1'000; ++i) after += "line " + std::to_string(i) + "\n";
    DiffOptions options;
    options.max_bytes = 1'000;
    const std::string diff = unified_diff("", after, "x", options);
    CHECK(diff.size() < 1'100);
    CHECK(diff.find("... (the diff is longer than 1000 bytes)\n") != std::string::npos);
}

TEST_CASE("two long texts with nothing in common cost no more than their size", "[diff]") {
    std::string before, after;
    for (int i = 0; i < 20'000; ++i) {
        before += "a" + std::to_string(i) + "\n";
        after += "b" + std::to_string(i) + "\n";
    }
    DiffOptions options;
    options.max_bytes = 1u << 20;
    CHECK(patched(before, unified_diff(before, after, "x", options)) == after);
}

TEST_CASE("applying the diff of any two texts gives the second", "[diff]") {
    std::uint32_t state = 7;
    const auto next = [&](std::uint32_t bound) {
        state = state * 1'664'525u + 1'013'904'223u;
        return (state >> 16) % bound;
    };
    for (int round = 0; round < 500; ++round) {
        std::string texts[2];
        for (auto& text : texts) {
            const std::uint32_t lines = next(30);
            for (std::uint32_t i = 0; i < lines; ++i) text += std::string(1, static_cast<char>('a' + next(4))) + "\n";
            if (!text.empty() && next(4) == 0) text.pop_back();
        }
        if (texts[0] == texts[1]) continue;
        INFO("round " << round << "\n[" << texts[0] << "] -> [" << texts[1] << "]");
        const std::string diff = unified_diff(texts[0], texts[1], "x");
        INFO(diff);
        REQUIRE(patched(texts[0], diff) == texts[1]);
    }
}
