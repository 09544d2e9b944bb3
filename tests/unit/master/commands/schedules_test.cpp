// Schedules as a running master shows them.
#include "running_test.hpp"

using namespace prove;
using namespace prove::test;

namespace {

constexpr std::int64_t hour_ms = 3'600'000;

const std::map<std::string, std::string> files = {
    {"targets.yml", "targets:\n  - {name: web1}\n  - {name: web2}\n  - {name: box1, executor: ssh}\n"},
    {"schedules.yml", "schedules:\n  nightly: {targets: 'web*', run: states apply, cron: '0 3 * * *', windows: ['02:00-05:00']}\n"
                      "  hourly: {targets: '*', run: cmd, cmd: [ls, -l], every: 1h, at_once: 2}\n"
                      "  over: {targets: 'web1', run: states plan, every: 1h, until: 2020-01-01}\n"}};

struct ScheduleWorld : RunningWorld {
    ScheduleWorld() : RunningWorld(files) {}
    Value schedules() { return master.schedules(permit(Permission::schedules_read)).at("schedules"); }
    Value schedule(const std::string& name) { return master.schedule(permit(Permission::schedules_read), name); }
};

std::vector<std::string> targets_on(const Value& schedule) {
    std::vector<std::string> names;
    for (const auto& row : schedule.at("on").list()) names.push_back(row.at("target").text());
    return names;
}

}  // namespace

TEST_CASE("schedules are shown with how many they mean and when the first of them begins next", "[schedules]") {
    ScheduleWorld world;
    const Value all = world.schedules();
    REQUIRE(all.list().size() == 3);
    const Value& nightly = all.list().at(0);
    CHECK(nightly.at("name").text() == "nightly");
    CHECK(nightly.at("targets").integer() == 2);
    CHECK(nightly.at("next_ms").integer() == 1'800'000'000'000 + 19 * hour_ms);  // 08:00 UTC now
    CHECK(nightly.at("windows").list().front().text() == "02:00-05:00");
    CHECK(nightly.at("place").text() == "schedules.yml:2:3");
    const Value& hourly = all.list().at(1);
    CHECK(hourly.at("command").at("argv").list().size() == 2);
    CHECK(hourly.at("targets").integer() == 3);
    CHECK(hourly.at("at_once").integer() == 2);
    CHECK(all.list().at(2).find("next_ms") == nullptr);
}

TEST_CASE("a schedule shows of each target who keeps its clock, its own delay and its next time", "[schedules]") {
    ScheduleWorld world;
    const Value hourly = world.schedule("hourly");
    REQUIRE(targets_on(hourly) == std::vector<std::string>{"box1", "web1", "web2"});
    const Value& box = hourly.at("on").list().front();
    CHECK(box.at("clock").text() == "master");
    CHECK(hourly.at("on").list().back().at("clock").text() == "agent");
    const auto now = world.world.clock.wall_ms();
    for (const auto& row : hourly.at("on").list()) {
        const auto next = row.at("next_ms").integer();
        CHECK(next > now);
        CHECK(next <= now + hour_ms);
        CHECK((next - row.at("delay_ms").integer()) % hour_ms == 0);
    }
}

TEST_CASE("what the master's clock took last and did not begin is shown with why", "[schedules]") {
    ScheduleWorld world;
    write_and_wait(world.world.store, {SlotRow{"hourly", TargetId("box1"), 1000, 0, "every 1 h", "", 0, "not due yet"}});
    CHECK(world.schedule("hourly").at("on").list().front().find("last") == nullptr);
    write_and_wait(world.world.store, {SlotRow{"hourly", TargetId("box1"), 2000, 2001, "every 1 h", "", 0, "paused: so"}});
    const Value paused = world.schedule("hourly");
    CHECK(paused.at("on").list().front().at("last").at("note").text() == "paused: so");
    write_and_wait(world.world.store, {SlotRow{"hourly", TargetId("box1"), 3000, 3001, "every 1 h", "", 0, ""}});
    CHECK(world.schedule("hourly").at("on").list().front().find("last") == nullptr);
}

TEST_CASE("the last job of a schedule is shown with its target, whoever keeps the clock, and how it ended", "[schedules]") {
    ScheduleWorld world;
    JobRow job;
    job.id = JobId::from_text("01jd8zk4000000000000000000").value();
    job.operation = "cmd";
    job.schedule = "hourly";
    job.slot_ms = 3000;
    JobTargetRow run;
    run.job = job.id;
    run.target = TargetId("web1");
    write_and_wait(world.world.store, {job, run});
    const auto last = [&] { return world.schedule("hourly").at("on").list().at(1).at("last"); };
    CHECK(last().at("due_ms").integer() == 3000);
    CHECK(last().at("job").text() == job.id.text());
    CHECK(last().find("end") == nullptr);
    run.phase = TargetPhase::ended;
    run.end = TargetEnd::failed;
    write_and_wait(world.world.store, {run});
    CHECK(last().at("end").text() == "failed");
    CHECK(world.schedule("nightly").at("on").list().front().find("last") == nullptr);
    // However much ran there since.
    for (std::uint8_t number = 0; number < 60; ++number) {
        JobId::Raw raw = job.id.raw();
        raw.bytes[0] = 0x7f;
        raw.bytes[15] = number;
        job.id = JobId(raw);
        job.schedule = number % 2 == 0 ? "" : "nightly";
        run.job = job.id;
        write_and_wait(world.world.store, {job, run});
    }
    CHECK(last().at("due_ms").integer() == 3000);
}

TEST_CASE("a schedule that is not there is missing, with the nearest name", "[schedules]") {
    ScheduleWorld world;
    CHECK_THROWS_WITH(world.schedule("nihgtly"), "there is no schedule 'nihgtly'; did you mean 'nightly'?");
    CHECK_THROWS_WITH(world.schedule("x"), "there is no schedule 'x'; see: prove-cli schedules list");
}

TEST_CASE("a pause shows at the schedules that it holds, and at their targets", "[schedules][pauses]") {
    ScheduleWorld world;
    const auto now = world.world.clock.wall_ms();
    write_and_wait(world.world.store, {PauseRow{"", "box1", "racks", "alice", "", now, now + hour_ms},
                                       PauseRow{"nightly", "*", "holidays", "bob", "", now, now + hour_ms}});
    const Value all = world.schedules();
    REQUIRE(all.list().at(0).at("pauses").list().size() == 1);
    CHECK(all.list().at(0).at("pauses").list().front().at("why").text() == "holidays");
    REQUIRE(all.list().at(1).at("pauses").list().size() == 1);
    CHECK(all.list().at(1).at("pauses").list().front().at("why").text() == "racks");
    const Value hourly = world.schedule("hourly");
    CHECK(hourly.at("on").list().at(0).at("pauses").list().size() == 1);
    CHECK(hourly.at("on").list().at(1).find("pauses") == nullptr);
}

TEST_CASE("a target without an agent is run by the master's clock, through the gate of its schedule, as a job of it",
          "[schedules]") {
    ScheduleWorld world;
    const auto tick = [&] {
        world.master.tick();
        world.pump();
    };
    tick();
    for (int minute = 0; minute < 119; ++minute) {
        world.world.clock.pass(Milliseconds(60'000));
        tick();
    }
    REQUIRE(world.world.carrier.names() == std::vector<std::string>{"box1"});
    const auto job = world.world.store.job(world.world.carrier.errands.front().job).value();
    CHECK(job.operation == "cmd");
    CHECK(job.schedule == "hourly");
    CHECK(job.slot_ms == 1'800'000'000'000 + hour_ms);
    CHECK(job.who == "schedule hourly");
    const auto slots = world.world.store.slots("hourly");
    REQUIRE(slots.size() == 1);
    CHECK(slots.front().job == job.id.text());
}
