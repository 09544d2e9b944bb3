// The sheet that scheduled runs go by: how it comes, is kept, taken up at a start, dropped, and shown.
#include "agent/daemon/scheduled_runs.hpp"

namespace prove {

namespace {

using State = SlotRecord::State;
constexpr const char* dropped = "it does not run here until the master has been heard: ";

Zone zone_of(const SheetEntry& entry) {
    if (entry.offsets.empty()) return {};
    std::vector<Zone::Change> changes;
    for (const auto& [at, offset] : entry.offsets) changes.push_back({at, static_cast<std::int32_t>(offset)});
    return Zone(entry.zone, std::move(changes));
}

// Throws Error where this program cannot read its times: a newer master's, say.
ScheduleKeeper::Schedule schedule_of(const SheetEntry& entry) {
    const Zone zone = zone_of(entry);
    auto timetable = entry.cron.empty() ? Timetable(entry.every_ms, entry.splay_ms)
                                        : Timetable(CronLine::parse(entry.cron), zone, entry.splay_ms);
    std::vector<Window> windows;
    for (const auto& window : entry.windows) windows.push_back(Window::parse(window));
    const auto times = std::to_string(entry.every_ms) + " " + entry.cron + " " + entry.zone + " " +
                       std::to_string(entry.splay_ms);
    return {entry.name, times, std::move(timetable), zone, std::move(windows), entry.until_ms};
}

}  // namespace

void ScheduledRuns::start() {
    keep_contents();
    auto kept = store_.load_sheet();
    if (kept.sheet) return adopt(*kept.sheet);
    if (kept.trouble.wrong) drop_sheet(kept.trouble.text);
}

// It is told once for each schedule that it concerns, so that the history of each says why there are no runs; after a
// restart not again, unless it is another reason or a sheet was gone by since.
void ScheduledRuns::drop_sheet(const std::string& why) {
    parts_.log.error("the schedules that were kept here are not run", {{"why", why}});
    trouble_ = why;
    sheet_.reset();
    keeper_ = {};
    std::erase_if(going_, [](const auto& going) { return !going.second.job; });
    try {
        const auto slots = parts_.journal.slots();
        for (const auto& [name, slot] : slots) {
            if (slot.note == dropped + why) continue;
            parts_.door.tell_own(own_of(name, slot.due_ms), dropped + why);
            // What is owed may still be run, should the sheet be back soon.
            parts_.journal.set_slot(
                {name, slot.due_ms, slot.state == State::owed ? State::owed : State::ended, dropped + why});
        }
    } catch (const Error& error) {
        if (error.kind() != ErrorKind::full) throw;
    }
}

void ScheduledRuns::keys_changed() {
    if (!sheet_) return;
    if (const auto kept = store_.load_sheet(); !kept.sheet && kept.trouble.wrong) drop_sheet(kept.trouble.text);
}

void ScheduledRuns::sheet_came(const Verified& verified, const std::vector<std::string>& frames) {
    const auto sheet = schedule_sheet_from(read_body(verified));
    const bool known = sheet_ == sheet && trouble_.empty();
    try {
        store_.keep_sheet(verified, frames);
    } catch (const Error& error) {
        if (error.kind() != ErrorKind::full) throw;
        parts_.log.error("the schedules that came could not be kept", {{"error", error.text()}});
    }
    trouble_.clear();
    if (!known) parts_.log.info("schedules came", {{"number", sheet.entries.size()}});
    if (!known) adopt(sheet);
}

void ScheduledRuns::state_run_came(std::uint64_t generation, const std::vector<std::string>& frames) {
    try {
        store_.keep_state_run(generation, frames);
        keep_contents();
    } catch (const Error& error) {
        if (error.kind() != ErrorKind::full) throw;
        parts_.log.warning("the run could not be kept for when there is no master", {{"error", error.text()}});
    }
}

// By what is on the disk: it is what would be run.
void ScheduledRuns::keep_contents() {
    if (const auto kept = store_.load_state_run(); kept.body) parts_.door.kept(*kept.body);
}

void ScheduledRuns::adopt(const ScheduleSheet& sheet) {
    std::vector<ScheduleKeeper::Schedule> schedules;
    for (const auto& entry : sheet.entries) {
        try {
            schedules.push_back(schedule_of(entry));
        } catch (const Error& error) {
            parts_.log.error("a schedule cannot be read", {{"schedule", entry.name}, {"error", error.text()}});
        }
    }
    const auto before = keeper_;
    sheet_ = sheet;
    for (const auto& name : keeper_.set(sheet.target.text(), schedules, parts_.mail.now_ms())) {
        const auto record = parts_.journal.slots().find(name);
        if (!before.knows(name) && record != parts_.journal.slots().end())
            restore(name, SlotRecord(record->second));
        else
            parts_.journal.set_slot({name, keeper_.last_due_ms(name), State::ended, {}});
    }
    std::vector<std::string> gone;
    for (const auto& [name, slot] : parts_.journal.slots())
        if (!keeper_.knows(name)) gone.push_back(name);
    for (const auto& name : gone) parts_.journal.forget_slot(name);
    std::erase_if(going_, [&](const auto& going) { return !going.second.job && !keeper_.knows(going.first); });
}

// What the last life of this program left of it. What it owed and did not begin is owed still, unless a later one is due.
void ScheduledRuns::restore(const std::string& name, const SlotRecord& record) {
    keeper_.remember(name, record.due_ms);
    if (record.note.starts_with(dropped)) parts_.journal.set_slot({name, record.due_ms, record.state, {}});
    if (record.note.empty() && (record.state == State::begun || record.state == State::own))
        parts_.journal.set_slot({name, record.due_ms, record.state, "interrupted: prove-agent was ended while it ran"}, false);
    if (record.state != State::owed) return;
    for (const auto& due : keeper_.due(parts_.mail.now_ms()))
        if (due.schedule == name) return;
    keeper_.take(name, record.due_ms);
    going_[name] = {keeper_.slot_of(name, record.due_ms), request_for(name, record.due_ms), 0, {}, {}, 0};
}

std::string ScheduledRuns::sheet_hash() const {
    return sheet_ ? hash_of(*sheet_).hex() : std::string();
}

Value ScheduledRuns::status_of(const SheetEntry& entry) const {
    Value value = Value::object();
    value.set("name", entry.name);
    value.set("run", name_of(entry.run));
    const auto slot = parts_.journal.slots().find(entry.name);
    // One that came with the sheet was not taken here.
    if (slot != parts_.journal.slots().end() && !slot->second.note.empty()) {
        value.set("last_ms", keeper_.slot_of(entry.name, slot->second.due_ms).start_ms);
        value.set("last", slot->second.note);
    }
    const auto next = keeper_.next_start_ms(entry.name);
    if (next != ScheduleKeeper::never) value.set("next_ms", next);
    const auto going = going_.find(entry.name);
    if (going != going_.end()) {
        const auto& on = going->second;
        value.set("now_ms", on.slot.start_ms);
        value.set("now", on.job                 ? "runs as job " + on.job->short_text()
                         : !on.waits.empty()    ? "owed: " + on.waits
                         : away_since_ms_       ? std::string("owed: no connection to the master")
                                                : std::string("owed: the master has been asked"));
    }
    // A window that is closed by day holds nothing that is due at night.
    const bool is_due_later = going == going_.end() && next != ScheduleKeeper::never;
    if (const auto why = reason_to_hold(entry, is_due_later ? next : parts_.mail.now_ms()); !why.empty()) value.set("held", why);
    return value;
}

Value ScheduledRuns::status() {
    Value value = Value::object(), entries = Value::array();
    value.set("time_ms", parts_.mail.now_ms());
    value.set("trouble", trouble_);
    if (!sheet_) return value;
    for (const auto& entry : sheet_->entries)
        if (keeper_.knows(entry.name)) entries.push(status_of(entry));
    value.set("entries", std::move(entries));
    const auto kept = store_.load_state_run();
    if (kept.body) value.set("may_apply_until_ms", kept.body->offline_until_ms);
    value.set("kept_trouble", kept.trouble.text);
    return value;
}

}  // namespace prove
