// The meta functions that are parts, and meta.block, as a run has them.
#include <catch2/catch.hpp>

#include "tests/unit/master/compile/run_ids.hpp"

using namespace prove;
using namespace prove::test;

// ---- meta.noop, meta.fail, meta.assert

TEST_CASE("meta.noop, meta.fail and meta.assert are parts that the target carries out", "[meta]") {
    const auto compiled = site(R"(
nothing: {fn: meta.noop}
stop: {fn: meta.fail, message: put the licence there first}
check:
  - fn: meta.assert
    that: [{exists: /etc/licence}, "test -s /etc/licence"]
    message: no licence
)")
                              .compile();
    CHECK(part(compiled, "nothing").function == "meta.noop");
    CHECK(part(compiled, "stop").arguments.at("message").text() == "put the licence there first");
    CHECK(part(compiled, "check").that.size() == 2);
    CHECK(part(compiled, "check").that[0].kind == Condition::Kind::exists);
    CHECK(part(compiled, "check").arguments.find("that") == nullptr);
    CHECK(state_run_from(to_value(*compiled.run)) == *compiled.run);
}

// ---- meta.block

namespace {

const char* const deploy = R"(
before: {fn: cmd.run, cmd: "true"}
deploy:
  fn: meta.block
  states:
    stop: {fn: cmd.run, cmd: "true"}
    install:
      - {fn: cmd.run, cmd: "true"}
  rescue:
    restore: {fn: cmd.run, cmd: "true"}
  always:
    start: {fn: cmd.run, cmd: "true"}
after: {fn: cmd.run, cmd: "true", requires: deploy}
)";

}  // namespace

TEST_CASE("the contents of a block stand where the block stands, and its id is its end", "[meta]") {
    const auto compiled = site(deploy).compile();
    CHECK(all_ids(compiled) == Ids{"before", "stop", "install", "restore", "start", "deploy", "after"});
    const Node& block = node(compiled, "deploy");
    CHECK(block.block);
    CHECK(ids(compiled, block.members) == Ids{"stop", "install"});
    CHECK(ids(compiled, block.rescue) == Ids{"restore"});
    CHECK(ids(compiled, block.always) == Ids{"start"});
    CHECK(ids(compiled, node(compiled, "after").requirements) == Ids{"deploy"});
    CHECK(state_run_from(to_value(*compiled.run)) == *compiled.run);
}

TEST_CASE("keys of a block are common to the states inside", "[meta]") {
    const auto compiled = site(R"(
first: {fn: cmd.run, cmd: "true"}
reload: {fn: cmd.run, cmd: "true", lazy: true}
b:
  requires: [first]
  onlyif: {exists: /srv}
  notify: [reload]
  timeout: 30s
  retry: {attempts: 2}
  sensitive: true
  verify: false
  defer: true
  description: all of it
  parts:
    fn: meta.block
    states:
      x: {fn: cmd.run, cmd: "true"}
      y: {fn: cmd.run, cmd: "true", timeout: 5s}
    rescue:
      z: {fn: cmd.run, cmd: "true"}
)")
                              .compile();
    for (const char* id : {"x", "y", "z", "b"}) {
        INFO(id);
        CHECK(ids(compiled, node(compiled, id).requirements) == Ids{"first"});
        CHECK(node(compiled, id).defer);
    }
    for (const char* id : {"x", "y", "z"}) {
        INFO(id);
        CHECK(ids(compiled, node(compiled, id).variants[0].notify) == Ids{"reload"});
        CHECK(part(compiled, id).retry.attempts == 2);
        CHECK(part(compiled, id).sensitive);
        CHECK_FALSE(part(compiled, id).verify);
    }
    CHECK(part(compiled, "x").timeout == std::chrono::seconds(30));
    CHECK(part(compiled, "y").timeout == std::chrono::seconds(5));
    CHECK(node(compiled, "b").variants[0].description == "all of it");
    CHECK(node(compiled, "b").variants[0].notify.empty());
}

TEST_CASE("onlyif and unless of a block hold for its body; the rest runs only where something of that ran", "[meta]") {
    const auto compiled = site(R"(
b:
  fn: meta.block
  onlyif: {missing: /srv/app}
  states:
    x: {fn: cmd.run, cmd: "true", onlyif: {exists: /tmp}}
    inner:
      fn: meta.block
      states: {i: {fn: cmd.run, cmd: "true"}}
      rescue: {j: {fn: cmd.run, cmd: "true"}}
  rescue: {y: {fn: cmd.run, cmd: "true"}}
  always: {z: {fn: cmd.run, cmd: "true"}}
)")
                              .compile();
    CHECK(node(compiled, "x").variants[0].onlyif.size() == 1);
    CHECK(part(compiled, "x").onlyif.size() == 1);
    CHECK(node(compiled, "i").variants[0].onlyif.size() == 1);
    for (const char* id : {"j", "y", "z", "b", "inner"}) {
        INFO(id);
        CHECK(node(compiled, id).variants[0].onlyif.empty());
    }
}

TEST_CASE("a probe of a block is one of every state inside", "[meta]") {
    const auto compiled = site(R"(
b:
  fn: meta.block
  probe: {cert: {exists: /etc/cert}}
  states:
    x: {fn: cmd.run, cmd: "echo ${probe.cert}"}
)")
                              .compile();
    CHECK(node(compiled, "x").probes.size() == 1);
    CHECK(node(compiled, "x").variants.at(1).parts[0].arguments.at("cmd").text() == "echo true");
    CHECK(node(compiled, "b").probes.empty());
}

TEST_CASE("a lazy block, and one that listens, waits as a whole", "[meta]") {
    const auto compiled = site(R"(
config: {fn: cmd.run, cmd: "true"}
b:
  fn: meta.block
  listen: config
  states: {x: {fn: cmd.run, cmd: "true"}}
)")
                              .compile();
    CHECK(node(compiled, "b").lazy);
    CHECK_FALSE(node(compiled, "x").lazy);
    CHECK(ids(compiled, node(compiled, "config").variants[0].notify) == Ids{"b"});
}

TEST_CASE("blocks are nested, each with its own contents", "[meta]") {
    const auto compiled = site(R"(
outer:
  fn: meta.block
  states:
    inner:
      fn: meta.block
      states: {a: {fn: cmd.run, cmd: "true"}}
      always: {b: {fn: cmd.run, cmd: "true"}}
  rescue: {c: {fn: cmd.run, cmd: "true"}}
)")
                              .compile();
    CHECK(all_ids(compiled) == Ids{"a", "b", "inner", "c", "outer"});
    CHECK(ids(compiled, node(compiled, "outer").members) == Ids{"inner"});
    CHECK(ids(compiled, node(compiled, "inner").always) == Ids{"b"});
}

TEST_CASE("rescue and always are not held against their body", "[meta]") {
    const std::string text = R"(
b:
  fn: meta.block
  states: {x: {fn: service.stopped, service: app}}
  rescue: {y: {fn: file.managed, path: /etc/app, content: old}}
  always: {z: {fn: service.running, service: app}}
)";
    CHECK(site(text).errors().empty());
    CHECK(site(text).warnings().empty());
}

TEST_CASE("two states of one body that decide one thing are a warning, since their order is known", "[meta]") {
    const auto compiling = site(R"(
b:
  fn: meta.block
  states:
    x: {fn: service.stopped, service: app}
    y: {fn: service.running, service: app}
)");
    CHECK(compiling.errors().empty());
    CHECK_THAT(compiling.warnings(), Catch::Contains("they will undo each other"));
}

TEST_CASE("a state of a block comes with the block's end, its rescue and its always", "[meta]") {
    auto compiling = site(deploy);
    CHECK(kept(compiling, {"install"}) == Ids{"install", "restore", "start", "deploy"});
    CHECK(kept(compiling, {"deploy"}) == Ids{"stop", "install", "restore", "start", "deploy"});
    CHECK(kept(compiling, {"after"}) == Ids{"stop", "install", "restore", "start", "deploy", "after"});
    CHECK(kept(compiling, {"restore"}) == Ids{"restore"});
}

TEST_CASE("tags choose among the states of a block, which have the tags of the block", "[meta]") {
    auto compiling = site(R"(
b:
  fn: meta.block
  tags: app
  states:
    x: {fn: cmd.run, cmd: "true"}
    y: {fn: cmd.run, cmd: "true", tags: slow}
  always: {z: {fn: cmd.run, cmd: "true"}}
)");
    compiling.request().tags = {"app"};
    CHECK(all_ids(compiling.compile()) == Ids{"x", "y", "z", "b"});
    compiling.request().skip_tags = {"slow"};
    CHECK(all_ids(compiling.compile()) == Ids{"x", "z", "b"});
}
