// Slots taken, held and let go.
#include "agent/daemon/schedule_keeper.hpp"

#include <algorithm>
#include <utility>

namespace prove {

std::vector<std::string> ScheduleKeeper::set(const std::string& who, const std::vector<Schedule>& schedules,
                                             std::int64_t now_ms) {
    who_ = who;
    auto before = std::exchange(entries_, {});
    std::vector<std::string> fresh;
    for (const Schedule& schedule : schedules) {
        Entry entry{schedule, 0, {}, false};
        // A slot that is past for others may still be to come for this host.
        entry.last_due_ms = now_ms - schedule.timetable.delay_of(who_);
        const auto known = before.find(schedule.name);
        if (known != before.end()) entry.held = known->second.held;
        if (known != before.end() && known->second.schedule.times == schedule.times)
            entry.last_due_ms = known->second.last_due_ms;
        else
            fresh.push_back(schedule.name);
        look_ahead(entry);
        entries_.emplace(schedule.name, std::move(entry));
    }
    return fresh;
}

void ScheduleKeeper::remember(const std::string& schedule, std::int64_t due_ms) {
    const auto found = entries_.find(schedule);
    if (found == entries_.end()) return;
    found->second.last_due_ms = due_ms;
    look_ahead(found->second);
}

void ScheduleKeeper::look_ahead(Entry& entry) const {
    entry.next = entry.schedule.timetable.next(entry.last_due_ms, who_);
    const auto until = entry.schedule.until_ms;
    if (until != 0 && entry.next.due_ms >= until) entry.next.start_ms = never;
}

std::optional<Slot> ScheduleKeeper::ready(const Entry& entry, std::int64_t now_ms) const {
    if (entry.next.start_ms > now_ms) return std::nullopt;
    const Schedule& schedule = entry.schedule;
    // What fell due before its end and was missed is owed after it.
    const auto last_start = schedule.until_ms - 1 + schedule.timetable.delay_of(who_);
    return schedule.timetable.ready(schedule.until_ms == 0 ? now_ms : std::min(now_ms, last_start), entry.last_due_ms, who_);
}

// The slot after this moment may have been taken by a clock that is a little ahead. One after that one cannot.
std::vector<std::string> ScheduleKeeper::mend(std::int64_t now_ms) {
    std::vector<std::string> mended;
    for (auto& [name, entry] : entries_) {
        if (entry.last_due_ms <= now_ms) continue;
        const auto passed = now_ms - entry.schedule.timetable.delay_of(who_);
        if (entry.last_due_ms <= entry.schedule.timetable.next(passed, who_).due_ms) continue;
        entry.last_due_ms = passed;
        look_ahead(entry);
        mended.push_back(name);
    }
    return mended;
}

std::vector<ScheduleKeeper::Due> ScheduleKeeper::due(std::int64_t now_ms) const {
    std::vector<Due> all;
    for (const auto& [name, entry] : entries_) {
        if (entry.held) continue;
        if (const auto slot = ready(entry, now_ms)) all.push_back({name, *slot});
    }
    return all;
}

void ScheduleKeeper::hold(const std::string& schedule) {
    const auto found = entries_.find(schedule);
    if (found != entries_.end()) found->second.held = true;
}

void ScheduleKeeper::take(const std::string& schedule, std::int64_t due_ms) {
    const auto found = entries_.find(schedule);
    if (found == entries_.end()) return;
    found->second.held = true;
    found->second.last_due_ms = due_ms;
    look_ahead(found->second);
}

std::optional<Slot> ScheduleKeeper::release(const std::string& schedule, std::int64_t now_ms) {
    const auto found = entries_.find(schedule);
    if (found == entries_.end() || !std::exchange(found->second.held, false)) return std::nullopt;
    const auto passed = ready(found->second, now_ms);
    if (passed) remember(schedule, passed->due_ms);
    return passed;
}

Slot ScheduleKeeper::slot_of(const std::string& schedule, std::int64_t due_ms) const {
    return {due_ms, due_ms + entries_.at(schedule).schedule.timetable.delay_of(who_)};
}

bool ScheduleKeeper::is_held(const std::string& schedule) const {
    const auto found = entries_.find(schedule);
    return found != entries_.end() && found->second.held;
}

bool ScheduleKeeper::changes_allowed(const std::string& schedule, std::int64_t now_ms) const {
    const auto found = entries_.find(schedule);
    if (found == entries_.end()) return false;
    const auto& known = found->second.schedule;
    return known.windows.empty() || std::any_of(known.windows.begin(), known.windows.end(), [&](const Window& window) {
               return window.is_open(now_ms, known.zone);
           });
}

std::int64_t ScheduleKeeper::last_due_ms(const std::string& schedule) const {
    const auto found = entries_.find(schedule);
    return found == entries_.end() ? 0 : found->second.last_due_ms;
}

std::int64_t ScheduleKeeper::next_start_ms(const std::string& schedule) const {
    const auto found = entries_.find(schedule);
    return found == entries_.end() ? never : found->second.next.start_ms;
}

std::int64_t ScheduleKeeper::next_ms() const {
    std::int64_t next = never;
    for (const auto& [name, entry] : entries_)
        if (!entry.held) next = std::min(next, entry.next.start_ms);
    return next;
}

std::vector<std::string> ScheduleKeeper::names() const {
    std::vector<std::string> names;
    for (const auto& [name, entry] : entries_) names.push_back(name);
    return names;
}

}  // namespace prove
