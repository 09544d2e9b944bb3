// What a state file may say, and what a run makes of it: forms, keys, parameters, includes, groups, listeners.
#include <catch2/catch.hpp>

#include "tests/unit/master/compile/compiling.hpp"

using namespace prove;
using namespace prove::test;
using Catch::Matchers::Contains;

namespace {

std::vector<std::string> ids(const Compiled& compiled) {
    std::vector<std::string> result;
    for (const Node& state : compiled.run->nodes) result.push_back(state.id.text());
    return result;
}

using Ids = std::vector<std::string>;
using Indexes = std::vector<NodeIndex>;

}  // namespace

TEST_CASE("a state is a list of parts, one part, or the long form", "[compile]") {
    const auto compiled = site(R"(
list:
  - {fn: cmd.run, cmd: one}
  - {fn: cmd.run, cmd: two}
single: {fn: cmd.run, cmd: "true"}
long:
  lazy: true
  parts:
    - {fn: cmd.run, cmd: "true"}
)")
                              .compile();
    CHECK(node(compiled, "list").variants[0].parts.size() == 2);
    CHECK(node(compiled, "list").variants[0].parts[1].arguments.at("cmd").text() == "two");
    CHECK(node(compiled, "single").variants[0].parts.size() == 1);
    CHECK(node(compiled, "long").lazy);
}

TEST_CASE("an empty state file is a state file without states", "[compile]") {
    CHECK(site("").compile().run->nodes.empty());
    CHECK(site("# nothing yet\n").compile().run->nodes.empty());
    CHECK(site("{}\n").compile().run->nodes.empty());
}

TEST_CASE("requires, lazy, defer and probe on a part count for its whole state", "[compile]") {
    const auto compiled = site(R"(
first: {fn: cmd.run, cmd: "true"}
second:
  - {fn: cmd.run, cmd: "true", requires: first}
  - {fn: cmd.run, cmd: "true", lazy: true, defer: true, probe: {there: {exists: /there}}}
)")
                              .compile();
    const Node& second = node(compiled, "second");
    CHECK(second.requirements == Indexes{0});
    CHECK(second.lazy);
    CHECK(second.defer);
    CHECK(second.probes.size() == 1);
    CHECK(second.variants.size() == 2);
}

TEST_CASE("notify on a part fires after that part, on a state after its last", "[compile]") {
    const auto compiled = site(R"(
first:
  notify: [state]
  parts:
    - {fn: cmd.run, cmd: "true", notify: [part]}
    - {fn: cmd.run, cmd: "true", notify_failure: part}
part: {fn: cmd.run, cmd: "true", lazy: true}
state: {fn: cmd.run, cmd: "true", lazy: true}
)")
                              .compile();
    const Variant& first = node(compiled, "first").variants[0];
    CHECK(first.notify == Indexes{2});
    CHECK(first.parts[0].notify == Indexes{1});
    CHECK(first.parts[1].notify.empty());
    CHECK(first.parts[1].notify_failure == Indexes{1});
}

TEST_CASE("timeout, retry, verify and sensitive of a state hold for each part that says nothing itself", "[compile]") {
    const auto compiled = site(R"(
a:
  timeout: 5m
  retry: {attempts: 3, delay: 2s, backoff: 2}
  verify: false
  sensitive: true
  parts:
    - {fn: cmd.run, cmd: "true"}
    - {fn: cmd.run, cmd: "true", timeout: 1.5, retry: {attempts: 1}, verify: true, sensitive: false}
)")
                              .compile();
    const auto& parts = node(compiled, "a").variants[0].parts;
    CHECK(parts[0].timeout == std::chrono::minutes(5));
    CHECK(parts[0].retry == Retry{3, std::chrono::seconds(2), 2});
    CHECK_FALSE(parts[0].verify);
    CHECK(parts[0].sensitive);
    CHECK(parts[1].timeout == std::chrono::milliseconds(1500));
    CHECK(parts[1].retry == Retry{});
    CHECK(parts[1].verify);
    CHECK_FALSE(parts[1].sensitive);
}

TEST_CASE("listen is notify written at the other end, and makes its state lazy", "[compile]") {
    const auto compiled = site(R"(
config: {fn: cmd.run, cmd: "true"}
other: {fn: cmd.run, cmd: "true"}
reload: {fn: service.reloaded, service: nginx, listen: [config, other]}
page: {fn: cmd.run, cmd: "true", listen_failure: "*"}
)")
                              .compile();
    CHECK(node(compiled, "config").variants[0].notify == Indexes{2});
    CHECK(node(compiled, "other").variants[0].notify == Indexes{2});
    CHECK(node(compiled, "config").variants[0].notify_failure == Indexes{3});
    CHECK(node(compiled, "reload").lazy);
    CHECK(node(compiled, "page").lazy);
}

TEST_CASE("a glob in requires means every state that it matches but the one it stands in", "[compile]") {
    const auto compiled = site(R"(
web/a: {fn: cmd.run, cmd: "true"}
web/b: {fn: cmd.run, cmd: "true"}
web/all: {fn: cmd.run, cmd: "true", requires: "web/*"}
)")
                              .compile();
    CHECK(node(compiled, "web/all").requirements == Indexes{0, 1});
}

TEST_CASE("included files are written first, each once, whoever includes them", "[compile]") {
    const auto compiled =
        Compiling({{"targets.yml", "targets: [{name: web1, states: [b, a]}]\n"},
                   {"states/a.yml", "_include: [c]\na: {fn: cmd.run, cmd: \"true\"}\n"},
                   {"states/b.yml", "_include: c\nb: {fn: cmd.run, cmd: \"true\", requires: \"file:c\"}\n"},
                   {"states/c.yml", "c: {fn: cmd.run, cmd: \"true\"}\n"}})
            .compile();
    CHECK(ids(compiled) == Ids{"c", "b", "a"});
    CHECK(node(compiled, "b").requirements == Indexes{0});
    CHECK(node(compiled, "c").state_file == "c");
}

TEST_CASE("an empty state file satisfies who requires it", "[compile]") {
    CHECK(site("_include: [empty]\na: {fn: cmd.run, cmd: \"true\", requires: \"file:empty\"}\n",
               {{"states/empty.yml", ""}})
              .errors() == "");
}

TEST_CASE("meta.group is one name for many", "[compile]") {
    const auto compiled = site(R"(
one: {fn: cmd.run, cmd: "true"}
two: {fn: cmd.run, cmd: "true", lazy: true}
both: {fn: meta.group, states: [one, two], notify: [after]}
after: {fn: cmd.run, cmd: "true", lazy: true}
)")
                              .compile();
    const Node& both = node(compiled, "both");
    CHECK(both.group);
    CHECK(both.members == Indexes{0, 1});
    REQUIRE(both.variants.size() == 1);
    CHECK(both.variants[0].parts.empty());
    CHECK(both.variants[0].notify == Indexes{3});
}

TEST_CASE("parameters have their defaults in the file and in the templates of its files", "[compile]") {
    const auto compiled = site(R"(# the web server
_params:
  port: 8080
  names:
    - a
web:
  - fn: file.managed
    path: /etc/${params.names[0]}
    source: prove://web.mako
)",
                               {{"files/web.mako", "port ${params.port}"}})
                              .compile();
    const StatePart& part = node(compiled, "web").variants[0].parts[0];
    CHECK(part.arguments.at("path").text() == "/etc/a");
    CHECK(content(compiled, part) == "port 8080");
}

TEST_CASE("a condition may be a boolean that a template wrote", "[compile]") {
    auto compiling = site("a: {fn: cmd.run, cmd: \"true\", onlyif: ${facts.os == 'debian'}}\n");
    compiling.request().facts.set("os", "debian");
    const auto compiled = compiling.compile();
    const Condition& condition = node(compiled, "a").variants[0].parts[0].onlyif[0];
    CHECK(condition.kind == Condition::Kind::equals);
    CHECK(condition.value == Value(Value::List{true, true}));
}

TEST_CASE("a template decides which states there are by facts and variables", "[compile]") {
    auto compiling =
        Compiling({{"targets.yml", "targets: [{name: web1, states: [site], variables: {sites: [x, y]}}]\n"},
                   {"states/site.yml",
                    "% for name in vars.sites:\n${name}: {fn: cmd.run, cmd: \"${target.name}\"}\n% endfor\n"}});
    CHECK(ids(compiling.compile()) == Ids{"x", "y"});
    compiling.request().variables = read_json(R"({"sites": ["z"]})");
    CHECK(ids(compiling.compile()) == Ids{"z"});
}

TEST_CASE("state files may be JSON, plain or rendered", "[compile]") {
    const auto compiled =
        Compiling({{"targets.yml", "targets: [{name: web1, states: [a, b]}]\n"},
                   {"states/a.json", R"({"a": {"fn": "cmd.run", "cmd": "${no} template"}})"},
                   {"states/b.json.mako", R"({"b": {"fn": "cmd.run", "cmd": ${target.name | yaml}}})"}})
            .compile();
    CHECK(node(compiled, "a").variants[0].parts[0].arguments.at("cmd").text() == "${no} template");
    CHECK(node(compiled, "b").variants[0].parts[0].arguments.at("cmd").text() == "web1");
}

TEST_CASE("S62 a target's templates see its own variables and other targets without theirs", "[compile]") {
    auto compiling = Compiling({{"targets.yml",
                                 "targets:\n"
                                 "  - {name: web1, states: [site], variables: {own: 1}}\n"
                                 "  - {name: db1, host: db.example, variables: {password: swordfish}}\n"},
                                {"states/site.yml",
                                 "a:\n  - fn: cmd.run\n    cmd: ${str(targets('db*')) | yaml}\n"
                                 "  - fn: cmd.run\n    cmd: ${[str(sorted(vars)), targets('db1')[0].host]}\n"}});
    compiling.known().facts["db1"] = read_json(R"({"os": {"name": "debian"}})");
    const auto compiled = compiling.compile();
    const auto& parts = node(compiled, "a").variants[0].parts;
    CHECK(write_json(to_value(*compiled.run)).find("swordfish") == std::string::npos);
    CHECK(parts[1].arguments.at("cmd") == Value(Value::List{"['own']", "db.example"}));
}

TEST_CASE("a component that comes in by _include alone brings its defaults", "[compile]") {
    const auto compiled =
        Compiling({{"targets.yml", "targets: [{name: web1, states: [site]}]\n"},
                   {"states/site.yml", "_include: [nginx]\n"},
                   {"components/nginx/variables.yml", "port: 80\n"},
                   {"components/nginx/states.yml", "a: {fn: cmd.run, cmd: \"${vars.nginx.port}\"}\n"}})
            .compile();
    CHECK(node(compiled, "a").variants[0].parts[0].arguments.at("cmd").text() == "80");
}

TEST_CASE("variable files see what stands below them", "[compile]") {
    auto compiling =
        Compiling({{"prove.yml", "variables: {site: blog}\n"},
                   {"targets.yml", "targets: [{name: web1, variable_files: [more], variables: {\"list+\": [c]}}]\n"},
                   {"variables/more.yml", "name: ${vars.site}.example\nlist: [a, b]\n"}});
    CHECK(compiling.compiler().variables_of(TargetId("web1"), Value::object()) ==
          read_json(R"({"site": "blog", "name": "blog.example", "list": ["a", "b", "c"]})"));
}
