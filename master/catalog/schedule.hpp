// What is to be done by itself, at which times, where: a schedule of the catalog, checked. Values only. What agents are
// sent of it is a SheetEntry (proto/schedule_sheet.hpp); for targets without an agent the master keeps the clock.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/timetable/timetable.hpp"
#include "master/catalog/target_expression.hpp"
#include "proto/position.hpp"
#include "proto/schedule_sheet.hpp"

namespace prove {

struct ScheduleDefinition {
    std::string name;
    SourcePosition position;
    std::string description;
    std::string expression;  // as written
    TargetExpression targets;
    SheetEntry::Run run = SheetEntry::Run::plan;
    std::vector<std::string> argv;  // of cmd: a program and its arguments, or
    std::string shell;              // a shell line
    std::int64_t every_ms = 0;      // or
    std::optional<CronLine> cron;
    Zone zone;  // with its offsets for some decades
    std::int64_t splay_ms = 0;
    std::vector<Window> windows;  // when changes are allowed; none: always
    std::int64_t at_once = 0;     // the most targets at once; 0: as many as there are
    std::int64_t expires_ms = 0;  // a run that could not begin so long after its moment is given up; 0: never
    std::int64_t until_ms = 0;    // slots from this moment on are none; 0: no end

    Timetable timetable() const;
    // Whether it may change something at this moment. A plan may always run.
    bool is_open(std::int64_t ms) const;
    // "every 30m, splay 5m", "at '0 3 * * *' Europe/Berlin": for people.
    std::string times() const;
};

// As an agent is sent it: with the offsets that it needs for the next years, counted from `now_ms`.
SheetEntry sheet_entry_of(const ScheduleDefinition& schedule, std::int64_t now_ms);

}  // namespace prove
