// Sheets to JSON and back, with every bound checked.
#include "proto/schedule_sheet.hpp"

#include "proto/wire.hpp"
#include "proto/wire_ids.hpp"

namespace prove {

namespace {

std::int64_t time_field(Fields& fields, const char* key) {
    return static_cast<std::int64_t>(count_field(fields, key));
}

void set_if(Value& target, const char* key, std::int64_t number) {
    if (number != 0) target.set(key, number);
}

Value to_value(const SheetPause& pause) {
    Value result = Value::object();
    result.set("by", pause.by);
    result.set("why", pause.why);
    result.set("since_ms", pause.since_ms);
    set_if(result, "until_ms", pause.until_ms);
    return result;
}

std::optional<SheetPause> pause_in(Fields& in) {
    const Value* const found = in.optional("pause");
    if (found == nullptr) return std::nullopt;
    Fields fields(*found, "pause");
    SheetPause result;
    result.by = fields.text("by");
    result.why = fields.text("why");
    result.since_ms = static_cast<std::int64_t>(bounded(fields.required("since_ms"), any_count, "since_ms"));
    result.until_ms = time_field(fields, "until_ms");
    fields.end();
    return result;
}

Value to_value(const SheetEntry& entry) {
    Value result = Value::object();
    result.set("name", entry.name);
    result.set("run", name_of(entry.run));
    if (entry.run == SheetEntry::Run::cmd) result.set("command", entry.command);
    set_if(result, "every_ms", entry.every_ms);
    prove::set_if(result, "cron", entry.cron);
    result.set("zone", entry.zone);
    if (!entry.offsets.empty()) {
        Value offsets = Value::array();
        for (const auto& [at, offset] : entry.offsets) offsets.push(Value(Value::List{Value(at), Value(offset)}));
        result.set("offsets", std::move(offsets));
    }
    set_if(result, "splay_ms", entry.splay_ms);
    if (!entry.windows.empty()) result.set("windows", list_of_texts(entry.windows));
    set_if(result, "expires_ms", entry.expires_ms);
    set_if(result, "until_ms", entry.until_ms);
    if (entry.pause) result.set("pause", to_value(*entry.pause));
    return result;
}

SheetEntry::Offset offset_from(const Value& value) {
    const auto& pair = value.list();
    if (pair.size() != 2) throw Error(ErrorKind::invalid, "an offset of a zone is a moment and a number of seconds");
    return {pair[0].integer(), pair[1].integer()};
}

SheetEntry entry_from(const Value& value) {
    using Run = SheetEntry::Run;
    Fields fields(value, "schedule");
    SheetEntry result;
    result.name = name_text(fields.required("name"), "name of a schedule");
    result.run = enum_named(fields.text("run"), {Run::plan, Run::apply, Run::cmd}, "run");
    if (result.run == Run::cmd) result.command = Value(fields.required("command").mapping());
    result.every_ms = time_field(fields, "every_ms");
    result.cron = fields.text("cron", "");
    if ((result.every_ms == 0) == result.cron.empty())
        throw Error(ErrorKind::invalid, "schedule: exactly one of 'every_ms' and 'cron' is needed");
    result.zone = name_text(fields.required("zone"), "name of a time zone");
    if (const Value* const offsets = fields.optional("offsets"))
        for (const auto& offset : offsets->list()) result.offsets.push_back(offset_from(offset));
    result.splay_ms = time_field(fields, "splay_ms");
    if (const Value* const windows = fields.optional("windows"))
        for (const auto& window : windows->list()) result.windows.push_back(name_text(window, "window"));
    result.expires_ms = time_field(fields, "expires_ms");
    result.until_ms = time_field(fields, "until_ms");
    result.pause = pause_in(fields);
    fields.end();
    return result;
}

}  // namespace

const char* name_of(SheetEntry::Run run) {
    switch (run) {
        case SheetEntry::Run::plan:
            return "states plan";
        case SheetEntry::Run::apply:
            return "states apply";
        case SheetEntry::Run::cmd:
            return "cmd";
    }
    return "states plan";
}

Value to_value(const ScheduleSheet& sheet) {
    Value result = Value::object(), entries = Value::array();
    result.set("target", sheet.target.text());
    for (const auto& entry : sheet.entries) entries.push(to_value(entry));
    result.set("schedules", std::move(entries));
    if (sheet.pause) result.set("pause", to_value(*sheet.pause));
    return result;
}

ScheduleSheet schedule_sheet_from(const Value& value) {
    Fields fields(value, "schedules");
    ScheduleSheet result;
    const auto& name = fields.text("target");
    if (!is_target_name(name)) throw Error(ErrorKind::invalid, "schedules: malformed name of a target");
    result.target = TargetId(name);
    for (const auto& entry : fields.required("schedules").list()) {
        result.entries.push_back(entry_from(entry));
        const auto count = result.entries.size();
        if (count > 1 && result.entries[count - 2].name >= result.entries[count - 1].name)
            throw Error(ErrorKind::invalid, "schedules: they stand by name, each once");
    }
    result.pause = pause_in(fields);
    fields.end();
    return result;
}

Hash hash_of(const ScheduleSheet& sheet) {
    return hash_of(write_json(to_value(sheet)));
}

}  // namespace prove
