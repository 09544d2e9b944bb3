// What templates get and how their values are written; where every rendered line came from; what errors say.
#include <catch2/catch.hpp>

#include "master/render/template_source.hpp"
#include "tests/unit/master/render/rendering.hpp"

using namespace prove;
using namespace prove::test;
using Catch::Matchers::Contains;

TEST_CASE("in state and variable files booleans, nulls, lists and mappings are YAML flow values", "[render]") {
    Rendering rendering;
    rendering.set("vars", R"({"on": true, "nothing": null, "list": [1, "a: b", false], "map": {"k": [1.5]}})");
    CHECK(rendering.text("${vars.on} ${vars.nothing} ${vars.list} ${vars.map}") ==
          R"(true null [1, "a: b", false] {"k": [1.5]})");
    CHECK(rendering.text("${1 == 2} ${1.5} ${10**20} ${float('inf')}") == "false 1.5 100000000000000000000 .inf");
}

TEST_CASE("in state files a string is written as it is, and safely with the filter yaml", "[render]") {
    Rendering rendering;
    rendering.set("vars", R"({"text": "a: \"b\" # c\n", "list": ["x"], "number": 5})");
    CHECK(rendering.text("${vars.text}") == "a: \"b\" # c\n");
    CHECK(rendering.text("${vars.text | yaml}") == R"("a: \"b\" # c\n")");
    CHECK(rendering.text("${vars.list | yaml} ${vars.number | yaml}") == R"(["x"] 5)");
}

TEST_CASE("in templates of managed files values are written as Mako does", "[render]") {
    Rendering rendering;
    rendering.set("vars", R"({"on": true, "nothing": null})");
    CHECK(rendering.text("${vars.on} ${vars.nothing} ${vars.on | yaml}", false) == "True None true");
}

TEST_CASE("S81 what facts and variables hold is never rendered again", "[render]") {
    Rendering rendering;
    rendering.set("facts", R"({"evil": "${vars.secret} <% boom %> ## x\n% if y"})");
    CHECK(rendering.text("${facts.evil}") == "${vars.secret} <% boom %> ## x\n% if y");
}

TEST_CASE("members are attributes, items and keys; Python's own methods stay", "[render]") {
    Rendering rendering;
    rendering.set("vars", R"({"site": {"name": "blog"}, "hosts": {"a": 1, "b": 2}})");
    CHECK(rendering.text("${vars.site.name} ${vars['site']['name']} ${vars.get('none', 'x')} ${'site' in vars}") ==
          "blog blog x true");
    CHECK(rendering.text("% for k, v in vars.hosts.items():\n${k}=${v}\n% endfor\n") == "a=1\nb=2\n");
    CHECK(rendering.text("${hasattr(vars, 'none')} ${getattr(vars, 'none', 5)}") == "false 5");
}

TEST_CASE("an undefined name is an error at its own line, all of them at once, and never an empty string", "[render]") {
    const Rendering rendering;
    CHECK(rendering.errors("a\n${vras}\n% if False:\n${tagret.name}\n% endif\n") ==
          "states/site.yml:2:3: 'vras' is not defined; did you mean 'vars'?\n"
          "states/site.yml:4:3: 'tagret' is not defined; did you mean 'target'?\n");
}

TEST_CASE("a variable of the shell is explained where it is taken for Mako's", "[render]") {
    const Rendering rendering;
    CHECK_THAT(rendering.errors("cmd: echo ${HOME}\n"),
               Contains("'HOME' is not defined") && Contains("<%text>") && Contains(".plain.yml"));
    CHECK_THAT(rendering.errors("cmd: echo ${HOME:-x}\n"), Contains("site.yml:1:") && Contains("<%text>"));
}

TEST_CASE("a missing member is an error that names the path and the nearest name", "[render]") {
    Rendering rendering;
    rendering.set("vars", R"({"site": {"name": "blog"}})");
    CHECK(rendering.errors("a\nb ${vars.site.nmae}") ==
          "states/site.yml:2:15: vars.site has no 'nmae'; did you mean 'name'?\n");
    CHECK(rendering.errors("${vars['sit']}") == "states/site.yml:1:9: vars has no 'sit'; did you mean 'site'?\n");
}

TEST_CASE("a method is not written where a member of its name was meant", "[render]") {
    Rendering rendering;
    rendering.set("vars", R"({"a": {"items": 5}})");
    CHECK_THAT(rendering.errors("${vars.a.items}"), Contains("'items' is a function") && Contains("['items']"));
    CHECK(rendering.text("${vars.a['items']}") == "5");
}

TEST_CASE("S82 an exception shows its type and the template's line, and no value of a variable", "[render]") {
    Rendering rendering;
    rendering.set("vars", R"({"password": "swordfish", "pin": 98765})");
    CHECK(rendering.errors("a\n${1 // 0}") ==
          "states/site.yml:2:1: ZeroDivisionError: integer division or modulo by zero\n");
    for (const char* const text :
         {"${int(vars.password)}", "<% raise Exception('not ' + vars.password) %>", "<% raise KeyError(vars.pin) %>",
          "${open(vars.password)}", "${{}[vars.password]}", "${vars[vars.password + 'x']}", "${file(vars.password)}",
          "${targets(vars.password)}"}) {
        const std::string errors = rendering.errors(text);
        CHECK_THAT(errors, Contains("states/site.yml:1:"));
        CHECK_THAT(errors, !Contains("swordfish") && !Contains("98765"));
    }
}

TEST_CASE("of several expressions in one line the one that is wrong is pointed at", "[render]") {
    Rendering rendering;
    rendering.set("vars", R"({"none_here": 1})");
    CHECK(rendering.errors("a\n% for x in [0]:\n  ${x} ${1 // x} ${2}\n% endfor\n") ==
          "states/site.yml:3:8: ZeroDivisionError: integer division or modulo by zero\n");
    CHECK(rendering.errors("${vars.none_here} ${vars.none}\n") ==
          "states/site.yml:1:26: vars has no 'none'; did you mean 'none_here'?\n");
}

TEST_CASE("facts of a target that was never seen are an error that names it", "[render]") {
    Rendering rendering;
    rendering.names().set("facts", Value());
    CHECK_THAT(rendering.errors("${facts.os.family}"), Contains("target 'web1' was never seen"));
    CHECK(rendering.text("${facts is None or not facts}") == "true");
}

TEST_CASE("every rendered line knows its template's line, through loops and includes", "[render]") {
    Rendering rendering(Files{{"templates/two.mako", "one\ntwo\n"}});
    const Rendered rendered = rendering.render(
        "first\n"
        "% for i in range(2):\n"
        "a ${i}\n"
        "  b\n"
        "% endfor\n"
        "<%include file='two.mako'/>\n"
        "last\n");
    CHECK(rendered.text == "first\na 0\n  b\na 1\n  b\none\ntwo\n\nlast\n");
    CHECK(places_of(rendered) ==
          "states/site.yml:1 states/site.yml:3 states/site.yml:4 states/site.yml:3 states/site.yml:4 "
          "templates/two.mako:1 templates/two.mako:2 states/site.yml:6 states/site.yml:7 states/site.yml:8 ");
}

TEST_CASE("inheritance and defs of other files keep their places too", "[render]") {
    Rendering rendering(Files{{"templates/base.mako", "head\n${self.body()}\nfoot\n"},
                              {"templates/lib.mako", "<%def name=\"hello(x)\">hello ${x}\n</%def>"}});
    const Rendered inherited = rendering.render("<%inherit file='base.mako'/>body\n");
    CHECK(inherited.text == "head\nbody\n\nfoot\n");
    CHECK(inherited.line_map[1].text() == "states/site.yml:1");
    CHECK(inherited.line_map[3].text() == "templates/base.mako:3");
    const Rendered defs = rendering.render("<%namespace name='lib' file='lib.mako'/>\\\n${lib.hello('you')}");
    CHECK(defs.text == "hello you\n");
    CHECK(defs.line_map[0].text() == "templates/lib.mako:1");
}

TEST_CASE("an error in an included template stands at its own line and says who brought it in", "[render]") {
    Rendering rendering(Files{{"templates/bad.mako", "x\n${vars.none}\n"}});
    try {
        rendering.render("a\n<%include file='bad.mako'/>\n");
        FAIL("no error");
    } catch (const CatalogError& error) {
        const Diagnostic& diagnostic = error.diagnostics().all().at(0);
        CHECK(diagnostic.position.text() == "templates/bad.mako:2:8");
        CHECK(diagnostic.contexts == std::vector<std::string>{"in a template that states/site.yml:2 brings in"});
    }
}

TEST_CASE("probes are false and noted while they are collected, and an error when they are not known", "[render]") {
    Rendering rendering;
    const Rendered collected = rendering.render("${probe.cert} ${probe['old']} ${probe.cert}", true, true);
    CHECK(collected.text == "false false false");
    CHECK(collected.probes_read == std::vector<std::string>{"cert", "old"});
    rendering.set("probe", R"({"cert": true})");
    CHECK(rendering.text("${probe.cert}") == "true");
    CHECK_THAT(rendering.errors("${probe.crt}"), Contains("probe 'crt' is not declared") && Contains("'cert'"));
}

TEST_CASE("file() gives a file's text, from beside the template or from where prove:// serves", "[render]") {
    Rendering rendering(Files{{"files/motd", "hello"}, {"templates/part", "part"}});
    CHECK(rendering.text("${file('prove://motd')} ${file('motd')} ${file('part')}") == "hello hello part");
    CHECK_THAT(rendering.errors("${file('mtd')}"), Contains("no template or file 'mtd'; did you mean 'motd'?"));
}

TEST_CASE("S80 template names stay in the catalog", "[render]") {
    const CatalogFolder folder({{"files/a", "x"}, {"targets.yml", "targets: [{name: web1}]\n"}});
    const auto catalog = folder.load();
    for (const std::string name :
         {"//../x", "../x", "/etc/passwd", "a/../../x", "./a", "a//b", "a\\b", "a b", "", "a\nb", "prove://../a",
          "prove:///etc/passwd", "..", "~/x", "a/", "file:///etc/passwd"}) {
        INFO(name);
        CHECK_THROWS_WITH(find_template(*catalog, name, "states/site.yml"), Contains("is not allowed"));
    }
    CHECK_THROWS_WITH(find_template(*catalog, std::string("a\0", 2), "states/site.yml"), Contains("is not allowed"));
    CHECK(find_template(*catalog, "a", "states/site.yml").text == "x");
    CHECK(find_template(*catalog, "prove://a", "states/site.yml").path == "files/a");
}

TEST_CASE("a template's name means the file beside it, then its component's, then the catalog's", "[render]") {
    const CatalogFolder folder({{"targets.yml", "targets: [{name: web1}]\n"},
                                {"templates/x", "catalog's"},
                                {"templates/sub/y", "beside"},
                                {"components/web/states.yml", "{}\n"},
                                {"components/web/templates/x", "component's"},
                                {"components/web/files/z", "served"}});
    const auto catalog = folder.load();
    CHECK(find_template(*catalog, "x", "states/site.yml").text == "catalog's");
    CHECK(find_template(*catalog, "y", "templates/sub/a").text == "beside");
    CHECK(find_template(*catalog, "x", "components/web/states.yml").text == "component's");
    CHECK(find_template(*catalog, "z", "components/web/states.yml").path == "components/web/files/z");
    CHECK_THROWS_WITH(find_template(*catalog, "z", "states/site.yml"), Contains("no template or file 'z'"));
}

TEST_CASE("S80 holds for include, inherit and namespace", "[render]") {
    const Rendering rendering;
    CHECK_THAT(rendering.errors("<%include file=\"//../x\"/>"), Contains("is not allowed"));
    CHECK_THAT(rendering.errors("<%inherit file=\"//../x\"/>"), Contains("is not allowed"));
    CHECK_THAT(rendering.errors("<%namespace name=\"n\" file=\"../x\"/>${n.y()}"), Contains("is not allowed"));
}

TEST_CASE("a text needs Mako only for what Mako acts on", "[render]") {
    for (const char* const text :
         {"a: ${b}", "<% x %>", "  % if x:\n", "% if x:\n", "a\n\t## c\n", "a \\\nb", "%% x\n", "</%def>"})
        CHECK(has_mako_syntax(text));
    for (const char* const text :
         {"a: $b", "## at the start\na: 1\n", "# 100 % sure\n", "cost: 5%\n", "a: '#'", "", "a: <b>"})
        CHECK_FALSE(has_mako_syntax(text));
}

TEST_CASE("a text needs Jinja only for what Jinja acts on", "[render]") {
    for (const char* const text : {"a: {{ b }}", "{% if x %}", "{# a comment #}"}) CHECK(has_jinja_syntax(text));
    for (const char* const text : {"a: {b: {c: 1}}", "a: ${b}", "% if x:\n", "# {a}\n", ""})
        CHECK_FALSE(has_jinja_syntax(text));
}

TEST_CASE("a template that writes nothing is an empty text", "[render]") {
    const Rendering rendering;
    CHECK(rendering.text("% if False:\nx\n% endif\n") == "");
    CHECK(rendering.text("<%doc>nothing</%doc>") == "");
}

TEST_CASE("a worker that has told of an error renders the next file", "[render]") {
    const Rendering rendering;
    const std::string pid = "<%! import os %>${os.getpid()}";
    const std::string first = rendering.render(pid).text;
    CHECK_THROWS_AS(rendering.render("${vars.nothing}"), CatalogError);
    CHECK(rendering.render(pid).text == first);
}
