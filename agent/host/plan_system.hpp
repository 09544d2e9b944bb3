// What the package and unit verbs have to do, found by looking only; see plan_files.hpp. nullopt: nothing.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "agent/host/host.hpp"

namespace prove {

bool is_satisfied(const PackageInfo& now, const PackageWish& wish);
bool is_removed(const PackageInfo& now, bool purge);
// "absent", "config files", "1.2-3", "1.2-3 (not configured)".
std::string package_text(const PackageInfo& info);
Change package_change(const std::string& name, const std::string& before, const std::string& after);
// Throws Error(invalid) where a name or version is none; apt would take it for something else.
void check_wishes(const std::vector<PackageWish>& wishes);

std::optional<Change> plan_start(const std::string& unit, const UnitInfo& now);
std::optional<Change> plan_stop(const std::string& unit, const UnitInfo& now);
std::optional<Change> plan_enable(const std::string& unit, const UnitInfo& now);
std::optional<Change> plan_disable(const std::string& unit, const UnitInfo& now);
Change plan_reload(const std::string& unit, const UnitInfo& now);
Change plan_restart(const std::string& unit, const UnitInfo& now);
// Checks the name and gives it its suffix.
std::string checked_unit(const std::string& name);

}  // namespace prove
