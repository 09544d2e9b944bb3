// Where one message says a thing twice, or says again what was said before: both have to agree, and nothing is done
// twice (S50, S53, S60).
#include <catch2/catch.hpp>

#include "tests/unit/agent/daemon/world.hpp"

using namespace prove;
using namespace prove::test;

namespace {

const JobId job = job_number(1);

Announcement announcement_of(const JobId& announced, Announcement::Kind kind) {
    Announcement announcement;
    announcement.job = announced;
    announcement.kind = kind;
    return announcement;
}

// A run of states that only plans, as the master says in the signed header.
Frames plan_frames(World& world, const JobId& of, std::uint64_t generation) {
    auto header = world.master.header(MessageType::staterun, world.agent(), of, world.clock.wall);
    header.sealed = header.dry_run = true;
    return world.master.sign(header,
                             sealed_command(world.command_for(of, "states", generation), world.seal_key.public_key()));
}

}  // namespace

TEST_CASE("S50 a ping that is announced again is answered again, and not run again") {
    World world;
    world.connect();
    const auto ping = to_value(announcement_of(job, Announcement::Kind::ping));
    world.publish(MessageType::announcement, job, ping);
    world.publish(MessageType::announcement, job, ping);
    CHECK(world.starter.times(job) == 1);
    CHECK(world.count(MessageType::accepted) == 2);
    world.finish(job);
    world.publish(MessageType::announcement, job, ping);
    CHECK(world.starter.times(job) == 1);
    CHECK(world.count(MessageType::result) == 2);
}

TEST_CASE("S50 an announcement that names another job than its signed header is refused") {
    World world;
    world.connect();
    for (const auto kind : {Announcement::Kind::job, Announcement::Kind::ping, Announcement::Kind::cancel})
        world.publish(MessageType::announcement, job, to_value(announcement_of(job_number(2), kind)));
    CHECK(world.count(MessageType::fetch) == 0);
    CHECK(world.starter.started.empty());
    CHECK(world.journal->size() == 0);
    CHECK(world.core->status().link == Link::State::up);
}

TEST_CASE("P23 a cancel that names another job than its signed header stops neither") {
    World world;
    world.connect();
    world.send(world.command_frames(job));
    world.send(world.command_frames(job_number(2)));
    world.send(MessageType::cancel, job, to_value(Cancel{job_number(2), "alice"}));
    CHECK(world.starter.cancelled.empty());
}

TEST_CASE("S60 a run that only plans is not kept for enforcement, though its generation counts") {
    World world;
    world.connect();
    world.send(plan_frames(world, job, 7));
    CHECK(world.starter.times(job) == 1);
    CHECK_FALSE(world.disk.read("staterun"));
    world.send(world.command_frames(job_number(2), "states", 7));
    CHECK(world.starter.times(job_number(2)) == 0);
    CHECK_FALSE(world.disk.read("staterun"));
    world.send(world.command_frames(job_number(3), "states", 8));
    CHECK(world.starter.times(job_number(3)) == 1);
    CHECK(world.disk.read("staterun"));
}

TEST_CASE("S53 the generation that an agent has taken is not forgotten by a crash") {
    World world;
    world.connect();
    world.send(world.command_frames(job, "states", 5));
    world.boot();
    world.connect();
    world.send(world.command_frames(job_number(2), "states", 4));
    CHECK(world.starter.started.empty());
    CHECK_THAT(job_result_from(world.received(MessageType::result).back()).reason, Catch::Contains("generation 5"));
}
