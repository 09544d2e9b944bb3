// Howard Hinnant's date library over /usr/share/zoneinfo. See the header.
#include "common/timetable/zone_database.hpp"

#include <date/tz.h>

#include <stdexcept>
#include <vector>

#include "common/text/text.hpp"
#include "proto/error.hpp"

namespace prove {

namespace {

const date::time_zone& find_zone(const std::string& name) {
    try {
        return *date::locate_zone(name);
    } catch (const std::runtime_error&) {
        std::vector<std::string> names;
        for (const auto& zone : date::get_tzdb().zones) names.push_back(zone.name());
        const std::string near = nearest(name, names);
        throw Error(ErrorKind::usage, "there is no time zone " + quoted(name) +
                                          (near.empty() ? "; they are called like Europe/Berlin, or UTC"
                                                        : "; did you mean " + quoted(near) + "?"));
    }
}

}  // namespace

Zone zone_named(const std::string& name, std::int64_t from_ms, std::int64_t until_ms) {
    const date::time_zone& zone = find_zone(name);
    const auto at = [](std::int64_t ms) { return date::sys_seconds(std::chrono::seconds(ms / 1'000)); };
    std::vector<Zone::Change> changes;
    for (auto moment = at(from_ms);;) {
        const date::sys_info info = zone.get_info(moment);
        changes.push_back({moment.time_since_epoch().count(), static_cast<std::int32_t>(info.offset.count())});
        if (info.end >= at(until_ms)) return {name, std::move(changes)};
        moment = info.end;
    }
}

}  // namespace prove
