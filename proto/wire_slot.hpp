// The slot of a schedule inside message bodies, for the readers and writers of this room.
#pragma once

#include "proto/messages.hpp"
#include "proto/wire.hpp"

namespace prove {

inline Value slot_value(const ScheduledSlot& slot) {
    Value result = Value::object();
    result.set("schedule", slot.schedule);
    result.set("due_ms", slot.due_ms);
    return result;
}

inline ScheduledSlot slot_from(const Value& value) {
    Fields fields(value, "slot");
    ScheduledSlot result;
    result.schedule = name_text(fields.required("schedule"), "name of a schedule");
    result.due_ms = static_cast<std::int64_t>(bounded(fields.required("due_ms"), any_count, "due_ms"));
    fields.end();
    return result;
}

}  // namespace prove
