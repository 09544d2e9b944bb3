// Schedules to JSON. What a schedule does not have is absent.
#include "master/catalog/schedule_shapes.hpp"

#include <algorithm>

#include "common/text/text.hpp"

namespace prove {

const ScheduleDefinition& schedule_named(const std::vector<ScheduleDefinition>& schedules, const std::string& name) {
    const auto found = std::find_if(schedules.begin(), schedules.end(), [&](const ScheduleDefinition& one) { return one.name == name; });
    if (found != schedules.end()) return *found;
    std::vector<std::string> names;
    for (const auto& schedule : schedules) names.push_back(schedule.name);
    const std::string near = nearest(name, names);
    throw Error(ErrorKind::missing, "there is no schedule " + quoted(name) +
                                        (near.empty() ? "; see: prove-cli schedules list" : "; did you mean " + quoted(near) + "?"));
}

Value shape_of(const ScheduleDefinition& schedule) {
    const SheetEntry entry = sheet_entry_of(schedule, 0);
    const auto set_number = [](Value& shape, const char* name, std::int64_t number) {
        if (number != 0) shape.set(name, number);
    };
    Value shape = Value::object();
    shape.set("name", schedule.name);
    if (!schedule.description.empty()) shape.set("description", schedule.description);
    shape.set("place", schedule.position.text());
    shape.set("target", schedule.expression);
    shape.set("run", name_of(schedule.run));
    if (!entry.command.is_null()) shape.set("command", entry.command);
    shape.set("times", schedule.times());
    set_number(shape, "every_ms", schedule.every_ms);
    if (schedule.cron) shape.set("cron", schedule.cron->text());
    shape.set("timezone", schedule.zone.name());
    set_number(shape, "splay_ms", schedule.splay_ms);
    Value windows = Value::array();
    for (const auto& window : schedule.windows) windows.push(window.text());
    shape.set("windows", std::move(windows));
    set_number(shape, "at_once", schedule.at_once);
    set_number(shape, "expires_ms", schedule.expires_ms);
    set_number(shape, "until_ms", schedule.until_ms);
    return shape;
}

std::optional<std::int64_t> next_start_ms(const ScheduleDefinition& schedule, const std::string& target, std::int64_t now_ms) {
    const auto timetable = schedule.timetable();
    const Slot slot = timetable.next(now_ms - timetable.delay_of(target), target);
    if (schedule.until_ms != 0 && slot.due_ms >= schedule.until_ms) return std::nullopt;
    return slot.start_ms;
}

Value shape_of(const ScheduleDefinition& schedule, const std::string& target, bool clock_of_master, std::int64_t now_ms) {
    Value shape = Value::object();
    shape.set("target", target);
    shape.set("clock", clock_of_master ? "master" : "agent");
    shape.set("delay_ms", schedule.timetable().delay_of(target));
    if (const auto next = next_start_ms(schedule, target, now_ms)) shape.set("next_ms", *next);
    return shape;
}

}  // namespace prove
