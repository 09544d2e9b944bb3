// Slots on their way: taken up, asked for, run here, ended.
#include "agent/daemon/scheduled_runs.hpp"

#include <algorithm>

#include "common/text/duration.hpp"
#include "common/text/text.hpp"

namespace prove {

namespace {

using State = SlotRecord::State;
constexpr std::int64_t full_again_ms = 60'000;
constexpr std::int64_t look_at_clock_ms = 60'000;    // this machine's clock may be put right under us
constexpr std::int64_t day_ms = 86'400'000;

}  // namespace

void ScheduledRuns::connected() {
    for (auto& [name, going] : going_) going.ask_at_ms = 0;
}

std::string ScheduledRuns::request_for(const std::string& name, std::int64_t due_ms) const {
    const auto hash = hash_of("prove.slot.v1:" + parts_.self.key.hex() + " " + std::to_string(due_ms) + " " + name);
    return hash.hex().substr(0, 2 * MessageId::size);
}

const SheetEntry* ScheduledRuns::entry_of(const std::string& name) const {
    if (!sheet_) return nullptr;
    const auto found = std::find_if(sheet_->entries.begin(), sheet_->entries.end(),
                                    [&](const SheetEntry& entry) { return entry.name == name; });
    return found == sheet_->entries.end() ? nullptr : &*found;
}

std::int64_t ScheduledRuns::by_boot(std::int64_t ms) const {
    return ms == ScheduleKeeper::never ? ms : parts_.clock.boot_ms() + (ms - parts_.mail.now_ms());
}

void ScheduledRuns::tick(bool may_begin) {
    const auto now = parts_.clock.boot_ms();
    may_begin_ = may_begin;
    if (parts_.door.connected())
        away_since_ms_.reset();
    else if (!away_since_ms_)
        away_since_ms_ = now;
    if (!sheet_ || !may_begin || now < hold_off_ms_) return;
    // Where the disk stays full, each result that loses its details makes room for the fact of another run.
    while (true) {
        try {
            work();
            return full_since_ms_.reset();
        } catch (const Error& error) {
            if (error.kind() != ErrorKind::full) throw;
            if (!full_since_ms_) full_since_ms_ = now;
            if (now - *full_since_ms_ >= full_patience_ms && parts_.journal.drop_oldest_details()) continue;
            parts_.log.error("what is due cannot be recorded, and so not be begun", {{"error", error.text()}});
            hold_off_ms_ = now + full_again_ms;
            return;
        }
    }
}

void ScheduledRuns::work() {
    const auto now = parts_.mail.now_ms();
    for (const auto& name : keeper_.mend(now)) forget_what_was_ahead(name);
    for (const auto& due : keeper_.due(now))
        if (const auto* entry = entry_of(due.schedule)) take_up(due, *entry);
    std::vector<std::string> names;
    for (const auto& [name, going] : going_)
        if (!going.job) names.push_back(name);
    for (const auto& name : names)
        if (const auto* entry = entry_of(name)) go_on(name, going_.at(name), *entry);
}

// With the time that took it, which the next start would go on from.
void ScheduledRuns::forget_what_was_ahead(const std::string& name) {
    parts_.log.warning("the clock was ahead: slots that it had taken do not count", {{"schedule", name}});
    keep_time();
    parts_.journal.set_slot({name, keeper_.last_due_ms(name), State::ended, "taken by a clock that was ahead"});
    const auto found = going_.find(name);
    if (found == going_.end() || found->second.job) return;
    going_.erase(found);
    keeper_.release(name, parts_.mail.now_ms());
}

void ScheduledRuns::keep_time() {
    const auto offset = parts_.mail.master_minus_boot_ms();
    parts_.journal.set_time({offset.value_or(0), parts_.mail.now_ms(), offset ? parts_.boot_id : ""});
}

// Why a run that would begin at `start_ms` does not, though nothing is wrong. A pause that goes on now is told in any case.
std::string ScheduledRuns::reason_to_hold(const SheetEntry& entry, std::int64_t start_ms) const {
    const auto now = parts_.mail.now_ms();
    for (const auto& pause : {sheet_->pause, entry.pause})
        if (pause && (pause->until_ms == 0 || now < pause->until_ms))
            return "paused" + (pause->until_ms == 0 ? "" : " until " + show_moment(pause->until_ms)) + " by " + pause->by +
                   (pause->why.empty() ? "" : ": " + pause->why);
    if (entry.run == SheetEntry::Run::cmd && !keeper_.changes_allowed(entry.name, start_ms)) return "outside its windows";
    return {};
}

RunMode ScheduledRuns::mode_of(const SheetEntry& entry) const {
    const bool apply = entry.run == SheetEntry::Run::apply && keeper_.changes_allowed(entry.name, parts_.mail.now_ms());
    return apply ? RunMode::apply : RunMode::plan;
}

// Written down first, and the time with it: whatever happens from here on, and whatever the clock says after it, this slot
// is not taken twice (S57).
void ScheduledRuns::take_up(const ScheduleKeeper::Due& due, const SheetEntry& entry) {
    if (const auto why = reason_to_hold(entry, parts_.mail.now_ms()); !why.empty()) {
        keeper_.take(due.schedule, due.slot.due_ms);
        return give_up(due.schedule, due.slot, why, false);
    }
    keep_time();
    parts_.journal.set_slot({due.schedule, due.slot.due_ms, State::owed, {}});
    keeper_.take(due.schedule, due.slot.due_ms);
    going_[due.schedule] = {due.slot, request_for(due.schedule, due.slot.due_ms), 0, {}, {}, 0};
}

void ScheduledRuns::go_on(const std::string& name, Going& going, const SheetEntry& entry) {
    const auto now = parts_.clock.boot_ms();
    const auto late = parts_.mail.now_ms() - going.slot.start_ms;
    if (entry.expires_ms != 0 && late > entry.expires_ms)
        return give_up(name, going.slot,
                       "it could not begin within " + show_duration(Milliseconds(entry.expires_ms)) + " of its moment" +
                           (going.waits.empty() ? "" : ": " + going.waits),
                       true);
    if (const auto why = reason_to_hold(entry, parts_.mail.now_ms()); !why.empty())
        return give_up(name, going.slot, why, false);
    if (away_since_ms_) {
        if (now - *away_since_ms_ >= patience_ms) run_alone(name, going, entry);
        return;
    }
    if (now < going.ask_at_ms) return;
    going.ask_at_ms = now + ask_again_ms;
    RunRequest request;
    request.request = going.request;
    request.mode = mode_of(entry);
    request.scheduled = ScheduledSlot{name, going.slot.due_ms};
    parts_.door.ask(request);
}

std::string ScheduledRuns::why_alone() const {
    const auto trouble = parts_.door.trouble();
    const auto away = Milliseconds(parts_.clock.boot_ms() - away_since_ms_.value_or(parts_.clock.boot_ms()));
    return "run without the master: no connection to it for " + show_duration(away) + (trouble.empty() ? "" : " (" + trouble + ")");
}

void ScheduledRuns::run_alone(const std::string& name, Going& going, const SheetEntry& entry) {
    auto made = own_order(entry, going.slot.due_ms, mode_of(entry), store_, parts_.mail.now_ms(), why_alone());
    if (made.trouble.empty()) made.trouble = parts_.door.refusal(made.own.operation);
    if (!made.trouble.empty()) return give_up(name, going.slot, made.trouble, true);
    JobOrder order;
    order.operation = made.own.operation;
    order.body = std::move(made.body);
    order.own = true;
    order.start_by_boot_ms = parts_.clock.boot_ms() + day_ms;
    if (entry.expires_ms != 0) order.start_by_boot_ms = by_boot(going.slot.start_ms + entry.expires_ms);
    order.job = parts_.door.new_own_job();
    parts_.log.info("running without the master", {{"schedule", name}, {"job", order.job.text()}});
    going.job = order.job;
    going.begun_ms = parts_.mail.now_ms();
    try {
        parts_.door.start_own(order, made.own);
    } catch (const Error&) {
        going.job.reset();
        throw;
    }
}

OwnRun ScheduledRuns::own_of(const std::string& name, std::int64_t due_ms) const {
    OwnRun own;
    const auto* entry = entry_of(name);
    own.operation = operation_of(entry == nullptr ? SheetEntry::Run::apply : entry->run);
    if (entry != nullptr) own.mode = mode_of(*entry);
    own.scheduled = {name, due_ms};
    return own;
}

// The slot ends here, and nothing was begun for it.
void ScheduledRuns::give_up(const std::string& name, const Slot& slot, const std::string& why, bool tell) {
    parts_.log.info("a schedule's run was not begun", {{"schedule", name}, {"why", why}});
    if (tell) parts_.door.tell_own(own_of(name, slot.due_ms), why);
    parts_.journal.set_slot({name, slot.due_ms, State::ended, why}, false);
    going_.erase(name);
    keeper_.release(name, parts_.mail.now_ms());
}

bool ScheduledRuns::answered(const RunReply& reply) {
    const auto found = std::find_if(going_.begin(), going_.end(),
                                    [&](const auto& going) { return going.second.request == reply.request; });
    if (found == going_.end()) return false;
    auto& [name, going] = *found;
    if (going.job) return true;          // it runs already
    going.waits = reply.waits ? "others of this schedule went first" : "";
    going.ask_at_ms = parts_.clock.boot_ms() + remind_ms;
    auto why = reply.error;
    if (why.empty() && parts_.journal.find(reply.job) != nullptr) why = "its job is over";
    if (!why.empty()) give_up(std::string(name), Slot(going.slot), why, false);
    return true;
}

std::string ScheduledRuns::refusal(const ScheduledSlot& slot) const {
    const auto found = parts_.journal.slots().find(slot.schedule);
    if (found == parts_.journal.slots().end() || slot.due_ms == 0) return {};
    const SlotRecord& last = found->second;
    if (slot.due_ms > last.due_ms || (slot.due_ms == last.due_ms && last.state == State::owed)) return {};
    const auto what = "'" + slot.schedule + "'";
    if (slot.due_ms < last.due_ms) return "a later run of " + what + " was taken up here already";
    if (last.state == State::own) return "this run of " + what + " was made here already, without the master";
    if (last.state == State::begun) return "this run of " + what + " was begun here already";
    return "this run of " + what + " is over here" + (last.note.empty() ? "" : ": " + last.note);
}

std::optional<SlotRecord> ScheduledRuns::record_of(const ScheduledSlot& slot) {
    if (slot.due_ms == 0) return std::nullopt;
    return SlotRecord{slot.schedule, slot.due_ms, State::begun, {}};
}

void ScheduledRuns::accepted(const ScheduledSlot& slot, const JobId& job) {
    if (slot.due_ms != 0)
        keeper_.take(slot.schedule, std::max(slot.due_ms, keeper_.last_due_ms(slot.schedule)));
    else if (going_.contains(slot.schedule))
        return;                          // what is due goes on beside it
    keeper_.hold(slot.schedule);
    going_[slot.schedule] = {{slot.due_ms, slot.due_ms}, {}, 0, {}, job, parts_.mail.now_ms()};
}

bool ScheduledRuns::is_of_slot(const JobId& job) const {
    return std::any_of(going_.begin(), going_.end(), [&](const auto& going) {
        return going.second.job == job && going.second.slot.due_ms != 0;
    });
}

void ScheduledRuns::ended(const JobResult& result) {
    const auto found = std::find_if(going_.begin(), going_.end(),
                                    [&](const auto& going) { return going.second.job == result.job; });
    if (found == going_.end()) return;
    const auto [name, going] = *found;
    going_.erase(found);
    const auto note = std::string(name_of(result.end)) + (result.reason.empty() ? "" : ": " + result.reason);
    const auto passed = keeper_.release(name, parts_.mail.now_ms());
    try {
        if (going.slot.due_ms != 0)
            parts_.journal.set_slot({name, going.slot.due_ms, result.own ? State::own : State::ended, note.substr(0, 500)},
                                    false);
        if (!passed) return;
        // What fell due before it began, while it waited, was missed and is one with it.
        if (passed->start_ms <= going.begun_ms)
            return parts_.journal.set_slot({name, passed->due_ms, State::ended, note.substr(0, 500)}, false);
        const std::string why = "not started: the run before it had not ended, it takes longer than the schedule's interval";
        parts_.log.warning("a run took longer than its schedule's interval", {{"schedule", name}});
        parts_.door.tell_own(own_of(name, passed->due_ms), why);
        parts_.journal.set_slot({name, passed->due_ms, State::ended, why}, false);
    } catch (const Error& error) {
        // Only what is said of it is lost.
        if (error.kind() != ErrorKind::full) throw;
        parts_.log.error("what became of a run could not be recorded", {{"schedule", name}, {"error", error.text()}});
    }
}

std::int64_t ScheduledRuns::next_ms() const {
    if (!sheet_ || !may_begin_) return ScheduleKeeper::never;
    const auto now = parts_.clock.boot_ms();
    auto next = by_boot(keeper_.next_ms());
    for (const auto& [name, going] : going_) {
        if (going.job) continue;
        next = std::min(next, away_since_ms_ ? *away_since_ms_ + patience_ms : going.ask_at_ms);
        const auto* entry = entry_of(name);
        if (entry != nullptr && entry->expires_ms != 0)
            next = std::min(next, by_boot(going.slot.start_ms + entry->expires_ms) + 1);
    }
    // Without a master's time it is this machine's clock that counts, and that may jump.
    if (!parts_.mail.master_minus_boot_ms()) next = std::min(next, now + look_at_clock_ms);
    return std::max(next, hold_off_ms_);
}

}  // namespace prove
