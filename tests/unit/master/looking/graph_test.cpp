// prove-cli graph: the states of a run and what joins them, as text, DOT, SVG and data.
#include <catch2/catch.hpp>

#include "common/process/run.hpp"
#include "master/looking/run_graph.hpp"
#include "proto/error.hpp"
#include "tests/unit/master/looking/looking.hpp"

using namespace prove;
using namespace prove::test;
using Catch::Matchers::Contains;

namespace {

const char* const site = R"(
_include: [base]
vhost:
  probe: {cert: {exists: /etc/cert}}
  parts:
    - {fn: file.managed, path: /vhost, content: x, requires: [installed], notify: [reload]}
reload: {fn: service.reloaded, service: nginx, lazy: true}
mail: {fn: cmd.run, cmd: mail, lazy: true, defer: true, listen_failure: [vhost]}
all: {fn: meta.group, states: [vhost, installed]}
deploy:
  - fn: meta.block
    requires: ["file:base"]
    states:
      stopped: {fn: service.stopped, service: app}
    rescue:
      restored: {fn: cmd.run, cmd: restore}
    always:
      started: {fn: service.running, service: app}
)";
const char* const base = R"(
installed: {fn: package.installed, package: nginx}
user: {fn: user.present, name: app}
home: [{fn: file.directory, path: /srv}, {fn: cmd.run, cmd: "true"}, {fn: cmd.run, cmd: "true"}]
)";

RunGraph graph() {
    return graph_of(*Version({{"states/site.yml", site}, {"states/base.yml", base}}).compile().run);
}

RunGraph chain(std::size_t count, bool all_of_them) {
    RunGraph graph;
    for (NodeIndex i = 0; i < count; ++i) {
        RunGraph::State state;
        state.id = "s" + std::to_string(i);
        state.file = "states/site.yml";
        graph.states.push_back(state);
        for (NodeIndex to = all_of_them || i == 0 ? 0 : i - 1; to < i; ++to)
            graph.edges.push_back({i, to, RunGraph::Kind::requires_});
    }
    return graph;
}

std::size_t count(const std::string& text, const std::string& what) {
    std::size_t result = 0;
    for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) ++result;
    return result;
}

}  // namespace

TEST_CASE("a graph as text has the states of each file in order, and below each what it requires and wakes", "[graph]") {
    CHECK(graph_text(graph()) == R"(states/base.yml
  installed  package.installed
  user       user.present
  home       file.directory, cmd.run

states/site.yml
  vhost     file.managed  (probes cert)
      requires installed
      notifies reload
      notifies on failure mail
  reload    service.reloaded  (lazy)
  mail      cmd.run  (lazy; deferred)
  all       group
      has installed, vhost
  stopped   service.stopped
      requires all of states/base.yml
  restored  cmd.run
      requires all of states/base.yml
  started   service.running
      requires all of states/base.yml
  deploy    block
      requires all of states/base.yml
      has stopped
      is rescued by restored
      always ends with started
)");
}

TEST_CASE("a graph as DOT has one cluster for each file, and is what Graphviz takes", "[graph]") {
    const std::string dot = graph_dot(graph(), "web1");
    CHECK(dot.rfind("digraph \"web1\" {", 0) == 0);
    CHECK_THAT(dot, Contains("label=\"states/base.yml\"") && Contains("label=\"states/site.yml\""));
    CHECK_THAT(dot, Contains("n3 [label=\"vhost\\nfile.managed  (probes cert)\", style=\"rounded\""));
    CHECK_THAT(dot, Contains("n4 [label=\"reload\\nservice.reloaded  (lazy)\", style=\"rounded,dashed\""));
    CHECK_THAT(dot, Contains("n0 -> n3;"));
    CHECK_THAT(dot, Contains("n3 -> n4 [style=dashed, color=blue, constraint=false];"));
}

TEST_CASE("what other requirements imply is not drawn, so that a graph stays readable", "[graph]") {
    CHECK(count(graph_dot(chain(100, true), "x"), " -> ") == 99);
    CHECK(count(graph_dot(chain(100, false), "x"), " -> ") == 99);
    CHECK(count(graph_text(chain(100, true)), "\n") < 220);
}

TEST_CASE("ids with quotes, backslashes, line ends and control characters break neither DOT nor a terminal", "[graph]") {
    RunGraph graph = chain(1, false);
    graph.states[0].id = "a\"]; n9 [label=\"\\x\x1b[31m";
    const std::string dot = graph_dot(graph, "web\"1");
    CHECK_THAT(dot, Contains(R"(n0 [label="a\"]; n9 [label=\"\\x\\x1b[31m\n)"));
    CHECK_THAT(dot, Contains(R"(digraph "web\"1")"));
    CHECK(graph_text(graph).find('\x1b') == std::string::npos);
}

TEST_CASE("a graph goes to data and back", "[graph]") {
    const Value data = to_value(graph());
    CHECK(to_value(run_graph_from(data)) == data);
    CHECK(graph_text(run_graph_from(data)) == graph_text(graph()));
}

TEST_CASE("data that is no graph is refused", "[graph]") {
    const auto wrong = [](const std::string& json) { CHECK_THROWS_AS(run_graph_from(read_json(json)), Error); };
    wrong("[]");
    wrong("{}");
    wrong(R"({"states": [], "edges": [{"from": "a", "to": "b", "kind": "requires"}]})");
    wrong(R"({"states": [{"id": "a", "file": "f", "line": 1, "functions": []}], "edges": [{"from": "a", "to": "a", "kind": "likes"}]})");
    wrong(R"({"states": [], "edges": [], "more": 1})");
}

TEST_CASE("a run without states is a graph without states", "[graph]") {
    CHECK(graph_text(RunGraph()).empty());
    CHECK_THAT(graph_dot(RunGraph(), "x"), Contains("digraph"));
}

TEST_CASE("an SVG comes from Graphviz; where that is not there, the error names its package", "[graph]") {
    try {
        CHECK_THAT(graph_svg(graph_dot(graph(), "web1")), Contains("<svg") && Contains("installed"));
        CHECK_THROWS_WITH(graph_svg("no graph"), Contains("Graphviz failed: "));
    } catch (const Error& error) {
        CHECK(error.kind() == ErrorKind::missing);
        CHECK_THAT(error.text(), Contains("install the package 'graphviz'"));
    }
}
