// The sentences of "The order of things" (docs/catalog.md) that are the compiler's: claims, circles, and what could
// never be notified. The others are in tests/unit/agent/engine.
#include <catch2/catch.hpp>

#include "tests/unit/master/compile/compiling.hpp"

using namespace prove;
using namespace prove::test;

namespace {

const std::string red = "red: {fn: file.managed, path: /etc/colour, content: red}\n";

}  // namespace

TEST_CASE("two states that claim one aspect with unequal arguments are an error that shows both", "[order]") {
    CHECK(site(red + "blue: {fn: file.managed, path: /etc/colour, content: blue}\n").errors() ==
          "states/site.yml:2:12: blue: path '/etc/colour' is decided differently by 'red' (states/site.yml:1:1) with "
          "file.managed (both claim: content); make them agree, or keep one of them\n");
}

TEST_CASE("two states that claim one aspect with equal arguments agree", "[order]") {
    CHECK(site(red + "also: {fn: file.managed, path: /etc/colour, content: red}\n").errors().empty());
}

TEST_CASE("different aspects of one resource are no conflict", "[order]") {
    CHECK(site(red + "owner: {fn: file.attributes, path: /etc/colour, user: root}\n").errors().empty());
    CHECK(
        site("a: {fn: service.running, service: nginx}\nb: {fn: service.disabled, service: nginx}\n").errors().empty());
}

TEST_CASE("what is a file for one state and a directory, or nothing, for another is a warning", "[order]") {
    CHECK(site(red + "gone: {fn: file.absent, path: /etc/colour}\n").warnings() ==
          "states/site.yml:2:12: path '/etc/colour' is not to be there here and a file in 'red' (states/site.yml:1:1); "
          "a run that makes both true one after the other fails as flapping\n");
    CHECK(site("a: {fn: file.directory, path: /x}\nb: {fn: file.symlink, path: /x, target: /y}\n")
              .warnings()
              .find("path '/x' is a file here and a directory in 'a'") != std::string::npos);
    CHECK(site(red + "also: {fn: file.line, path: /etc/colour, line: x}\nagain: {fn: file.attributes, path: "
                     "/etc/colour, mode: '0600'}\n")
              .warnings()
              .empty());
    // Where one of them depends on something, it may be right.
    CHECK(site(red + "gone: {fn: file.absent, path: /etc/colour, onlyif: {missing: /x}}\n").warnings().empty());
    CHECK(site(red + "gone: {fn: file.absent, path: /etc/colour, lazy: true}\n").warnings().empty());
    CHECK(site("b: {fn: meta.block, states: {"
               "red: {fn: file.managed, path: /etc/colour, content: red}}, "
               "rescue: {gone: {fn: file.absent, path: /etc/colour}}}\n")
              .warnings()
              .empty());
}

TEST_CASE("events claim nothing", "[order]") {
    CHECK(site("a: {fn: service.reloaded, service: nginx}\nb: {fn: service.restarted, service: nginx}\n"
               "c: {fn: cmd.run, cmd: x}\nd: {fn: cmd.run, cmd: x, creates: /x}\n")
              .errors()
              .empty());
}

TEST_CASE("with an order between two states that claim one aspect there is only a warning", "[order]") {
    const std::string warning = "from the second run on they will undo each other";
    const std::string blue = "fn: file.managed, path: /etc/colour, content: blue";
    CHECK(site(red + "blue: {" + blue + ", requires: red}\n").warnings().find(warning) != std::string::npos);
    CHECK(site(red + "blue: {" + blue + ", requires: middle}\nmiddle: {fn: cmd.run, cmd: x, requires: red}\n")
              .warnings()
              .find(warning) != std::string::npos);
    CHECK(site("red: {fn: file.managed, path: /etc/colour, content: red, notify: blue}\nblue: {" + blue + "}\n")
              .warnings()
              .find(warning) != std::string::npos);
    CHECK(site("red: {fn: file.managed, path: /etc/colour, content: red, notify_failure: blue}\nblue: {" + blue + "}\n")
              .warnings()
              .find(warning) != std::string::npos);
    CHECK(site("_include: [base]\nblue: {" + blue + "}\n", {{"states/base.yml", red}}).warnings().find(warning) !=
          std::string::npos);
}

TEST_CASE("a claim that depends on another's output is not known, and is no conflict", "[order]") {
    CHECK(site(red + "read: {fn: cmd.read, cmd: x}\n"
                     "there: {fn: file.managed, path: !out read.stdout, content: blue}\n")
              .errors()
              .empty());
}

TEST_CASE("a cycle of requires is an error, one of notify is none", "[order]") {
    CHECK(site("a: {fn: cmd.run, cmd: x, requires: b}\nb: {fn: cmd.run, cmd: x, requires: a}\n")
              .errors()
              .find("a cycle, in which no state can be the first: 'a' requires 'b' (states/site.yml:1:36), 'b' "
                    "requires 'a' "
                    "(states/site.yml:2:36)") != std::string::npos);
    CHECK(site("a: {fn: cmd.run, cmd: x, notify: b}\nb: {fn: cmd.run, cmd: x, notify: a}\n").errors().empty());
}

TEST_CASE("a notified state that requires what waits for its notifier is an error, unless it is deferred", "[order]") {
    const std::string text =
        "a: {fn: cmd.run, cmd: x, notify: r}\nb: {fn: cmd.run, cmd: x, requires: a}\n"
        "r: {fn: service.reloaded, service: x, requires: b, lazy: true";
    CHECK(site(text + "}\n").errors().find("none could go on; give 'r' 'defer: true'") != std::string::npos);
    CHECK(site(text + ", defer: true}\n").errors().empty());
}

TEST_CASE("a notification of service.running is an error that says what to notify", "[order]") {
    CHECK(site("a: {fn: cmd.run, cmd: x, notify: r}\nr: {fn: service.running, service: x}\n")
              .errors()
              .find("notify a lazy state with service.reloaded or service.restarted") != std::string::npos);
    CHECK(site("a: {fn: cmd.run, cmd: x, notify: r}\nr: {fn: service.restarted, service: x, lazy: true}\n")
              .errors()
              .empty());
}

TEST_CASE("a condition on what another state changed is a warning, where a notify would survive a crash", "[order]") {
    CHECK(site("a: {fn: cmd.run, cmd: x}\nb: {fn: cmd.run, cmd: y, onlyif: {changed: a}}\n")
              .warnings()
              .find("'changed' is forgotten when a run is cut short") != std::string::npos);
}
