// Schedules' times: cron lines, zones, windows, splay, and slots that are neither skipped nor doubled.
#include <catch2/catch.hpp>

#include <chrono>
#include <map>
#include <set>

#include "common/timetable/timetable.hpp"
#include "proto/error.hpp"
#include "tests/support/stories.hpp"

using namespace prove;

namespace {

// "2026-03-29 01:30" in UTC as milliseconds since 1970.
std::int64_t at(int year, unsigned month, unsigned day, int hour = 0, int minute = 0) {
    using namespace std::chrono;
    const sys_days date = std::chrono::year{year} / std::chrono::month{month} / std::chrono::day{day};
    return (date.time_since_epoch().count() * 86'400LL + hour * 3'600 + minute * 60) * 1'000;
}

// Central European time in 2026: forward on 29 March, back on 25 October, each at 01:00 UTC.
Zone berlin() {
    return {"Europe/Berlin", {{0, 3'600}, {at(2026, 3, 29, 1) / 1'000, 7'200}, {at(2026, 10, 25, 1) / 1'000, 3'600}}};
}

std::vector<std::int64_t> times(const std::string& line, const Zone& zone, std::int64_t after, std::size_t count) {
    const CronLine cron = CronLine::parse(line);
    std::vector<std::int64_t> found;
    for (std::size_t i = 0; i < count; ++i) found.push_back(after = cron.next_after(after, zone));
    return found;
}

std::string problem(const std::string& line) {
    try {
        static_cast<void>(CronLine::parse(line));
    } catch (const Error& error) {
        return error.text();
    }
    return "";
}

using Times = std::vector<std::int64_t>;
constexpr std::int64_t hour_ms = 3'600'000, minute_ms = 60'000;

}  // namespace

TEST_CASE("a cron line has numbers, ranges, steps, lists and names", "[cron]") {
    const Zone utc;
    const std::int64_t start = at(2026, 1, 1);  // a Thursday
    CHECK(times("30 2 * * *", utc, start, 2) == Times{at(2026, 1, 1, 2, 30), at(2026, 1, 2, 2, 30)});
    CHECK(times("*/20 8-9 * * *", utc, start, 4) ==
          Times{at(2026, 1, 1, 8), at(2026, 1, 1, 8, 20), at(2026, 1, 1, 8, 40), at(2026, 1, 1, 9)});
    CHECK(times("0 0 1,15 * *", utc, start, 3) == Times{at(2026, 1, 15), at(2026, 2, 1), at(2026, 2, 15)});
    CHECK(times("0 6 * * Mon-FRI", utc, start, 3) == Times{at(2026, 1, 1, 6), at(2026, 1, 2, 6), at(2026, 1, 5, 6)});
    CHECK(times("0 6 * * 0", utc, start, 1) == times("0 6 * * 7", utc, start, 1));
    CHECK(times("0 6 29 feb *", utc, start, 1) == Times{at(2028, 2, 29, 6)});
    CHECK(times("0 6 1-31/10 * *", utc, start, 3) == Times{at(2026, 1, 1, 6), at(2026, 1, 11, 6), at(2026, 1, 21, 6)});
}

TEST_CASE("where day of the month and day of the week both say something, one of them is enough", "[cron]") {
    CHECK(times("0 0 13 * fri", Zone(), at(2026, 2, 1), 3) == Times{at(2026, 2, 6), at(2026, 2, 13), at(2026, 2, 20)});
}

TEST_CASE("a cron line that is wrong is told by its field, and so is one that never fires", "[cron]") {
    CHECK(problem("0 0 * *") == "a cron line has five fields (minute hour day month weekday), found 4 fields");
    CHECK(problem("60 0 * * *") ==
          "the minute of a cron line is a number from 0 to 59 or '*', with ranges (1-5), steps (*/5) and lists (1,3); found '60'");
    CHECK(problem("0 24 * * *").find("the hour of a cron line") == 0);
    CHECK(problem("0 0 0 * *").find("the day of the month of a cron line") == 0);
    CHECK(problem("0 0 * fbr *").find("the month of a cron line is a number from 1 to 12, a name such as jan, or '*'") == 0);
    CHECK(problem("0 0 * * 8").find("the day of the week of a cron line") == 0);
    for (const char* line : {"5-1 * * * *", "*/0 * * * *", "*/x * * * *", "1,,2 * * * *", "-1 * * * *", "5/10 * * * *", "1-2-3 * * * *",
                             "* * * * mon-", "*/99 * * * *", "99999999999 * * * *"})
        CHECK(problem(line).find("of a cron line is a number from") != std::string::npos);
    CHECK(problem("0 0 30 feb *") == "this cron line never fires: no such day is in any of its months");
    CHECK(problem("0 0 31 feb,apr,jun,sep,nov *").find("never fires") != std::string::npos);
}

TEST_CASE("a time of the day that clocks are set forward over fires at that moment, one that comes twice fires once", "[cron]") {
    CHECK(times("30 2 * * *", berlin(), at(2026, 3, 28), 3) ==
          Times{at(2026, 3, 28, 1, 30), at(2026, 3, 29, 1), at(2026, 3, 30, 0, 30)});
    CHECK(times("30 2 * * *", berlin(), at(2026, 10, 24), 3) ==
          Times{at(2026, 10, 24, 0, 30), at(2026, 10, 25, 0, 30), at(2026, 10, 26, 1, 30)});
}

TEST_CASE("every hour is every hour of real time, also on the days on which clocks are changed", "[cron]") {
    for (const auto day : {at(2026, 3, 28, 23), at(2026, 10, 24, 23)}) {
        const Times found = times("0 * * * *", berlin(), day, 26);
        for (std::size_t i = 0; i < found.size(); ++i) CHECK(found[i] == day + static_cast<std::int64_t>(i + 1) * hour_ms);
    }
}

TEST_CASE("a zone knows which moments show a local time", "[zone]") {
    const Zone zone = berlin();
    const auto local = [](int month, int day, int hour, int minute) {
        return at(2026, static_cast<unsigned>(month), static_cast<unsigned>(day), hour, minute) / 1'000;
    };
    CHECK(zone.moments_of(local(7, 1, 12, 0)) == Times{at(2026, 7, 1, 10) / 1'000});
    CHECK(zone.moments_of(local(3, 29, 2, 30)).empty());
    CHECK(zone.moments_of(local(10, 25, 2, 30)) == Times{at(2026, 10, 25, 0, 30) / 1'000, at(2026, 10, 25, 1, 30) / 1'000});
    CHECK_THROWS_AS(Zone("x", {}), Error);
    CHECK_THROWS_AS(Zone("x", {{0, 100'000}}), Error);
    CHECK_THROWS_AS(Zone("x", {{0, 0}, {50, 1}, {50, 2}}), Error);
}

TEST_CASE("a window is open from its beginning up to its end, over midnight too, in local time", "[window]") {
    const Window nights = Window::parse("mon-fri 22:00-04:00");
    CHECK(!nights.is_open(at(2026, 1, 5, 21, 59), Zone()));  // a Monday
    CHECK(nights.is_open(at(2026, 1, 5, 22), Zone()));
    CHECK(nights.is_open(at(2026, 1, 6, 3, 59), Zone()));
    CHECK(!nights.is_open(at(2026, 1, 6, 4), Zone()));
    CHECK(nights.is_open(at(2026, 1, 10, 3), Zone()));   // Friday's goes into Saturday
    CHECK(!nights.is_open(at(2026, 1, 10, 23), Zone()));
    CHECK(!nights.is_open(at(2026, 1, 5, 3), Zone()));   // Sunday's does not exist
    CHECK(Window::parse("mon 22:00-23:00").is_open(at(2026, 7, 6, 20, 30), berlin()));
    CHECK(Window::parse("sat,sun 00:00-24:00").is_open(at(2026, 1, 11, 23, 59), Zone()));
    CHECK(Window::parse("fri-mon 00:00-24:00").is_open(at(2026, 1, 5, 12), Zone()));
    CHECK(Window::parse("01:00-02:00").is_open(at(2026, 1, 7, 1), Zone()));
    for (const char* text : {"", "mon", "mon 1:00-2:00", "mon 01:00", "mon 01:00-01:00", "mon 25:00-26:00", "mon 24:00-01:00",
                             "monday 01:00-02:00", "mon 01:00-02:00 x", "mon 01:60-02:00", "mon, 01:00-02:00", "0x:00-01:00"})
        CHECK_THROWS_AS(Window::parse(text), Error);
}

TEST_CASE("P20 hourly runs of a year are exact for 100 agents, whatever restarts, sleeps and jumping clocks do", "[timetable]") {
    const Timetable hourly(CronLine::parse("0 * * * *"), berlin(), hour_ms / 2);
    const std::int64_t begin = at(2026, 1, 1), end = at(2027, 1, 1);
    for (int number = 0; number < prove::test::hosts(100); ++number) {
        const std::string who = "agent" + std::to_string(number);
        std::int64_t last = begin - hour_ms;
        std::set<std::int64_t> taken;
        int wrong = 0;
        std::uint64_t noise = static_cast<std::uint64_t>(number) + 1;
        for (std::int64_t now = begin; now < end + hour_ms; now += 15 * minute_ms) {
            noise = noise * 6'364'136'223'846'793'005u + 1'442'695'040'888'963'407u;
            const std::int64_t jump = (noise >> 60) == 0 ? -40 * minute_ms : 0;  // a clock that is set back for once
            const auto slot = hourly.ready(now + jump, last, who);
            if (!slot) continue;
            wrong += slot->due_ms != last + hour_ms;
            wrong += !taken.insert(slot->due_ms).second;
            last = slot->due_ms;
        }
        CHECK(wrong == 0);
        CHECK(taken.lower_bound(begin) != taken.end());
        CHECK(std::distance(taken.lower_bound(begin), taken.lower_bound(end)) == 8'760);
    }
}

TEST_CASE("what was missed becomes one, the latest", "[timetable]") {
    const Timetable half_hourly(30 * minute_ms, 0);
    const std::int64_t last = at(2026, 1, 1);
    CHECK(!half_hourly.ready(last + 29 * minute_ms, last, "a"));
    CHECK(half_hourly.ready(last + 30 * minute_ms, last, "a")->due_ms == last + 30 * minute_ms);
    CHECK(half_hourly.ready(last + 1'000 * hour_ms + minute_ms, last, "a")->due_ms == last + 1'000 * hour_ms);
    CHECK(!half_hourly.ready(last - 2 * hour_ms, last, "a"));
    const Timetable daily(CronLine::parse("0 3 * * *"), Zone(), 0);
    CHECK(daily.ready(at(2026, 2, 10, 2), last, "a")->due_ms == at(2026, 2, 9, 3));
}

TEST_CASE("who was away for decades finds the latest slot of each minute's cron at once", "[timetable]") {
    // Slot by slot it would be 29 million of them, in the thread that hears the master.
    const Timetable each_minute(CronLine::parse("* * * * *"), berlin(), hour_ms);
    const std::int64_t now = at(2026, 1, 10, 2, 30);
    for (const std::int64_t last : {std::int64_t{0}, at(1999, 1, 1), at(2025, 1, 1), now - 2 * hour_ms}) {
        const auto slot = each_minute.ready(now, last, "a");
        REQUIRE(slot);
        CHECK(slot->start_ms <= now);
        CHECK(each_minute.next(slot->due_ms, "a").start_ms > now);
    }
    const Timetable leap_days(CronLine::parse("0 3 29 2 *"), Zone(), 0);
    CHECK(leap_days.ready(now, 0, "a")->due_ms == at(2024, 2, 29, 3));
}

TEST_CASE("the rarest line of all, a 29 February that is a Sunday, fires on", "[timetable]") {
    const CronLine line = CronLine::parse("0 0 29 2 */7");
    CHECK(line.next_after(at(2026, 1, 1), Zone()) == at(2032, 2, 29));
    CHECK(line.next_after(at(2032, 3, 1), Zone()) == at(2060, 2, 29));
    CHECK(line.next_after(at(2088, 3, 1), Zone()) == at(2128, 2, 29));
}

TEST_CASE("10,000 agents of a half-hourly schedule are spread within 20 % of even, minute by minute, and each stays where it is",
          "[timetable]") {
    const Timetable half_hourly(30 * minute_ms, 30 * minute_ms);
    std::map<std::int64_t, int> minutes;
    for (int number = 0; number < 10'000; ++number) {
        const std::string who = "agent" + std::to_string(number);
        const Slot slot = half_hourly.next(at(2026, 1, 1), who);
        ++minutes[(slot.start_ms - slot.due_ms) / minute_ms];
        CHECK(half_hourly.next(slot.due_ms, who).start_ms == slot.start_ms + 30 * minute_ms);
    }
    CHECK(minutes.size() == 30);
    for (const auto& [minute, count] : minutes) CHECK(std::abs(count - 333) <= 66);
}
