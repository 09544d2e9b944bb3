// Places, lines of those who wait, and turns.
#include "master/commands/schedule_gate.hpp"

#include <algorithm>

namespace prove {

bool ScheduleGate::enter(const ScheduledSlot& slot, const TargetId& target, std::int64_t at_once, Turn turn) {
    Line& line = lines_[slot.schedule];
    line.at_once = at_once;
    const auto place = std::find_if(line.waiting.begin(), line.waiting.end(),
                                    [&](const Waiting& one) { return one.target == target; });
    if (place != line.waiting.end()) {
        place->slot = slot;
        place->turn = std::move(turn);
        return false;
    }
    if (line.running.contains(target) || !line.waiting.empty() || !line.has_room()) {
        line.waiting.push_back({slot, target, std::move(turn)});
        return false;
    }
    line.running[target] = {slot.due_ms, JobId()};
    return true;
}

std::optional<JobId> ScheduleGate::job_of(const ScheduledSlot& slot, const TargetId& target) const {
    const auto line = lines_.find(slot.schedule);
    if (line == lines_.end()) return std::nullopt;
    const auto found = line->second.running.find(target);
    if (found == line->second.running.end() || found->second.first != slot.due_ms) return std::nullopt;
    return found->second.second;
}

void ScheduleGate::became(const ScheduledSlot& slot, const TargetId& target, const JobId& job) {
    lines_[slot.schedule].running[target] = {slot.due_ms, job};
    jobs_[job] = {slot.schedule, target};
}

void ScheduleGate::failed(const ScheduledSlot& slot, const TargetId& target) {
    lines_[slot.schedule].running.erase(target);
}

bool ScheduleGate::ended(const JobId& job) {
    const auto found = jobs_.extract(job);
    if (!found) return false;
    const auto& [schedule, target] = found.mapped();
    lines_[schedule].running.erase(target);
    return true;
}

std::vector<ScheduleGate::Turn> ScheduleGate::take_turns() {
    std::vector<Turn> turns;
    for (auto at = lines_.begin(); at != lines_.end();) {
        Line& line = at->second;
        for (auto one = line.waiting.begin(); one != line.waiting.end() && line.has_room();) {
            if (line.running.contains(one->target)) {  // an earlier slot of it still runs
                ++one;
                continue;
            }
            line.running[one->target] = {one->slot.due_ms, JobId()};
            turns.push_back(std::move(one->turn));
            one = line.waiting.erase(one);
        }
        at = line.running.empty() && line.waiting.empty() ? lines_.erase(at) : std::next(at);
    }
    return turns;
}

std::size_t ScheduleGate::running(const std::string& schedule) const {
    const auto found = lines_.find(schedule);
    return found == lines_.end() ? 0 : found->second.running.size();
}

std::size_t ScheduleGate::waiting(const std::string& schedule) const {
    const auto found = lines_.find(schedule);
    return found == lines_.end() ? 0 : found->second.waiting.size();
}

}  // namespace prove
