// What a running master shows of a target's states: their graph, and what changed since they were last applied.
#include "running_test.hpp"

using namespace prove;
using namespace prove::test;
using Catch::Contains;

namespace {

const std::string one = "a: {fn: cmd.run, cmd: one}\n", two = "a: {fn: cmd.run, cmd: two}\nb: {fn: cmd.run, cmd: x, requires: [a]}\n";

struct Looking : RunningWorld {
    explicit Looking(const std::string& list = "targets: [{name: web1, states: [site]}, {name: web2, states: [site]}]\n")
        : RunningWorld({{"targets.yml", list}, {"states/site.yml", one}}) {}
    void edit(const std::string& site) {
        folder.write("states/site.yml", site);
        world.pass(3'000);
    }
    Value graph(const std::string& target) {
        Value value;
        master.graph(permit(Permission::catalog_read), target, [&](Answer<Value> answer) { take(answer, value); });
        pump();
        return value;
    }
    Value diff(const std::string& target, const std::string& from = "") {
        Value value;
        master.diff(permit(Permission::catalog_read), target, from, [&](Answer<Value> answer) { take(answer, value); });
        pump();
        return value;
    }
    // Applies, as far as the agent's taking it.
    void apply(FakeAgent& agent, Value options = states("apply")) {
        REQUIRE(submit("states", "web1", std::move(options)) == "");
        agent.fetch(made.id);
        agent.accept(made.id);
        pump();
    }
    void take(const Answer<Value>& answer, Value& value) {
        wrong = answer.error ? answer.error->text() : "";
        kind = answer.error ? answer.error->kind() : ErrorKind::internal;
        if (answer.value) value = *answer.value;
    }
    std::string wrong;
    ErrorKind kind = ErrorKind::internal;
};

}  // namespace

TEST_CASE("the graph of a target is that of the catalog in force", "[master]") {
    Looking world;
    CHECK(world.graph("web1").at("states").list().size() == 1);
    world.edit(two);
    const Value graph = world.graph("web1");
    CHECK(graph.at("states").list().size() == 2);
    CHECK(graph.at("edges").list().at(0).at("kind").text() == "requires");
    world.graph("wbe1");
    CHECK(world.wrong == "the catalog has no target 'wbe1'; did you mean 'web1'?");
    CHECK(world.kind == ErrorKind::missing);
    world.graph("../x");
    CHECK(world.kind == ErrorKind::missing);
    world.edit("a: {fn: cmd.rum, cmd: x}\n");
    world.graph("web1");
    CHECK(world.kind == ErrorKind::catalog);
}

TEST_CASE("what changed since a target's last apply is told with the job and both catalogs", "[master]") {
    Looking world;
    FakeAgent web1(world.world, "web1");
    web1.hello();
    world.diff("web1");
    CHECK_THAT(world.wrong, Contains("no states were applied to 'web1' that the master remembers"));
    CHECK(world.kind == ErrorKind::missing);
    world.apply(web1);
    const std::string before = world.catalog.current()->catalog->hash().hex();
    const Value same = world.diff("web1");
    CHECK(same.at("targets").list().at(0).at("job").text() == world.made.id.text());
    CHECK(same.at("groups").list().empty());
    CHECK(same.at("same").integer() == 1);
    world.edit(two);
    const Value changed = world.diff("web1");
    CHECK(changed.at("targets").list().at(0).at("from").text() == before);
    CHECK(changed.at("to").text() == world.catalog.current()->catalog->hash().hex());
    CHECK(changed.at("to").text() != before);
    const Value& states = changed.at("groups").list().at(0).at("diff").at("states");
    REQUIRE(states.list().size() == 2);
    CHECK(states.list()[0].at("fields").list()[0].at("after").text() == "two");
    CHECK(states.list()[1].at("change").text() == "added");
}

TEST_CASE("plans, partial applies and applies that no agent took are no last apply", "[master]") {
    Looking world;
    FakeAgent web1(world.world, "web1");
    web1.hello();
    world.apply(web1, states("plan"));
    Value some = states("apply");
    some.set("states", Value(Value::List{Value("a")}));
    world.apply(web1, some);
    Value single = states("apply");
    single.set("state", read_json(R"({"function": "cmd.run", "arguments": {"cmd": "true"}})"));
    world.apply(web1, single);
    REQUIRE(world.submit("states", "web2", states("apply")) == "");
    world.diff("web1");
    CHECK_THAT(world.wrong, Contains("no states were applied to 'web1'"));
    world.diff("web2");
    CHECK_THAT(world.wrong, Contains("no states were applied to 'web2'"));
}

TEST_CASE("one question compares all targets, and those with the same change are told together", "[master]") {
    Looking world;
    REQUIRE(world.submit("states", "web1*", states("plan")) == "");  // then this catalog is known
    const std::string before = world.catalog.current()->catalog->hash().hex();
    world.edit(two);
    const Value all = world.diff("*", before);
    CHECK(all.at("targets").list().size() == 2);
    REQUIRE(all.at("groups").list().size() == 1);
    CHECK(all.at("groups").list()[0].at("targets") == read_json(R"(["web1", "web2"])"));
    CHECK(world.diff("web2", before).at("targets").list().size() == 1);
    world.diff("wbe2", before);
    CHECK(world.kind == ErrorKind::usage);
    CHECK_THAT(world.wrong, Contains("did you mean 'web2'?"));
    world.diff("web* adn x", before);
    CHECK(world.kind == ErrorKind::usage);
}

TEST_CASE("of several targets those that were never applied to are told beside the others", "[master]") {
    Looking world;
    FakeAgent web1(world.world, "web1");
    web1.hello();
    world.apply(web1);
    world.edit(two);
    const Value all = world.diff("*");
    REQUIRE(all.at("targets").list().size() == 2);
    CHECK(all.at("targets").list()[0].find("reason") == nullptr);
    CHECK_THAT(all.at("targets").list()[1].at("reason").text(), Contains("no states were applied to 'web2'"));
    REQUIRE(all.at("groups").list().size() == 1);
    CHECK(all.at("groups").list()[0].at("targets") == read_json(R"(["web1"])"));
}

TEST_CASE("many targets are compared a few at a time, so that others are answered meanwhile", "[master]") {
    std::string targets = "targets:\n";
    for (int i = 100; i < 150; ++i) targets += "  - {name: web" + std::to_string(i) + ", states: [site]}\n";
    Looking world(targets);
    REQUIRE(world.submit("states", "web1*", states("plan")) == "");  // then this catalog is known
    const std::string before = world.catalog.current()->catalog->hash().hex();
    world.edit(two);
    const Value all = world.diff("*", before);
    CHECK(all.at("targets").list().size() == 50);
    REQUIRE(all.at("groups").list().size() == 1);
    CHECK(all.at("groups").list()[0].at("targets").list().size() == 50);
}

TEST_CASE("an older catalog is named by the beginning of its hash, and forgotten after a few newer ones", "[master]") {
    Looking world;
    FakeAgent web1(world.world, "web1");
    web1.hello();
    world.apply(web1);
    const std::string first = world.catalog.current()->catalog->hash().hex();
    world.edit(two);
    CHECK(world.diff("web2", first.substr(0, 12)).at("targets").list().at(0).at("from").text() == first);
    for (const char* wrong : {"abc", "xyz12345", "../../../", "ABCDEF0123"}) {
        world.diff("web1", wrong);
        CHECK(world.kind == ErrorKind::usage);
        CHECK_THAT(world.wrong, Contains("is no hash of a catalog"));
    }
    world.diff("web1", "0123456789");
    CHECK(world.kind == ErrorKind::missing);
    for (std::size_t i = 0; i < KnownCatalogs::most; ++i) {
        world.edit("a: {fn: cmd.run, cmd: \"" + std::to_string(i) + "\"}\n");
        REQUIRE(world.submit("states", "web1", states("plan")) == "");
    }
    world.diff("web1");
    CHECK(world.kind == ErrorKind::missing);
    CHECK_THAT(world.wrong, Contains("is not known any more") && Contains("--against REVISION"));
}

TEST_CASE("S5 neither is shown to who may not read the catalog", "[master]") {
    Looking world;
    CHECK_THROWS_AS(world.master.graph(world.permit(Permission::targets_read), "web1", [](auto) {}), Error);
    CHECK_THROWS_AS(world.master.diff(world.permit(Permission::targets_read), "web1", "", [](auto) {}), Error);
}
