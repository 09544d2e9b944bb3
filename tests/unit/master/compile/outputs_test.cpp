// Values that are known only during the run, as the compiler sees them.
#include <catch2/catch.hpp>

#include "tests/unit/master/compile/compiling.hpp"

using namespace prove;
using namespace prove::test;

namespace {

const std::string reading = "reading: {fn: cmd.read, cmd: [cat, /etc/name]}\n";

const StatePart& part(const Compiled& compiled, const std::string& id) {
    return node(compiled, id).variants.at(0).parts.at(0);
}

}  // namespace

TEST_CASE("an output that is named is a requirement", "[outputs]") {
    const auto compiled = site(reading + "folder: {fn: file.directory, path: !out reading.stdout}\n").compile();
    CHECK(node(compiled, "folder").requirements == std::vector<NodeIndex>{0});
    CHECK(write_json(part(compiled, "folder").arguments) == R"({"path":{"$out":"reading.stdout"}})");
}

TEST_CASE("in JSON an output is a mapping with $out", "[outputs]") {
    const std::map<std::string, std::string> files = {{"states/site.json", R"({"a": {"fn": "cmd.read", "cmd": "x"},
                                 "b": {"fn": "cmd.run", "cmd": ["echo", {"$out": "a.stdout"}]}})"}};
    const auto compiled = Compiling(files).compile();
    CHECK(node(compiled, "b").requirements == std::vector<NodeIndex>{0});
}

TEST_CASE("an output may be named in conditions and in probes, and is a requirement there too", "[outputs]") {
    const auto compiled = site(reading + R"(
a: {onlyif: {equals: [!out reading.exit_code, 0]}, parts: [{fn: cmd.run, cmd: x}]}
b: [{fn: cmd.run, cmd: x, unless: {exists: !out reading.stdout}}]
c: {probe: {named: {command: [test, -n, !out reading.stdout]}}, parts: [{fn: cmd.run, cmd: x}]}
)")
                              .compile();
    for (const char* id : {"a", "b", "c"}) CHECK(node(compiled, id).requirements == std::vector<NodeIndex>{0});
}

TEST_CASE("a state's id may have dots in it, an output's name has none", "[outputs]") {
    const auto compiled =
        site("a.b: {fn: cmd.read, cmd: x}\nc: {fn: cmd.run, cmd: [echo, !out a.b.stdout]}\n").compile();
    CHECK(node(compiled, "c").requirements == std::vector<NodeIndex>{0});
}

TEST_CASE("naming an output that a converged run would not have is a compile error", "[outputs]") {
    const std::string use = "b: {fn: cmd.run, cmd: [echo, !out a.stdout]}\n";
    CHECK(site("a: {fn: cmd.run, cmd: x}\n" + use).errors().empty());
    CHECK(site("a: {fn: cmd.run, cmd: x, creates: /x}\n" + use).errors() ==
          "states/site.yml:2:30: b: the output 'stdout' of 'a' (states/site.yml:1:1) is there only where its cmd.run "
          "runs, and with 'creates' it does not run on a host that is as it should be; read it with cmd.read\n");
    CHECK(site("a: {fn: cmd.run, cmd: x, unless: test -f /x}\n" + use).errors().find("with 'unless'") !=
          std::string::npos);
    CHECK(site("a: {onlyif: test -f /x, parts: [{fn: cmd.run, cmd: x}]}\n" + use).errors().find("with 'onlyif'") !=
          std::string::npos);
    CHECK(site("a: {lazy: true, fn: cmd.run, cmd: x}\n" + use).errors().find("is lazy: in a run in which nothing") !=
          std::string::npos);
    CHECK(site("a: {lazy: true, fn: cmd.run, cmd: x}\nb: {lazy: true, fn: cmd.run, cmd: [echo, !out a.stdout]}\n")
              .errors()
              .empty());
    CHECK(site("a: {fn: cmd.read, cmd: x, unless: test -f /x}\n" + use).errors().empty());
}

TEST_CASE("an unknown state or output is named with the nearest one", "[outputs]") {
    CHECK(site(reading + "b: {fn: cmd.run, cmd: [echo, !out raeding.stdout]}\n").errors() ==
          "states/site.yml:2:30: b: '!out' names 'raeding', which no state of this run has; did you mean 'reading'?\n");
    CHECK(site(reading + "b: {fn: cmd.run, cmd: [echo, !out reading.stdot]}\n").errors() ==
          "states/site.yml:2:30: b: 'reading' (states/site.yml:1:1) has no output 'stdot'; did you mean 'stdout'?\n");
    CHECK(site("a: {fn: file.absent, path: /srv/x}\nb: {fn: cmd.run, cmd: [echo, !out a.hash]}\n").errors() ==
          "states/site.yml:2:30: b: 'a' (states/site.yml:1:1) has no output 'hash'; it gives none\n");
}

TEST_CASE("an output of a wrong type is a compile error", "[outputs]") {
    CHECK(site(reading + "g: {fn: group.present, name: g, gid: !out reading.stdout}\n").errors() ==
          "states/site.yml:2:38: g: argument 'gid' of group.present takes an integer, and '!out reading.stdout' is "
          "text\n");
    CHECK(site(reading + "g: {fn: group.present, name: g, gid: !out reading.exit_code}\n").errors().empty());
    CHECK(
        site(reading + "g: {fn: cmd.run, cmd: [echo, !out reading.exit_code]}\n").errors().find("takes a shell line") !=
        std::string::npos);
    CHECK(site(reading + "f: {fn: file.managed, path: /f, source: !out reading.stdout}\n")
              .errors()
              .find("argument 'source'") != std::string::npos);
}

TEST_CASE("what is no state and output is called so", "[outputs]") {
    for (const char* text : {"reading", ".stdout", "reading."})
        CHECK(site(reading + "b: {fn: cmd.run, cmd: [echo, !out " + text + "]}\n")
                  .errors()
                  .find("expects a state and the name of its output, such as certificate.not_after") !=
              std::string::npos);
}

TEST_CASE("a state cannot wait for itself by its outputs, nor in a circle", "[outputs]") {
    CHECK(site("a: [{fn: cmd.read, cmd: x}, {fn: file.managed, path: /f, content: !out a.stdout}]\n")
              .errors()
              .find("a state cannot wait for an output of its own") != std::string::npos);
    CHECK(site("a: {fn: cmd.read, cmd: [echo, !out b.stdout]}\nb: {fn: cmd.read, cmd: [echo, !out a.stdout]}\n")
              .errors()
              .find("a cycle, in which no state can be the first") != std::string::npos);
}

TEST_CASE("an output that several parts give, or a group, is ambiguous", "[outputs]") {
    CHECK(site("a: [{fn: cmd.read, cmd: x}, {fn: cmd.read, cmd: y}]\nb: {fn: cmd.run, cmd: [echo, !out a.stdout]}\n")
              .errors()
              .find("several parts of 'a' (states/site.yml:1:1) give 'stdout'") != std::string::npos);
    CHECK(site(reading + "g: [{fn: meta.group, states: [reading]}]\nb: {fn: cmd.run, cmd: [echo, !out g.stdout]}\n")
              .errors()
              .find("is a group, which has no outputs") != std::string::npos);
}

TEST_CASE("S91 what comes from a sensitive part makes sensitive what it goes to, and what that gives", "[outputs]") {
    const auto compiled = site(R"(
a: {fn: cmd.read, cmd: [cat, /etc/key], sensitive: true}
b: {fn: cmd.read, cmd: [derive, !out a.stdout]}
c: {fn: file.managed, path: /c, content: !out b.stdout}
d: {fn: file.managed, path: /d, content: open}
)")
                              .compile();
    CHECK(part(compiled, "b").sensitive);
    CHECK(part(compiled, "c").sensitive);
    CHECK_FALSE(part(compiled, "d").sensitive);
}

TEST_CASE("a chosen state brings the states whose outputs it names", "[outputs]") {
    auto compiling = site(reading + "b: {fn: cmd.run, cmd: [echo, !out reading.stdout]}\nc: {fn: cmd.run, cmd: x}\n");
    compiling.request().states = {"b"};
    CHECK(compiling.compile().run->nodes.size() == 2);
}

TEST_CASE("a run with outputs survives its way over the wire, and one that promises too much does not", "[outputs]") {
    const auto compiled = site(reading + "b: {fn: cmd.run, cmd: [echo, !out reading.stdout]}\n").compile();
    Value wire = to_value(*compiled.run);
    CHECK(state_run_from(wire) == *compiled.run);
    wire.mapping().find("nodes")->list()[1].mapping().erase("requires");
    CHECK_THROWS_WITH(state_run_from(wire), "state 'b' names an output of 'reading', which it does not require");
}

TEST_CASE("a template with outputs in its context is rendered with holes that the target fills", "[outputs]") {
    const auto compiled = site(reading + R"(
motd: {fn: file.managed, path: /etc/motd, source: prove://motd.mako, context: {name: !out reading.stdout, n: 3}}
)",
                               {{"files/motd.mako", "this is ${name}, number ${n}\n"}})
                              .compile();
    CHECK(node(compiled, "motd").requirements == std::vector<NodeIndex>{0});
    const Value& content = part(compiled, "motd").arguments.at("content");
    const auto& holes = content.at("holes").mapping();
    REQUIRE(holes.size() == 1);
    CHECK(write_json(holes.begin()->value) == R"({"$out":"reading.stdout"})");
    CHECK(prove::test::content(compiled, part(compiled, "motd")) == "this is " + holes.begin()->key + ", number 3\n");
    CHECK(state_run_from(to_value(*compiled.run)) == *compiled.run);
}

TEST_CASE("a template may pass an output on, and print only one of several", "[outputs]") {
    const auto compiled = site(reading + R"(
motd: {fn: file.managed, path: /m, template: mako, content: <%text>x</%text>, context: {a: !out reading.stdout}}
)")
                              .errors();
    CHECK(compiled.find("rendered with its state file") != std::string::npos);
    const auto listed = site(reading + R"(
motd:
  fn: file.managed
  path: /m
  source: prove://m.mako
  context: {all: [{of: !out reading.stdout}, {of: x}], unused: !out reading.stderr}
)",
                             {{"files/m.mako", "% for one in all:\n[${one.of}]\n% endfor\n"}})
                            .compile();
    CHECK(part(listed, "motd").arguments.at("content").at("holes").mapping().size() == 1);
}

TEST_CASE("a template that does anything else with an output than print it is an error at its line", "[outputs]") {
    const auto errors_of = [&](const std::string& text) {
        return site(reading +
                        "m: {fn: file.managed, path: /m, source: prove://m.mako, context: {x: !out reading.stdout}}\n",
                    {{"files/m.mako", text}})
            .errors();
    };
    const std::string errors = errors_of("one\n${x + 'y'}\n");
    CHECK(errors.find("files/m.mako:2") == 0);
    CHECK(errors.find("this is the output of a state, known only during the run: a template can print it as it is, and "
                      "nothing else; where it decides something, let a condition of the state ask for it\n") !=
          std::string::npos);
    for (const char* text : {"% if x:\n% endif\n", "% if x == 'a':\n% endif\n", "${x.upper()}\n", "${str(x)}\n",
                             "${'%s' % x}\n", "${f'{x}'}\n", "% for c in x:\n% endfor\n", "${len(x)}\n"})
        CHECK(errors_of(text).find("known only during the run") != std::string::npos);
}

TEST_CASE("an output that a template passes through a filter is an error", "[outputs]") {
    for (const char* filter : {"h", "u", "trim", "yaml", "str.upper"})
        CHECK(site(reading +
                       "m: {fn: file.managed, path: /m, source: prove://m.mako, context: {x: !out reading.stdout}}\n",
                   {{"files/m.mako", std::string("${x | ") + filter + "}\n"}})
                  .errors()
                  .find("m: the template passes '!out reading.stdout' through a filter") != std::string::npos);
}
