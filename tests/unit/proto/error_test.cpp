// Errors, diagnostics and positions as people read them.
#include <catch2/catch.hpp>

#include <cerrno>

#include "proto/error.hpp"

using namespace prove;

namespace {

SourcePosition at(const std::string& file, std::uint32_t line, std::uint32_t column) {
    return {std::make_shared<const std::string>(file), line, column};
}

}  // namespace

TEST_CASE("a position is written as file, line and column, as far as it is known", "[error]") {
    CHECK(at("a.yml", 12, 5).text() == "a.yml:12:5");
    CHECK(at("a.yml", 12, 0).text() == "a.yml:12");
    CHECK(at("a.yml", 0, 0).text() == "a.yml");
    CHECK(SourcePosition{}.text().empty());
    CHECK(at("a.yml", 1, 2) == at("a.yml", 1, 2));
    CHECK_FALSE(at("a.yml", 1, 2) == at("b.yml", 1, 2));
    CHECK_FALSE(at("a.yml", 0, 0) == SourcePosition{});
}

TEST_CASE("an error tells its place, its text and its story, innermost first", "[error]") {
    try {
        with_context([] { return std::string("while compiling for target 'web1'"); },
                     [] {
                         with_context(
                             [] { return std::string("in state 'vhost'"); },
                             [] { throw Error(ErrorKind::catalog, at("states/site.yml", 3, 1), "no file 'x'"); });
                     });
        FAIL("not thrown");
    } catch (const Error& error) {
        CHECK(error.full_text() ==
              "states/site.yml:3:1: no file 'x'\n  in state 'vhost'\n  while compiling for target 'web1'");
        CHECK(std::string(error.what()) == "no file 'x'");
    }
    CHECK(with_context([] { return std::string("never asked"); }, [] { return 7; }) == 7);
}

TEST_CASE("an errno becomes a kind and words", "[error]") {
    CHECK(system_error("cannot open '/etc/x'", EACCES).text() == "cannot open '/etc/x': permission denied");
    CHECK(system_error("x", EACCES).kind() == ErrorKind::refused);
    CHECK(system_error("x", ENOENT).kind() == ErrorKind::missing);
    CHECK(system_error("x", ENOSPC).kind() == ErrorKind::full);
    CHECK(system_error("x", EDQUOT).kind() == ErrorKind::full);
    CHECK(system_error("x", ELOOP).kind() == ErrorKind::refused);
    CHECK(system_error("x", EIO).kind() == ErrorKind::failed);
}

TEST_CASE("a diagnostic is one line, with excerpt and contexts indented below it", "[error]") {
    Diagnostics diagnostics;
    auto& diagnostic = diagnostics.error(at("a.yml", 12, 5), "nginx_config", "unknown argument 'pth'");
    diagnostic.excerpt = " 12 |     pth: x\n    |     ^~~";
    diagnostic.contexts = {"while compiling for target 'web1'"};
    CHECK(diagnostic.full_text() ==
          "a.yml:12:5: nginx_config: unknown argument 'pth'\n   12 |     pth: x\n      |     ^~~\n"
          "  while compiling for target 'web1'");
    CHECK(diagnostics.warning({}, "", "odd").full_text() == "warning: odd");
}

TEST_CASE("diagnostics are shown in the order of the catalog, each once", "[error]") {
    Diagnostics diagnostics;
    diagnostics.error(at("b.yml", 1, 1), "", "four");
    diagnostics.error(at("a.yml", 10, 1), "", "three");
    diagnostics.error(at("a.yml", 9, 2), "", "two");
    diagnostics.error(at("a.yml", 9, 2), "", "two and a half");
    diagnostics.warning(at("a.yml", 9, 1), "", "one");
    diagnostics.append(diagnostics);
    std::vector<std::string> texts;
    for (const auto& diagnostic : diagnostics.sorted()) texts.push_back(diagnostic.text);
    CHECK(texts == std::vector<std::string>{"one", "two", "two and a half", "three", "four"});
    CHECK(diagnostics.error_count() == 4);
}

TEST_CASE("what is said of one place in the same words is shown once, with the stories of all", "[error]") {
    Diagnostics diagnostics;
    for (const auto* target : {"web1", "web2", "web1", "web3", "web4", "web5", "web6"})
        diagnostics.error(at("a.yml", 9, 2), "motd", "wrong").contexts = {std::string("while compiling for ") + target};
    diagnostics.error(at("a.yml", 9, 2), "other", "wrong");
    diagnostics.warning(at("a.yml", 9, 2), "motd", "wrong");
    const auto shown = diagnostics.sorted();
    REQUIRE(shown.size() == 3);
    CHECK(shown[0].contexts == std::vector<std::string>{"while compiling for web1", "while compiling for web2",
                                                        "while compiling for web3", "while compiling for web4",
                                                        "and more"});
    CHECK(diagnostics.error_count() == 2);
}

TEST_CASE("warnings alone do not make a catalog wrong", "[error]") {
    Diagnostics diagnostics;
    CHECK_FALSE(diagnostics.has_errors());
    diagnostics.warning({}, "", "odd");
    CHECK_FALSE(diagnostics.has_errors());
    diagnostics.error(at("a.yml", 1, 1), "state", "wrong");
    diagnostics.error(at("a.yml", 2, 1), "state", "wrong too");
    const CatalogError error(diagnostics);
    CHECK(error.text() == "state: wrong (and 1 more error)");
    CHECK(error.position().text() == "a.yml:1:1");
    CHECK(error.diagnostics().all().size() == 3);
}

TEST_CASE("the nearest name is one that differs by a slip of the hand", "[error]") {
    const std::vector<std::string> names = {"path", "source", "mode", "user", "creates"};
    CHECK(nearest("pth", names) == "path");
    CHECK(nearest("suorce", names) == "source");
    CHECK(nearest("create", names) == "creates");
    CHECK(nearest("colour", names).empty());
    CHECK(nearest("x", names).empty());
    CHECK(nearest("", names).empty());
    CHECK(nearest("path", names).empty());
}

TEST_CASE("S14 what a catalog's author wrote moves no cursor and makes no line that looks like another message",
          "[error]") {
    Diagnostics diagnostics;
    CHECK(diagnostics.error({}, "two\nlines", "\x1b[2J gone\nstates/a.yml:1:1: forged").full_text() ==
          "two\\x0alines: \\x1b[2J gone\n    states/a.yml:1:1: forged");
    CHECK(diagnostics.error({}, "", "wrong\n    role:web and\n            ^").full_text() ==
          "wrong\n    role:web and\n            ^");
}
