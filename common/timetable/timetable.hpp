// When something that comes again and again is due for one of many hosts: slots, each with its time, spread over the hosts by a
// stable hash. Pure. What was missed is one slot, the latest: who was away asks for the slot that is due now, not for those
// between.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "common/timetable/cron.hpp"
#include "common/timetable/zone.hpp"

namespace prove {

// Hours of some days of the week, in local time, in which changes are allowed: "mon-fri 22:00-04:00". An end that is not after
// its beginning is on the next day.
class Window {
  public:
    // "DAYS FROM-TO", where DAYS is a day's name, a range of them or a list (or nothing: every day). Throws Error(usage).
    static Window parse(std::string_view text);
    bool is_open(std::int64_t ms, const Zone& zone) const;
    const std::string& text() const { return text_; }
    bool operator==(const Window& other) const { return text_ == other.text_; }

  private:
    std::string text_;
    std::uint64_t weekdays_ = 0;
    int from_ = 0, to_ = 0;  // minutes of the day
};

struct Slot {
    std::int64_t due_ms = 0;    // as the schedule has it; what tells slots apart
    std::int64_t start_ms = 0;  // for this host
    bool operator==(const Slot&) const = default;
};

class Timetable {
  public:
    // Every so many milliseconds (at least one second), counted from 1970.
    Timetable(std::int64_t every_ms, std::int64_t splay_ms) : times_(every_ms), splay_ms_(splay_ms) {}
    Timetable(CronLine line, Zone zone, std::int64_t splay_ms)
        : times_(std::move(line)), zone_(std::move(zone)), splay_ms_(splay_ms) {}

    // How long after a slot's time this host begins: 0 up to the splay. `who` is its id.
    std::int64_t delay_of(const std::string& who) const;
    // The first slot that is due after `due_ms`.
    Slot next(std::int64_t due_ms, const std::string& who) const;
    // The latest slot whose start has come at `now_ms`, unless that one or a later one was taken before; so what was missed
    // becomes one, and a clock that is set back doubles nothing.
    std::optional<Slot> ready(std::int64_t now_ms, std::int64_t last_due_ms, const std::string& who) const;
    const Zone& zone() const { return zone_; }

  private:
    std::int64_t due_after(std::int64_t ms) const;
    std::variant<std::int64_t, CronLine> times_;
    Zone zone_;
    std::int64_t splay_ms_;
};

}  // namespace prove
