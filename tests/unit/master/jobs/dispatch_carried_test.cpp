// Targets without an agent: what their carrier tells is booked as what agents say is, and whatever happens to the
// master or its disk, each ends in one named way and nothing is begun there twice.
#include <catch2/catch.hpp>

#include "proto/diagnostics_value.hpp"
#include "tests/support/fake_agent.hpp"

using namespace prove;
using namespace prove::test;

namespace {

Value some_facts(const char* kernel = "Linux") {
    Value facts = Value::object();
    facts.set("kernel", kernel);
    return facts;
}

struct CarriedWorld {
    MasterWorld world;

    JobId submit(const std::vector<std::string>& carried, const std::vector<std::string>& agents = {}) {
        return world.submit(agents, carried);
    }
    // What `go` was told; nothing where it was told nothing yet.
    std::shared_ptr<std::optional<bool>> begin(const JobId& job, const std::string& name, Value facts = some_facts()) {
        const auto told = std::make_shared<std::optional<bool>>();
        world.dispatch().carried_begins(job, TargetId(name), facts, [told](bool yes) { *told = yes; });
        world.settle();
        return told;
    }
    void finish(const JobId& job, const std::string& name, JobResult::End end = JobResult::End::done,
                const std::string& reason = "") {
        Ran ran;
        ran.result.job = job;
        ran.result.end = end;
        ran.result.reason = reason;
        ran.result.body = Value::object();
        ran.body_text = "{}";
        ended(job, name, std::move(ran));
    }
    void ended(const JobId& job, const std::string& name, CarriedEnd end) {
        world.dispatch().carried_ended(job, TargetId(name), std::move(end));
        world.settle();
    }
    std::string reason(const JobId& job, const std::string& name) { return world.target(job, name).reason; }
};

}  // namespace

TEST_CASE("a target without an agent goes to the carrier, and ends as it says", "[carried]") {
    CarriedWorld at;
    const auto job = at.submit({"box1"});
    REQUIRE(at.world.carrier.names() == std::vector<std::string>{"box1"});
    CHECK(at.world.carrier.errands[0].operation == "ping");
    CHECK(at.world.carrier.errands[0].preparer != nullptr);
    CHECK(at.world.end_of(job, "box1") == "waiting");
    CHECK(*at.begin(job, "box1") == true);
    CHECK(at.world.end_of(job, "box1") == "running");
    JobEvent event;
    event.job = job;
    event.output.bytes = "hello";
    at.world.dispatch().carried_event(TargetId("box1"), event);
    at.finish(job, "box1");
    CHECK(at.world.end_of(job, "box1") == "done");
    CHECK(at.world.store.result(job, TargetId("box1"))->body == "{}");
    CHECK(at.world.event_kinds(job) == std::vector<std::string>{"accepted", "output", "target_ended", "job_ended"});
    CHECK(at.world.net.sent.empty());  // nobody there hears messages
}

TEST_CASE("a job over agents and hosts without one ends when both have", "[carried]") {
    CarriedWorld at;
    FakeAgent web1(at.world, "web1");
    web1.hello();
    const auto job = at.submit({"box1"}, {"web1"});
    web1.accept(job);
    web1.finish(job);
    CHECK_FALSE(at.world.store.job(job)->ended);
    at.begin(job, "box1");
    at.finish(job, "box1");
    CHECK(at.world.end_of(job, "web1") == "done");
    CHECK(at.world.end_of(job, "box1") == "done");
    CHECK(at.world.store.job(job)->ended);
}

TEST_CASE("an agent that is accepted under the name of a target without one has no part in its jobs", "[carried]") {
    CarriedWorld at;
    FakeAgent box1(at.world, "box1");
    box1.hello();
    const auto job = at.submit({"box1"});
    box1.fetch(job);
    box1.accept(job);
    box1.finish(job);
    CHECK(at.world.end_of(job, "box1") == "waiting");
    at.begin(job, "box1");
    box1.finish(job, JobResult::End::failed);
    CHECK(at.world.end_of(job, "box1") == "running");
    at.finish(job, "box1");
    CHECK(at.world.end_of(job, "box1") == "done");
}

TEST_CASE("what its host says of itself is stored before it begins, and only where it changed", "[carried]") {
    CarriedWorld at;
    const auto key = carried_key(TargetId("box1"));
    const auto run = [&](const char* kernel) {
        const auto job = at.submit({"box1"});
        at.begin(job, "box1", some_facts(kernel));
        at.finish(job, "box1");
    };
    run("Linux");
    REQUIRE(at.world.store.facts(key));
    CHECK(at.world.store.facts(key)->facts == some_facts());
    CHECK(at.world.store.agent(key)->seen_ms == at.world.clock.wall_ms());
    const auto version = at.world.store.facts_version();
    run("Linux");
    CHECK(at.world.store.facts_version() == version);
    run("Linux 6");
    CHECK(at.world.store.facts_version() == version + 1);
}

TEST_CASE("P1 nothing begins on a host before it is durable that it did", "[carried]") {
    CarriedWorld at;
    const auto job = at.submit({"box1"});
    at.world.store.hold();
    const auto told = at.begin(job, "box1");
    CHECK_FALSE(*told);
    at.world.store.commit();
    CHECK(*told == true);
}

TEST_CASE("P6 while the store is full nothing begins, and what ends meanwhile is kept until there is space",
          "[carried]") {
    CarriedWorld at;
    const auto job = at.submit({"box1", "box2"});
    at.begin(job, "box1");
    at.world.store.fail_with(Error(ErrorKind::full, "no space left"));
    at.finish(job, "box1");
    const auto told = at.begin(job, "box2");
    at.world.pass(10'000);
    CHECK_FALSE(*told);
    CHECK(at.world.end_of(job, "box1") == "running");
    at.world.store.fail_with(std::nullopt);
    at.world.pass(2'000);
    CHECK(*told == true);
    CHECK(at.world.end_of(job, "box1") == "done");
}

TEST_CASE(
    "P1 what had begun when the master died is interrupted and not begun again; what had not is carried once more",
    "[carried][restart]") {
    CarriedWorld at;
    const auto job = at.submit({"box1", "box2"});
    at.begin(job, "box1");
    at.world.restart();
    CHECK(at.world.end_of(job, "box1") == "interrupted");
    CHECK(at.reason(job, "box1") ==
          "prove-master ended while it ran over ssh; it was stopped there within a minute, and how far it came is not "
          "known; run it again");
    CHECK(at.world.carrier.names() == std::vector<std::string>{"box2"});
    at.begin(job, "box2");
    at.finish(job, "box2");
    CHECK(at.world.store.job(job)->ended);
}

TEST_CASE("a begin that was not durable when the master died was none", "[carried][restart]") {
    CarriedWorld at;
    const auto job = at.submit({"box1"});
    at.world.store.hold();
    const auto told = at.begin(job, "box1");
    at.world.restart();
    CHECK_FALSE(*told);
    at.world.store.hold(false);
    CHECK(at.world.carrier.names() == std::vector<std::string>{"box1"});
}

TEST_CASE("what the catalog does not allow any more after a restart is cancelled", "[carried][restart]") {
    CarriedWorld at;
    const auto job = at.submit({"box1"});
    at.world.operations.changed = true;
    at.world.restart();
    CHECK(at.world.end_of(job, "box1") == "cancelled");
    CHECK(at.reason(job, "box1") == "the catalog was changed");
    CHECK(at.world.carrier.errands.empty());
}

TEST_CASE("A7 a cancel ends what has not begun at once, and stops its session", "[carried][cancel]") {
    CarriedWorld at;
    const auto job = at.submit({"box1"});
    at.world.dispatch().cancel(job, {}, {"bob", "socket"}, [](const Error*) {});
    at.world.settle();
    CHECK(at.world.end_of(job, "box1") == "cancelled");
    CHECK(at.reason(job, "box1") == "cancelled by bob before it was sent");
    CHECK(at.world.carrier.stopped.at({job, "box1"}) == "bob");
    // It may ask only now: it may not begin, and what it tells is told of nothing.
    CHECK(*at.begin(job, "box1") == false);
    at.finish(job, "box1");
    CHECK(at.world.end_of(job, "box1") == "cancelled");
}

TEST_CASE("A7 what has begun is cancelled when its host says so, however long that takes", "[carried][cancel]") {
    CarriedWorld at;
    const auto job = at.submit({"box1", "box2"});
    at.begin(job, "box1");
    at.begin(job, "box2");
    at.world.dispatch().cancel(job, TargetId("box1"), {"bob", "socket"}, [](const Error*) {});
    at.world.settle();
    CHECK(at.world.carrier.stopped.contains({job, "box1"}));
    CHECK_FALSE(at.world.carrier.stopped.contains({job, "box2"}));
    at.world.pass(120'000);
    CHECK(at.world.end_of(job, "box1") == "running");
    at.finish(job, "box1", JobResult::End::cancelled, "after 3 states");
    CHECK(at.world.end_of(job, "box1") == "cancelled");
    CHECK(at.reason(job, "box1") == "cancelled by bob; after 3 states");
}

TEST_CASE("A7 a cancel while it waits for the disk ends it, too", "[carried][cancel]") {
    CarriedWorld at;
    const auto job = at.submit({"box1"});
    at.world.store.fail_with(Error(ErrorKind::full, "no space left"));
    at.begin(job, "box1");
    at.world.dispatch().cancel(job, {}, {"bob", "socket"}, [](const Error*) {});
    at.ended(job, "box1", NotBegun{TargetEnd::cancelled, "bob"});
    at.world.store.fail_with(std::nullopt);
    at.world.pass(2'000);
    CHECK(at.world.end_of(job, "box1") == "cancelled");
    CHECK(at.reason(job, "box1") == "cancelled by bob before it began");
}

TEST_CASE("A7 a confirmed cancel of a target without an agent is kept by a crash of the master",
          "[carried][cancel][restart]") {
    CarriedWorld at;
    const auto job = at.submit({"box1", "box2"});
    at.begin(job, "box1");
    at.world.dispatch().cancel(job, {}, {"bob", "socket"}, [](const Error*) {});
    at.world.settle();
    at.world.restart();
    CHECK(at.world.end_of(job, "box1") == "interrupted");
    CHECK(at.world.end_of(job, "box2") == "cancelled");
    CHECK(at.world.carrier.errands.empty());
    CHECK(at.world.store.job(job)->ended);
}

TEST_CASE("what has not begun when its job's time is over is expired; what has goes on", "[carried]") {
    CarriedWorld at;
    const auto job = at.submit({"box1", "box2"});
    at.begin(job, "box1");
    at.world.pass(3'600'500);
    CHECK(at.world.end_of(job, "box1") == "running");
    CHECK(at.world.end_of(job, "box2") == "expired");
    CHECK(at.reason(job, "box2") ==
          "it did not begin within 1 h: it waited for one of the master's ssh sessions, or for its host");
    CHECK(at.world.carrier.stopped.contains({job, "box2"}));
    CHECK(*at.begin(job, "box2") == false);
}

TEST_CASE("a host that cannot be reached, and states that do not compile, end their target alone", "[carried]") {
    CarriedWorld at;
    const auto job = at.submit({"box1", "box2", "box3"});
    at.ended(job, "box1", NotBegun{TargetEnd::unreachable, "Connection refused"});
    Diagnostics diagnostics;
    diagnostics.error({}, "motd", "unknown argument 'pth'");
    at.ended(job, "box2", NotPrepared{CatalogError(diagnostics), to_value(diagnostics)});
    at.ended(job, "box3", NotPrepared{Error(ErrorKind::failed, "no secret key"), Value()});
    CHECK(at.world.end_of(job, "box1") == "unreachable");
    CHECK(at.reason(job, "box1") == "Connection refused");
    CHECK(at.world.target(job, "box2").cause == "catalog");
    CHECK(at.reason(job, "box2") == "its states do not compile: 1 problem; nothing was sent to it");
    CHECK(at.world.store.result(job, TargetId("box2"))->body.find("unknown argument") != std::string::npos);
    CHECK(at.reason(job, "box3") == "no secret key");
    CHECK(at.world.store.job(job)->ended);
}

TEST_CASE("S6 a result that makes no sense ends its target as failed", "[carried]") {
    CarriedWorld at;
    const auto job = at.submit({"box1"});
    at.begin(job, "box1");
    Ran ran;
    ran.result.job = job;
    ran.result.body = Value::object();
    ran.result.body.set("nonsense", true);
    ran.body_text = write_json(ran.result.body);
    at.ended(job, "box1", std::move(ran));
    CHECK(at.world.end_of(job, "box1") == "failed");
}

TEST_CASE("S70 no agent's key is ever what stands for a target without one", "[carried]") {
    CHECK(carried_key(TargetId("box1")) == carried_key(TargetId("box1")));
    CHECK(carried_key(TargetId("box1")) != carried_key(TargetId("box2")));
    CHECK(carried_key(TargetId("box1")) != SigningKey::generate().key_id());
}
