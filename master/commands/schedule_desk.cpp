// Sheets and due slots.
#include "master/commands/schedule_desk.hpp"

#include <algorithm>

#include "common/text/text.hpp"
#include "master/catalog/schedule.hpp"

namespace prove {

namespace {

SheetPause sheet_pause(const PauseRow& row) {
    return {row.who, row.why, row.created_ms, row.until_ms};
}

bool has_agent(const Target* target) {
    return target == nullptr || target->executor == "agent";
}

bool is_carried(const Target* target) {
    return target != nullptr && target->executor == "ssh";
}

const ScheduleDefinition* find_schedule(const Snapshot& snapshot, const std::string& name) {
    const auto& all = snapshot.catalog->schedules();
    const auto found = std::find_if(all.begin(), all.end(), [&](const ScheduleDefinition& one) { return one.name == name; });
    return found == all.end() ? nullptr : &*found;
}

}  // namespace

// A slot that is asked for.
struct ScheduleDesk::Due {
    TargetId target;
    ScheduledSlot slot;
    RunMode mode = RunMode::plan;
    Dispatch::RunMade made;
    bool carried = false;  // no agent asks: the master keeps the clock
};

ScheduleDesk::ScheduleDesk(Parts parts) : parts_(std::move(parts)) {
    // What an earlier life of the master let begin still counts.
    JobFilter filter;
    filter.active_only = true;
    filter.limit = 1'000'000;
    for (const JobRow& job : parts_.store.jobs(filter)) {
        if (job.schedule.empty()) continue;
        for (const auto& target : parts_.store.job_targets(job.id))
            gate_.became({job.schedule, job.slot_ms}, target.target, job.id);
    }
}

void ScheduleDesk::told_sheet(const TargetId& agent, const std::string& held) {
    parts_.front([this, agent, held] { send_where_other(agent, held); });
}

void ScheduleDesk::changed() {
    parts_.front([this] {
        for (const auto& [agent, held] : std::map(held_)) send_where_other(agent, held);
    });
}

// In the front's thread. Without a catalog nothing is known of schedules, and agents go on by the sheet that they have.
void ScheduleDesk::send_where_other(const TargetId& agent, const std::string& held) {
    held_[agent] = held;
    const auto snapshot = parts_.catalog.usable();
    if (snapshot == nullptr) return;
    try {
        const auto sheet = sheet_for(agent, *snapshot);
        if (sheet.entries.empty() && !sheet.pause && held.empty()) return;
        const auto hash = hash_of(sheet).hex();
        if (hash == held) return;
        // As if it had told so: one that was lost it names with its next heartbeat.
        held_[agent] = hash;
        parts_.loop([this, sheet] { parts_.dispatch.send_sheet(sheet); });
    } catch (const Error&) {
        // Its variables do not render, say: the sheet that it has stays, and whoever asks for its states is told.
    }
}

ScheduleSheet ScheduleDesk::sheet_for(const TargetId& agent, const Snapshot& snapshot) const {
    ScheduleSheet sheet;
    sheet.target = agent;
    const Target* const target = snapshot.catalog->target(agent);
    if (!has_agent(target)) return sheet;
    for (const PauseRow& pause : parts_.pauses.on(agent, &snapshot))
        if (pause.schedule.empty() && (!sheet.pause || pause.until_ms > sheet.pause->until_ms))
            sheet.pause = sheet_pause(pause);
    for (const ScheduleDefinition& schedule : snapshot.catalog->schedules()) {
        if (target == nullptr && schedule.run != SheetEntry::Run::cmd) continue;  // it has no states
        if (!parts_.targets.means(schedule.targets, &snapshot, agent)) continue;
        auto entry = sheet_entry_of(schedule, parts_.clock.wall_ms());
        if (const auto pause = parts_.pauses.holding(agent, schedule.name, &snapshot)) entry.pause = sheet_pause(*pause);
        sheet.entries.push_back(std::move(entry));
    }
    std::sort(sheet.entries.begin(), sheet.entries.end(),
              [](const SheetEntry& one, const SheetEntry& other) { return one.name < other.name; });
    return sheet;
}

// An agent gives up the slot that it is told an error for, and asks again where it is told nothing: what is in the way for
// now (no space, no catalog, a master that stops) costs no run.
void ScheduleDesk::asked(const TargetId& agent, const RunRequest& request, Dispatch::RunMade made) {
    const auto told = [made = std::move(made)](const Dispatch::RunAnswer& what) {
        if (!what.for_now) made(what);
    };
    auto due = std::make_shared<Due>(Due{agent, *request.scheduled, request.mode, told});
    parts_.front([this, due = std::move(due)] { consider(due); });
}

void ScheduleDesk::asked_for_carried(const TargetId& target, const ScheduledSlot& slot, RunMode mode,
                                     Dispatch::RunMade made) {
    auto due = std::make_shared<Due>(Due{target, slot, mode, std::move(made), true});
    parts_.front([this, due = std::move(due)] { consider(due); });
}

// Empty where nothing speaks against it.
std::string ScheduleDesk::why_not(const Due& due, const Snapshot* snapshot) const {
    if (snapshot == nullptr) return "the master has no catalog in force";
    const auto* const schedule = find_schedule(*snapshot, due.slot.schedule);
    if (schedule == nullptr) return "the catalog has no schedule " + quoted(due.slot.schedule) + " any more";
    try {
        const Target* const target = snapshot->catalog->target(due.target);
        if (!(due.carried ? is_carried(target) : has_agent(target)) ||
            !parts_.targets.means(schedule->targets, snapshot, due.target))
            return "schedule " + quoted(due.slot.schedule) + " does not mean this target any more";
        if (const auto pause = parts_.pauses.holding(due.target, due.slot.schedule, snapshot)) return sentence_of(*pause);
    } catch (const Error& error) {
        return error.text();
    }
    return {};
}

void ScheduleDesk::consider(std::shared_ptr<Due> due) {
    const auto snapshot = parts_.catalog.usable();
    if (const auto why = why_not(*due, snapshot.get()); !why.empty())
        return answer(*due, {{}, why, false, snapshot == nullptr});
    if (const auto job = gate_.job_of(due->slot, due->target)) {
        // Asked again: it is on its way.
        return job->is_zero() ? answer(*due, {{}, {}, true}) : answer(*due, {*job, {}});
    }
    const auto at_once = find_schedule(*snapshot, due->slot.schedule)->at_once;
    if (gate_.enter(due->slot, due->target, at_once, [this, due] { begin(due); })) return begin(due);
    answer(*due, {{}, {}, true});
}

// It has its place at the gate. In the front's thread.
void ScheduleDesk::begin(const std::shared_ptr<Due>& due) {
    const auto snapshot = parts_.catalog.usable();
    const auto give_up = [&](const std::string& why) {
        gate_.failed(due->slot, due->target);
        answer(*due, {{}, why, false, snapshot == nullptr});
        parts_.front([this] { take_turns(); });
    };
    if (const auto why = why_not(*due, snapshot.get()); !why.empty()) return give_up(why);
    const auto& schedule = *find_schedule(*snapshot, due->slot.schedule);
    const auto now = parts_.clock.wall_ms();
    const auto start_ms = due->slot.due_ms + schedule.timetable().delay_of(due->target.text());
    if (schedule.expires_ms > 0 && now > start_ms + schedule.expires_ms)
        return give_up("it could not begin within the time that the schedule gives it");
    if (!due->carried && parts_.targets.status_of(due->target) != "connected")
        return give_up("the agent went away while it waited");
    JobAsked asked;
    asked.expression = due->target.text();
    asked.in_force = true;  // nobody sits there who could mend a newer one
    asked.scheduled = due->slot;
    auto permission = Permission::cmd;
    if (schedule.run == SheetEntry::Run::cmd) {
        asked.operation = "cmd";
        asked.options = sheet_entry_of(schedule, now).command;
    } else {
        const bool applies = schedule.run == SheetEntry::Run::apply && due->mode == RunMode::apply && schedule.is_open(now);
        asked.operation = "states";
        asked.options.set("mode", Value(name_of(applies ? RunMode::apply : RunMode::plan)));
        permission = applies ? Permission::states_apply : Permission::states_plan;
    }
    const auto permit = parts_.authorizer.authorize_scheduled(schedule.name, permission,
                                                              due->carried ? "the master's clock" : "agent " + due->target.text());
    parts_.submit(permit, std::move(asked), [this, due](const Dispatch::RunAnswer& made) {
        due->made(made);
        parts_.front([this, due, job = made.job] {
            if (job.is_zero())
                gate_.failed(due->slot, due->target);
            else
                gate_.became(due->slot, due->target, job);
            const auto row = job.is_zero() ? std::nullopt : parts_.store.job(job);
            if (row && row->ended) gate_.ended(job);  // before anything was sent, perhaps
            take_turns();
        });
    });
}

void ScheduleDesk::take_turns() {
    for (const auto& turn : gate_.take_turns()) turn();
}

void ScheduleDesk::told(const std::set<JobId>& jobs) {
    parts_.front([this, jobs] {
        bool any = false;
        for (const auto& id : jobs) {
            if (!gate_.knows(id)) continue;
            const auto row = parts_.store.job(id);
            if ((!row || row->ended) && gate_.ended(id)) any = true;
        }
        if (any) take_turns();
    });
}

void ScheduleDesk::answer(const Due& due, Dispatch::RunAnswer what) const {
    parts_.loop([made = due.made, what = std::move(what)] { made(what); });
}

}  // namespace prove
