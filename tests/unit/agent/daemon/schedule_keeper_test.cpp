// Which slot is due when, taken once whatever the clock does (P20): over the keeper alone.
#include <catch2/catch.hpp>

#include "agent/daemon/schedule_keeper.hpp"
#include "tests/support/stories.hpp"

using namespace prove;

namespace {

constexpr std::int64_t minute = 60'000, hour = 60 * minute, day = 24 * hour;
constexpr std::int64_t noon = 1'800'014'400'000;     // 2027-01-15 12:00 UTC

ScheduleKeeper::Schedule every(std::int64_t ms, std::int64_t splay_ms = 0) {
    return {"nightly", std::to_string(ms) + " " + std::to_string(splay_ms), Timetable(ms, splay_ms), {}, {}, 0};
}

// One schedule that was there before noon.
ScheduleKeeper keeping(const ScheduleKeeper::Schedule& schedule, std::int64_t now_ms = noon - 1) {
    ScheduleKeeper keeper;
    keeper.set("web1", {schedule}, now_ms);
    return keeper;
}

// What is due now, taken and ended at once; 0: nothing.
std::int64_t run_what_is_due(ScheduleKeeper& keeper, std::int64_t now_ms) {
    keeper.mend(now_ms);
    const auto due = keeper.due(now_ms);
    if (due.empty()) return 0;
    keeper.take("nightly", due.front().slot.due_ms);
    CHECK_FALSE(keeper.release("nightly", now_ms));
    return due.front().slot.due_ms;
}

}  // namespace

TEST_CASE("a schedule that is new begins with its next slot") {
    auto keeper = keeping(every(hour), noon + 1);
    CHECK(keeper.due(noon + 1).empty());
    CHECK(keeper.next_ms() == noon + hour);
    CHECK(run_what_is_due(keeper, noon + hour) == noon + hour);
    CHECK(run_what_is_due(keeper, noon + hour + minute) == 0);
}

TEST_CASE("a host whose place in the splay is still to come has the slot that is past for others") {
    const auto schedule = every(hour, hour);
    const auto delay = schedule.timetable.delay_of("web1");
    REQUIRE(delay > 2 * minute);
    auto keeper = keeping(schedule, noon + minute);
    CHECK(keeper.next_ms() == noon + delay);
    CHECK(run_what_is_due(keeper, noon + delay - 1) == 0);
    CHECK(run_what_is_due(keeper, noon + delay) == noon);
}

TEST_CASE("P20 what was missed is one slot, the latest") {
    auto keeper = keeping(every(hour));
    CHECK(run_what_is_due(keeper, noon + 5 * hour + minute) == noon + 5 * hour);
    CHECK(run_what_is_due(keeper, noon + 5 * hour + 2 * minute) == 0);
    CHECK(run_what_is_due(keeper, noon + 6 * hour) == noon + 6 * hour);
}

TEST_CASE("P20 a clock that is set back doubles nothing") {
    auto keeper = keeping(every(hour));
    REQUIRE(run_what_is_due(keeper, noon) == noon);
    for (const auto back : {minute, 30 * minute, 59 * minute}) CHECK(run_what_is_due(keeper, noon - back) == 0);
    CHECK(run_what_is_due(keeper, noon + minute) == 0);
    CHECK(run_what_is_due(keeper, noon + hour) == noon + hour);
}

TEST_CASE("P20 a clock that was ahead for days and is put right has skipped nothing that comes after") {
    auto keeper = keeping(every(hour));
    REQUIRE(run_what_is_due(keeper, noon + 400 * day) == noon + 400 * day);
    CHECK(run_what_is_due(keeper, noon + minute) == 0);
    CHECK(run_what_is_due(keeper, noon + hour) == noon + hour);
    CHECK(keeper.mend(noon + hour).empty());
}

TEST_CASE("a slot that falls due while the last run goes on is not begun, and told when that has ended") {
    auto keeper = keeping(every(hour));
    keeper.take("nightly", noon);
    CHECK(keeper.due(noon + 3 * hour).empty());
    CHECK(keeper.next_ms() == ScheduleKeeper::never);
    const auto passed = keeper.release("nightly", noon + 3 * hour + minute);
    REQUIRE(passed);
    CHECK(passed->due_ms == noon + 3 * hour);
    CHECK(run_what_is_due(keeper, noon + 3 * hour + 2 * minute) == 0);
    CHECK(run_what_is_due(keeper, noon + 4 * hour) == noon + 4 * hour);
}

TEST_CASE("no slot is due from the end of a schedule on; one that was missed before it is") {
    auto schedule = every(hour);
    schedule.until_ms = noon + 2 * hour;
    auto keeper = keeping(schedule);
    CHECK(run_what_is_due(keeper, noon + 7 * hour) == noon + hour);
    CHECK(keeper.next_ms() == ScheduleKeeper::never);
    CHECK(run_what_is_due(keeper, noon + 9 * hour) == 0);
}

TEST_CASE("a schedule whose times did not change goes on from its last slot; one with others begins anew") {
    auto keeper = keeping(every(hour));
    CHECK(keeper.set("web1", {every(hour)}, noon + 3 * hour + minute).empty());
    CHECK(run_what_is_due(keeper, noon + 3 * hour + minute) == noon + 3 * hour);
    CHECK(keeper.set("web1", {every(10 * minute)}, noon + 4 * hour + minute) == std::vector<std::string>{"nightly"});
    CHECK(run_what_is_due(keeper, noon + 4 * hour + minute) == 0);
    CHECK(run_what_is_due(keeper, noon + 4 * hour + 10 * minute) == noon + 4 * hour + 10 * minute);
}

TEST_CASE("outside its windows a schedule may change nothing") {
    auto schedule = every(hour);
    schedule.windows = {Window::parse("22:00-04:00")};
    const auto keeper = keeping(schedule);
    CHECK_FALSE(keeper.changes_allowed("nightly", noon));
    CHECK(keeper.changes_allowed("nightly", noon + 12 * hour));
    CHECK_FALSE(keeper.changes_allowed("unheard of", noon));
}

TEST_CASE("P20 a year of hourly runs is 8,760 runs, with restarts, clocks that jump and the days on which clocks change") {
    const Zone berlin("Europe/Berlin", {{0, 3600}, {noon / 1000 + 72 * 86'400, 7200}, {noon / 1000 + 289 * 86'400, 3600}});
    for (int host = 0; host < prove::test::hosts(100); ++host) {
        const std::string who = "web" + std::to_string(host);
        const ScheduleKeeper::Schedule hourly{
            "nightly", "hourly", Timetable(CronLine::parse("0 * * * *"), berlin, 30 * minute), berlin, {}, 0};
        ScheduleKeeper keeper;
        keeper.set(who, {hourly}, noon);
        std::int64_t last = noon - 1;
        int runs = 0;
        for (std::int64_t real = noon; real < noon + 365 * day; real += 7 * minute) {
            const auto step = real / minute;
            if (step % 130 == host) {                 // restarted: what was taken is all that is known
                const auto taken = keeper.last_due_ms("nightly");
                keeper = {};
                keeper.set(who, {hourly}, real);
                keeper.remember("nightly", taken);
            }
            // For some minutes the clock is behind by up to half an hour, now and then.
            const auto now = step % 17 == 0 ? real - (step % 30) * minute : real;
            const auto due = run_what_is_due(keeper, now);
            if (due == 0) continue;
            runs += due > last ? 1 : 100'000;        // no slot twice, and none before another
            last = due;
        }
        CHECK(runs == 8'760);
    }
}
