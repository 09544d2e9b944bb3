// The core over a disk that is full or fails (P6).
#include <catch2/catch.hpp>

#include "tests/unit/agent/daemon/world.hpp"

using namespace prove;
using namespace prove::test;

namespace {
const JobId job = job_number(1);
}

TEST_CASE("P6 without space for the record a job does not start, and the master hears why") {
    World world;
    world.connect();
    world.disk.before = [](const std::string& call) {
        if (call == "append journal") throw Error(ErrorKind::full, "no space left");
    };
    world.send(world.command_frames(job));
    CHECK(world.starter.started.empty());
    const auto told = world.received(MessageType::accepted);
    REQUIRE(told.size() == 1);
    CHECK(accepted_from(told[0]).refused);
    CHECK_THAT(accepted_from(told[0]).reason, Catch::Contains("no space left"));
}

TEST_CASE("P6 a result that finds no space is kept, and saved and sent when there is space again") {
    World world;
    world.connect();
    world.send(world.command_frames(job));
    world.disk.before = [](const std::string& call) {
        if (call == "append journal") throw Error(ErrorKind::full, "no space left");
    };
    world.finish(job);
    CHECK(world.count(MessageType::result) == 0);
    CHECK_FALSE(world.core->idle());
    world.disk.before = nullptr;
    world.pass(15'000);
    CHECK(world.count(MessageType::result) == 1);
    CHECK(world.core->idle());
}

TEST_CASE("P6 a job that tells much on a full disk is told less of, and goes on") {
    World world;
    world.connect();
    world.send(world.command_frames(job));
    world.disk.before = [](const std::string& call) {
        if (call == "append journal") throw Error(ErrorKind::full, "no space left");
    };
    JobEvent event;
    event.job = job;
    event.kind = JobEvent::Kind::output;
    event.output.bytes = "x";
    // More than the numbers that are reserved at once.
    for (int i = 0; i < 10'100; ++i) REQUIRE_NOTHROW(world.core->event(event));
    SECTION("its result comes when there is space again") {
        world.finish(job);
        world.disk.before = nullptr;
        world.connect();
        CHECK(world.count(MessageType::result) > 0);
    }
    SECTION("a job whose record finds space starts, though nothing can be said of it") {
        int records = 0;
        world.disk.before = [&](const std::string& call) {
            if (call == "append journal" && ++records > 1) throw Error(ErrorKind::full, "no space left");
        };
        world.send(world.command_frames(job_number(2)));
        CHECK(world.starter.started.size() == 2);
    }
}

TEST_CASE("P6 an agent that cannot write its hello's number for want of space waits and tries again") {
    World world;
    world.disk.before = [](const std::string& call) {
        if (call == "append journal") throw Error(ErrorKind::full, "no space left");
    };
    world.pass(10'000);
    CHECK(world.count(MessageType::hello) == 0);
    CHECK_THAT(world.core->status().trouble, Catch::Contains("no space left"));
    world.disk.before = nullptr;
    world.connect();
}

TEST_CASE("P6 a disk that fails otherwise ends the agent: nothing is known of it any more") {
    World world;
    world.connect();
    world.disk.before = [](const std::string&) { throw Error(ErrorKind::failed, "input/output error"); };
    CHECK_THROWS_AS(world.send(world.command_frames(job)), Error);
    CHECK(world.starter.started.empty());
}
