// Parts that count on an agent which stays on its host: told by state where the target has none.
#include <catch2/catch.hpp>

#include "tests/unit/master/compile/compiling.hpp"

using namespace prove;
using namespace prove::test;

namespace {

std::string warnings_with(const std::string& target, const std::string& function = "needs_agent: true") {
    return Compiling({{"targets.yml", "targets:\n  - {name: web1, states: [site]" + target + "}\n"},
                      {"states/site.yml",
                       "a: {fn: file.managed, path: /a, content: x}\nb:\n  - fn: cmd.run\n    cmd: x\n"
                       "  - fn: shop.queue\nc: {fn: shop.queue, lazy: true}\n"},
                      {"components/shop/component.yml", "functions:\n  queue: {" + function + "}\n"},
                      {"components/shop/functions/queue", "#!/bin/sh\n"}})
        .warnings();
}

}  // namespace

TEST_CASE("a part that needs an agent is a warning with its line, where the target is reached without one", "[lint]") {
    const std::string expected =
        "states/site.yml:5:9: 'shop.queue' needs an agent that stays on the host, and only with 'executor: agent', "
        "through a "
        "master, is there one\n"
        "states/site.yml:6:9: 'shop.queue' needs an agent that stays on the host, and only with 'executor: agent', "
        "through a "
        "master, is there one\n";
    CHECK(warnings_with(", executor: ssh") == expected);
    CHECK(warnings_with(", executor: local") == expected);
}

TEST_CASE("with an agent there is nothing to warn of, nor where the function needs none", "[lint]") {
    CHECK(warnings_with("").empty());
    CHECK(warnings_with(", executor: ssh", "needs_agent: false").empty());
    CHECK(warnings_with(", executor: ssh", "help: x").empty());
}
