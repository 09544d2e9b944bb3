// What an agent is to do by the clock: its schedules and the pauses that hold for it, as its master last said (type 23
// `schedules`). Times are for the agent to count: zones come with their offsets, so that no host needs a zone database.
// Values only; agent/daemon keeps the clock.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "proto/bytes.hpp"
#include "proto/ids.hpp"
#include "proto/value.hpp"

namespace prove {

// Why nothing is to be started by itself, and until when.
struct SheetPause {
    std::string by, why;
    std::int64_t since_ms = 0;
    std::int64_t until_ms = 0;  // 0: until it is resumed
    bool operator==(const SheetPause&) const = default;
};

struct SheetEntry {
    enum class Run { plan, apply, cmd };
    struct Offset {
        std::int64_t at_s = 0;      // UTC, seconds since 1970; the first one's does not count
        std::int64_t offset_s = 0;  // local time minus UTC from then on
        bool operator==(const Offset&) const = default;
    };

    std::string name;
    Run run = Run::plan;
    Value command;              // of cmd: a CmdBody; else null
    std::int64_t every_ms = 0;  // exactly one of every_ms and cron
    std::string cron;
    std::string zone = "UTC";
    std::vector<Offset> offsets;  // of that zone; none: UTC
    std::int64_t splay_ms = 0;
    std::vector<std::string> windows;  // when changes are allowed; none: always
    std::int64_t expires_ms = 0;       // a run that could not begin so long after its moment is given up; 0: never
    std::int64_t until_ms = 0;         // slots from this moment on are none; 0: no end
    std::optional<SheetPause> pause;   // of this schedule
    bool operator==(const SheetEntry&) const = default;
};
const char* name_of(SheetEntry::Run run);  // "states plan", "states apply", "cmd"

struct ScheduleSheet {
    TargetId target;                  // whose it is
    std::vector<SheetEntry> entries;  // by name, each once
    std::optional<SheetPause> pause;  // of this host
    bool operator==(const ScheduleSheet&) const = default;
};
Value to_value(const ScheduleSheet& sheet);
// Throws Error(invalid).
ScheduleSheet schedule_sheet_from(const Value& value);
// Equal for equal sheets: agents name the one that they hold by it.
Hash hash_of(const ScheduleSheet& sheet);

}  // namespace prove
