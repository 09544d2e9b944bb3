// What follows from a schedule: its times, when it may change something, and what agents are sent of it.
#include "master/catalog/schedule.hpp"

#include <algorithm>

#include "common/text/duration.hpp"
#include "proto/messages.hpp"

namespace prove {

namespace {

constexpr std::int64_t day_s = 24 * 3600;

// The change that holds at `from_s`, and those after it before `until_s`.
std::vector<SheetEntry::Offset> offsets_between(const Zone& zone, std::int64_t from_s, std::int64_t until_s) {
    std::vector<SheetEntry::Offset> offsets;
    const auto& changes = zone.changes();
    for (std::size_t i = 0; i < changes.size() && (i == 0 || changes[i].at_s < until_s); ++i) {
        if (i + 1 < changes.size() && changes[i + 1].at_s <= from_s) continue;
        offsets.push_back({offsets.empty() ? 0 : changes[i].at_s, changes[i].offset_s});
    }
    return offsets;
}

}  // namespace

Timetable ScheduleDefinition::timetable() const {
    if (cron) return Timetable(*cron, zone, splay_ms);
    return Timetable(every_ms, splay_ms);
}

bool ScheduleDefinition::is_open(std::int64_t ms) const {
    return windows.empty() ||
           std::any_of(windows.begin(), windows.end(), [&](const Window& window) { return window.is_open(ms, zone); });
}

std::string ScheduleDefinition::times() const {
    std::string text = cron ? "at '" + cron->text() + "' " + zone.name() : "every " + show_duration(std::chrono::milliseconds(every_ms));
    if (splay_ms > 0) text += ", spread over " + show_duration(std::chrono::milliseconds(splay_ms));
    return text;
}

SheetEntry sheet_entry_of(const ScheduleDefinition& schedule, std::int64_t now_ms) {
    SheetEntry entry;
    entry.name = schedule.name;
    entry.run = schedule.run;
    if (entry.run == SheetEntry::Run::cmd) {
        CmdBody body;
        body.argv = schedule.argv;
        body.shell = schedule.shell;
        entry.command = to_value(body);
    }
    entry.every_ms = schedule.every_ms;
    if (schedule.cron) entry.cron = schedule.cron->text();
    entry.zone = schedule.zone.name();
    if (entry.zone != Zone().name())
        entry.offsets = offsets_between(schedule.zone, now_ms / 1000 - 30 * day_s, now_ms / 1000 + 3 * 365 * day_s);
    entry.splay_ms = schedule.splay_ms;
    for (const Window& window : schedule.windows) entry.windows.push_back(window.text());
    entry.expires_ms = schedule.expires_ms;
    entry.until_ms = schedule.until_ms;
    return entry;
}

}  // namespace prove
