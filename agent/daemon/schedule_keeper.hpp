// Which schedule is due when on this host, and that each slot is taken once. Pure: it is told the time and what was taken
// before, and says what is due; whoever asks writes down what he takes before he begins anything.
//
// A run that has not ended holds its schedule: what falls due meanwhile is not started, and told when it has ended. What
// was missed becomes one slot, the latest. A clock that was ahead and is put right skips nothing: slots taken further in
// the future than the next one do not count.
#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "common/timetable/timetable.hpp"

namespace prove {

class ScheduleKeeper {
 public:
    struct Schedule {
        std::string name;
        std::string times;               // as written: tells whether they are others than before
        Timetable timetable;
        Zone zone;                       // of the windows
        std::vector<Window> windows;     // none: changes are always allowed
        std::int64_t until_ms = 0;       // no slot is due at that moment or after it; 0: for ever
    };
    struct Due {
        std::string schedule;
        Slot slot;
    };
    static constexpr std::int64_t never = std::numeric_limits<std::int64_t>::max();

    // These are the schedules now, and `who` is this host's place in every splay. One that was there before goes on from its last slot; one that is new, or has other
    // times than before, begins with the next slot that this host has not passed. Gives the names of those.
    std::vector<std::string> set(const std::string& who, const std::vector<Schedule>& schedules, std::int64_t now_ms);
    // After set(), at a start: this slot was taken before.
    void remember(const std::string& schedule, std::int64_t due_ms);

    // Where a slot was taken by a clock that was far ahead: forgets it, and gives the names of those.
    std::vector<std::string> mend(std::int64_t now_ms);
    // Those whose time has come and that nothing holds, each with its slot, which is to be taken before anything is begun.
    std::vector<Due> due(std::int64_t now_ms) const;
    void take(const std::string& schedule, std::int64_t due_ms);
    // Something was begun for it out of turn: no slot of it is due until it is released.
    void hold(const std::string& schedule);
    // Nothing holds it any more. Gives the latest slot that fell due meanwhile, which counts as taken now.
    std::optional<Slot> release(const std::string& schedule, std::int64_t now_ms);

    // Of a known one.
    Slot slot_of(const std::string& schedule, std::int64_t due_ms) const;
    bool knows(const std::string& schedule) const { return entries_.contains(schedule); }
    bool is_held(const std::string& schedule) const;
    bool changes_allowed(const std::string& schedule, std::int64_t now_ms) const;
    std::int64_t last_due_ms(const std::string& schedule) const;
    // When it begins next here; `never` where it does not.
    std::int64_t next_start_ms(const std::string& schedule) const;
    // When due() has something to give at the earliest, unless the clock jumps.
    std::int64_t next_ms() const;
    std::vector<std::string> names() const;

 private:
    struct Entry {
        Schedule schedule;
        std::int64_t last_due_ms = 0;
        Slot next;
        bool held = false;
    };
    void look_ahead(Entry& entry) const;
    std::optional<Slot> ready(const Entry& entry, std::int64_t now_ms) const;

    std::string who_;
    std::map<std::string, Entry> entries_;
};

}  // namespace prove
