// Lints that all targets together decide: what nobody asks for, reads or names. A warning for what is used after all
// would be worse than none.
#include <catch2/catch.hpp>

#include "common/text/text.hpp"
#include "master/looking/catalog_lints.hpp"
#include "tests/unit/master/looking/looking.hpp"

using namespace prove;
using namespace prove::test;
using Catch::Matchers::Contains;

namespace {

std::string lints(std::map<std::string, std::string> files) {
    const Version version(std::move(files));
    CatalogLints lints(version.catalog());
    for (const Target& target : version.catalog().targets()) {
        const CompileRequest request{.target = target.id, .facts = Value::object()};
        lints.add_run(*version.compiler().compile(request).run);
        lints.add_variables(version.compiler().seen_variables(request).explained);
    }
    std::string result;
    for (const Diagnostic& diagnostic : lints.found().sorted()) {
        CHECK(diagnostic.severity == Diagnostic::Severity::warning);
        result += diagnostic.full_text() + "\n";
    }
    return result;
}

std::string of_states(const std::string& site) {
    return lints({{"states/site.yml", site}});
}

using Names = std::vector<std::string>;
using NameSets = std::set<Names>;

}  // namespace

TEST_CASE("a lazy state that nothing notifies or runs is reported, with what to do about it", "[lint]") {
    CHECK(of_states("a: {fn: cmd.run, cmd: x}\nb: {fn: cmd.run, cmd: x, lazy: true}\n") ==
          "states/site.yml:2:1: warning: b: no target's states notify or run this lazy state, so it runs only where "
          "--state names it; give it a 'description' where that is meant\n");
}

TEST_CASE("a lazy state that is notified, listens, is run, is in a group that is notified or is described is none", "[lint]") {
    CHECK(of_states("a: {fn: cmd.run, cmd: x, notify: [b]}\nb: {fn: cmd.run, cmd: x, lazy: true}\n").empty());
    CHECK(of_states("a: {fn: cmd.run, cmd: x, notify_failure: [b]}\nb: {fn: cmd.run, cmd: x, lazy: true}\n").empty());
    CHECK(of_states("a: {fn: cmd.run, cmd: x}\nb: {fn: cmd.run, cmd: x, listen: [a]}\n").empty());
    CHECK(of_states("a: {fn: meta.run, state: b}\nb: {fn: cmd.run, cmd: x, lazy: true}\n").empty());
    CHECK(of_states("a: {fn: cmd.run, cmd: x, notify: [g]}\ng: {fn: meta.group, states: [b]}\nb: {fn: cmd.run, cmd: x, lazy: true}\n").empty());
    CHECK(of_states("b: {fn: cmd.run, cmd: x, lazy: true, description: rotates the keys}\n").empty());
}

TEST_CASE("beside a late state, which may ask for anything, no lazy state is reported", "[lint]") {
    CHECK(of_states("a: {fn: cmd.read, cmd: x}\nl: {late: true, requires: [a], parts: [{fn: cmd.run, cmd: x}]}\n"
                    "b: {fn: cmd.run, cmd: x, lazy: true}\n").empty());
}

TEST_CASE("a lazy state that one target notifies is asked for, though another does not", "[lint]") {
    CHECK(lints({{"targets.yml", "targets:\n  - {name: web1, states: [nginx]}\n  - {name: web2, states: [nginx, site]}\n"},
                 {"states/nginx.yml", "reload: {fn: service.reloaded, service: nginx, lazy: true}\n"},
                 {"states/site.yml", "vhost: {fn: file.managed, path: /v, content: x, notify: [reload]}\n"}})
              .empty());
}

TEST_CASE("a variable that no template reads is reported once, at its place", "[lint]") {
    CHECK(lints({{"prove.yml", "variables:\n  port: 80\n  site: {name: blog, owner: me}\n"},
                 {"states/site.yml", "a: {fn: cmd.run, cmd: \"x ${vars.site.name}\"}\n"}}) ==
          "prove.yml:2:3: warning: no template reads the variable 'port'\n"
          "prove.yml:3:22: warning: no template reads the variable 'site.owner'\n");
}

TEST_CASE("a mapping of which nothing is read is one warning, and places that set it too are counted", "[lint]") {
    CHECK_THAT(lints({{"targets.yml", "targets:\n  - {name: web1, states: [site], variables: {site: {a: 1, b: 2}}}\n"
                                      "  - {name: web2, states: [site], variables: {site: {a: 1}}}\n"},
                      {"states/site.yml", "a: {fn: cmd.run, cmd: x}\n"}}),
               Contains("no template reads the variable 'site', which is set in 1 other place too") && !Contains("'site.a'"));
}

TEST_CASE("a variable that is read in any template, Python file or expression is none", "[lint]") {
    const auto with = [](const std::string& path, const std::string& text) {
        return lints({{"prove.yml", "variables: {port: 80}\n"}, {"states/site.yml", "a: {fn: cmd.run, cmd: x}\n"}, {path, text}});
    };
    CHECK(with("states/other.yml", "a: {fn: cmd.run, cmd: \"${vars.port}\"}\n").empty());
    CHECK(with("states/other.yml.jinja", "a: {fn: cmd.run, cmd: \"{{ vars['port'] }}\"}\n").empty());
    CHECK(with("states/other.py", "def states(ctx):\n    return {'a': {'fn': 'cmd.run', 'cmd': ctx.vars.get('port', '')}}\n").empty());
    CHECK(with("variables/more.yml", "url: \":${vars.port}\"\n").empty());
    CHECK(with("states/other.yml", "% for t in targets('var:port=80'):\na: {fn: cmd.run, cmd: x}\n% endfor\n").empty());
    CHECK(with("states/other.yml", "% for k, v in vars.items():\na: {fn: cmd.run, cmd: x}\n% endfor\n").empty());
    CHECK_THAT(with("files/x.conf", "port and vars\n"), Contains("variable 'port'"));
    CHECK_THAT(with("states/other.yml", "# vars.port is not read here\na: {fn: cmd.run, cmd: x}\n"), Contains("variable 'port'"));
}

TEST_CASE("a component's defaults are its own: one that it does not read is reported under its name", "[lint]") {
    CHECK_THAT(lints({{"targets.yml", "targets: [{name: web1, roles: [w]}]\n"},
                      {"roles.yml", "roles: {w: {components: [web]}}\n"},
                      {"components/web/states.yml", "a: {fn: cmd.run, cmd: \"${vars.web.port}\"}\n"},
                      {"components/web/variables.yml", "port: 80\nhost: x\n"}}),
               Contains("components/web/variables.yml:2:1: warning: no template reads the variable 'web.host'") && !Contains("web.port"));
}

TEST_CASE("a component's parameter that nothing reads is reported, whether a target uses the component or not", "[lint]") {
    const auto with = [](const std::string& roles, const std::string& parameters) {
        return lints({{"targets.yml", "targets: [{name: web1, roles: [w]}]\n"},
                      {"roles.yml", roles},
                      {"components/web/states.yml", "a: {fn: cmd.run, cmd: \"${vars.web.port}\"}\n"},
                      {"components/web/component.yml", "parameters:\n" + parameters}});
    };
    const std::string used = "roles: {w: {components: [web], variables: {web: {key: x}}}}\n", unused = "roles: {w: {}}\n";
    const std::string read = "  port: {type: integer, default: 80}\n";
    CHECK(with(used, read + "  key: {type: text, required: true}\n") ==
          "roles.yml:1:50: warning: no template reads the variable 'web.key'\n");
    CHECK_THAT(with(unused, read + "  key: {type: text, required: true}\n"),
               Contains("components/web/component.yml") &&
                   Contains("warning: no template reads the parameter 'key' of the component 'web'\n") &&
                   !Contains("'port'"));
    CHECK_THAT(with(unused, read + "  host: {type: text, default: x}\n"),
               Contains("components/web/component.yml:3:31: warning: no template reads the parameter 'host'"));
    CHECK(with(unused, read).empty());
}

TEST_CASE("a file that nothing names is reported, with the URL that would name it", "[lint]") {
    CHECK(lints({{"states/site.yml", "a: {fn: file.managed, path: /a, source: prove://a.conf}\n"},
                 {"files/a.conf", "x"},
                 {"files/old/b.conf", "x"}}) ==
          "files/old/b.conf: warning: nothing in the catalog names this file, 'prove://old/b.conf'\n");
}

TEST_CASE("a file whose name a template puts together is none", "[lint]") {
    const auto with = [](const std::string& state) {
        return lints({{"states/site.yml", "a: {fn: cmd.run, cmd: x}\n"}, {"states/other.yml", state}, {"files/sites/b.conf", "x"}});
    };
    CHECK(with("a: {fn: file.managed, path: /a, source: \"prove://sites/${vars.name}.conf\"}\n").empty());
    CHECK(with("a: {fn: file.managed, path: /a, source: \"prove://sites/{{ name }}\"}\n").empty());
    CHECK(with("a: {fn: file.managed, path: /a, source: \"${'prove://sites/' + name}\"}\n").empty());
    CHECK(with("# b.conf comes later\na: {fn: cmd.run, cmd: x}\n").empty());
    CHECK_FALSE(with("a: {fn: file.managed, path: /a, source: \"prove://pages/${vars.name}.conf\"}\n").empty());
    CHECK(lints({{"prove.yml", "variables: {conf: 'prove://sites/b.conf'}\n"},
                 {"states/site.yml", "a: {fn: file.managed, path: /a, source: \"${vars.conf}\"}\n"},
                 {"files/sites/b.conf", "x"}})
              .empty());
}

TEST_CASE("what a text reads of the variables is found in every spelling", "[lint]") {
    CHECK(variables_read("${vars.site.port}") == NameSets{{"site", "port"}});
    CHECK(variables_read("{{ vars['site']['port'] }}") == NameSets{{"site", "port"}});
    CHECK(variables_read("ctx.vars[\"site\"].port") == NameSets{{"site", "port"}});
    CHECK(variables_read("vars.get('site').port") == NameSets{{"site", "port"}});
    CHECK(variables_read("vars.site.items()") == NameSets{{"site"}});
    CHECK(variables_read("vars[name]") == NameSets{Names{}});
    CHECK(variables_read("for k in vars:") == NameSets{Names{}});
    CHECK(variables_read("my_vars.x varsity") == NameSets{});
    CHECK(variables_read("targets('var:site.name=blog and role:x')") == NameSets{{"site", "name"}});
    CHECK(variables_read("") == NameSets{});
    CHECK(variables_read("vars") == NameSets{Names{}});
    CHECK(variables_read("vars['open") == NameSets{Names{}});
}

TEST_CASE("what a text names below prove:// is found, with a star for what is not known", "[lint]") {
    const auto one = [](const std::string& text) { return *urls_named(text).begin(); };
    CHECK(one("source: prove://nginx/nginx.conf\n") == "prove://nginx/nginx.conf");
    CHECK(one("[prove://a, prove://b]") == "prove://a");
    CHECK(one("\"prove://${a}/x.conf\"") == "prove://*/x.conf");
    CHECK(one("prove://{{ a }}.conf") == "prove://*.conf");
    CHECK(one("f'prove://{a}.conf'") == "prove://*.conf");
    CHECK(one("'prove://x/' + name") == "prove://x/*");
    CHECK(one("prove://${open") == "prove://*");
    CHECK(urls_named("prove:/x").empty());
}
