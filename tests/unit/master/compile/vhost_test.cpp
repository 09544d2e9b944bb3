// The case that the language is made for, as the reference has it.
#include <catch2/catch.hpp>

#include "tests/unit/master/compile/compiling.hpp"

using namespace prove;
using namespace prove::test;

namespace {

const char* const vhost_states = R"(vhost:
  probe: {cert: {exists: "/etc/ssl/${vars.domain}.pem"}}
  parts:
    - fn: file.managed
      path: /etc/nginx/sites-enabled/${vars.domain}.conf
      source: prove://webserver/vhost.conf.mako
      context: {tls: ${probe.cert}}
      notify: [nginx_reload]

certificate:
  - fn: cmd.run
    cmd: request-certificate ${vars.domain}
    creates: /etc/ssl/${vars.domain}.pem
    requires: [vhost]
    notify: [vhost]

nginx_reload:
  lazy: true
  parts:
    - fn: service.reloaded
      service: nginx
)";

Compiling vhost_catalog() {
    return Compiling({
        {"targets.yml", "targets:\n  - {name: web1, states: [webserver], variables: {domain: blog.example}}\n"},
        {"components/webserver/states.yml", vhost_states},
        {"components/webserver/files/vhost.conf.mako",
         "server {\n% if tls:\n    listen 443 ssl;\n% else:\n    listen 80;\n% endif\n    server_name "
         "${vars.domain};\n}\n"},
    });
}

}  // namespace

TEST_CASE("a probe gives a state one variant for each answer, with a file of its own in each", "[compile]") {
    const auto catalog = vhost_catalog();
    const Compiled compiled = catalog.compile();
    const Node& vhost = node(compiled, "vhost");
    REQUIRE(vhost.probes.size() == 1);
    CHECK(vhost.probes[0].name == "cert");
    CHECK(vhost.probes[0].conditions[0].value.text() == "/etc/ssl/blog.example.pem");
    REQUIRE(vhost.variants.size() == 2);
    CHECK(content(compiled, vhost.variants[0].parts[0]) ==
          "server {\n    listen 80;\n    server_name blog.example;\n}\n");
    CHECK(content(compiled, vhost.variants[1].parts[0]) ==
          "server {\n    listen 443 ssl;\n    server_name blog.example;\n}\n");
    CHECK(compiled.run->files.size() == 2);
}

TEST_CASE("a state may require the state that it notifies: generate, ask, generate again", "[compile]") {
    const auto catalog = vhost_catalog();
    const Compiled compiled = catalog.compile();
    REQUIRE(compiled.run->nodes.size() == 3);
    CHECK(node(compiled, "certificate").requirements == std::vector<NodeIndex>{0});
    CHECK(node(compiled, "certificate").variants[0].parts[0].notify == std::vector<NodeIndex>{0});
    CHECK(node(compiled, "vhost").variants[1].parts[0].notify == std::vector<NodeIndex>{2});
    CHECK(node(compiled, "nginx_reload").lazy);
    CHECK(compiled.run->root_nodes().size() == 2);
}

TEST_CASE("every state and part keeps the place where it was written, through the template", "[compile]") {
    const auto catalog = vhost_catalog();
    const Compiled compiled = catalog.compile();
    CHECK(node(compiled, "vhost").position.text() == "components/webserver/states.yml:1:1");
    CHECK(node(compiled, "vhost").variants[1].parts[0].position.text() == "components/webserver/states.yml:4:11");
    CHECK(node(compiled, "certificate").position.text() == "components/webserver/states.yml:10:1");
}

TEST_CASE("a compiled run survives its way over the wire", "[compile]") {
    const auto catalog = vhost_catalog();
    const Compiled compiled = catalog.compile();
    const StateRun read = state_run_from(read_json(write_json(to_value(*compiled.run)), JsonLimits::state_run()));
    CHECK(read == *compiled.run);
}
