// Schedules of a catalog where all is right with them. What is wrong with one: tests/golden/catalogs/schedules*.
#include <catch2/catch.hpp>

#include "master/catalog/catalog.hpp"
#include "master/catalog/schedule.hpp"
#include "proto/messages.hpp"
#include "tests/support/catalog_folder.hpp"

using namespace prove;
using namespace prove::test;

namespace {

constexpr std::int64_t hour_ms = 3'600'000;
constexpr std::int64_t november_2026_ms = 1'795'392'000'000;  // the 23rd, 00:00 UTC

ScheduleDefinition schedule_of(const std::string& text) {
    const CatalogFolder folder({{"targets.yml", "targets: [{name: web1}]"},
                                {"schedules.yml", "schedules:\n  it: {targets: 'web*', " + text + "}\n"}});
    const auto catalog = folder.load();
    CHECK(catalog->warnings().empty());
    REQUIRE(catalog->schedules().size() == 1);
    return catalog->schedules().front();
}

}  // namespace

TEST_CASE("a schedule says what it runs, where and how often, and spreads it over the whole interval", "[schedules]") {
    const auto schedule = schedule_of("run: states apply, every: 30m, at_once: 50, expires: 1h, description: enforce");
    CHECK(schedule.name == "it");
    CHECK(schedule.expression == "web*");
    CHECK(schedule.run == SheetEntry::Run::apply);
    CHECK(schedule.every_ms == hour_ms / 2);
    CHECK(schedule.splay_ms == hour_ms / 2);
    CHECK(schedule.at_once == 50);
    CHECK(schedule.expires_ms == hour_ms);
    CHECK(schedule.description == "enforce");
    CHECK(schedule.is_open(november_2026_ms));
    CHECK(schedule.times() == "every 30 min, spread over 30 min");
}

TEST_CASE("a cron line is for the time of its zone, and is not spread unless it says so", "[schedules]") {
    const auto schedule = schedule_of("run: states plan, cron: '30 2 * * *', timezone: Europe/Berlin");
    CHECK(schedule.splay_ms == 0);
    CHECK(schedule.times() == "at '30 2 * * *' Europe/Berlin");
    CHECK(schedule.timetable().next(november_2026_ms, "web1").due_ms == november_2026_ms + hour_ms * 3 / 2);
}

TEST_CASE("a command is a shell line, or a program with its arguments", "[schedules]") {
    const auto line = sheet_entry_of(schedule_of("run: cmd, cmd: 'a | b', every: 1h"), november_2026_ms);
    CHECK(cmd_body_from(line.command).shell == "a | b");
    const auto program = sheet_entry_of(schedule_of("run: cmd, cmd: [a, b c], every: 1h"), november_2026_ms);
    CHECK(cmd_body_from(program.command).argv == std::vector<std::string>{"a", "b c"});
}

TEST_CASE("until is a day, or a time of a day, of the schedule's zone", "[schedules]") {
    CHECK(schedule_of("run: states plan, every: 1h, until: '2026-11-23'").until_ms == november_2026_ms);
    CHECK(schedule_of("run: states plan, every: 1h, until: '2026-11-23 01:00', timezone: Europe/Berlin").until_ms ==
          november_2026_ms);
}

TEST_CASE("changes are allowed in any of a schedule's windows, in its zone", "[schedules]") {
    const auto schedule =
        schedule_of("run: states apply, every: 1h, windows: ['22:00-04:00', 'mon 12:00-13:00'], timezone: Europe/Berlin");
    CHECK(schedule.is_open(november_2026_ms + 2 * hour_ms));
    CHECK_FALSE(schedule.is_open(november_2026_ms + 3 * hour_ms));
    CHECK(schedule.is_open(november_2026_ms + 11 * hour_ms));
    CHECK_FALSE(schedule.is_open(november_2026_ms + 35 * hour_ms));
}

TEST_CASE("what an agent is sent of a zone are the offsets of the next years, and they mean the same", "[schedules]") {
    const auto schedule = schedule_of("run: states apply, cron: '30 2 * * *', timezone: Europe/Berlin, windows: '02:00-03:00'");
    const auto entry = sheet_entry_of(schedule, november_2026_ms);
    CHECK(entry.offsets.size() < 10);
    std::vector<Zone::Change> changes;
    for (const auto& offset : entry.offsets) changes.push_back({offset.at_s, static_cast<std::int32_t>(offset.offset_s)});
    const Timetable sent(CronLine::parse(entry.cron), Zone(entry.zone, changes), entry.splay_ms);
    auto due_ms = november_2026_ms - 20 * 24 * hour_ms;
    for (int day = 0; day < 1000; ++day) {
        const auto next = schedule.timetable().next(due_ms, "web1");
        REQUIRE(sent.next(due_ms, "web1") == next);
        due_ms = next.due_ms;
    }
    CHECK(schedule_sheet_from(to_value(ScheduleSheet{TargetId("web1"), {entry}, {}})).entries.front() == entry);
    CHECK(sheet_entry_of(schedule_of("run: states plan, every: 1h"), november_2026_ms).offsets.empty());
}
