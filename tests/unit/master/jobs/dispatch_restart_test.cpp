// What an earlier life of the master promised holds in the next one.
#include <catch2/catch.hpp>

#include "tests/support/fake_agent.hpp"

using namespace prove;
using namespace prove::test;

TEST_CASE("A7 a cancel that was confirmed is kept by a crash of the master", "[restart][cancel]") {
    MasterWorld world;
    FakeAgent web1(world, "web1"), web2(world, "web2");
    web1.hello();
    web2.hello();
    const auto job = world.submit({"web1", "web2"});
    web1.accept(job);
    bool confirmed = false;
    world.dispatch().cancel(job, {}, {"bob", "socket"}, [&](const Error* error) { confirmed = error == nullptr; });
    world.settle();
    REQUIRE(confirmed);
    world.restart();
    web1.reconnect({job});
    web2.reconnect();

    // The one that runs it hears it again, and ends as it says.
    CHECK(web1.last(MessageType::cancel));
    web1.finish(job, JobResult::End::cancelled, "cancelled while it ran");
    CHECK(world.end_of(job, "web1") == "cancelled");
    CHECK(world.target(job, "web1").reason.find("cancelled by bob") == 0);

    // The one that did not take it yet gets no command.
    web2.fetch(job);
    for (const auto& type : web2.heard()) CHECK(type != "command");
    world.pass(35'000);
    CHECK(world.end_of(job, "web2") == "cancelled");
    CHECK(world.store.job(job)->ended);
}

TEST_CASE("A7 a cancel of one target is kept by a crash of the master, and the others go on", "[restart][cancel]") {
    MasterWorld world;
    FakeAgent web1(world, "web1"), web2(world, "web2"), web3(world, "web3");
    web1.hello();
    web2.hello();
    web3.hello();
    const auto job = world.submit({"web1", "web2", "web3"});
    web1.accept(job);
    web3.accept(job);
    bool confirmed = false;
    const auto stop = [&](const char* name) {
        world.dispatch().cancel(job, TargetId(name), {"bob", "socket"},
                                [&](const Error* error) { confirmed = error == nullptr; });
        world.settle();
        REQUIRE(confirmed);
    };
    stop("web1");
    stop("web2");
    world.restart();
    web1.reconnect({job});
    web2.reconnect();
    web3.reconnect({job});

    CHECK(web1.last(MessageType::cancel));
    web1.finish(job, JobResult::End::cancelled, "cancelled while it ran");
    CHECK(world.target(job, "web1").reason.find("cancelled by bob") == 0);
    web2.fetch(job);
    for (const auto& type : web2.heard()) CHECK(type != "command");
    CHECK_FALSE(web3.last(MessageType::cancel));
    web3.finish(job);
    CHECK(world.end_of(job, "web3") == "done");
    world.pass(35'000);
    CHECK(world.end_of(job, "web2") == "cancelled");
    CHECK(world.store.job(job)->ended);
}

TEST_CASE("A7 a job that was cancelled before a crash ends as cancelled, though its agent does not come back",
          "[restart][cancel]") {
    MasterWorld world;
    FakeAgent web1(world, "web1");
    web1.hello();
    const auto job = world.submit({"web1"});
    web1.accept(job);
    world.dispatch().cancel(job, {}, {"bob", "socket"}, [](const Error*) {});
    world.settle();
    world.restart();
    CHECK(world.end_of(job, "web1") == "running");
    world.pass(35'000);
    CHECK(world.end_of(job, "web1") == "cancelled");
    CHECK(world.target(job, "web1").reason.find("cancelled by bob") == 0);
    CHECK(world.store.job(job)->ended);
}

TEST_CASE("A7 what was cancelled before a crash is not made again for agents that did not take it", "[restart][cancel]") {
    MasterWorld world;
    FakeAgent web1(world, "web1");
    const auto job = world.submit({"web1"});
    world.dispatch().cancel(job, {}, {"bob", "socket"}, [](const Error*) {});
    world.settle();
    world.restart();
    CHECK(world.end_of(job, "web1") == "cancelled");
    web1.hello();
    web1.fetch(job);
    for (const auto& type : web1.heard()) CHECK(type != "command");
}
