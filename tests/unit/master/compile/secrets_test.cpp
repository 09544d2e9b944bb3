// Secrets while a target is compiled: a canary stands in every place that a value may stand in, and is looked for in
// all that comes of it. Compiling is never given the private key; what a target will see is told by opening the table
// of ciphertexts afterwards.
#include <catch2/catch.hpp>

#include "common/text/text.hpp"
#include "master/compile/secret_values.hpp"
#include "proto/messages.hpp"
#include "tests/unit/master/compile/vault.hpp"

using namespace prove;
using namespace prove::test;

namespace {

bool is_sensitive(const Compiled& compiled, const std::string& id) {
    return node(compiled, id).variants.at(0).parts.at(0).sensitive;
}

// All that is kept and shown of a compiled target.
std::string everything(const Compiling& compiling, const Compiled& compiled) {
    std::string all = write_json(to_value(*compiled.run));
    for (const auto& [hash, blob] : compiled.blobs) all += *blob;
    for (const auto& [mark, ciphertext] : compiled.secrets) all += mark + ciphertext;
    CompileRequest request;
    request.target = TargetId("web1");
    request.facts = Value::object();
    const SeenVariables seen = compiling.compiler().seen_variables(request);
    for (const auto& variable : seen.explained) all += write_json(to_value(variable));
    return all + write_json(seen.merged);
}

}  // namespace

TEST_CASE("S91 a secret goes through templates of every format as a mark, and comes out whole on the target",
          "[secrets]") {
    const Vault vault;
    const Files formats = {
        {"states/site.yml",
         "_include: [plain, jin, js, py]\nmako: {fn: cmd.run, cmd: 'x ${vars.v} ${vars.url}'}\n"
         "quoted: {fn: cmd.run, cmd: ${vars.v | yaml}}\n"
         "flow: {fn: cmd.run, cmd: x, env: ${vars.db}}\n"
         "list: {fn: cmd.run, cmd: ${['x', vars.v]}}\n"
         "block:\n  fn: cmd.run\n  cmd: |\n    echo ${vars.v}\n    echo ${vars.db.password}\n"},
        {"states/plain.plain.yml", "plain: {fn: file.managed, path: /p, template: mako, content: 'x ${vars.v}'}\n"},
        {"states/jin.yml.jinja", "jinja: {fn: cmd.run, cmd: 'x {{ vars.v }} {{ vars.url }}'}\n"},
        {"states/js.json.mako", R"({"json": {"fn": "cmd.run", "cmd": "x ${vars.v}"}})"},
        {"states/py.py",
         "def states(ctx):\n    ctx.state('python').cmd.run(cmd=['x', ctx.vars.v], env={'E': ctx.vars.url})\n"},
    };
    const auto compiling = vault.site("", formats);
    const auto compiled = compiling.compile();
    const auto said = [&](const std::string& id) { return vault.opened(compiled, argument(compiled, id, "cmd")); };
    CHECK(said("mako") == "x canary http://canary@db");
    CHECK(said("quoted") == "canary");
    CHECK(vault.opened(compiled, argument(compiled, "flow", "env")) ==
          R"({"user":"me","password":{"$secret":"canary"}})");
    CHECK(said("list") == R"(["x",{"$secret":"canary"}])");
    CHECK(said("block") == "echo canary\necho canary\n");
    CHECK(said("jinja") == "x canary http://canary@db");
    CHECK(said("json") == "x canary");
    CHECK(said("python") == R"(["x",{"$secret":"canary"}])");
    CHECK(vault.opened(compiled, content(compiled, node(compiled, "plain").variants[0].parts[0])) == "x canary");
    CHECK(everything(compiling, compiled).find("canary") == std::string::npos);
    for (const char* id : {"mako", "quoted", "flow", "list", "block", "jinja", "json", "python", "plain"})
        CHECK(is_sensitive(compiled, id));
}

TEST_CASE("S91 secrets of every layer of variables and of every format of variable file merge like other values",
          "[secrets]") {
    const Vault vault;
    Files files = {
        {"prove.yml", vault.options() + "variables: {a: " + vault.secret("canary a") + ", m: {low: " +
                          vault.secret("canary low") + ", high: x}, l: [" + vault.secret("canary 1") + "]}\n"},
        {"groups.yml",
         "groups: [{name: g, glob: '*', variables: {g: " + vault.secret("canary g") + "}, variable_files: [yml]}]\n"},
        {"roles.yml", "roles: {r: {variables: {r: " + vault.secret("canary r") +
                          ", m: {high: " + vault.secret("canary high") + "}, l+: [" + vault.secret("canary 2") +
                          "]}, variable_files: [js, py, jin]}}\n"},
        {"targets.yml", "targets: [{name: web1, states: [site], roles: [r], variable_files: [more], variables: {t: " +
                            vault.secret("canary t") + "}}]\n"},
        {"variables/yml.yml", "yml: " + vault.secret("canary yml") + "\nrendered: ${vars.a}!\n"},
        {"variables/js.json", R"({"js": )" + vault.json_secret("canary js") + "}"},
        {"variables/py.py",
         "def variables(ctx):\n    return {'py': " + vault.json_secret("canary py") + ", 'again': ctx.vars.a}\n"},
        {"variables/jin.yml.jinja", "jin: " + vault.secret("canary jin") + "\n"},
        {"variables/more.yml", "more: " + vault.secret("canary more") + "\n"},
    };
    const std::string names = "a g r t js py again jin more yml rendered";
    std::string states = "all: {fn: cmd.run, cmd: '";
    for (const auto& name : split(names, ' ')) states += "${vars." + name + "},";
    states += "${vars.m.low},${vars.m.high},${vars.l[0]},${vars.l[1]}'}\n";
    const auto compiling = vault.site(states, files);
    const auto compiled = compiling.compile();
    CHECK(
        vault.opened(compiled, argument(compiled, "all", "cmd")) ==
        "canary a,canary g,canary r,canary t,canary js,canary py,canary a,canary jin,canary more,canary yml,canary a!,"
        "canary low,canary high,canary 1,canary 2");
    CHECK(everything(compiling, compiled).find("canary") == std::string::npos);
}

TEST_CASE("a secret may stand in templates of files, their contexts, conditions, probes and parameters", "[secrets]") {
    const Vault vault;
    const auto compiling = vault.site(
        "mako: {fn: file.managed, path: /m, source: 'prove://m.mako'}\n"
        "jinja: {fn: file.managed, path: /j, source: 'prove://j.jinja', context: {given: '${vars.url}', map: "
        "${vars.db}}}\n"
        "where: {fn: file.managed, path: '/etc/${vars.v}', content: '${vars.v}', mode: '0600'}\n"
        "onlyif: {fn: cmd.run, cmd: x, onlyif: 'test ${vars.v}', unless: [{equals: ['${vars.v}', a]}, {exists: "
        "'/${vars.v}'}]}\n"
        "state: {onlyif: {command: [test, '${vars.v}']}, probe: {p: {missing: '${vars.v}'}}, parts: [{fn: cmd.run, "
        "cmd: x}]}\n"
        "with: {fn: meta.include, file: called, as: c, with: {p: '${vars.url}'}}\n",
        {{"files/m.mako", "a ${vars.v} ${vars.plain}\n"},
         {"files/j.jinja", "{% for k, v in map.items() %}{{ k }}={{ v }} {% endfor %}{{ given }}\n"},
         {"states/called.yml", "_params: {p: ''}\ncalled: {fn: cmd.run, cmd: 'x ${params.p}'}\n"}});
    const auto compiled = compiling.compile();
    const auto file = [&](const char* id) {
        return vault.opened(compiled, content(compiled, node(compiled, id).variants[0].parts[0]));
    };
    CHECK(file("mako") == "a canary text\n");
    CHECK(file("jinja") == "user=me password=canary http://canary@db\n");
    CHECK(vault.opened(compiled, argument(compiled, "where", "path")) == "/etc/canary");
    CHECK(vault.opened(compiled, argument(compiled, "c/called", "cmd")) == "x http://canary@db");
    const auto conditions = vault.opened(compiled, write_json(to_value(*compiled.run)));
    for (const char* one : {R"({"$secret":"test canary"})", R"([{"$secret":"canary"},"a"])", R"({"$secret":"/canary"})",
                            R"(["test",{"$secret":"canary"}])"})
        CHECK(conditions.find(one) != std::string::npos);
    CHECK(everything(compiling, compiled).find("canary") == std::string::npos);
    for (const char* id : {"mako", "jinja", "where", "onlyif", "c/called"}) CHECK(is_sensitive(compiled, id));
    CHECK_FALSE(is_sensitive(compiled, "state"));  // its part has none
}

TEST_CASE("only what a secret is put into is kept back, and what takes an output of that", "[secrets]") {
    const Vault vault;
    const auto compiled =
        vault
            .site(
                "open: {fn: cmd.run, cmd: 'x ${vars.plain} ${vars.db.user}'}\n"
                "two: [{fn: cmd.run, cmd: x}, {fn: cmd.run, cmd: '${vars.v}'}]\n"
                "reads: {fn: cmd.read, cmd: 'cat ${vars.v}'}\n"
                "takes: {fn: file.managed, path: /t, content: !out reads.stdout}\n"
                "fills: {fn: file.managed, path: /f, source: 'prove://f.mako', context: {o: !out takes.hash}}\n"
                "ignores: {fn: file.managed, path: /i, source: 'prove://i.mako', context: {o: !out takes.hash}}\n",
                {{"files/f.mako", "${o} ${vars.v}"}, {"files/i.mako", "nothing"}})
            .compile();
    CHECK_FALSE(is_sensitive(compiled, "open"));
    CHECK_FALSE(node(compiled, "two").variants[0].parts[0].sensitive);
    CHECK(node(compiled, "two").variants[0].parts[1].sensitive);
    CHECK(is_sensitive(compiled, "takes"));
    CHECK(is_sensitive(compiled, "fills"));
    CHECK_FALSE(is_sensitive(compiled, "ignores"));
    CHECK(node(compiled, "fills").variants[0].parts[0].arguments.at("content").at("holes").mapping().size() == 2);
}

TEST_CASE("S91 a template can print a secret as it is, and nothing else", "[secrets]") {
    const Vault vault;
    const std::string told = "a template can print";
    for (const char* expression :
         {"vars.v + 'x'",           "'x' + vars.v",          "vars.v | h",          "vars.v | u",
          "vars.v | trim",          "vars.v.upper()",        "len(vars.v)",         "vars.v[0]",
          "'%s' % vars.v",          "f'{vars.v}'",           "str(vars.v)",         "repr(vars.v)",
          "'a' if vars.v else 'b'", "vars.v == 'canary'",    "list(vars.v)",        "hash(vars.v)",
          "vars.v.encode()",        "int(vars.v)",           "'{}'.format(vars.v)", "'x' in vars.v",
          "str(vars.db)",           "sorted([vars.v, 'b'])", "vars.v | n, u"}) {
        INFO(expression);
        const auto errors = vault.site(std::string("a: {fn: cmd.run, cmd: \"${") + expression + "}\"}\n").errors();
        CHECK(errors.find(told) != std::string::npos);
        CHECK(errors.find("canary") == std::string::npos);
    }
    for (const char* expression :
         {"vars.v | upper", "vars.v ~ 'x'", "vars.v | urlencode", "vars.v | replace('c', 'd')", "vars.v | length",
          "vars.v | b64encode", "'a' if vars.v == 'x' else 'b'", "vars.v | trim"}) {
        INFO(expression);
        const auto errors =
            vault
                .site("",
                      {{"states/site.yml", ""},
                       {"states/other.yml.jinja", std::string("a: {fn: cmd.run, cmd: \"{{ ") + expression + " }}\"}\n"},
                       {"targets.yml",
                        "targets: [{name: web1, states: [other], variables: {v: " + vault.secret("canary") + "}}]\n"}})
                .errors();
        CHECK_FALSE(errors.empty());
        CHECK(errors.find("canary") == std::string::npos);
    }
}

TEST_CASE("S91 a filter over a larger text with a secret in it is an error too", "[secrets]") {
    const Vault vault;
    const std::string told =
        "a secret was passed through a filter; a template can print a secret as it is, and nothing else\n";
    CHECK(vault.site("a: {fn: cmd.run, cmd: \"<%block filter='h'>x ${vars.v}</%block>\"}\n").errors() ==
          "states/site.yml:1:1: " + told);
    CHECK(vault
              .site("a: {fn: file.managed, path: /a, source: 'prove://u.mako'}\n",
                    {{"files/u.mako", "\n<%block filter='u'>x ${vars.v}</%block>"}})
              .errors() == "files/u.mako:1:1: a: " + told);
    CHECK(vault
              .site("a: {fn: cmd.run, cmd: x}\n",
                    {{"variables/more.yml", "y: \"<%block filter='h'>x ${vars.low}</%block>\"\n"}})
              .errors()
              .find(told) != std::string::npos);
}

TEST_CASE("S91 no error says a secret, whatever goes wrong around it", "[secrets]") {
    const Vault vault;
    const auto full = [&](const std::string& states, const Files& files = {}) {
        try {
            vault.site(states, files).compile();
        } catch (const CatalogError& error) {
            std::string text;
            for (const Diagnostic& diagnostic : error.diagnostics().sorted()) text += diagnostic.full_text() + "\n";
            return text;
        }
        return std::string("compiled");
    };
    for (const std::string& states : std::vector<std::string>{
             "${1 / 0} ${vars.v}\n",
             "a: ${vars.v}\n${vars.v}: b\n c: [\n",  // not YAML
             "a: {fn: '${vars.v}'}\n",
             "'${vars.v}': {fn: cmd.run, cmd: x}\n",
             "a: {fn: cmd.run, cmd: x, requires: ['${vars.v}'], tags: ['${vars.v}'], notify: '${vars.v}'}\n",
             "a: {fn: cmd.run, cmd: x, retry: '${vars.v}', timeout: '${vars.v}', description: '${vars.v}'}\n",
             "a: {fn: cmd.run, cmd: x, onlyif: {fact: '${vars.v}'}}\n",
             "a: {fn: cmd.run, cmd: x, onlyif: {changed: '${vars.v}'}}\n",
             "a: {fn: file.managed, path: x, source: '${vars.v}'}\n",
             "a: {fn: service.running, service: x, nonsense: '${vars.v}'}\n",
             "a: {fn: user.present, name: x, uid: '${vars.v}'}\n",
             "a: {fn: file.directory, path: /x, make_dirs: '${vars.v}'}\n",
             "<% raise Exception(vars.v) %>\n",
             "<% raise ValueError(vars) %>\n",
             "<% {}[vars.v] %>\n",
             "<% vars.v.nonsense %>\n",
             "_include: ['${vars.v}']\n",
             "a: {fn: meta.include, file: '${vars.v}'}\n",
             "a: {fn: meta.run, state: '${vars.v}'}\n",
             "a: {fn: meta.run, state: b, with: '${vars.v}'}\nb: {fn: cmd.run, cmd: x}\n",
             "a: '${vars.v}'\n",
             "a: ['${vars.v}']\n",
             "a: {parts: '${vars.v}'}\n",
             "a: {fn: meta.group, states: ['${vars.v}']}\n",
             "a: {fn: meta.block, states: '${vars.v}'}\n",
             "_params: '${vars.v}'\n",
             "a: {fn: file.managed, path: /x, content: '${vars.v}', template: mako}\n",
             "a: {fn: cmd.run, cmd: x, probe: {p: '${vars.v}', q: {exists: ''}}}\n"}) {
        INFO(states);
        const std::string text = full(states);
        CHECK(text.find("states/site.yml:") == 0);
        CHECK(text.find("canary") == std::string::npos);
        CHECK(marks_in(text).empty());
    }
    CHECK(full("a: ok\nb: 'x' ${vars.v} 'y\n") ==
          "states/site.yml:2:8: a quoted text ends before this; a quote within it is written '' or \\\", and what follows belongs "
          "into the quotes\n"
          "      2 | b: 'x' ${vars.v} 'y\n        |        ^\n"
          "  rendered to:\n"
          "      2 | b: 'x' *** 'y\n        |        ^~~\n  while compiling for target 'web1'\n");
}

TEST_CASE("a secret stands among variables, not in a state file, and is no key", "[secrets]") {
    const Vault vault;
    const std::string here = "'!secret' stands among variables; let it stand there, and write ${vars.NAME} here\n";
    CHECK(vault.site("a: {fn: cmd.run, cmd: " + vault.secret("canary") + "}\n").errors() ==
          "states/site.yml:1:23: " + here);
    CHECK(vault.site("_params: {p: " + vault.secret("canary") + "}\na: {fn: cmd.run, cmd: '${params.p}'}\n")
              .errors()
              .find(here) != std::string::npos);
    CHECK(vault.site("a: {fn: cmd.run, cmd: x, env: {'${vars.v}': x}}\n").errors() ==
          "states/site.yml:1:32: a secret cannot be a key or an id, which are shown\n");
}

TEST_CASE("S62 which secrets a target gets depends on nothing that a host says of itself", "[secrets]") {
    const Vault vault;
    const std::string secret = vault.secret("canary");
    const std::string by_facts =
        "a group that matches by facts may not bring '!secret' values: a host could lie its way to them\n";
    const std::string group = "groups: [{name: g, match: 'fact:os.family=debian', ";
    const std::string states = "a: {fn: cmd.run, cmd: x}\n";
    const auto errors = [&](const Files& files) {
        Compiling compiling = vault.site(states, files);
        compiling.request().facts = read_json(R"({"os":{"family":"debian"},"token":")" + secret + "\"}");
        return compiling.errors();
    };
    CHECK(errors({{"groups.yml", group + "variable_files: [f]}]\n"}, {"variables/f.yml", "x: " + secret + "\n"}}) ==
          "variables/f.yml:1:4: " + by_facts);
    const std::string roles = "roles: {r: {variables: {x: " + secret + "}}}\n";
    CHECK(errors({{"groups.yml", group + "roles: [r]}]\n"}, {"roles.yml", roles}}) == "roles.yml:1:28: " + by_facts);
    CHECK(errors({{"groups.yml", group + "roles: [r]}, {name: h, glob: 'web*', roles: [r]}]\n"}, {"roles.yml", roles}})
              .empty());
    CHECK(errors({{"variables/more.yml", "% if facts.os.family == 'debian':\nx: " + secret + "\n% endif\n"}}) ==
          "variables/more.yml:2:4: a file that asks for facts may not have '!secret' values: a host could lie its way "
          "to them; "
          "let them stand in a file of their own\n");
    CHECK(errors({{"variables/more.yml", "artifacts: ${vars.low}\nx: " + secret + "\n"}}).empty());
    CHECK(errors({{"prove.yml", vault.options() + "variables: {low: 'x', raw: \"" + secret + "\"}\n"},
                  {"variables/more.yml", "x: ${vars.raw}\n"}})
              .find("this '!secret' is not written in the file, but comes out of a value") != std::string::npos);
    CHECK(errors({{"components/c/states.yml", ""},
                  {"components/c/variables.yml", "x: " + secret + "\n"},
                  {"targets.yml", "targets: [{name: web1, states: [c, site]}]\n"}})
              .find("components/c/variables.yml:1:4: the defaults of a component may not have '!secret' values") == 0);

    Compiling asked = vault.site(states);
    asked.request().variables = read_json(R"({"x":)" + vault.json_secret("canary") + "}");
    CHECK(asked.errors() == ": '!secret' values stand in the catalog, not on the command line\n");
}

TEST_CASE("S62 a run names those secrets only that it uses", "[secrets]") {
    const Vault vault;
    CHECK(vault.site("a: {fn: cmd.run, cmd: '${vars.plain}'}\n").compile().secrets.empty());
    CHECK(vault.site("a: {fn: cmd.run, cmd: '${vars.v}'}\n").compile().secrets.size() == 1);
}

TEST_CASE("S91 a run for eyes has three stars for secrets and for arguments that are sensitive by themselves",
          "[secrets]") {
    const Vault vault;
    const FunctionRegistry functions = all_functions();
    const auto compiled = vault
                              .site(
                                  "a: {fn: cmd.run, cmd: 'x ${vars.v}', env: {E: '${vars.url}'}}\n"
                                  "b: {fn: user.present, name: me, password_hash: '$6$canary'}\n")
                              .compile();
    const std::string text = write_json(shown_run(*compiled.run, functions));
    CHECK(text.find(R"("cmd":"x ***")") != std::string::npos);
    CHECK(text.find(R"("E":"http://***@db")") != std::string::npos);
    CHECK(text.find(R"("password_hash":"***")") != std::string::npos);
    CHECK(text.find("canary") == std::string::npos);
    CHECK(vault.site("a: {fn: user.present, name: me, password_hash: canary}\n").errors().find("canary") ==
          std::string::npos);
    CHECK(vault.site("a: {fn: user.present, name: me, password_hash: 4711}\n").errors() ==
          "states/site.yml:1:48: a: argument 'password_hash' of user.present: expected a text, found something else; "
          "put it in quotes\n");
}

TEST_CASE("a secret that every user of the host could read is a warning", "[secrets]") {
    const Vault vault;
    const std::string file = "fn: file.managed, path: /f, content: 'x ${vars.v}'";
    CHECK(vault.site("a: {" + file + "}\n").warnings() ==
          "states/site.yml:1:9: this is sensitive, and everybody may read a new file without 'mode' (0644); say mode: "
          "\"0600\", or \"0640\" with a group\n");
    CHECK(vault.site("a: {" + file + ", mode: '0644'}\n").warnings() ==
          "states/site.yml:1:45: this is sensitive, and everybody may read a file of mode 0644; say \"0600\", or "
          "\"0640\" with a group\n");
    CHECK(vault.site("a: {" + file + ", mode: '0640'}\n").warnings().empty());
    CHECK(
        vault.site("a: {fn: cmd.run, cmd: 'x ${vars.v}'}\n")
            .warnings()
            .find(
                "a secret in 'cmd' can be read by every user of the host while it runs; give it by 'stdin' or 'env'") !=
        std::string::npos);
    CHECK(vault.site("a: {fn: cmd.run, cmd: x, stdin: '${vars.v}', env: {A: '${vars.v}'}}\n").warnings().empty());
}
