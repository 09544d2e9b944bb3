// Slots of schedules at an agent whose master is there: asked for, run once, given up with a reason.
#include <catch2/catch.hpp>

#include "common/text/duration.hpp"
#include "tests/unit/agent/daemon/scheduled_world.hpp"

using namespace prove;
using namespace prove::test;

TEST_CASE("a due slot asks the master for a job, and that job runs") {
    Scheduled world;
    world.pass(10 * minute);
    CHECK(world.asked().empty());
    world.pass_to_slot();
    REQUIRE(world.asked().size() == 1);
    const auto asked = world.asked()[0];
    CHECK(asked.mode == RunMode::apply);
    CHECK(asked.scheduled == ScheduledSlot{"nightly", world.slot()});
    world.answer(asked.request, false, {}, job_number(2));
    world.send(world.scheduled_command(job_number(2), world.slot()));
    REQUIRE(world.starter.times(job_number(2)) == 1);
    world.pass(3 * minute);
    world.finish(job_number(2));
    CHECK(world.last_note() == "done");
    CHECK(world.asked().size() == 1);
    world.pass_to_slot();
    CHECK(world.asked().size() == 2);
}

TEST_CASE("the agent says by its hash which sheet it goes by, with every hello and heartbeat") {
    Scheduled world;
    world.pass(2 * minute);
    const auto hash = hash_of(world.sheet).hex();
    CHECK(heartbeat_from(world.received(MessageType::heartbeat).back()).sheet == hash);
    world.boot();
    world.connect();
    CHECK(hello_from(world.received(MessageType::hello).back()).sheet == hash);
}

TEST_CASE("without an answer the master is asked again, with the same request; after a reconnect at once") {
    Scheduled world;
    world.pass_to_slot();
    world.pass(61'000);
    REQUIRE(world.asked().size() == 3);
    CHECK(world.asked()[2].request == world.asked()[0].request);
    world.server->disconnect(world.agent());
    world.settle();
    world.connect();
    world.settle();
    REQUIRE(world.asked().size() == 4);
    CHECK(world.asked()[3].request == world.asked()[0].request);
}

TEST_CASE("one that has to wait for its turn is asked for now and then, and runs when its turn comes") {
    Scheduled world;
    world.pass_to_slot();
    const auto due = world.slot();
    world.answer(world.asked()[0].request, true);
    world.pass(5 * minute);
    REQUIRE(world.asked().size() == 2);
    CHECK(world.asked()[1].request == world.asked()[0].request);
    world.answer(world.asked()[1].request, true);
    world.pass(4 * minute);
    CHECK(world.asked().size() == 2);
    world.send(world.scheduled_command(job_number(2), due));
    CHECK(world.starter.times(job_number(2)) == 1);
    world.pass(20 * minute);
    CHECK(world.asked().size() == 2);
}

TEST_CASE("what the master refuses is over for this slot, and the reason is kept") {
    Scheduled world;
    world.pass_to_slot();
    world.answer(world.asked()[0].request, false, "site.yml:3:1: no state 'motd'");
    world.pass(30 * minute);
    CHECK(world.asked().size() == 1);
    CHECK(world.last_note() == "site.yml:3:1: no state 'motd'");
    world.pass_to_slot();
    CHECK(world.asked().size() == 2);
}

TEST_CASE("a pause holds what is due, and nothing is asked") {
    Scheduled world;
    world.sheet.pause = SheetPause{"alice", "a disk is changed", world.clock.wall, world.clock.wall + 90 * minute};
    world.send_sheet(world.sheet);
    world.pass_to_slot();
    CHECK(world.asked().empty());
    const std::string said = "paused until " + show_moment(world.sheet.pause->until_ms) + " by alice: a disk is changed";
    CHECK(world.last_note() == said);
    CHECK(world.state().at("entries").list().at(0).at("held").text() == said);
    world.pass(hour);
    CHECK(world.asked().size() == (world.clock.wall < world.sheet.pause->until_ms ? 0 : 1));
    world.pass(hour);
    CHECK_FALSE(world.asked().empty());
}

TEST_CASE("outside its windows an apply is asked for as a plan, and a command is not run") {
    auto entry = hourly();
    const auto now = FakeClock().wall;
    const auto hour_now = now / hour % 24;
    const auto two = [](std::int64_t number) { return std::string(number < 10 ? "0" : "") + std::to_string(number); };
    entry.windows = {two((hour_now + 12) % 24) + ":00-" + two((hour_now + 13) % 24) + ":00"};
    {
        Scheduled world(entry);
        world.pass_to_slot();
        REQUIRE(world.asked().size() == 1);
        CHECK(world.asked()[0].mode == RunMode::plan);
    }
    auto command = hourly(SheetEntry::Run::cmd);
    command.windows = entry.windows;
    Scheduled world(command);
    world.pass_to_slot();
    CHECK(world.asked().empty());
    CHECK(world.last_note() == "outside its windows");
}

TEST_CASE("a window that is closed now holds nothing that is due when it is open") {
    auto command = hourly(SheetEntry::Run::cmd);
    Scheduled world(command);
    const auto next = [&] { return world.state().at("entries").list().at(0); };
    const auto open_at = next().at("next_ms").integer() / hour % 24;
    const auto from = [](std::int64_t number) { return (number < 10 ? "0" : "") + std::to_string(number) + ":00"; };
    command.windows = {from(open_at) + "-" + from((open_at + 1) % 24)};
    world.sheet.entries = {command};
    world.send_sheet(world.sheet);
    CHECK(next().find("held") == nullptr);
    command.windows = {from((open_at + 12) % 24) + "-" + from((open_at + 13) % 24)};
    world.sheet.entries = {command};
    world.send_sheet(world.sheet);
    CHECK(next().at("held").text() == "outside its windows");
}

TEST_CASE("a run longer than its interval is not started twice, and it is said") {
    Scheduled world;
    world.pass_to_slot();
    world.send(world.scheduled_command(job_number(2), world.slot()));
    world.pass(2 * hour + minute);
    CHECK(world.asked().size() == 1);
    world.finish(job_number(2));
    REQUIRE(world.own_results().size() == 1);
    const auto said = world.own_results()[0];
    CHECK(said.end == JobResult::End::refused);
    CHECK(said.own->scheduled.due_ms == world.slot());
    CHECK(said.reason == "not started: the run before it had not ended, it takes longer than the schedule's interval");
    CHECK(world.asked().size() == 1);
    world.pass_to_slot();
    CHECK(world.asked().size() == 2);
}

TEST_CASE("a run that could not begin in time is given up, and told") {
    auto entry = hourly();
    entry.expires_ms = 10 * minute;
    Scheduled world(entry);
    world.pass_to_slot();
    world.answer(world.asked()[0].request, true);
    world.pass(11 * minute);
    REQUIRE_FALSE(world.own_results().empty());
    CHECK(world.own_results()[0].reason ==
          "it could not begin within 10 min of its moment: others of this schedule went first");
    world.send(world.scheduled_command(job_number(2), world.slot()));
    CHECK(world.starter.started.empty());
}
