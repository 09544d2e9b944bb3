// What an agent tells of its jobs while they run.
#include <catch2/catch.hpp>

#include "tests/unit/agent/daemon/world.hpp"

using namespace prove;
using namespace prove::test;

namespace {

const JobId job = job_number(1);

}  // namespace

TEST_CASE("events are numbered per job from 1, and sent only while the job runs") {
    World world;
    world.connect();
    world.send(world.command_frames(job));
    JobEvent event;
    event.job = job;
    event.output.bytes = "hello\n";
    world.core->event(event);
    world.core->event(event);
    world.settle();
    const auto events = world.received(MessageType::event);
    REQUIRE(events.size() == 2);
    CHECK(job_event_from(events[0]).number == 1);
    CHECK(job_event_from(events[1]).number == 2);
    world.finish(job);
    world.core->event(event);
    world.settle();
    CHECK(world.count(MessageType::event) == 2);
}

TEST_CASE("of states that begin one after the other in no time only the last is told") {
    World world;
    world.connect();
    world.send(world.command_frames(job));
    JobEvent event;
    event.job = job;
    event.kind = JobEvent::Kind::state_started;
    for (const char* state : {"one", "two", "three"}) {
        event.state = state;
        world.core->event(event);
    }
    world.settle();
    CHECK(world.count(MessageType::event) == 0);
    world.pass(100);
    REQUIRE(world.count(MessageType::event) == 1);
    CHECK(job_event_from(world.received(MessageType::event)[0]).state == "three");
}

TEST_CASE("of a run that a schedule began no states are told while it runs: nobody watches, and its report has them") {
    World world;
    world.connect();
    ScheduleSheet sheet;
    sheet.target = TargetId("web1");
    sheet.entries.emplace_back();
    sheet.entries[0].name = "nightly";
    sheet.entries[0].every_ms = 3'600'000;
    world.send_sheet(sheet);
    const bool of_slot = GENERATE(true, false);
    auto command = world.command_for(job, "states", 1);
    if (of_slot) command.scheduled = ScheduledSlot{"nightly", world.clock.wall + 3'600'000};
    world.send(world.command_frames(command));
    JobEvent event;
    event.job = job;
    for (const auto kind : {JobEvent::Kind::state_started, JobEvent::Kind::state_finished, JobEvent::Kind::output}) {
        event.kind = kind;
        world.core->event(event);
        world.pass(200);
    }
    REQUIRE(world.starter.times(job) == 1);
    CHECK(world.count(MessageType::event) == (of_slot ? 1 : 3));
    CHECK(job_event_from(world.received(MessageType::event).back()).kind == JobEvent::Kind::output);
}

