// file.line and its traps (functions.md 7).
#include <catch2/catch.hpp>

#include "agent/host/null_reader.hpp"
#include "agent/host/overlay_host.hpp"
#include "tests/support/host_tests.hpp"

using namespace prove;
using namespace prove::testing;

namespace {

// The file after the part ran on it; checks that a second run changes nothing.
std::string after(const std::string& before, const std::string& yaml) {
    NullReader nothing;
    OverlayHost host(nothing);
    MemoryContent contents;
    const auto registry = all_functions();
    const Function& function = *registry.find("file.line");
    host.edit_file(Path("/f"), before);
    const Value values = arguments_of("{path: /f, " + yaml + "}", contents);
    converge(function, values, contents, host);
    const std::string result = host.read_file(Path("/f"));
    CHECK(converge(function, values, contents, host).empty());
    CHECK(host.read_file(Path("/f")) == result);
    return result;
}

std::string failure(const std::string& before, const std::string& yaml) {
    try {
        (void)after(before, yaml);
    } catch (const Error& error) {
        return error.text();
    }
    return "no failure";
}

std::string check_failure(const std::string& yaml) {
    MemoryContent contents;
    const auto registry = all_functions();
    Diagnostics diagnostics;
    check_call(*registry.find("file.line"), arguments_of(yaml, contents), {}, "s", diagnostics);
    return diagnostics.all().empty() ? "" : diagnostics.all().front().text;
}

}  // namespace

TEST_CASE("file.line appends a line that is not there") {
    CHECK(after("a\nb\n", "line: c") == "a\nb\nc\n");
    CHECK(after("a\nb\n", "line: b") == "a\nb\n");
    CHECK(after("", "line: c") == "c\n");
}

TEST_CASE("file.line never runs two lines together where the last has no line end") {
    CHECK(after("a\nb", "line: c") == "a\nb\nc\n");
    CHECK(after("a\nb", "line: b") == "a\nb");
    CHECK(after("a\nb", "line: c, match: \"^[bc]$\"") == "a\nc");
}

TEST_CASE("file.line takes part of a line for no line") {
    CHECK(after("abc\n", "line: b") == "abc\nb\n");
}

TEST_CASE("file.line replaces the one line that match finds") {
    CHECK(after("#PermitRootLogin yes\nX\n", "line: PermitRootLogin no, match: \"^#?PermitRootLogin\"") ==
          "PermitRootLogin no\nX\n");
}

TEST_CASE("file.line fails where match finds several lines") {
    CHECK(failure("x=1\ny\nx=2\n", "line: x=3, match: \"^x=\"") ==
          "'match' '^x=' matches 2 lines of '/f' (line 1, 3); which one is meant cannot be told");
    CHECK(failure("x=1\nx=2\n", "line: x=3, match: \"^x=\", ensure: absent").find("matches 2 lines") !=
          std::string::npos);
}

TEST_CASE("file.line does as on_no_match says where nothing matches") {
    CHECK(after("y\n", "line: x=3, match: \"^x=\"") == "y\nx=3\n");
    CHECK(after("y\n", "line: x=3, match: \"^x=\", on_no_match: ignore") == "y\n");
    CHECK(failure("y\n", "line: x=3, match: \"^x=\", on_no_match: fail") == "no line of '/f' matches 'match' '^x='");
}

TEST_CASE("file.line puts a new line after the last or before the first that matches") {
    CHECK(after("[a]\nx\n[a]\ny\n", "line: new, after: \"^\\\\[a\\\\]\"") == "[a]\nx\n[a]\nnew\ny\n");
    CHECK(after("x\nexit 0\nexit 0\n", "line: new, before: \"^exit\"") == "x\nnew\nexit 0\nexit 0\n");
    CHECK(after("x\n", "line: new, after: nowhere") == "x\nnew\n");
    CHECK(failure("x\n", "line: new, before: nowhere, on_no_match: fail") ==
          "no line of '/f' matches 'before' 'nowhere'");
}

TEST_CASE("file.line removes every equal line, or the one that match finds") {
    CHECK(after("a\nb\na\n", "line: a, ensure: absent") == "b\n");
    CHECK(after("a=1\nb\n", "match: \"^a=\", ensure: absent") == "b\n");
    CHECK(after("a\n", "line: a, ensure: absent").empty());
    CHECK(after("b", "line: a, ensure: absent") == "b");
}

TEST_CASE("file.line makes a missing file only with create") {
    NullReader nothing;
    OverlayHost host(nothing);
    MemoryContent contents;
    const auto registry = all_functions();
    const Function& function = *registry.find("file.line");
    CHECK_THROWS_WITH(converge(function, arguments_of("{path: /f, line: a}", contents), contents, host),
                      "there is no file '/f'; say create: true to have it made");
    CHECK(converge(function, arguments_of("{path: /f, line: a, ensure: absent}", contents), contents, host).empty());
    converge(function, arguments_of("{path: /f, line: a, create: true}", contents), contents, host);
    CHECK(host.read_file(Path("/f")) == "a\n");
}

TEST_CASE("file.line is refused when it is compiled if it would append again in every run") {
    CHECK(check_failure("{path: /f, line: x = 3, match: \"^x=\"}") ==
          "file.line: 'match' does not match 'line' itself, so the line would be added again in every run");
    CHECK(check_failure("{path: /f, line: x=3, match: \"^x=\"}").empty());
}

TEST_CASE("file.line is refused when it is compiled for patterns and lines that are none") {
    CHECK(check_failure("{path: /f, line: x, match: \"(x\"}").find("is not a regular expression") != std::string::npos);
    CHECK(check_failure("{path: /f, line: \"a\\nb\"}").find("line end") != std::string::npos);
    CHECK(check_failure("{path: /f}").find("needs the argument 'line'") != std::string::npos);
    CHECK(check_failure("{path: /f, ensure: absent}").find("'line' or 'match'") != std::string::npos);
    CHECK(check_failure("{path: /f, line: x, after: a, before: b}").find("takes only one of") != std::string::npos);
}

TEST_CASE("file.line reads very long lines and bytes that are no text") {
    const std::string longest(1u << 20, 'x');
    CHECK(after(longest + "\n", "line: y, match: \"^y$\"") == longest + "\ny\n");
    CHECK(after(std::string("\xff\x00z\n", 4), "line: y") == std::string("\xff\x00z\ny\n", 6));
}
