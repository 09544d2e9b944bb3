// prove-cli component test: cases as an author writes them, what is shown of those that fail, exit codes.
#include <catch2/catch.hpp>

#include "common/text/text.hpp"
#include "master/cli/command_line.hpp"
#include "tests/support/catalog_on_disk.hpp"
#include "tests/unit/master/cli/captured.hpp"

using namespace prove;
using namespace prove::test;
using Catch::Matchers::Contains;

namespace {

Ran tested(const std::string& folder, std::vector<std::string> before = {}) {
    before.insert(before.end(), {"component", "test", folder});
    return run(std::move(before));
}

// A component beside one that it requires, in a folder that is no catalog; `cases` are its tests/all.yml.
CatalogOnDisk component(const std::string& cases) {
    return CatalogOnDisk{
        {"web/component.yml", "name: web\nrequires: [tls]\nparameters:\n  domain: {type: text, required: true}\n  port: {type: integer, default: 80}\n"},
        {"web/states.yml",
         "vhost:\n  probe: {cert: {exists: /cert}}\n  parts:\n    - fn: file.managed\n      path: /etc/${vars.web.domain}.conf\n"
         "      source: prove://web/vhost.mako\n      notify: [reload]\n    - fn: web.check\n      strict: ${'true' if probe.cert else 'false'}\n"
         "reload: {fn: cmd.run, cmd: reload, lazy: true}\n"},
        {"web/files/vhost.mako", "listen ${vars.web.port}\nbits ${vars.tls.bits}\nfamily ${facts.os}\n"},
        {"web/functions/check", "#!/bin/sh\n"},
        {"web/tests/all.yml", cases},
        {"web/tests/README.md", "not a case\n"},
        {"tls/variables.yml", "bits: 4096\n"},
        {"broken/component.yml", "name: [\n"}};  // its neighbour is no matter
}

const std::string right =
    "a site:\n  variables: {web: {domain: blog}}\n  facts: {os: debian}\n"
    "  expect:\n"
    "    vhost:\n      requires: []\n      parts:\n"
    "        - fn: file.managed\n          path: /etc/blog.conf\n"
    "          content: |\n            listen 80\n            bits 4096\n            family debian\n"
    "          notify: reload\n"
    "        - {fn: web.check, strict: false}\n"
    "    reload: {lazy: true}\n    gone: null\n"
    "with a certificate:\n  variables: {web: {domain: blog}}\n  facts: {os: debian}\n  probes: {cert: true}\n"
    "  expect: {vhost: [{fn: file.managed}, {strict: true}]}\n"
    "a site needs a name:\n  facts: {os: debian}\n  error: its parameter 'domain' is missing\n";

}  // namespace

TEST_CASE("component test runs each case of a component, with those that it requires from beside it", "[cli]") {
    const auto disk = component(right);
    const Ran ran = tested(disk.path_of("web"));
    CHECK(ran.out == "web: 3 cases, all as expected\n");
    CHECK(ran.code == 0);
    CHECK(tested(disk.path_of("web"), {"--verbose"}).out ==
          "  ok    a site\n  ok    with a certificate\n  ok    a site needs a name\nweb: 3 cases, all as expected\n");
    CHECK(tested(disk.path_of("web/"), {"--quiet"}).out.empty());
}

TEST_CASE("component test shows what a case expected and what was found, at its place, and exits with 4", "[cli]") {
    const auto disk = component(
        "wrong in every way:\n  variables: {web: {domain: blog}}\n  facts: {os: debian}\n"
        "  expect:\n"
        "    vhost:\n      requires: [x]\n      parts:\n"
        "        - fn: file.managed\n          path: /etc/log.conf\n"
        "          content: |\n            listen 81\n            bits 4096\n            family debian\n"
        "          mode: '0600'\n"
        "        - {fn: web.chek}\n"
        "    reload: null\n    relaod: {lazy: true}\n");
    const Ran ran = tested(disk.path_of("web"));
    CHECK(ran.code == 4);
    CHECK(ran.out ==
          "  FAILS wrong in every way  (tests/all.yml:1:1)\n"
          "    vhost.requires  (tests/all.yml:6:17)\n      expected:\n        1 member: [\"x\"]\n      found:\n        0 members: []\n"
          "    vhost.parts[0].path  (tests/all.yml:9:17)\n      expected:\n        /etc/log.conf\n      found:\n        /etc/blog.conf\n"
          "    vhost.parts[0].content  (tests/all.yml:10:20)\n"
          "      --- expected and found\n      +++ expected and found\n      @@ -1,3 +1,3 @@\n      -listen 81\n      +listen 80\n"
          "       bits 4096\n       family debian\n"
          "    vhost.parts[0].mode  (tests/all.yml:14:11)\n      expected:\n        0600\n      found:\n        it is not there\n"
          "    vhost.parts[1].fn  (tests/all.yml:15:16)\n      expected:\n        web.chek\n      found:\n        web.check\n"
          "    reload  (tests/all.yml:16:5)\n      expected:\n        no such state\n      found:\n        there is one\n"
          "    relaod  (tests/all.yml:17:5)\n      expected:\n        a state\n      found:\n        there is none; did you mean 'reload'?\n"
          "web: 1 case, 1 not as expected\n");
}

TEST_CASE("an error that does not come, or another one, makes a case fail; so does one where states are expected", "[cli]") {
    const auto disk = component(
        "no error:\n  variables: {web: {domain: blog}}\n  facts: {os: debian}\n  error: anything\n"
        "another:\n  error: [is missing, no such words]\n"
        "states:\n  expect: {vhost: {}}\n");
    const Ran ran = tested(disk.path_of("web"));
    CHECK(ran.code == 4);
    CHECK_THAT(ran.out, Contains("anything\n      found:\n        it compiles without one") &&
                            Contains("no such words\n") && Contains("its parameter 'domain' is missing") &&
                            Contains("web: 3 cases, 3 not as expected"));
    CHECK_THAT(ran.out, !Contains("expected:\n        is missing"));
}

TEST_CASE("component test says each case as data", "[cli]") {
    const auto disk = component(right);
    const auto lines = split_lines(tested(disk.path_of("web"), {"--output", "json"}).out);
    REQUIRE(lines.size() == 3);
    const Value first = read_json(lines[0]);
    CHECK(first.at("case").text() == "a site");
    CHECK(first.at("passed").boolean());
    CHECK(first.at("differences").list().empty());
}

TEST_CASE("a case or a component that is wrong is told with its place, no case is run, and the exit code is 3", "[cli]") {
    const auto disk = component(
        "one:\n  variable: {}\n  expect: {}\n"
        "two: {facts: [a], probes: {cert: maybe}, expect: []}\n"
        "three: {expect: {}, error: x}\nfour: {}\n");
    const Ran ran = tested(disk.path_of("web"));
    CHECK(ran.code == 3);
    CHECK_THAT(ran.out, Contains("tests/all.yml:2:3: one: unknown key 'variable'; did you mean 'variables'?") &&
                            Contains("tests/all.yml:4:14: two: 'facts' is a mapping, found a list") &&
                            Contains("tests/all.yml:4:34: two: a probe's answer is true or false") &&
                            Contains("two: 'expect' is a mapping from states to what they have, found a list") &&
                            Contains("tests/all.yml:5:1: three: a case has either 'expect'") &&
                            Contains("tests/all.yml:6:1: four: a case has either 'expect'") &&
                            Contains("web: 6 errors; no case was run"));

    auto broken = component(right);
    broken.write("web/component.yml", "name: web\nversion: 1\n");
    const Ran refused = tested(broken.path_of("web"));
    CHECK(refused.code == 3);
    CHECK_THAT(refused.out, Contains("components/web/component.yml:2:10: component web: 'version' is a text"));
}

TEST_CASE("a folder that is no component, or has no cases, is a wrong usage", "[cli]") {
    const CatalogOnDisk disk{{"empty/notes", "x"}, {"bare/states.yml", "a: {fn: cmd.run, cmd: x}\n"}};
    CHECK(tested(disk.path_of("empty")).code == 2);
    const Ran bare = tested(disk.path_of("bare"));
    CHECK(bare.code == 2);
    CHECK_THAT(bare.err, Contains("component 'bare' has no cases; they stand in its tests/*.yml"));
    CHECK(tested(disk.path_of("nowhere")).code == 2);
}
