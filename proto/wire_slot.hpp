// The slot of a schedule inside message bodies, for the readers and writers of this room.
#pragma once

#include <algorithm>

#include "proto/messages.hpp"
#include "proto/wire.hpp"

namespace prove {

inline Value slot_value(const ScheduledSlot& slot) {
    Value result = Value::object();
    result.set("schedule", slot.schedule);
    result.set("due_ms", slot.due_ms);
    return result;
}

// What catalogs take for one, so that it can stand in any list, file or terminal.
inline bool is_schedule_name(const std::string& text) {
    return text.size() <= 64 && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
    });
}

constexpr std::uint64_t latest_slot_ms = 253'402'300'799'999;  // the year 9999 ends

inline ScheduledSlot slot_from(const Value& value) {
    Fields fields(value, "slot");
    ScheduledSlot result;
    result.schedule = name_text(fields.required("schedule"), "name of a schedule");
    if (!is_schedule_name(result.schedule)) throw Error(ErrorKind::invalid, "malformed name of a schedule");
    result.due_ms = static_cast<std::int64_t>(bounded(fields.required("due_ms"), latest_slot_ms, "due_ms"));
    fields.end();
    return result;
}

}  // namespace prove
