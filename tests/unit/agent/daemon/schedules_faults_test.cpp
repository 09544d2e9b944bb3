// Schedules and what happens to machines: crashes, clocks that jump, disks that are full (P20).
#include <catch2/catch.hpp>

#include "tests/unit/agent/daemon/scheduled_world.hpp"

using namespace prove;
using namespace prove::test;

TEST_CASE("P20 killed or without power at any point of a due slot, it is run once") {
    for (const bool power : {false, true})
        for (int crash_at = 1;; ++crash_at) {
            Scheduled world(hourly(SheetEntry::Run::cmd));
            world.lose_master();
            world.pass(hour - world.clock.wall % hour - 1);
            int calls = 0;
            bool crashed = false;
            world.disk.before = [&](const std::string&) {
                if (++calls == crash_at) throw SimulatedDisk::Crash{};
            };
            std::vector<JobOrder> started;
            try {
                world.pass(2);
                started = world.starter.started;
                REQUIRE(started.size() == 1);
                world.finish(started[0].job);
            } catch (const SimulatedDisk::Crash&) {
                crashed = true;
                started = world.starter.started;
            }
            world.disk.before = nullptr;
            if (!crashed) break;
            if (power) world.disk.lose_power(static_cast<std::uint32_t>(crash_at));
            world.boot();
            world.pass(10 * minute);
            INFO("power " << power << ", crash at call " << crash_at << ", begun before " << started.size());
            // What had begun, or may have, is told as interrupted and not begun again; what had not begins now.
            CHECK(started.size() + world.starter.started.size() <= 1);
            CHECK(world.own_jobs() == 1);
        }
}

TEST_CASE("an agent that was off takes up the latest slot only") {
    Scheduled world(hourly(SheetEntry::Run::cmd));
    world.lose_master();
    world.pass(10 * minute);
    world.core.reset();
    world.clock.pass(Milliseconds(5 * day));
    world.boot();
    world.pass(2 * minute);
    REQUIRE(world.starter.started.size() == 1);
    world.finish(world.starter.started[0].job);
    world.pass(10 * minute);
    CHECK(world.starter.started.size() == 1);
}

TEST_CASE("S57 the wall clock may jump as it likes while the machine stays up: the master's time goes on") {
    Scheduled world(hourly(SheetEntry::Run::cmd));
    world.lose_master();
    std::size_t started = 0;
    const auto next = world.clock.boot + hour - world.clock.wall % hour;
    for (const auto jump : {400 * day, -400 * day, 3 * hour, -5 * hour}) {
        world.clock.wall += jump;
        world.pass(minute);
        started += world.starter.started.size();
        world.boot();                                // the program starts again, the machine does not
        world.pass(2 * minute);
        started += world.starter.started.size();
    }
    CHECK(started == 0);
    world.pass(next - world.clock.boot - 1);
    CHECK(world.starter.started.empty());
    world.pass(1);
    CHECK(world.starter.started.size() == 1);
}

namespace {

// Without its master, and started anew with a clock that is three hours ahead, so long before its next slot.
struct StartedAhead : Scheduled {
    explicit StartedAhead(std::int64_t before_ms) : Scheduled(hourly(SheetEntry::Run::cmd)) {
        lose_master();
        pass(hour - clock.wall % hour - before_ms);
        clock.wall += 3 * hour;
        start_machine();
    }
    void start_machine() {
        boot_id += "+";
        boot();
    }
    void put_right() { clock.wall -= 3 * hour; }
};

}  // namespace

TEST_CASE("P20 slots that a clock took ahead do not count once it is put right, nor after the next start") {
    StartedAhead world(2 * minute);
    world.pass(2 * minute);
    const auto ahead = world.slot();
    REQUIRE(world.starter.started.size() == 1);
    world.finish(world.starter.started[0].job);
    world.put_right();
    world.pass(minute);
    CHECK(world.starter.started.size() == 1);
    world.start_machine();
    world.pass(10 * minute);
    CHECK(world.starter.started.empty());
    world.pass_to_slot();
    REQUIRE(world.starter.started.size() == 1);
    CHECK(world.journal->find(world.starter.started[0].job)->own->scheduled.due_ms == world.slot());
    CHECK(world.slot() == ahead - 2 * hour);
}

TEST_CASE("P20 a slot that a clock took ahead is not asked for once the master has told the time") {
    StartedAhead world(10'000);
    world.pass(10'000);
    REQUIRE(world.state().at("entries").list().at(0).find("now_ms") != nullptr);
    world.put_right();
    world.master_is_back();
    CHECK(world.asked().empty());
    CHECK(world.state().at("entries").list().at(0).find("now_ms") == nullptr);
    world.pass_to_slot();
    REQUIRE(world.asked().size() == 1);
    CHECK(world.asked()[0].scheduled->due_ms == world.slot());
}

TEST_CASE("P20 a run that a clock began ahead and that ends when it is right again holds up no job of a later slot") {
    StartedAhead world(2 * minute);
    world.pass(2 * minute);
    REQUIRE(world.starter.started.size() == 1);
    world.put_right();
    world.pass(minute);
    world.finish(world.starter.started[0].job);
    world.master_is_back();
    world.pass_to_slot();
    REQUIRE(world.asked().size() == 1);
    world.answer(world.asked()[0].request, false, {}, job_number(2));
    world.send(world.scheduled_command(job_number(2), world.slot()));
    CHECK(world.starter.times(job_number(2)) == 1);
}

TEST_CASE("a full disk while the master is away: the oldest details go first, the fact of a run never") {
    Scheduled world(hourly(SheetEntry::Run::cmd));
    world.limits.inline_bytes = 500;
    world.boot();
    world.lose_master();
    world.disk.before = [&](const std::string& call) {
        std::size_t used = 0;
        for (const auto& name : world.disk.list()) used += world.disk.read(name)->size();
        if (call.starts_with("append") && used > 120'000) throw Error(ErrorKind::full, "no space left on device");
    };
    std::vector<JobId> made;
    for (int i = 0; i < 50; ++i) {
        world.pass_to_slot();
        world.pass(7 * minute);                      // a disk that is full may have room again soon
        REQUIRE(world.starter.started.size() == static_cast<std::size_t>(i + 1));
        made.push_back(world.starter.started.back().job);
        auto result = world.result_for(made.back(), std::string(6'000, 'x'));
        world.core->finished(result);
        world.pass(10 * minute);
    }
    REQUIRE(world.own_jobs() == made.size());
    const auto has_details = [&](const JobId& id) { return !world.journal->find(id)->is_bare; };
    CHECK_FALSE(has_details(made.front()));
    CHECK(has_details(made.back()));
    CHECK(std::is_partitioned(made.begin(), made.end(), [&](const JobId& id) { return !has_details(id); }));
    world.boot();
    CHECK(world.own_jobs() == made.size());
    for (const auto& id : made) CHECK(world.journal->find(id)->own->scheduled.schedule == "nightly");
}

TEST_CASE("where not even the fact can be recorded nothing is begun, and it is as soon as there is room") {
    Scheduled world(hourly(SheetEntry::Run::cmd));
    world.lose_master();
    bool full = true;
    world.disk.before = [&](const std::string& call) {
        if (full && call.starts_with("append")) throw Error(ErrorKind::full, "no space left on device");
    };
    world.pass_to_slot();
    world.pass(10 * minute);
    CHECK(world.starter.started.empty());
    full = false;
    world.pass(2 * minute);
    CHECK(world.starter.started.size() == 1);
}

TEST_CASE("an agent whose last life was cut off in a run starts on a full disk") {
    Scheduled world(hourly(SheetEntry::Run::cmd));
    world.lose_master();
    world.pass_to_slot();
    world.pass(2 * minute);
    REQUIRE(world.starter.started.size() == 1);
    world.disk.before = [&](const std::string& call) {
        if (call.starts_with("append")) throw Error(ErrorKind::full, "no space left on device");
    };
    CHECK_NOTHROW(world.boot());
    world.pass(10 * minute);
    CHECK(world.starter.started.empty());
}
