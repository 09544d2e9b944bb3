// Warnings that only the whole graph of a run can give.
#include <catch2/catch.hpp>

#include "tests/unit/master/compile/compiling.hpp"

using namespace prove;
using namespace prove::test;
using Catch::Matchers::Contains;

TEST_CASE("a loop of notifications in which every state always does something is a warning with each step", "[lint]") {
    const auto compiling = site(
        "a: {fn: cmd.run, cmd: x, notify: [b]}\n"
        "b: {fn: cmd.run, cmd: y, lazy: true, notify: [a]}\n");
    CHECK(compiling.warnings() ==
          "states/site.yml:1:35: a loop of notifications without an end: 'a' notifies 'b' (states/site.yml:1:35), 'b' notifies "
          "'a' (states/site.yml:2:47); what happens there happens whenever it runs, so the run fails after 8 invocations; guard "
          "one of them, with 'creates', 'onlyif' or 'unless'\n");
}

TEST_CASE("a state that notifies itself without a condition is such a loop, and so is a long one", "[lint]") {
    CHECK_THAT(site("a: {fn: cmd.run, cmd: x, notify: [a]}\n").warnings(), Contains("'a' notifies 'a'"));
    CHECK_THAT(site("a: {fn: cmd.run, cmd: x, notify: [b]}\nb: {fn: service.reloaded, service: s, notify: [c]}\n"
                    "c: {parts: [{fn: cmd.run, cmd: x}], notify: [a]}\n")
                   .warnings(),
               Contains("'a' notifies 'b'") && Contains("'b' notifies 'c'") && Contains("'c' notifies 'a'"));
}

TEST_CASE("a circle of notifications that comes to rest by itself is no warning", "[lint]") {
    const auto quiet = [](const std::string& b) {
        return site("a: {fn: cmd.run, cmd: x, notify: [b]}\nb: " + b + "\n").warnings();
    };
    CHECK(quiet("{fn: cmd.run, cmd: y, creates: /b, notify: [a]}").empty());
    CHECK(quiet("{fn: cmd.run, cmd: y, unless: {exists: /b}, notify: [a]}").empty());
    CHECK(quiet("{fn: file.managed, path: /b, content: x, notify: [a]}").empty());
    CHECK(quiet("{fn: cmd.run, cmd: y, notify_failure: [a]}").empty());
    CHECK(quiet("{parts: [{fn: cmd.run, cmd: y}], onlyif: test -e /b, notify: [a]}").empty());
    CHECK(quiet("[{fn: cmd.run, cmd: y}, {fn: file.managed, path: /b, content: x, notify: [a]}]").empty());
    CHECK(quiet("{fn: meta.noop, notify: [a]}").empty());
}

TEST_CASE("the state that a loop's limit comes from is the target's own option", "[lint]") {
    CHECK_THAT(site("a: {fn: cmd.run, cmd: x, notify: [a]}\n", {{"prove.yml", "options: {max_invocations: 3}\n"}}).warnings(),
               Contains("after 3 invocations"));
}

TEST_CASE("a sensitive file that everybody may read is a warning, by its mode or by having none", "[lint]") {
    const auto warned = [](const std::string& mode) {
        return site("a: {fn: file.managed, path: /a, content: x, sensitive: true" + mode + "}\n").warnings();
    };
    CHECK_THAT(warned(", mode: \"0644\""), Contains("everybody may read a file of mode 0644; say \"0600\""));
    CHECK_THAT(warned(", mode: \"604\""), Contains("mode 604"));
    CHECK_THAT(warned(""), Contains("everybody may read a new file without 'mode' (0644)"));
    CHECK(warned(", mode: \"0640\"").empty());
    CHECK(warned(", mode: \"600\"").empty());
    CHECK(site("a: {fn: file.managed, path: /a, content: x, mode: \"0644\"}\n").warnings().empty());
    CHECK(site("a: {fn: cmd.run, cmd: x, sensitive: true}\n").warnings().empty());
}
