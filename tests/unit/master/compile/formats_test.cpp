// The formats of state and variable files: what every one of them may say, and that the same catalog in any of them is
// the same run.
#include <catch2/catch.hpp>

#include "tests/unit/master/compile/compiling.hpp"

using namespace prove;
using namespace prove::test;
using Catch::Matchers::Contains;

namespace {

using Files = std::map<std::string, std::string>;

// One state that uses every name, in each format.
const Files every_format = {
    {".yml",
     "motd:\n  - fn: file.managed\n    path: ${vars.path}\n    mode: ${vars.mode | yaml}\n"
     "    content: ${target.name} ${facts.os} ${targets('*')[0].name} ${file('note').strip()}\n"},
    {".yml.mako",
     "% for id in ['motd']:\n${id}:\n  - fn: file.managed\n    path: ${vars.path}\n"
     "    mode: ${vars.mode | yaml}\n"
     "    content: ${target.name} ${facts.os} ${targets('*')[0].name} ${file('note').strip()}\n% endfor\n"},
    {".plain.yml", "motd:\n  - {fn: file.managed, path: /etc/motd, mode: '0644', content: web1 debian web1 noted}\n"},
    {".json", R"({"motd": [{"fn": "file.managed", "path": "/etc/motd", "mode": "0644",)"
              R"( "content": "web1 debian web1 noted"}]})"},
    {".json.mako", R"({"motd": [{"fn": "file.managed", "path": ${vars.path | yaml}, "mode": ${vars.mode | yaml},)"
                   R"( "content": "${target.name} ${facts.os} ${targets('*')[0].name} ${file('note').strip()}"}]})"},
    {".json.jinja", R"({"motd": [{"fn": "file.managed", "path": {{ vars.path | yaml }}, "mode": "{{ vars.mode }}",)"
                    R"( "content": "{{ target.name }} {{ facts.os }} {{ targets('*')[0].name }} noted"}]})"},
    {".yml.jinja",
     "{% for id in ['motd'] %}\n{{ id }}:\n  - fn: file.managed\n    path: {{ vars.path }}\n"
     "    mode: {{ vars.mode | yaml }}\n    content: {{ target.name }} {{ facts.os }} "
     "{{ targets('*')[0].name }} {{ file('note').strip() }}\n{% endfor %}\n"},
    {".py",
     "def states(ctx):\n"
     "    text = [ctx.target.name, ctx.facts.os, ctx.targets('*')[0].name, ctx.file('note').strip()]\n"
     "    ctx.state('motd').file.managed(path=ctx.vars.path, mode=ctx.vars.mode, content=' '.join(text))\n"},
};

// The same variables in each format.
const Files every_variable_file = {
    {".yml", "path: /etc/${'motd'}\nmode: '0644'\n"},
    {".yml.mako", "path: /etc/motd\nmode: ${'\"0644\"'}\n"},
    {".plain.yml", "path: /etc/motd\nmode: '0644'\n"},
    {".json", R"({"path": "/etc/motd", "mode": "0644"})"},
    {".json.mako", R"({"path": "/etc/${'motd'}", "mode": "0644"})"},
    {".json.jinja", R"({"path": "/etc/{{ 'motd' }}", "mode": "0644"})"},
    {".yml.jinja", "path: /etc/{{ 'motd' }}\nmode: '0644'\n"},
    {".py", "def variables(ctx):\n    return {'path': f'/etc/{ctx.target.name[:0]}motd', 'mode': '0644'}\n"},
};

Compiled compiled_in(const std::string& states, const std::string& variables) {
    Compiling compiling(Files{{"targets.yml", "targets: [{name: web1, states: [site], variable_files: [base]}]\n"},
                              {"files/note", "noted\n"},
                              {"states/site" + states, every_format.at(states)},
                              {"variables/base" + variables, every_variable_file.at(variables)}});
    compiling.request().facts = read_json(R"({"os": "debian"})");
    return compiling.compile();
}

void check_motd(const Compiled& compiled) {
    const StatePart& part = node(compiled, "motd").variants.at(0).parts.at(0);
    CHECK(part.arguments.at("path").text() == "/etc/motd");
    CHECK(part.arguments.at("mode").text() == "0644");
    CHECK(content(compiled, part) == "web1 debian web1 noted");
}

}  // namespace

TEST_CASE("a state file says the same in every format, with the same names in scope", "[compile][formats]") {
    for (const auto& [suffix, text] : every_format) {
        INFO(suffix);
        check_motd(compiled_in(suffix, ".yml"));
    }
}

TEST_CASE("a variable file says the same in every format", "[compile][formats]") {
    for (const auto& [suffix, text] : every_variable_file) {
        INFO(suffix);
        check_motd(compiled_in(".yml", suffix));
    }
}

TEST_CASE("the defaults of a component may be Jinja or Python", "[compile][formats]") {
    for (const auto& [name, text] : Files{{"variables.yml.jinja", "port: {{ 80 }}\n"},
                                          {"variables.py", "def variables(ctx):\n    return {'port': 80}\n"}}) {
        const auto compiled =
            Compiling({{"targets.yml", "targets: [{name: web1, states: [web]}]\n"},
                       {"components/web/" + name, text},
                       {"components/web/states.yml", "a: {fn: cmd.run, cmd: 'x ${vars.web.port}'}\n"}})
                .compile();
        CHECK(node(compiled, "a").variants[0].parts[0].arguments.at("cmd").text() == "x 80");
    }
}

TEST_CASE("parameters have defaults in every format", "[compile][formats]") {
    for (const auto& [suffix, text] : Files{
             {".yml", "_params: {n: 5}\na: {fn: cmd.run, cmd: 'x ${params.n}'}\n"},
             {".yml.jinja", "_params: {n: 5}\na: {fn: cmd.run, cmd: 'x {{ params.n }}'}\n"},
             {".json.mako",
              "\n{ \"_params\": {\"n\": 5, \"t\": \"}\\\"{\"},\n\"a\": {\"fn\": \"cmd.run\", "
              "\"cmd\": \"x ${params.n}\"}}"},
             {".json.jinja", R"({"_params": {"n": 5}, "a": {"fn": "cmd.run", "cmd": "x {{ params.n }}"}})"},
             {".py", "_params = {'n': 5}\ndef states(ctx):\n    ctx.state('a').cmd.run(cmd=f'x {ctx.params.n}')\n"}}) {
        INFO(suffix);
        const auto compiled = Compiling(Files{{"states/site" + suffix, text}}).compile();
        CHECK(node(compiled, "a").variants[0].parts[0].arguments.at("cmd").text() == "x 5");
    }
}

TEST_CASE("a state differs by its probes in every format that is rendered", "[compile][formats]") {
    for (const auto& [suffix, text] :
         Files{{".yml", "a: {fn: cmd.run, cmd: 'x ${probe.new}', probe: {new: {exists: /new}}}\n"},
               {".yml.jinja", "a: {fn: cmd.run, cmd: 'x {{ probe.new }}', probe: {new: {exists: /new}}}\n"},
               {".py",
                "def states(ctx):\n    ctx.state('a', probe={'new': {'exists': '/new'}}).cmd.run(\n"
                "        cmd='x true' if ctx.probe.new else 'x false')\n"}}) {
        INFO(suffix);
        const auto compiled = Compiling(Files{{"states/site" + suffix, text}}).compile();
        const Node& state = node(compiled, "a");
        REQUIRE(state.variants.size() == 2);
        CHECK(state.variants[0].parts[0].arguments.at("cmd").text() == "x false");
        CHECK(state.variants[1].parts[0].arguments.at("cmd").text() == "x true");
    }
}

TEST_CASE("a template of a managed file is Mako or Jinja by its name, or by what `template` says",
          "[compile][formats]") {
    const auto compiled = site(
                              "a: {fn: file.managed, path: /a, source: prove://a.mako, context: {n: 1}}\n"
                              "b: {fn: file.managed, path: /b, source: prove://b.jinja, context: {n: 2}}\n"
                              "c: {fn: file.managed, path: /c, source: prove://c.conf, template: jinja}\n"
                              "d: {fn: file.managed, path: /d, content: 'it is {{ target.name }}', template: jinja}\n"
                              "e: {fn: file.managed, path: /e, source: prove://b.jinja, template: mako}\n",
                              {{"files/a.mako", "${n} ${target.name}\n"},
                               {"files/b.jinja", "{{ n }} {{ target.name }}\n"},
                               {"files/c.conf", "{{ vars.get('x') }} {{ true }}\n"}})
                              .compile();
    const auto text = [&](const char* id) { return content(compiled, node(compiled, id).variants[0].parts[0]); };
    CHECK(text("a") == "1 web1\n");
    CHECK(text("b") == "2 web1\n");
    CHECK(text("c") == "None True\n");
    CHECK(text("d") == "it is web1");
    CHECK(text("e") == "{{ n }} {{ target.name }}\n");
}

TEST_CASE("an error in a template that is written in its state file has the place in that file", "[compile][formats]") {
    CHECK(site("a:\n  fn: file.managed\n  path: /a\n  template: jinja\n  content: |\n    first\n    x {{ vras }}\n")
              .errors() == "states/site.yml:7:10: 'vras' is not defined; did you mean 'vars'?\n");
    CHECK_THAT(site("a: {fn: file.managed, path: /a, template: jinja, content: 'x {{ vras }}'}\n").errors(),
               Contains("states/site.yml:1:59: 'vras' is not defined"));
}

TEST_CASE("a file without syntax of its template engine starts no Python", "[compile][formats]") {
    struct NoPython final : Renderer {
        Rendered render(const RenderRequest& request) override { throw Error(ErrorKind::internal, *request.path); }
    } renderer;
    const CatalogFolder folder(
        {{"targets.yml", "targets: [{name: web1, states: [a, b, c, d, e], variable_files: [v, w]}]\n"},
         {"states/a.yml", "## a comment of YAML\na: {fn: cmd.run, cmd: 'echo $HOME 5%'}\n"},
         {"states/b.yml.mako", "b: {fn: cmd.run, cmd: b}\n"},
         {"states/c.yml.jinja", "c: {fn: cmd.run, cmd: '${c} %'}\n"},
         {"states/d.json.mako", R"({"d": {"fn": "cmd.run", "cmd": "d"}})"},
         {"states/e.plain.yml", "e: {fn: cmd.run, cmd: '${HOME}'}\n"},
         {"variables/v.yml", "x: 1\n"},
         {"variables/w.json", "{\"y\": 2}"}});
    const auto functions = all_functions();
    const KnownTargets known;
    const Compiler compiler(folder.load(), functions, renderer, known);
    CHECK(compiler.compile({.target = TargetId("web1"), .facts = Value::object()}).run->nodes.size() == 5);
}

TEST_CASE("with the option `renderer: plain` a .yml is never a template, and .yml.mako is one still",
          "[compile][formats]") {
    const auto compiled = Compiling(Files{{"prove.yml", "options: {renderer: plain}\n"},
                                          {"targets.yml", "targets: [{name: web1, states: [site, made]}]\n"},
                                          {"states/site.yml", "a: {fn: cmd.run, cmd: 'echo ${HOME} ${'}\n"},
                                          {"states/made.yml.mako", "b: {fn: cmd.run, cmd: 'echo ${1 + 1}'}\n"}})
                              .compile();
    CHECK(node(compiled, "a").variants[0].parts[0].arguments.at("cmd").text() == "echo ${HOME} ${");
    CHECK(node(compiled, "b").variants[0].parts[0].arguments.at("cmd").text() == "echo 2");
}

TEST_CASE("a backslash at a line's end is a lint where Mako would join the lines, and nowhere else",
          "[compile][formats]") {
    const auto compiling = site(
        "a:\n  fn: file.managed\n  path: /${'a'}\n  content: |\n    one \\\n    two\n"
        "b:\n  fn: file.managed\n  path: /b\n  source: prove://b.mako\n"
        "c:\n  fn: cmd.run\n  cmd: |\n    <%text>three \\\n    four</%text>\n",
        {{"files/b.mako", "x \\\ny\n<%\nz = 1 + \\\n  2\n%>\n<%text>\\\n</%text>"}});
    CHECK(compiling.warnings() ==
          "files/b.mako:1:3: Mako joins this line with the next; where the backslash is meant, write the text in "
          "<%text>\n"
          "states/site.yml:5:9: Mako joins this line with the next; where the backslash is meant, write the text in "
          "<%text> or in a .plain.yml\n");
    CHECK(Compiling(Files{{"states/site.yml.jinja", "a:\n  fn: cmd.run\n  cmd: |\n    {{ 'x' }} \\\n    ## y\n"}})
              .warnings()
              .empty());
}
