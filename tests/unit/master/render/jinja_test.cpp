// Jinja: what templates get and how their values are written, where every rendered line came from, what errors say.
#include <catch2/catch.hpp>

#include "tests/unit/master/render/rendering.hpp"

using namespace prove;
using namespace prove::test;
using Catch::Matchers::Contains;

namespace {

// A renderer of "states/site.yml.jinja".
class Jinja : public Rendering {
  public:
    explicit Jinja(const Files& files = {}) : Rendering(files) { use("jinja", "states/site.yml.jinja"); }
};

}  // namespace

TEST_CASE("in Jinja's state files booleans, nulls, lists and mappings are YAML flow values, strings as they are",
          "[render][jinja]") {
    Jinja rendering;
    rendering.set("vars", R"({"on": true, "nothing": null, "list": [1, "a: b", false], "text": "a: \"b\" # c"})");
    CHECK(rendering.text("{{ vars.on }} {{ vars.nothing }} {{ vars.list }} {{ vars.text }}") ==
          R"(true null [1, "a: b", false] a: "b" # c)");
    CHECK(rendering.text("{{ vars.text | yaml }} {{ vars.list | yaml }}") == R"("a: \"b\" # c" [1, "a: b", false])");
    CHECK(rendering.text("{{ vars.on }} {{ vars.nothing }} {{ vars.on | yaml }}", false) == "True None true");
}

TEST_CASE("Jinja runs with trim_blocks and lstrip_blocks, and keeps the last newline", "[render][jinja]") {
    const Jinja rendering;
    CHECK(rendering.text("a\n  {% if true %}\nb\n  {% endif %}\nc\n") == "a\nb\nc\n");
}

TEST_CASE("Jinja has do, break and continue", "[render][jinja]") {
    const Jinja rendering;
    CHECK(rendering.text("{% set l = [] %}{% for i in [1, 2, 3] %}{% if i == 2 %}{% break %}{% endif %}"
                         "{% do l.append(i) %}{% endfor %}{{ l }}") == "[1]");
}

TEST_CASE("S81 what facts and variables hold is never rendered again by Jinja", "[render][jinja]") {
    Jinja rendering;
    rendering.set("facts", R"({"evil": "{{ vars.secret }} {% boom %} {# x #}"})");
    CHECK(rendering.text("{{ facts.evil }}") == "{{ vars.secret }} {% boom %} {# x #}");
}

TEST_CASE("in Jinja an undefined name is an error at its own line, all of them at once", "[render][jinja]") {
    const Jinja rendering;
    CHECK(rendering.errors("a\n{{ vras }}\n{{ tagret.name }}\n{{ extra | default(1) }}\n") ==
          "states/site.yml.jinja:2:4: 'vras' is not defined; did you mean 'vars'?\n"
          "states/site.yml.jinja:3:4: 'tagret' is not defined; did you mean 'target'?\n");
    CHECK(rendering.errors("{{ home }}") ==
          "states/site.yml.jinja:1:4: 'home' is not defined; text that is not for Jinja is written "
          "{% raw %}...{% endraw %}, or in a file named '.plain.yml'\n");
}

TEST_CASE("in Jinja a missing member is an error that names the path and the nearest name, unless it is asked for",
          "[render][jinja]") {
    Jinja rendering;
    rendering.set("vars", R"({"site": {"name": "blog"}})");
    CHECK(rendering.errors("a\n{{ vars.site.nmae }}") ==
          "states/site.yml.jinja:2:14: vars.site has no 'nmae'; did you mean 'name'?\n");
    CHECK(rendering.errors("{{ [vars.site.nmae.deeper] }}") ==
          "states/site.yml.jinja:1:15: vars.site has no 'nmae'; did you mean 'name'?\n");
    CHECK(rendering.text("{{ vars.none | default('x') }} {{ vars.none is defined }} {{ vars.get('none', 5) }}") ==
          "x false 5");
    CHECK_THAT(rendering.errors("{{ vars.site.items }}"), Contains("'items' is a function"));
}

TEST_CASE("S82 an exception of Jinja shows its type and the template's line, and no value of a variable",
          "[render][jinja]") {
    Jinja rendering;
    rendering.set("vars", R"({"password": "swordfish"})");
    CHECK(rendering.errors("a\nb: {{ 1 // 0 }}") ==
          "states/site.yml.jinja:2:4: ZeroDivisionError: integer division or modulo by zero\n");
    for (const char* const text :
         {"{{ vars[vars.password] }}", "{{ file(vars.password) }}", "{{ targets(vars.password) }}",
          "{% include vars.password %}", "{{ vars.password + 1 }}", "{{ '%d' % vars.password }}",
          "{{ {}[vars.password] }}"}) {
        const std::string errors = rendering.errors(text);
        CHECK_THAT(errors, Contains("states/site.yml.jinja:1:"));
        CHECK_THAT(errors, !Contains("swordfish"));
    }
}

TEST_CASE("facts of a target that was never seen are an error that names it in Jinja too", "[render][jinja]") {
    Jinja rendering;
    rendering.names().set("facts", Value());
    CHECK_THAT(rendering.errors("{{ facts.os.family }}"), Contains("target 'web1' was never seen"));
}

TEST_CASE("what is wrong in Jinja's own language is told at its line, with the nearest filter or how to write text",
          "[render][jinja]") {
    const Jinja rendering;
    CHECK_THAT(rendering.errors("a\nb {% endfor %}"),
               Contains("site.yml.jinja:2:3: '{% endfor %}' is without its '{% for %}'") && Contains("{% raw %}"));
    CHECK(rendering.errors("a: {{ 1 | uper }}") ==
          "states/site.yml.jinja:1:11: there is no filter 'uper'; did you mean 'upper'?\n");
    CHECK_THAT(rendering.errors("{% if target %}\n"), Contains("jinja:1:1: '{% if %}' is without its '{% endif %}'"));
    CHECK_THAT(rendering.errors("{% set a = 1 %}\n{% if a %}\n{% for b in c %}\n{% endfor %}\n"),
               Contains("jinja:2:1: '{% if %}' is without its '{% endif %}'"));
    CHECK_THAT(rendering.errors("{% else %}"), Contains("'{% else %}' is without its '{% if %}'"));
    CHECK(rendering.errors("{% inculde 'a' %}") ==
          "states/site.yml.jinja:1:1: there is no tag 'inculde'; did you mean 'include'?\n");
}

TEST_CASE("every line that Jinja renders knows its template's line, through loops and includes", "[render][jinja]") {
    Jinja rendering(Files{{"templates/two.jinja", "one\n{{ target.name }}\n"}});
    const std::string text =
        "first\n"
        "{% for i in range(2) %}\n"
        "a {{ i }}\n"
        "  b\n"
        "{% endfor %}\n"
        "{% include 'two.jinja' %}\n"
        "last\n";
    CHECK(rendering.text(text) == "first\na 0\n  b\na 1\n  b\none\nweb1\nlast\n");
    CHECK(rendering.places(text) ==
          "states/site.yml.jinja:1 states/site.yml.jinja:3 states/site.yml.jinja:4 states/site.yml.jinja:3 "
          "states/site.yml.jinja:4 templates/two.jinja:1 templates/two.jinja:2 states/site.yml.jinja:7 "
          "states/site.yml.jinja:8 ");
}

TEST_CASE("inherited blocks, macros, call blocks and blocks kept in a variable keep their lines", "[render][jinja]") {
    Jinja rendering(Files{{"templates/base.jinja", "head\n{% block x %}\nbase\n{% endblock %}\nfoot\n"},
                          {"templates/lib.jinja",
                           "{% macro hello(x) %}\nhello {{ x }} of {{ target.name }}\n"
                           "{{ caller() if caller is defined else 'alone' }}\n{% endmacro %}\n"}});
    const std::string inherits = "{% extends 'base.jinja' %}\n{% block x %}\nmine\n{{ super() }}{% endblock %}\n";
    CHECK(rendering.text(inherits) == "head\nmine\nbase\nfoot\n");
    CHECK(rendering.places(inherits) ==
          "templates/base.jinja:1 states/site.yml.jinja:3 templates/base.jinja:3 templates/base.jinja:5 "
          "templates/base.jinja:6 ");
    const std::string macros =
        "{% from 'lib.jinja' import hello %}\n{% set kept %}\nkept\n{% endset %}\n{{ hello('you') }}"
        "{% call hello('me') %}inner\n{% endcall %}\n{{ kept }}";
    CHECK(rendering.text(macros) == "hello you of web1\nalone\nhello me of web1\ninner\n\nkept\n");
    CHECK(rendering.places(macros) ==
          "templates/lib.jinja:2 templates/lib.jinja:3 templates/lib.jinja:2 states/site.yml.jinja:5 "
          "templates/lib.jinja:3 states/site.yml.jinja:3 states/site.yml.jinja:4 ");
}

TEST_CASE("an error in a template that Jinja includes stands at its own line and says who brought it in",
          "[render][jinja]") {
    Jinja rendering(Files{{"templates/bad.jinja", "x\n{{ vars.none }}\n"}, {"templates/worse.jinja", "x\n{% if %}\n"}});
    for (const auto& [name, place] :
         {std::pair{"bad", "templates/bad.jinja:2:9"}, std::pair{"worse", "templates/worse.jinja:2:1"}})
        try {
            rendering.render("a\n{% include '" + std::string(name) + ".jinja' %}\n");
            FAIL("no error");
        } catch (const CatalogError& error) {
            const Diagnostic& diagnostic = error.diagnostics().all().at(0);
            CHECK(diagnostic.position.text() == place);
            CHECK(diagnostic.contexts ==
                  std::vector<std::string>{"in a template that states/site.yml.jinja:2 brings in"});
        }
}

TEST_CASE("S80 Jinja's include, extends and import stay in the catalog; what is missing may be ignored",
          "[render][jinja]") {
    const Jinja rendering;
    for (const char* const text : {"{% include '//../x' %}", "{% extends '../x' %}", "{% import '/etc/passwd' as x %}",
                                   "{% include '../x' ignore missing %}"})
        CHECK_THAT(rendering.errors(text),
                   Contains("site.yml.jinja:1:1: the template name") && Contains("is not allowed"));
    CHECK_THAT(rendering.errors("{% include 'none' %}"), Contains("the catalog has no template or file 'none'"));
    CHECK(rendering.text("a{% include 'none' ignore missing %}b") == "ab");
}

TEST_CASE("Jinja's probes are false and noted while they are collected", "[render][jinja]") {
    Jinja rendering;
    const Rendered collected = rendering.render("{{ probe.cert }} {{ probe['old'] }} {{ probe.cert }}", true, true);
    CHECK(collected.text == "false false false");
    CHECK(collected.probes_read == std::vector<std::string>{"cert", "old"});
    rendering.set("probe", R"({"cert": true})");
    CHECK_THAT(rendering.errors("{{ probe.crt }}"), Contains("probe 'crt' is not declared") && Contains("'cert'"));
}

TEST_CASE("Jinja has file() and the names in what it imports", "[render][jinja]") {
    Jinja rendering(
        Files{{"files/motd", "hello"}, {"templates/lib.jinja", "{% macro who() %}{{ vars.who }}{% endmacro %}"}});
    rendering.set("vars", R"({"who": "you"})");
    CHECK(rendering.text("{{ file('prove://motd') }} {% import 'lib.jinja' as lib %}{{ lib.who() }}") == "hello you");
}
