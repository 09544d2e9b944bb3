// What a target is made of: its groups, roles, components, states and layers of variables, in which order.
#include <catch2/catch.hpp>

#include "tests/support/catalog_on_disk.hpp"

using namespace prove;
using Names = std::vector<std::string>;

namespace {

Value facts_of_debian() {
    auto os = Value::object();
    os.set("family", "debian");
    auto facts = Value::object();
    facts.set("os", os);
    return facts;
}

Names states_of(const ResolvedTarget& target) {
    Names result;
    for (const auto& [name, position] : target.states) result.push_back(name);
    return result;
}

// Each layer as "rule" or "rule <- file".
Names layers_of(const ResolvedTarget& target) {
    Names result;
    for (const auto& layer : target.layers)
        result.push_back(layer.file == nullptr ? layer.rule : layer.rule + " <- " + *layer.file->path);
    return result;
}

// With the catalog that it points into.
struct Resolved : ResolvedTarget {
    std::shared_ptr<const Catalog> catalog;
};

Resolved resolve(const CatalogOnDisk& disk, const std::string& target, const Value& facts = {}) {
    auto catalog = disk.load();
    auto resolved = catalog->resolve(TargetId(target), facts);
    return {std::move(resolved), std::move(catalog)};
}

}  // namespace

TEST_CASE("the host of a target is its name where nothing else is said", "[resolve]") {
    const CatalogOnDisk disk{{"targets.yml", "targets: [{name: web1}, {name: db1, host: db1.example.com}]"}};
    const auto catalog = disk.load();
    CHECK(catalog->target(TargetId("web1"))->host == "web1");
    CHECK(catalog->target(TargetId("db1"))->host == "db1.example.com");
    CHECK(catalog->target(TargetId("db1"))->executor == "agent");
}

TEST_CASE("a target that is not in the catalog is an error with the nearest name", "[resolve]") {
    const CatalogOnDisk disk{{"targets.yml", "targets: [{name: web1}]"}};
    CHECK(disk.load()->target(TargetId("web2")) == nullptr);
    CHECK_THROWS_WITH(resolve(disk, "wbe1"), "the catalog has no target 'wbe1'; did you mean 'web1'?");
}

TEST_CASE("groups choose by glob, regex, list and expression, in the order written", "[resolve]") {
    const CatalogOnDisk disk{{"targets.yml", "targets: [{name: web1}, {name: db1}]"}, {"groups.yml", R"(
groups:
  - {name: all, glob: '*'}
  - {name: web, glob: ['web*', 'www*']}
  - {name: numbered, regex: '[0-9]$'}
  - {name: listed, list: [db1]}
  - {name: both, match: 'group:web and group:numbered'}
  - {name: neither, match: 'not (group:web or group:listed)'}
)"}};
    CHECK(resolve(disk, "web1").groups == Names{"all", "web", "numbered", "both"});
    CHECK(resolve(disk, "db1").groups == Names{"all", "numbered", "listed"});
}

TEST_CASE("a group may match by facts, and then holds only for a target that was seen", "[resolve]") {
    const CatalogOnDisk disk{{"targets.yml", "targets: [{name: web1}]"},
                             {"groups.yml", "groups: [{name: debian, match: 'fact:os.family=debian'}]"}};
    CHECK(resolve(disk, "web1").groups.empty());
    CHECK(resolve(disk, "web1", facts_of_debian()).groups == Names{"debian"});
}

TEST_CASE("the roles of a target are those that its groups bring, then its own, each once", "[resolve]") {
    const CatalogOnDisk disk{{"targets.yml", "targets: [{name: web1, roles: [own, shared]}]"},
                             {"groups.yml", "groups: [{name: g, glob: '*', roles: [shared, first]}]"},
                             {"roles.yml", "roles: {own: {}, shared: {}, first: {}}"}};
    CHECK(resolve(disk, "web1").roles == Names{"shared", "first", "own"});
}

TEST_CASE("the states of a target are those of its groups, its roles, then its own, in the order written, each once",
          "[resolve]") {
    const CatalogOnDisk disk{{"targets.yml", "targets: [{name: web1, roles: [r], states: [own, g1]}]"},
                             {"groups.yml", "groups: [{name: g, glob: '*', states: [g2, g1]}]"},
                             {"roles.yml", "roles: {r: {states: [role, g2]}}"},
                             {"states/own.yml", ""},
                             {"states/g1.yml", ""},
                             {"states/g2.yml", ""},
                             {"states/role.yml", ""}};
    const auto target = resolve(disk, "web1");
    CHECK(states_of(target) == Names{"g2", "g1", "role", "own"});
    CHECK(target.states[0].second.text() == "groups.yml:1:40");
    CHECK(target.states[3].second.text() == "targets.yml:1:45");
}

TEST_CASE("a component that a role lists brings its states.yml before the role's own states", "[resolve]") {
    const CatalogOnDisk disk{{"targets.yml", "targets: [{name: web1, roles: [web]}]"},
                             {"roles.yml", "roles: {web: {components: [nginx, mail], states: [tls, mail/queue]}}"},
                             {"components/nginx/states.yml", ""},
                             {"components/mail/states/queue.yml", ""},
                             {"components/mail/states/other.yml", ""},
                             {"states/tls.yml", ""}};
    const auto target = resolve(disk, "web1");
    CHECK(states_of(target) == Names{"nginx", "tls", "mail/queue"});
    CHECK(target.components == Names{"nginx", "mail"});
}

TEST_CASE("variables stand in layers: components, catalog, groups, roles, the target's files, the target",
          "[resolve]") {
    const CatalogOnDisk disk{
        {"prove.yml", "variables: {a: 0}"},
        {"targets.yml", "targets: [{name: web1, roles: [r], variables: {a: 9}, variable_files: [t]}]"},
        {"groups.yml", R"(
groups:
  - {name: g1, glob: '*', variables: {a: 1}, variable_files: [f1, f2]}
  - {name: g2, glob: 'w*', variables: {a: 2}}
  - {name: other, glob: 'x*', variables: {a: 3}}
)"},
        {"roles.yml", "roles: {r: {components: [c], variables: {a: 4}, variable_files: [f1]}}"},
        {"components/c/variables.yml", "x: 1"},
        {"variables/f1.yml", "a: 5"},
        {"variables/f2.json", "{}"},
        {"variables/t.yml", "a: 6"}};
    const auto target = resolve(disk, "web1");
    CHECK(layers_of(target) == Names{"defaults of component c <- components/c/variables.yml", "catalog",
                                     "group g1 <- variables/f1.yml", "group g1 <- variables/f2.json", "group g1",
                                     "group g2", "role r <- variables/f1.yml", "role r",
                                     "target web1 <- variables/t.yml", "target web1"});
    CHECK(target.layers.front().component == "c");
    CHECK(target.layers.back().variables.at("a").integer() == 9);
    CHECK(target.layers.back().variables.at("a").position().text() == "targets.yml:1:51");
}

TEST_CASE("a state of a component brings the component's defaults also without a role", "[resolve]") {
    const CatalogOnDisk disk{{"targets.yml", "targets: [{name: web1, states: [mail/queue]}]"},
                             {"components/mail/states/queue.yml", ""},
                             {"components/mail/variables.yml", "port: 25"}};
    CHECK(layers_of(resolve(disk, "web1")) == Names{"defaults of component mail <- components/mail/variables.yml"});
}

TEST_CASE("options of a target stand above those of its groups, and these above those of the catalog", "[resolve]") {
    const CatalogOnDisk disk{{"prove.yml", "options: {on_failure: stop, max_invocations: 3}"},
                             {"targets.yml", "targets: [{name: web1, verify: false}, {name: db1}]"},
                             {"groups.yml", R"(
groups:
  - {name: all, glob: '*', max_invocations: 5}
  - {name: web, glob: 'web*', on_failure: continue}
)"}};
    const auto web = resolve(disk, "web1").options, db = resolve(disk, "db1").options;
    CHECK(web.on_failure == RunOptions::OnFailure::continue_);
    CHECK(web.max_invocations == 5);
    CHECK_FALSE(web.verify);
    CHECK(db.on_failure == RunOptions::OnFailure::stop);
    CHECK(db.verify);
}

TEST_CASE("the executor of a target comes from itself, else its last group that says one, else the catalog",
          "[resolve]") {
    const CatalogOnDisk disk{{"prove.yml", "options: {executor: local}"},
                             {"targets.yml", "targets: [{name: web1}, {name: web2, executor: local}, {name: db1}]"},
                             {"groups.yml", "groups: [{name: web, glob: 'web*', executor: agent}]"}};
    const auto catalog = disk.load();
    CHECK(catalog->target(TargetId("web1"))->executor == "agent");
    CHECK(catalog->target(TargetId("web2"))->executor == "local");
    CHECK(catalog->target(TargetId("db1"))->executor == "local");
}

TEST_CASE("S8 a group with an empty list has no members", "[resolve]") {
    const CatalogOnDisk disk{{"targets.yml", "targets: [{name: web1}]"},
                             {"groups.yml", "groups: [{name: none, list: []}, {name: no_globs, glob: []}]"}};
    CHECK(resolve(disk, "web1").groups.empty());
}

TEST_CASE("one target of fifty thousand costs no more than its own groups and roles", "[resolve]") {
    std::string targets = R"({"targets": [)";
    for (int i = 0; i < 50'000; ++i)
        targets += (i == 0 ? "" : ",") + std::string(R"({"name": "h)") + std::to_string(i) + R"(", "roles": ["r"]})";
    const CatalogOnDisk disk{{"targets.json", targets + "]}"},
                             {"groups.yml", "groups: [{name: some, glob: 'h4999?', states: [s]}]"},
                             {"roles.yml", "roles: {r: {}}"},
                             {"states/s.yml", ""}};
    const auto catalog = disk.load();
    CHECK(catalog->targets().size() == 50'000);
    CHECK(states_of(catalog->resolve(TargetId("h49995"), {})) == Names{"s"});
    CHECK(catalog->resolve(TargetId("h1"), {}).groups.empty());
}
