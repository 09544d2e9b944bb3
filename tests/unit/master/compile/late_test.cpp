// Late states in a catalog: what stands for one before its results are there, and the piece that it becomes then.
#include <catch2/catch.hpp>

#include "common/yaml/yaml.hpp"
#include "tests/unit/master/compile/compiling.hpp"

using namespace prove;
using namespace prove::test;

namespace {

// One question: {state: {state: {output: value}}}, in YAML flow or block.
LateRequest asking(const std::vector<std::pair<std::string, std::string>>& states) {
    LateRequest request;
    for (const auto& [state, results] : states)
        request.states.push_back(
            {StateId(state), read_yaml(results, std::make_shared<const std::string>("results.yml"))});
    return request;
}

// The states of a piece: "a b(late)", those that only name others of the run in brackets.
std::string shape(const LatePiece& piece) {
    std::string text;
    for (std::size_t i = 0; i < piece.run.nodes.size(); ++i) {
        const Node& node = piece.run.nodes[i];
        const std::string id = i < piece.outside ? "[" + node.id.text() + "]" : node.id.text();
        text += (text.empty() ? "" : " ") + id + (is_late(node) ? "(late)" : "");
    }
    return text;
}

std::string errors_of(const Compiling& catalog, const LateRequest& request) {
    std::string result;
    try {
        catalog.compiler().compile_late({.target = TargetId("web1"), .facts = Value::object()}, request);
    } catch (const CatalogError& error) {
        for (const Diagnostic& diagnostic : error.diagnostics().sorted())
            result += diagnostic.position.text() + ": " + diagnostic.where + (diagnostic.where.empty() ? "" : ": ") +
                      diagnostic.text + "\n";
    } catch (const Error& error) {
        result = error.text() + "\n";
    }
    return result;
}

LatePiece piece_of(const Compiling& catalog, const LateRequest& request) {
    INFO(errors_of(catalog, request));
    return catalog.compiler().compile_late({.target = TargetId("web1"), .facts = Value::object()}, request).piece;
}

const Node& node_of(const LatePiece& piece, const std::string& id) {
    return piece.run.nodes.at(piece.run.find(StateId(id)).value());
}

const char* const disks =
    "disks:\n"
    "  - fn: cmd.read\n"
    "    cmd: lsblk -dno NAME\n"
    "format:\n"
    "  late: true\n"
    "  requires: [disks]\n"
    "  notify: [done]\n"
    "  parts:\n"
    "% for disk in results.disks.stdout.split():\n"
    "    - fn: cmd.run\n"
    "      cmd: [mkfs, '/dev/${disk}']\n"
    "      creates: /mnt/${disk}\n"
    "% endfor\n"
    "done:\n"
    "  lazy: true\n"
    "  parts: {fn: cmd.run, cmd: 'true'}\n";

}  // namespace

TEST_CASE("before its results are there a late state says what it waits for", "[late]") {
    const Compiling catalog = site(disks);
    CHECK(catalog.errors().empty());
    const auto run = catalog.compile().run;
    REQUIRE(run->nodes.size() == 3);
    REQUIRE(is_late(run->nodes[1]));
    const LateSpec spec = late_spec_of(run->nodes[1]);
    CHECK(spec.results ==
          std::map<StateId, std::vector<std::string>>{{StateId("disks"), {"exit_code", "stderr", "stdout"}}});
    CHECK(run->nodes[1].requirements == std::vector<NodeIndex>{0});
    CHECK(run->nodes[1].variants[0].notify == std::vector<NodeIndex>{2});
    CHECK(state_run_from(to_value(*run)) == *run);
}

TEST_CASE("a late state is compiled with the results of what it requires", "[late]") {
    const Compiling catalog = site(disks);
    const LatePiece piece = piece_of(catalog, asking({{"format", "{disks: {stdout: 'sda sdb'}}"}}));
    CHECK(shape(piece) == "[disks] [done] format");
    const Node& node = node_of(piece, "format");
    REQUIRE(node.variants[0].parts.size() == 2);
    CHECK(node.variants[0].parts[1].arguments.at("creates").text() == "/mnt/sdb");
    CHECK(state_run_from(to_value(piece.run)) == piece.run);
}

TEST_CASE("the states of a late block are as many as its results say", "[late]") {
    const Compiling catalog = site(
        "sites: {fn: cmd.read, cmd: ls /srv}\n"
        "all:\n"
        "  late: true\n"
        "  requires: [sites]\n"
        "  fn: meta.block\n"
        "  states:\n"
        "% for name in results.sites.stdout.split():\n"
        "    ${name}_folder: {fn: file.directory, path: '/var/${name}'}\n"
        "    ${name}_file:\n"
        "      fn: file.managed\n"
        "      path: /var/${name}/name\n"
        "      content: ${name}\n"
        "      requires: ['${name}_folder']\n"
        "      notify: [reload]\n"
        "% endfor\n"
        "reload: {lazy: true, parts: [{fn: cmd.run, cmd: 'true'}]}\n");
    CHECK(catalog.errors().empty());
    const auto compiled = catalog.compiler().compile_late({.target = TargetId("web1"), .facts = Value::object()},
                                                          asking({{"all", "{sites: {stdout: \"a\\nb\"}}"}}));
    CHECK(shape(compiled.piece) == "[sites] [reload] a_folder a_file b_folder b_file all");
    CHECK(compiled.blobs.size() == 2);
    CHECK(compiled.piece.run.files.size() == 2);
    CHECK(node_of(compiled.piece, "all").members.size() == 4);
    CHECK(state_run_from(to_value(compiled.piece.run)) == compiled.piece.run);
}

TEST_CASE("all formats have the results", "[late]") {
    SECTION("Jinja") {
        const Compiling catalog(
            std::map<std::string, std::string>{{"states/site.yml.jinja",
                                                "a: {fn: cmd.read, cmd: ls}\n"
                                                "b:\n  late: true\n  requires: [a]\n  parts:\n"
                                                "{% for name in results.a.stdout.split() %}\n"
                                                "    - {fn: file.directory, path: '/{{ name }}'}\n{% endfor %}\n"}});
        CHECK(catalog.errors().empty());
        CHECK(node_of(piece_of(catalog, asking({{"b", "{a: {stdout: 'x y'}}"}})), "b").variants[0].parts.size() == 2);
    }
    SECTION("Python") {
        const Compiling catalog(
            std::map<std::string, std::string>{{"states/site.py",
                                                "def states(ctx):\n"
                                                "    ctx.state('a').cmd.read(cmd='ls')\n"
                                                "    b = ctx.state('b', late=True, requires=['a'])\n"
                                                "    for name in ctx.results.a.stdout.split():\n"
                                                "        b.file.directory(path='/' + name)\n"}});
        CHECK(catalog.errors().empty());
        CHECK(node_of(piece_of(catalog, asking({{"b", "{a: {stdout: 'x y'}}"}})), "b").variants[0].parts.size() == 2);
    }
}

TEST_CASE("the template of a managed file sees the results of its late state", "[late]") {
    const Compiling catalog = site(
        "a: {fn: cmd.read, cmd: ls}\n"
        "b: {late: true, requires: [a], parts: [{fn: file.managed, path: /x, source: 'prove://x.mako'}]}\n",
        {{"files/x.mako", "found: ${results.a.stdout}\n"}});
    CHECK(catalog.errors().empty());
    const auto compiled = catalog.compiler().compile_late({.target = TargetId("web1"), .facts = Value::object()},
                                                          asking({{"b", "{a: {stdout: this}}"}}));
    REQUIRE(compiled.blobs.size() == 1);
    CHECK(*compiled.blobs.begin()->second == "found: this\n");
}

TEST_CASE("a late meta.include brings its file with the parameters that results give", "[late]") {
    const Compiling catalog = site(
        "a: {fn: cmd.read, cmd: hostname}\n"
        "b: {late: true, requires: [a], fn: meta.include, file: one, with: {name: '${results.a.stdout}'}}\n",
        {{"states/one.yml", "_params: {name: x}\ndir: {fn: file.directory, path: '/${params.name}'}\n"}});
    CHECK(catalog.errors().empty());
    const LatePiece piece = piece_of(catalog, asking({{"b", "{a: {stdout: web1}}"}}));
    CHECK(shape(piece) == "[a] b/dir b");
    CHECK(node_of(piece, "b/dir").variants[0].parts[0].arguments.at("path").text() == "/web1");
}

TEST_CASE("of a late state in a file that came by meta.include the results have the names of that file", "[late]") {
    const Compiling catalog =
        site("blog: {fn: meta.include, file: one}\n",
             {{"states/one.yml",
               "a: {fn: cmd.read, cmd: ls}\n"
               "b: {late: true, requires: [a], fn: file.directory, path: '/${results.a.stdout}'}\n"}});
    CHECK(catalog.errors().empty());
    const LatePiece piece = piece_of(catalog, asking({{"blog/b", "{blog/a: {stdout: x}}"}}));
    CHECK(node_of(piece, "blog/b").variants[0].parts[0].arguments.at("path").text() == "/x");
}

TEST_CASE("a meta.include in a late block has its own probe and speaks of the states around it", "[late]") {
    const Compiling catalog = site(
        "a: {fn: cmd.read, cmd: ls}\n"
        "b:\n  fn: meta.block\n  late: true\n  requires: [a]\n  states:\n"
        "    ${results.a.stdout or 'x'}: {fn: meta.include, file: one, onlyif: {changed: a}, "
        "probe: {cert: {exists: /cert}}}\n",
        {{"states/one.yml", "a: {fn: cmd.run, cmd: 'echo ${probe.cert}'}\n"}});
    CHECK(catalog.errors().empty());
    const LatePiece piece = piece_of(catalog, asking({{"b", "{a: {stdout: web}}"}}));
    CHECK(shape(piece) == "[a] web/a web b");
    const Node& inside = node_of(piece, "web/a");
    REQUIRE(inside.variants.size() == 2);
    CHECK(inside.variants[1].parts[0].arguments.at("cmd").text() == "echo true");
    CHECK(inside.variants[0].onlyif.at(0).value.text() == "a");
}

TEST_CASE("a late state may wait for another one, and within another one", "[late]") {
    const Compiling catalog = site(
        "a: {fn: cmd.read, cmd: ls}\n"
        "b: {late: true, requires: [a], fn: cmd.read, cmd: 'ls ${results.a.stdout}'}\n"
        "c: {late: true, requires: [b], fn: file.directory, path: '/${results.b.stdout}'}\n");
    CHECK(catalog.errors().empty());
    CHECK(late_spec_of(catalog.compile().run->nodes[2]).results.at(StateId("b")).empty());
    const LatePiece first = piece_of(catalog, asking({{"b", "{a: {stdout: x}}"}}));
    CHECK(shape(first) == "[a] b c(late)");
    CHECK(late_spec_of(node_of(first, "c")).results.at(StateId("b")).size() == 3);
    const LatePiece second = piece_of(catalog, asking({{"b", "{a: {stdout: x}}"}, {"c", "{b: {stdout: y}}"}}));
    CHECK(shape(second) == "[b] c");
}

TEST_CASE("what differs by results must be late", "[late]") {
    CHECK(
        site("a: {fn: cmd.read, cmd: ls}\nb: {requires: [a], fn: file.directory, path: '/${results.a.stdout}'}\n")
            .errors() ==
        "states/site.yml:2:46: b: this is made of the results of 'a', which only a state has that says 'late: true' "
        "and "
        "requires 'a'\nstates/site.yml:2:50: 'results' are there for a state that says 'late: true', and this file has "
        "none\n");
    const Compiling hidden = site(
        "a: {fn: cmd.read, cmd: ls}\n"
        "b: {late: true, requires: [a], fn: file.directory, path: '/${results.a.stdout}'}\n"
        "c: {fn: file.directory, path: /${'x' if results.a.stdout else 'y'}}\n");
    CHECK(hidden.errors().empty());
    CHECK(errors_of(hidden, asking({{"b", "{a: {stdout: x}}"}})) ==
          "states/site.yml:3:1: c: this state differs by the results of others, which only a state may that says "
          "'late: true'\n");
}

TEST_CASE("S6 what a target says of its results is checked before anything is made of it", "[late]") {
    const Compiling catalog = site(disks);
    CHECK(errors_of(catalog, asking({{"disks", "{}"}})) == "this target has no late state 'disks'\n");
    CHECK(errors_of(catalog, asking({{"nothing", "{}"}})) == "this target has no late state 'nothing'\n");
    CHECK(errors_of(catalog, asking({{"format", "{done: {stdout: x}, disks: {stdout: x}}"}})) ==
          "'format' does not require 'done'\n");
    CHECK(errors_of(catalog, asking({{"format", "{disks: {stdout: x, more: y}}"}})) ==
          "the result 'more' of 'disks' is not one that it gives\n");
    CHECK(errors_of(catalog, asking({{"format", "{disks: {stdout: x, exit_code: 'zero'}}"}})) ==
          "the result 'exit_code' of 'disks' is not one that it gives\n");
}

TEST_CASE("S62 results do not choose whose facts a late state sees", "[late]") {
    Compiling catalog = site(
        "a: {fn: cmd.read, cmd: ls}\n"
        "b:\n  late: true\n  requires: [a]\n  parts:\n    - fn: file.directory\n"
        "      path: /${len(targets(results.a.stdout or 'web1'))}\n");
    CHECK(catalog.errors().empty());
    CHECK(errors_of(catalog, asking({{"b", "{a: {stdout: 'web*'}}"}})).find("must not choose whose facts it sees") !=
          std::string::npos);
    CHECK(errors_of(catalog, asking({{"b", "{a: {stdout: web1}}"}})).empty());  // as it is written
}

TEST_CASE("S91 results of sensitive parts are not sent to the master", "[late]") {
    const Compiling catalog = site(
        "a: {fn: cmd.read, cmd: ls, sensitive: true}\n"
        "b: {late: true, requires: [a], fn: file.directory, path: '/x'}\n");
    CHECK(late_spec_of(catalog.compile().run->nodes[1]).results.at(StateId("a")).empty());
    CHECK(errors_of(catalog, asking({{"b", "{a: {stdout: x}}"}})) ==
          "the result 'stdout' of 'a' is not one that it gives\n");
}

namespace {

LatePiece piece_of(const Compiling& catalog, CompileRequest request, const LateRequest& asked) {
    request.target = TargetId("web1");
    request.facts = Value::object();
    return catalog.compiler().compile_late(request, asked).piece;
}

const char* const tagged =
    "a: {fn: cmd.read, cmd: ls}\n"
    "b:\n  late: true\n  requires: [a]\n  tags: [disks]\n  fn: meta.block\n  states:\n"
    "    c: {fn: cmd.run, cmd: 'echo ${results.a.stdout}', requires: [base], notify: [reload]}\n"
    "    d: {fn: cmd.run, cmd: 'true', tags: [slow]}\n"
    "base: {fn: cmd.run, cmd: 'true', requires: [ground]}\n"
    "ground: {fn: cmd.run, cmd: 'true'}\n"
    "reload: {fn: cmd.run, cmd: 'true', lazy: true}\n"
    "other: {fn: cmd.run, cmd: 'true'}\n";

}  // namespace

TEST_CASE("in a run of some states, what a late one requires or notifies comes along", "[late]") {
    Compiling catalog = site(tagged);
    catalog.request().states = {"b"};
    const auto run = catalog.compile().run;
    REQUIRE(run->nodes.size() == 2);  // what b will be is not known yet
    const LateRequest asked = asking({{"b", "{a: {stdout: x}}"}});
    const LatePiece piece = piece_of(catalog, {.states = {"b"}}, asked);
    CHECK(shape(piece) == "[a] c d b base ground reload");
    CHECK(node_of(piece, "reload").lazy);
    CHECK(state_run_from(to_value(piece.run)) == piece.run);
    // A run of all has them already.
    CHECK(shape(piece_of(catalog, {}, asked)) == "[a] [base] [reload] c d b");
    // And so has one that was told to.
    CHECK(shape(piece_of(catalog, {.states = {"b", "base"}}, asked)) == "[a] [base] c d b reload");
}

TEST_CASE("--tags and --skip-tags choose among the states of a late block too", "[late]") {
    const Compiling catalog = site(tagged);
    const LateRequest asked = asking({{"b", "{a: {stdout: x}}"}});
    CHECK(shape(piece_of(catalog, {.tags = {"disks"}}, asked)) == "[a] c d b base ground reload");
    const LatePiece piece = piece_of(catalog, {.tags = {"disks"}, .skip_tags = {"slow"}}, asked);
    CHECK(shape(piece) == "[a] c b base ground reload");
    CHECK(node_of(piece, "b").members.size() == 1);
}

TEST_CASE("what came along with one late state is there for the next one", "[late]") {
    const Compiling catalog = site(
        "a: {fn: cmd.read, cmd: ls}\n"
        "b: {late: true, requires: [a], fn: meta.block, states: {x: {fn: cmd.run, cmd: ls, notify: [reload]}}}\n"
        "c:\n  late: true\n  requires: [a, b]\n  fn: meta.block\n"
        "  states: {y: {fn: cmd.run, cmd: ls, notify: [reload, more]}}\n"
        "reload: {fn: cmd.run, cmd: 'true', lazy: true}\n"
        "more: {fn: cmd.run, cmd: 'true', lazy: true}\n");
    const CompileRequest chosen = {.states = {"c"}};
    CHECK(shape(piece_of(catalog, chosen, asking({{"b", "{a: {stdout: x}}"}}))) == "[a] x b reload c(late)");
    CHECK(shape(piece_of(catalog, chosen, asking({{"b", "{a: {stdout: x}}"}, {"c", "{a: {stdout: x}}"}}))) ==
          "[a] [b] [reload] y c more");
}

TEST_CASE("a lazy late state that is named on the command line runs with all that it brings", "[late]") {
    const Compiling catalog = site(
        "a: {fn: cmd.read, cmd: ls}\n"
        "b: {late: true, lazy: true, requires: [a], fn: meta.include, file: one, with: {n: '${results.a.stdout}'}}\n",
        {{"states/one.yml", "_params: {n: x}\nc: {fn: cmd.run, cmd: 'echo ${params.n}'}\n"}});
    const LatePiece piece = piece_of(catalog, {.states = {"b"}}, asking({{"b", "{a: {stdout: x}}"}}));
    CHECK(shape(piece) == "[a] b/c b");
    CHECK_FALSE(node_of(piece, "b").lazy);
    CHECK_FALSE(node_of(piece, "b/c").lazy);
}

TEST_CASE("S6 a run of some states is not asked for late states that it does not have", "[late]") {
    const Compiling catalog = site(std::string(tagged) + "z: {late: true, requires: [a], fn: meta.noop}\n");
    CHECK_THROWS_WITH(piece_of(catalog, {.states = {"b"}}, asking({{"z", "{a: {stdout: x}}"}})),
                      "this run has no late state 'z'");
}

TEST_CASE("a run of some states has another basis for its late states than one of all", "[late]") {
    Compiling catalog = site(tagged);
    const auto basis = [&] {
        const auto run = catalog.compile().run;
        return late_spec_of(run->nodes.at(run->find(StateId("b")).value())).basis;
    };
    const std::string all = basis();
    catalog.request().states = {"b"};
    const std::string some = basis();
    CHECK(some != all);
    catalog.request().states = {};
    catalog.request().tags = {"disks"};
    CHECK(basis() != some);
}

TEST_CASE("the basis of a late state changes with all that it may read", "[late]") {
    const auto basis = [](Compiling& catalog) { return late_spec_of(catalog.compile().run->nodes[1]).basis; };
    Compiling catalog = site(disks);
    const std::string before = basis(catalog);
    CHECK(basis(catalog) == before);
    catalog.request().variables.set("x", 1);
    CHECK(basis(catalog) != before);
    catalog.request().variables = Value::object();
    catalog.request().facts.set("os", "debian");
    CHECK(basis(catalog) != before);
    Compiling other = site(std::string(disks) + "# another line\n");
    CHECK(basis(other) != before);
}
