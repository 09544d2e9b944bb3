// The machine's zone database. Only masters read it: agents are sent the offsets that they need.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "common/timetable/zone.hpp"

namespace prove {

// The zone of that name ("Europe/Berlin") with all its changes from `from_ms` to `until_ms`. Throws Error(usage) with the
// nearest name where there is none.
Zone zone_named(const std::string& name, std::int64_t from_ms, std::int64_t until_ms);

}  // namespace prove
