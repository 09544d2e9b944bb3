// Crashes, cancels, late answers, revocation: however it goes, every target that was meant ends once, in a named way.
#include <catch2/catch.hpp>

#include "tests/support/fake_agent.hpp"

using namespace prove;
using namespace prove::test;
using Kinds = std::vector<std::string>;

TEST_CASE("P1 after a crash of the master a job that was not taken yet is made again and done", "[ends]") {
    MasterWorld world;
    FakeAgent web1(world, "web1");
    web1.hello();
    const auto job = world.submit({"web1"});
    world.restart();
    web1.reconnect();
    CHECK(welcome_from(web1.last(MessageType::welcome)->body()).pending == std::vector{job});
    web1.fetch(job);
    REQUIRE(web1.last(MessageType::command));
    web1.accept(job);
    web1.finish(job);
    CHECK(world.end_of(job, "web1") == "done");
}

TEST_CASE("P1 after a crash of the master a job that runs goes on, and its result is taken", "[ends]") {
    MasterWorld world;
    FakeAgent web1(world, "web1");
    web1.hello();
    const auto job = world.submit({"web1"});
    web1.accept(job);
    world.restart();
    web1.reconnect({job});
    CHECK(welcome_from(web1.last(MessageType::welcome)->body()).pending.empty());
    web1.finish(job);
    CHECK(world.end_of(job, "web1") == "done");
}

TEST_CASE("P1 what the agent took while the crashing master had not noted it is learned from its hello", "[ends]") {
    MasterWorld world;
    FakeAgent web1(world, "web1");
    web1.hello();
    const auto job = world.submit({"web1"});
    world.store.hold();
    web1.accept(job);  // never durable
    world.restart();
    web1.reconnect({job});
    while (world.store.commit() > 0) world.settle();
    CHECK(world.end_of(job, "web1") == "running");
}

TEST_CASE("S63 contents of a job that runs are made again for its agent after a restart of the master", "[ends]") {
    MasterWorld world;
    FakeAgent web1(world, "web1");
    web1.hello();
    world.operations.contents = {{hash_of("abc"), std::make_shared<const std::string>("abc")}};
    const auto job = world.submit({"web1"});
    web1.accept(job);
    world.restart();
    web1.reconnect({job});
    web1.got();
    web1.say(MessageType::file_request, to_value(FileRequest{job, hash_of("abc"), 0, 100}), job);
    world.settle();
    const auto chunk = web1.last(MessageType::file_chunk);
    REQUIRE(chunk);
    CHECK(file_chunk_from(chunk->plain).bytes == "abc");
}

TEST_CASE("a job that was made from another catalog than there is after a restart is cancelled, and says so",
          "[ends]") {
    MasterWorld world;
    FakeAgent web1(world, "web1");
    const auto job = world.submit({"web1"});
    world.operations.changed = true;
    world.restart();
    CHECK(world.end_of(job, "web1") == "cancelled");
    CHECK(world.target(job, "web1").reason == "the catalog was changed");
}

TEST_CASE("P2 an agent that took a job and no longer knows of it makes it interrupted", "[ends]") {
    MasterWorld world;
    FakeAgent web1(world, "web1");
    web1.hello();
    const auto job = world.submit({"web1"});
    web1.accept(job);
    web1.journal = std::string(32, '2');
    web1.reconnect();
    CHECK(world.end_of(job, "web1") == "interrupted");
}

TEST_CASE("P2 an agent that crashed reports its job as interrupted", "[ends]") {
    MasterWorld world;
    FakeAgent web1(world, "web1");
    web1.hello();
    const auto job = world.submit({"web1"});
    web1.accept(job);
    web1.reconnect({job});
    web1.finish(job, JobResult::End::interrupted, "the agent was killed");
    CHECK(world.end_of(job, "web1") == "interrupted");
    CHECK(world.target(job, "web1").reason == "the agent was killed");
}

TEST_CASE("P3 a result that is said again is stored once and confirmed again", "[ends]") {
    MasterWorld world;
    FakeAgent web1(world, "web1");
    web1.hello();
    const auto job = world.submit({"web1"});
    web1.accept(job);
    web1.finish(job);
    const auto kinds = world.event_kinds(job);
    web1.reconnect({job});
    web1.got();
    web1.finish(job);
    CHECK(web1.heard() == Kinds{"stored"});
    CHECK(world.event_kinds(job) == kinds);
}

TEST_CASE("A1 a result that comes after its target was given up is kept beside its end", "[ends]") {
    MasterWorld world;
    FakeAgent web1(world, "web1");
    web1.hello();
    const auto job = world.submit({"web1"});
    web1.fetch(job);
    web1.vanish();
    world.pass(70'000);
    CHECK(world.end_of(job, "web1") == "unreachable");
    web1.reconnect({job});
    web1.got();
    web1.finish(job);
    CHECK(world.end_of(job, "web1") == "unreachable");
    CHECK(world.target(job, "web1").late);
    CHECK(world.store.result(job, TargetId("web1")));
    CHECK(world.event_kinds(job).back() == "late_result");
    CHECK(web1.heard() == Kinds{"stored"});
}

TEST_CASE("a result of a job that nobody knows is confirmed, so that it is not said for ever", "[ends]") {
    MasterWorld world;
    FakeAgent web1(world, "web1");
    web1.hello();
    web1.got();
    web1.finish(JobId(world.random.bytes<JobId::Raw>()));
    CHECK(web1.heard() == Kinds{"stored"});
}

TEST_CASE("an agent that took a job and was never heard of again is unreachable long after the job's life", "[ends]") {
    MasterWorld world;
    FakeAgent web1(world, "web1");
    web1.hello();
    const auto job = world.submit({"web1"});
    web1.accept(job);
    web1.vanish();
    world.pass(3'000'000);
    CHECK(world.end_of(job, "web1") == "running");
    world.pass(1'600'000);
    CHECK(world.end_of(job, "web1") == "unreachable");
}

TEST_CASE("A7 a job that was not sent yet is cancelled at once", "[ends][cancel]") {
    MasterWorld world;
    FakeAgent web1(world, "web1");
    const auto job = world.submit({"web1"});
    bool done = false;
    world.dispatch().cancel(job, {}, {"bob", "socket"}, [&](const Error* error) { done = error == nullptr; });
    world.settle();
    CHECK(done);
    CHECK(world.end_of(job, "web1") == "cancelled");
    CHECK(world.target(job, "web1").reason == "cancelled by bob before it was sent");
    CHECK(world.store.job(job)->cancelled_by == "bob");
    CHECK(world.store.audit(0, 10).back().command == "jobs.cancel");
}

TEST_CASE("A7 a running job ends as its agent says, and the reason names who asked", "[ends][cancel]") {
    MasterWorld world;
    FakeAgent web1(world, "web1");
    web1.hello();
    const auto job = world.submit({"web1"});
    web1.accept(job);
    web1.got();
    world.dispatch().cancel(job, {}, {"bob", "socket"}, [](const Error*) {});
    world.settle();
    CHECK(web1.heard() == Kinds{"cancel"});
    CHECK(world.end_of(job, "web1") == "running");
    world.pass(5'000);
    CHECK(web1.heard().size() == 2);  // said again until it is answered
    web1.finish(job, JobResult::End::cancelled);
    CHECK(world.end_of(job, "web1") == "cancelled");
    CHECK(world.target(job, "web1").reason == "cancelled by bob");
}

TEST_CASE("a running job of an agent that is away is cancelled in the books, and stopped when it comes back",
          "[ends][cancel]") {
    MasterWorld world;
    FakeAgent web1(world, "web1"), web2(world, "web2");
    web1.hello();
    web2.hello();
    const auto job = world.submit({"web1", "web2"});
    web1.accept(job);
    web2.accept(job);
    web1.vanish();
    world.dispatch().cancel(job, {}, {"bob", "socket"}, [](const Error*) {});
    world.pass(10'000);
    web2.reconnect({job});
    CHECK(web2.last(MessageType::cancel));
    world.pass(25'000);
    CHECK(world.end_of(job, "web1") == "cancelled");
    CHECK(world.target(job, "web1").reason.find("whether it stopped is not known") != std::string::npos);
    CHECK(world.end_of(job, "web2") == "running");
}

TEST_CASE("one target of a job can be cancelled alone; a job that has ended cannot", "[ends][cancel]") {
    MasterWorld world;
    FakeAgent web1(world, "web1"), web2(world, "web2");
    const auto job = world.submit({"web1", "web2"});
    world.dispatch().cancel(job, TargetId("web1"), {"bob", "socket"}, [](const Error*) {});
    world.settle();
    CHECK(world.end_of(job, "web1") == "cancelled");
    CHECK(world.end_of(job, "web2") == "waiting");
    CHECK_THROWS_AS(world.dispatch().cancel(job, TargetId("db9"), {"bob", ""}, [](const Error*) {}), Error);
    world.pass(11'000);
    CHECK_THROWS_AS(world.dispatch().cancel(job, {}, {"bob", ""}, [](const Error*) {}), Error);
}

TEST_CASE("S68 S33 a revoked key is cut off at once: connection, jobs, contents, messages", "[ends][revoke]") {
    MasterWorld world;
    FakeAgent web1(world, "web1"), web2(world, "web2");
    web1.hello();
    web2.hello();
    world.operations.contents = {{hash_of("abc"), std::make_shared<const std::string>("abc")}};
    const auto job = world.submit({"web1", "web2"});
    web1.accept(job);
    world.store.hold();  // also before it is durable
    world.life->desk.revoke({"bob", "socket"}, "web1", [](const Error*, const KeyRow&) {});
    world.settle();
    CHECK(world.net.disconnected.contains(web1.key()));
    CHECK_FALSE(world.life->keys.accepted(web1.transport.public_key()));
    web1.got();
    web1.finish(job);
    web1.say(MessageType::file_request, to_value(FileRequest{job, hash_of("abc"), 0, 100}), job);
    CHECK(web1.got().empty());
    while (world.store.commit() > 0) world.settle();
    CHECK(world.end_of(job, "web1") == "cancelled");
    CHECK(world.target(job, "web1").reason == "its key was revoked");
    CHECK(world.end_of(job, "web2") != "cancelled");
    const auto next = world.submit({"web1"});
    while (world.store.commit() > 0) world.settle();
    CHECK(world.end_of(next, "web1") == "unreachable");
}

TEST_CASE("S59 a heartbeat goes to all every 60 s, and shows who is gone", "[ends]") {
    MasterWorld world;
    FakeAgent web1(world, "web1"), web2(world, "web2");
    web1.hello();
    web2.hello();
    web1.got();
    web2.vanish();
    world.pass(61'000);
    CHECK(web1.heard() == Kinds{"heartbeat", "heartbeat"});  // by PUB and by ROUTER
    CHECK(world.life->connections.connected(web1.key()));
    CHECK_FALSE(world.life->connections.connected(web2.key()));
}

TEST_CASE("an agent whose connection has ended is not connected; the end of an older one changes nothing", "[ends]") {
    MasterWorld world;
    FakeAgent web1(world, "web1");
    web1.hello();
    const Route first{web1.route(), Channel::main};
    web1.reconnect();
    world.dispatch().ended(web1.key(), first);
    CHECK(world.life->connections.connected(web1.key()));
    world.dispatch().ended(web1.key(), {web1.route(), Channel::main});
    CHECK_FALSE(world.life->connections.connected(web1.key()));
    CHECK(world.life->connections.seen(web1.key()));
    web1.reconnect();
    CHECK(world.life->connections.connected(web1.key()));
}

TEST_CASE("P11 an agent that says nothing for two heartbeats does not count as connected", "[ends]") {
    MasterWorld world;
    FakeAgent web1(world, "web1");
    web1.hello();
    world.pass(100'000);
    CHECK(world.life->connections.connected(web1.key()));
    world.pass(60'000);
    CHECK_FALSE(world.life->connections.connected(web1.key()));
    web1.say(MessageType::heartbeat, to_value(Heartbeat{}));
    CHECK(world.life->connections.connected(web1.key()));
}

TEST_CASE("facts belong to the key that sent them, and are kept", "[ends]") {
    MasterWorld world;
    FakeAgent web1(world, "web1");
    Value facts = Value::object();
    facts.set("os", Value("debian"));
    web1.hello({}, facts);
    CHECK(world.store.facts(web1.key())->facts == facts);
    CHECK(world.store.agent(web1.key())->version == "0.1.0");
}

TEST_CASE("S6 a result that cannot be read ends its target as failed, and is confirmed", "[ends]") {
    MasterWorld world;
    FakeAgent web1(world, "web1");
    web1.hello();
    const auto job = world.submit({"web1"});
    web1.accept(job);
    JobResult result;
    result.job = job;
    result.body = Value::object();
    result.body.set("nonsense", Value(1));
    web1.got();
    web1.say(MessageType::result, to_value(result), job);
    CHECK(world.end_of(job, "web1") == "failed");
    CHECK(world.target(job, "web1").reason == "its agent sent a result that cannot be read: nonsense in it");
    CHECK(web1.heard() == Kinds{"stored"});
}
