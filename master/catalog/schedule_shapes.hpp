// How schedules look to people: the JSON that docs/openapi.yml describes, of a master's catalog or of one on disk.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "master/catalog/schedule.hpp"
#include "proto/value.hpp"

namespace prove {

// Of the names of a catalog's schedules. Throws Error(missing) with the nearest one where there is none of this name.
const ScheduleDefinition& schedule_named(const std::vector<ScheduleDefinition>& schedules, const std::string& name);

// As the catalog says it.
Value shape_of(const ScheduleDefinition& schedule);
// When a target begins next, after `now_ms`; nullopt: never again.
std::optional<std::int64_t> next_start_ms(const ScheduleDefinition& schedule, const std::string& target, std::int64_t now_ms);
// A target of it: who keeps its clock, how long after each time it begins, and when next.
Value shape_of(const ScheduleDefinition& schedule, const std::string& target, bool clock_of_master, std::int64_t now_ms);

}  // namespace prove
