// State files that are included once more, and states that are run in place, as a run has them.
#include <catch2/catch.hpp>
#include <map>

#include "tests/unit/master/compile/run_ids.hpp"

using namespace prove;
using namespace prove::test;

// ---- meta.include

namespace {

const char* const vhost_file = R"(_params: {domain: example.com, port: 80}
vhost:
  - fn: file.managed
    path: /etc/nginx/${params.domain}
    content: "${params.port}"
    notify: [reload]
log:
  fn: cmd.run
  cmd: "true"
  requires: [vhost, nginx]
)";

}  // namespace

TEST_CASE("meta.include brings a state file once more, with its own parameters and ids", "[meta]") {
    const auto compiled = site(R"(
nginx: {fn: cmd.run, cmd: "true"}
reload: {fn: cmd.run, cmd: "true", lazy: true}
blog: {fn: meta.include, file: vhost, with: {domain: blog.example.com}}
shop: {fn: meta.include, file: vhost, as: store, with: {domain: shop.example.com, port: 8080}}
end: {fn: cmd.run, cmd: "true", requires: [shop]}
)",
                               {{"states/vhost.yml", vhost_file}})
                              .compile();
    CHECK(all_ids(compiled) ==
          Ids{"nginx", "reload", "blog/vhost", "blog/log", "blog", "store/vhost", "store/log", "shop", "end"});
    CHECK(part(compiled, "blog/vhost").arguments.at("path").text() == "/etc/nginx/blog.example.com");
    CHECK(content(compiled, part(compiled, "blog/vhost")) == "80");
    CHECK(content(compiled, part(compiled, "store/vhost")) == "8080");
    CHECK(node(compiled, "blog").group);
    CHECK(ids(compiled, node(compiled, "blog").members) == Ids{"blog/vhost", "blog/log"});
    CHECK(ids(compiled, node(compiled, "end").requirements) == Ids{"shop"});
}

TEST_CASE("references in an included file find its own ids first, then those around it", "[meta]") {
    const auto compiled = site(R"(
nginx: {fn: cmd.run, cmd: "true"}
vhost: {fn: cmd.run, cmd: "true"}
reload: {fn: cmd.run, cmd: "true", lazy: true}
blog: {fn: meta.include, file: vhost, with: {domain: blog.example.com}}
)",
                               {{"states/vhost.yml", vhost_file}})
                              .compile();
    CHECK(ids(compiled, node(compiled, "blog/log").requirements) == Ids{"blog/vhost", "nginx"});
    CHECK(ids(compiled, part(compiled, "blog/vhost").notify) == Ids{"reload"});
}

TEST_CASE("globs and 'changed' in an included file speak of its own states", "[meta]") {
    const auto compiled =
        site("one: {fn: meta.include, file: part}\ntwo: {fn: meta.include, file: part}\n", {{"states/part.yml", R"(
a1: {fn: cmd.run, cmd: "true"}
a2: {fn: cmd.run, cmd: "true"}
b: {fn: cmd.run, cmd: "true", requires: "a*", onlyif: {changed: a1}}
)"}}).compile();
    CHECK(ids(compiled, node(compiled, "two/b").requirements) == Ids{"two/a1", "two/a2"});
    CHECK(part(compiled, "two/b").onlyif[0].value.text() == "two/a1");
}

TEST_CASE("keys of a meta.include are common to the states of the file, and speak of the states around it", "[meta]") {
    const auto compiled = site(R"(
a: {fn: cmd.run, cmd: "true"}
h: {fn: cmd.run, cmd: "true", lazy: true}
inc: {fn: meta.include, file: part, requires: [a], notify: [h], onlyif: {exists: /srv}, timeout: 7s, lazy: true}
)",
                               {{"states/part.yml", "a: {fn: cmd.run, cmd: 'true'}\n"}})
                              .compile();
    const Node& inside = node(compiled, "inc/a");
    CHECK(ids(compiled, inside.requirements) == Ids{"a"});
    CHECK(ids(compiled, inside.variants[0].notify) == Ids{"h"});
    CHECK(inside.variants[0].onlyif.size() == 1);
    CHECK(inside.variants[0].parts[0].timeout == std::chrono::seconds(7));
    CHECK(inside.lazy);
    CHECK(node(compiled, "inc").lazy);
}

TEST_CASE("a probe of a meta.include is one of every state of the file, and the file's template sees its answer",
          "[meta]") {
    const std::map<std::string, std::string> files = {
        {"states/vhost.yml", "tls: {fn: cmd.run, cmd: \"echo ${probe.cert}\"}\nplain: {fn: cmd.run, cmd: 'true'}\n"},
        {"states/written.plain.yml", "one: {fn: cmd.run, cmd: 'true'}\n"}};
    const auto compiled = site(
                              "blog: {fn: meta.include, file: vhost, probe: {cert: {exists: /etc/blog.pem}}}\n"
                              "shop: {fn: meta.include, file: vhost, probe: {cert: {exists: /etc/shop.pem}}}\n"
                              "rest: {fn: meta.include, file: written, probe: {cert: {exists: /etc/rest.pem}}}\n",
                              files)
                              .compile();
    for (const std::string name : {"blog", "shop"}) {
        const Node& tls = node(compiled, name + "/tls");
        REQUIRE(tls.probes.size() == 1);
        CHECK(tls.probes[0].name == "cert");
        CHECK(tls.probes[0].conditions[0].value.text() == "/etc/" + name + ".pem");
        REQUIRE(tls.variants.size() == 2);
        CHECK(tls.variants[0].parts[0].arguments.at("cmd").text() == "echo false");
        CHECK(tls.variants[1].parts[0].arguments.at("cmd").text() == "echo true");
        CHECK(node(compiled, name + "/plain").variants.size() == 2);
        CHECK(node(compiled, name).probes.empty());
    }
    CHECK(node(compiled, "rest/one").variants.size() == 2);
    CHECK(state_run_from(to_value(*compiled.run)) == *compiled.run);
}

TEST_CASE("a probe that a state of an included file declares itself is its own", "[meta]") {
    const auto compiled =
        site("blog: {fn: meta.include, file: part, probe: {cert: {exists: /outer}}}\n",
             {{"states/part.yml", "a: {fn: cmd.run, cmd: \"echo ${probe.cert}\", probe: {cert: {exists: /own}}}\n"}})
            .compile();
    REQUIRE(node(compiled, "blog/a").probes.size() == 1);
    CHECK(node(compiled, "blog/a").probes[0].conditions[0].value.text() == "/own");
}

TEST_CASE("a meta.include in a block has the probes and the conditions of the block", "[meta]") {
    const auto compiled = site(R"(
a: {fn: cmd.run, cmd: "true"}
b:
  fn: meta.block
  probe: {cert: {changed: a}}
  onlyif: {changed: a}
  states:
    x: {fn: meta.include, file: part, as: site, unless: {changed: a}}
)",
                               {{"states/part.yml", "a: {fn: cmd.run, cmd: \"echo ${probe.cert}\"}\n"}})
                              .compile();
    const Node& inside = node(compiled, "site/a");
    REQUIRE(inside.probes.size() == 1);
    CHECK(inside.probes[0].conditions[0].value.text() == "a");
    REQUIRE(inside.variants.size() == 2);
    CHECK(inside.variants[1].parts[0].arguments.at("cmd").text() == "echo true");
    CHECK(inside.variants[1].onlyif.at(0).value.text() == "a");
    CHECK(inside.variants[1].unless.at(0).value.text() == "a");
    CHECK(ids(compiled, node(compiled, "b").members) == Ids{"site/a", "x"});
}

TEST_CASE("'changed' and outputs in the conditions of a meta.include speak of the states around it", "[meta]") {
    const auto compiled = site(R"(
a: {fn: cmd.read, cmd: "true"}
b:
  fn: meta.include
  file: outer
  onlyif: [{changed: a}, {equals: [x, !out a.stdout]}]
  probe: {p: {equals: [!out a.stdout, x]}}
)",
                               {{"states/outer.yml",
                                 "a: {fn: cmd.read, cmd: ls}\n"
                                 "c: {fn: meta.include, file: inner, unless: {changed: a}}\n"},
                                {"states/inner.yml", "a: {fn: cmd.read, cmd: ls}\n"}})
                              .compile();
    // Of the file that is called within the called one, each condition means what it meant where it was written.
    const Node& inner = node(compiled, "b/c/a");
    const Variant& variant = inner.variants.at(0);
    REQUIRE(variant.onlyif.size() == 2);
    CHECK(variant.onlyif[0].value.text() == "a");
    CHECK(variant.onlyif[1].value.list()[1].at("$out").text() == "a.stdout");
    REQUIRE(variant.unless.size() == 1);
    CHECK(variant.unless[0].value.text() == "b/a");
    CHECK(inner.probes.at(0).conditions.at(0).value.list()[0].at("$out").text() == "a.stdout");
    CHECK(ids(compiled, inner.requirements) == Ids{"a"});
    CHECK(node(compiled, "b/a").variants.at(0).onlyif.at(0).value.text() == "a");
}

TEST_CASE("a name in a condition of a meta.include that no state around it has is one error at its place", "[meta]") {
    const std::map<std::string, std::string> files = {
        {"states/part.yml", "inside: {fn: cmd.run, cmd: ls}\nmore: {fn: cmd.run, cmd: ls}\n"}};
    CHECK_THAT(site("lapsed: {fn: cmd.run, cmd: ls}\n"
                    "b: {fn: meta.include, file: part, onlyif: {changed: lapse}}\n",
                    files)
                   .errors(),
               Catch::Equals("states/site.yml:2:53: b/inside: 'changed' names 'lapse', which no state of this run has; "
                             "did you mean 'lapsed'?\n"));
    CHECK_THAT(site("b: {fn: meta.include, file: part, onlyif: {equals: [x, !out inside.stdout]}}\n", files).errors(),
               Catch::Contains("'!out' names 'inside', which no state of this run has"));
}

TEST_CASE("an included file may include others, and has the files before it that it includes with _include", "[meta]") {
    const auto compiled =
        site("x: {fn: meta.include, file: outer}\n",
             {{"states/outer.yml", "_include: [base]\ny: {fn: meta.include, file: inner}\nz: {fn: meta.noop}\n"},
              {"states/inner.yml", "i: {fn: meta.noop, requires: [z, b]}\n"},
              {"states/base.yml", "b: {fn: meta.noop}\n"}})
            .compile();
    CHECK(all_ids(compiled) == Ids{"b", "x/y/i", "x/y", "x/z", "x"});
    CHECK(ids(compiled, node(compiled, "x/y/i").requirements) == Ids{"x/z", "b"});
    CHECK(ids(compiled, node(compiled, "x").members) == Ids{"x/y", "x/z"});
}

TEST_CASE("what a meta.include in a block brings stands in that block", "[meta]") {
    const auto compiled =
        site(
            "b:\n  fn: meta.block\n  states:\n    x: {fn: meta.include, file: part}\n  rescue:\n"
            "    y: {fn: meta.include, file: part}\n",
            {{"states/part.yml", "a: {fn: meta.noop}\nc: {fn: meta.block, states: {d: {fn: meta.noop}}}\n"}})
            .compile();
    CHECK(ids(compiled, node(compiled, "b").members) == Ids{"x/a", "x/c", "x"});
    CHECK(ids(compiled, node(compiled, "b").rescue) == Ids{"y/a", "y/c", "y"});
    CHECK(ids(compiled, node(compiled, "x/c").members) == Ids{"x/d"});
    CHECK(state_run_from(to_value(*compiled.run)) == *compiled.run);
}

TEST_CASE("two calls of one file that decide one thing differently are an error", "[meta]") {
    CHECK_THAT(site("a: {fn: meta.include, file: part, with: {text: one}}\n"
                    "b: {fn: meta.include, file: part, with: {text: two}}\n",
                    {{"states/part.yml",
                      "_params: {text: x}\nmotd: {fn: file.managed, path: /etc/motd, content: \"${params.text}\"}\n"}})
                   .errors(),
               Catch::Contains("path '/etc/motd' is decided differently by 'a/motd'"));
}

// ---- meta.run

TEST_CASE("meta.run runs a state of the run in its place, also a lazy one", "[meta]") {
    const auto compiled = site(R"(
first: {fn: cmd.run, cmd: "true"}
tool: {fn: cmd.run, cmd: "true", lazy: true, requires: first}
a:
  - {fn: cmd.run, cmd: "true"}
  - {fn: meta.run, state: tool}
)")
                              .compile();
    CHECK(part(compiled, "a", 1).runs == compiled.run->find(StateId("tool")));
    CHECK(part(compiled, "a", 1).arguments.at("state").text() == "tool");
    // Who runs it waits for what it requires.
    CHECK(ids(compiled, node(compiled, "a").requirements) == Ids{"first"});
}

TEST_CASE("meta.run with other parameters runs a Node of its own, for each call", "[meta]") {
    const auto compiled = site(R"(
_include: [vhost]
nginx: {fn: cmd.run, cmd: "true"}
reload: {fn: cmd.run, cmd: "true", lazy: true}
sites:
  - {fn: meta.run, state: vhost, with: {domain: blog.example.com}}
  - {fn: meta.run, state: vhost, with: {domain: shop.example.com}}
  - {fn: meta.run, state: vhost, with: {domain: example.com}}
)",
                               {{"states/vhost.yml", vhost_file}})
                              .compile();
    CHECK(all_ids(compiled) == Ids{"vhost", "log", "nginx", "reload", "sites/vhost", "sites/2/vhost", "sites"});
    CHECK(node(compiled, "sites/vhost").lazy);
    CHECK(part(compiled, "sites/2/vhost").arguments.at("path").text() == "/etc/nginx/shop.example.com");
    CHECK(ids(compiled, part(compiled, "sites/vhost").notify) == Ids{"reload"});
    const auto& parts = node(compiled, "sites").variants[0].parts;
    CHECK(ids(compiled, {*parts[0].runs, *parts[1].runs, *parts[2].runs}) ==
          Ids{"sites/vhost", "sites/2/vhost", "vhost"});
}

TEST_CASE("meta.run with parameters runs lazy states and whole blocks", "[meta]") {
    const auto compiled = site(R"(
_include: [part]
a: {fn: meta.run, state: b, with: {n: 2}}
)",
                               {{"states/part.yml", R"(_params: {n: 1}
b:
  lazy: true
  parts:
    fn: meta.block
    states: {x: {fn: cmd.run, cmd: "echo ${params.n}"}}
    rescue: {y: {fn: cmd.run, cmd: "true"}}
other: {fn: meta.noop}
)"}}).compile();
    CHECK(all_ids(compiled) == Ids{"x", "y", "b", "other", "a/x", "a/y", "a/b", "a"});
    CHECK(ids(compiled, node(compiled, "a/b").members) == Ids{"a/x"});
    CHECK(part(compiled, "a/x").arguments.at("cmd").text() == "echo 2");
}

TEST_CASE("a state that is chosen comes with what it runs", "[meta]") {
    auto compiling = site(R"(
tool: {fn: cmd.run, cmd: "true", lazy: true}
a: {fn: meta.run, state: tool}
b: {fn: meta.noop}
)");
    CHECK(kept(compiling, {"a"}) == Ids{"tool", "a"});
}

// ---- outputs

TEST_CASE("outputs that an included file names are those of its own states", "[meta]") {
    const auto compiled = site("blog: {fn: meta.include, file: part}\n", {{"states/part.yml", R"(
name: {fn: cmd.read, cmd: hostname}
show: {fn: cmd.run, cmd: !out name.stdout}
check: {fn: meta.assert, that: {equals: [x, !out name.stdout]}}
)"}}).compile();
    CHECK(part(compiled, "blog/show").arguments.at("cmd").at("$out").text() == "blog/name.stdout");
    CHECK(part(compiled, "blog/check").that[0].value.list()[1].at("$out").text() == "blog/name.stdout");
    CHECK(ids(compiled, node(compiled, "blog/check").requirements) == Ids{"blog/name"});
}

TEST_CASE("who runs a state waits for the outputs that it takes", "[meta]") {
    const auto compiled = site(R"(
name: {fn: cmd.read, cmd: hostname}
tool: {fn: cmd.run, cmd: !out name.stdout, lazy: true}
a: {fn: meta.run, state: tool}
)")
                              .compile();
    CHECK(ids(compiled, node(compiled, "a").requirements) == Ids{"name"});
}

TEST_CASE("an output of a rescue is there for that rescue only", "[meta]") {
    const std::string block = R"(
b:
  fn: meta.block
  states: {x: {fn: meta.noop}}
  rescue:
    why: {fn: cmd.read, cmd: why}
    tell: {fn: cmd.run, cmd: !out why.stdout}
)";
    CHECK(site(block).errors().empty());
    CHECK(site(block + "after: {fn: cmd.run, cmd: !out why.stdout}\n").errors() ==
          "states/site.yml:8:27: after: 'why' (states/site.yml:6:5) stands in the rescue of 'b': in a run in which "
          "nothing "
          "fails there, its output 'stdout' is not there\n");
}
