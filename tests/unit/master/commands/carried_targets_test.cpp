// Targets of the catalog with `executor: ssh`, through a master.
#include "running_test.hpp"

using namespace prove;
using namespace prove::test;

namespace {

const std::map<std::string, std::string> catalog = {
    {"targets.yml",
     "targets:\n"
     "  - {name: web1, states: [site]}\n"
     "  - {name: box1, host: 10.0.0.7, executor: ssh, ssh: {user: deploy, become: sudo}, states: [site]}\n"
     "  - {name: box2, executor: ssh, ssh: {identity_file: ~/.ssh/id}, states: [site]}\n"},
    {"states/site.yml", "kernel: [{fn: file.managed, path: /etc/k, content: \"${facts.kernel}\"}]\n"},
};

Value kernel(const char* name) {
    Value facts = Value::object();
    facts.set("kernel", name);
    return facts;
}

void tell_facts(RunningWorld& running, const KeyId& key, const char* name) {
    FactsRow row;
    row.key = key;
    row.time_ms = running.world.clock.wall_ms();
    row.facts = kernel(name);
    write_and_wait(running.world.store, {row});
}

}  // namespace

TEST_CASE("a target that is reached over ssh is given to the carrier, with how the catalog reaches it", "[carried]") {
    RunningWorld running(catalog);
    CHECK(running.submit("states", "box1", states("apply")) == "");
    REQUIRE(running.world.carrier.names() == std::vector<std::string>{"box1"});
    const auto& errand = running.world.carrier.errands.front();
    const Way way = errand.preparer->way_to(TargetId("box1"));
    CHECK(way.host == "10.0.0.7");
    CHECK(way.ssh.at("user").text() == "deploy");
    CHECK_THROWS_WITH(errand.preparer->way_to(TargetId("web1")),
                      "the catalog does not say how it is reached without an agent");
}

TEST_CASE("its states are compiled from what it has just told of itself", "[carried]") {
    RunningWorld running(catalog);
    tell_facts(running, carried_key(TargetId("box1")), "old");
    running.submit("states", "box1", states("apply"));
    const auto& preparer = *running.world.carrier.errands.front().preparer;
    const auto contents = [&](const Value& facts) {
        std::vector<std::string> texts;
        for (const auto& [hash, text] : preparer.prepare(TargetId("box1"), facts).contents) texts.push_back(*text);
        return texts;
    };
    CHECK(contents(kernel("new")) == std::vector<std::string>{"new"});
    CHECK(contents(Value()) == std::vector<std::string>{"old"});
}

TEST_CASE("every operation reaches it, and the job keeps the catalog by which it does", "[carried]") {
    RunningWorld running(catalog);
    Value cmd = Value::object();
    cmd.set("shell", "uptime");
    CHECK(running.submit("cmd", "box1", cmd) == "");
    CHECK_FALSE(running.world.store.job(running.made.id)->catalog.empty());
    CHECK(running.submit("ping", "box1") == "");
    CHECK(running.submit("facts", "box1") == "");
    CHECK(running.world.carrier.names() == std::vector<std::string>{"box1", "box1", "box1"});
    for (const auto& errand : running.world.carrier.errands)
        CHECK(errand.preparer->way_to(TargetId("box1")).host == "10.0.0.7");
    // A job of agents alone does not depend on the catalog.
    CHECK(running.submit("ping", "web1") == "");
    CHECK(running.world.store.job(running.made.id)->catalog.empty());
}

TEST_CASE("S87 a catalog that names a key for a target is refused by name", "[carried]") {
    RunningWorld running(catalog);
    running.submit("ping", "box*");
    CHECK(running.world.end_of(running.made.id, "box2") == "refused");
    CHECK(
        running.world.target(running.made.id, "box2").reason ==
        "the catalog names an identity_file for it, and prove-master takes keys from its own ssh folder alone; remove "
        "it from targets.yml");
    CHECK(running.world.carrier.names() == std::vector<std::string>{"box1"});
}

TEST_CASE("a target that is reached over ssh has a status of its own, and when it was reached last", "[carried]") {
    RunningWorld running(catalog);
    const auto permit = running.permit(Permission::targets_read);
    const auto row = [&] { return running.master.targets(permit, "box1").front(); };
    CHECK(row().status == "ssh");
    CHECK(row().executor == "ssh");
    CHECK(row().seen_ms == 0);
    CHECK(running.master.targets(permit, "status:ssh").size() == 2);
    CHECK(running.submit("ping", "status:ssh") == "");
    running.world.dispatch().carried_begins(running.made.id, TargetId("box1"), kernel("Linux"), [](bool) {});
    running.world.settle();
    CHECK(row().seen_ms == running.world.clock.wall_ms());
    // An agent of that name that was accepted once does not make it an agent's.
    FakeAgent agent(running.world, "box1");
    agent.hello();
    CHECK(row().status == "ssh");
    CHECK(row().connected_ms == 0);
}

TEST_CASE("of a target that was reached both ways what was told last counts", "[carried]") {
    RunningWorld running(catalog);
    FakeAgent agent(running.world, "box1");
    CHECK(running.targets.facts_of(TargetId("box1")).is_null());
    tell_facts(running, carried_key(TargetId("box1")), "by ssh");
    CHECK(running.targets.facts_of(TargetId("box1")) == kernel("by ssh"));
    running.world.clock.pass(Milliseconds(1'000));
    tell_facts(running, agent.key(), "by its agent");
    CHECK(running.targets.facts_of(TargetId("box1")) == kernel("by its agent"));
    running.world.clock.pass(Milliseconds(1'000));
    tell_facts(running, carried_key(TargetId("box1")), "by ssh");
    CHECK(running.targets.facts_of(TargetId("box1")) == kernel("by ssh"));
}

TEST_CASE("a state that a host over ssh may have is no slip before the host was ever seen", "[carried]") {
    RunningWorld running(catalog);
    Value options = states("plan");
    options.set("states", Value::array());
    Value ids = Value::array();
    ids.push("nothing");
    options.set("states", ids);
    CHECK(running.submit("states", "box1", options) == "");
    tell_facts(running, carried_key(TargetId("box1")), "Linux");
    CHECK(running.submit("states", "box1", options) == "target 'box1' has no state 'nothing'");
}

TEST_CASE("S6 an agent under the name of a target over ssh gets no run of its own", "[carried]") {
    RunningWorld running(catalog);
    FakeAgent agent(running.world, "box1");
    agent.hello();
    RunRequest request;
    request.request = std::string(32, 'a');
    request.mode = RunMode::apply;
    agent.say(MessageType::run_request, to_value(request));
    running.pump();
    REQUIRE(agent.last(MessageType::run_reply));
    CHECK(running.world.store.jobs({}).empty());
}
