// When a cron line fires (crontab(5) of Debian's cron): five fields over the local time of a zone.
//
// Where clocks are changed, as Debian's cron has it: a line whose minute or hour is `*` or a step of it follows real time,
// so one that fires every hour does so 24 times on a day of 24 hours, 23 on one of 23. Any other line means times of the day: one
// that clocks are set forward over fires at that moment instead, one that they show twice fires once.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "common/timetable/zone.hpp"

namespace prove {

class CronLine {
  public:
    // "30 2 * * mon-fri": minute, hour, day of the month, month, day of the week (0 and 7 are Sunday); lists, ranges, steps
    // (*/5, 8-18/2), names of months and days. Throws Error(usage) that says which field is wrong and what may stand
    // there, and for a line that never fires (30 February).
    static CronLine parse(std::string_view text);

    const std::string& text() const { return text_; }
    // The first time after that moment, both in milliseconds since 1970.
    std::int64_t next_after(std::int64_t ms, const Zone& zone) const;
    bool operator==(const CronLine& other) const { return text_ == other.text_; }

  private:
    bool fires_on(std::int64_t day) const;  // days since 1970
    std::optional<std::int64_t> first_on(std::int64_t day, std::int64_t after_s, const Zone& zone) const;

    std::string text_;
    std::uint64_t minutes_ = 0, hours_ = 0, days_ = 0, months_ = 0, weekdays_ = 0;  // bit i: value i
    bool any_day_ = false, any_weekday_ = false;  // a field that begins with '*'
    bool follows_real_time_ = false;
};

}  // namespace prove
