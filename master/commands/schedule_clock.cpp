// What is due, and what holds it.
#include "master/commands/schedule_clock.hpp"

#include <limits>

#include "common/text/duration.hpp"
#include "common/text/text.hpp"

namespace prove {

namespace {

constexpr std::int64_t look_every_ms = 10'000;  // at what may have changed of targets: facts, above all
constexpr std::int64_t rest_ms = 30'000;
constexpr std::int64_t never_ms = std::numeric_limits<std::int64_t>::max();

std::map<TargetId, SlotRow> stored_slots(const Store& store, const std::string& schedule) {
    std::map<TargetId, SlotRow> slots;
    for (auto& row : store.slots(schedule)) slots.emplace(row.target, std::move(row));
    return slots;
}

}  // namespace

void ScheduleClock::tick(std::shared_ptr<const Snapshot> snapshot) {
    const auto boot = parts_.clock.boot_ms();
    if (boot < rests_until_boot_ms_) return;
    if (snapshot != snapshot_ || boot >= next_look_boot_ms_) {
        next_look_boot_ms_ = boot + look_every_ms;
        const auto version = parts_.targets.version(true);
        if (snapshot != snapshot_ || version != version_) look(snapshot);
        version_ = version;
    }
    for (auto& [key, entry] : entries_)
        if (entry.undecided || entry.start_ms <= parts_.clock.wall_ms()) consider(entry);
    write_taken();
}

// Whom the schedules mean now. What is known of a target that was meant before stays.
void ScheduleClock::look(const std::shared_ptr<const Snapshot>& snapshot) {
    snapshot_ = snapshot;
    auto before = std::exchange(entries_, {});
    if (snapshot == nullptr) return;
    for (const auto& schedule : snapshot->catalog->schedules()) {
        std::optional<std::map<TargetId, SlotRow>> stored;
        for (const auto& target : snapshot->catalog->targets()) {
            if (target.executor != "ssh") continue;
            const Key key{schedule.name, target.id};
            const auto known = before.find(key);
            try {
                if (!parts_.targets.means(schedule.targets, snapshot.get(), target.id)) continue;
            } catch (const Error& error) {
                parts_.log.warning("a schedule cannot tell whether it means a target",
                                   {{"schedule", schedule.name}, {"target", target.id.text()}, {"reason", error.text()}});
                if (known == before.end()) continue;
            }
            if (known == before.end() && !stored) stored = stored_slots(parts_.store, schedule.name);
            std::optional<SlotRow> row;
            if (known != before.end())
                row = known->second.row;
            else if (const auto found = stored->find(target.id); found != stored->end())
                row = found->second;
            auto entry = entry_of(schedule, target.id, row);
            entry.snapshot = snapshot;
            entries_.emplace(key, std::move(entry));
        }
    }
}

// A schedule counts from when it was first seen with these times: moments before that were none of its own.
ScheduleClock::Entry ScheduleClock::entry_of(const ScheduleDefinition& schedule, const TargetId& target,
                                             const std::optional<SlotRow>& stored) {
    Entry entry;
    entry.schedule = &schedule;
    entry.row = stored.value_or(SlotRow{schedule.name, target});
    entry.undecided = stored && stored->note.empty() && stored->job_due_ms != stored->due_ms &&
                      !asking_.contains({schedule.name, target});
    if (entry.row.times != schedule.times()) {
        entry.row.due_ms = std::max(entry.row.due_ms, parts_.clock.wall_ms());
        entry.row.times = schedule.times();
        entry.row.note = stored ? "the schedule's times were changed" : "not due yet";
        entry.undecided = false;
        taken_.push_back(entry.row);
    }
    entry.start_ms = schedule.timetable().next(entry.row.due_ms, target.text()).start_ms;
    return entry;
}

void ScheduleClock::consider(Entry& entry) {
    const auto& who = entry.row.target.text();
    const auto timetable = entry.schedule->timetable();
    if (entry.undecided) return decide(entry, {entry.row.due_ms, entry.row.due_ms + timetable.delay_of(who)});
    const auto slot = timetable.ready(parts_.clock.wall_ms(), entry.row.due_ms, who);
    if (!slot) return;
    if (entry.schedule->until_ms != 0 && slot->due_ms >= entry.schedule->until_ms) {
        entry.start_ms = never_ms;
        return;
    }
    take(entry, *slot, why_not(entry, *slot));
    entry.start_ms = timetable.next(slot->due_ms, who).start_ms;
}

// A job of the slot that was made before the master died goes on by itself; else it is made now.
void ScheduleClock::decide(Entry& entry, const Slot& slot) {
    entry.undecided = false;
    const auto job = found_job(entry.row);
    if (!job) return take(entry, slot, why_not(entry, slot));
    entry.row.job = job->text();
    entry.row.job_due_ms = entry.row.due_ms;
    taken_.push_back(entry.row);
}

// Why nothing is begun for a slot; empty where it is.
std::string ScheduleClock::why_not(const Entry& entry, const Slot& slot) const {
    const auto now = parts_.clock.wall_ms();
    const auto& schedule = *entry.schedule;
    if (schedule.expires_ms != 0 && now - slot.start_ms > schedule.expires_ms)
        return "given up: it could not begin within " + show_duration(std::chrono::milliseconds(schedule.expires_ms)) +
               " of its time";
    if (const auto pause = parts_.pauses.holding(entry.row.target, schedule.name, snapshot_.get()))
        return "paused: " + sentence_of(*pause);
    if (asking_.contains({schedule.name, entry.row.target}))
        return "not begun: the run before it still waited for others of its schedule";
    if (still_runs(entry.row))
        return "not begun: the run before it, of " + show_moment(entry.row.job_due_ms) +
               ", was still running, which is longer than the schedule's interval";
    if (schedule.run == SheetEntry::Run::cmd && !schedule.is_open(now)) return "not begun: outside its windows";
    return {};
}

bool ScheduleClock::still_runs(const SlotRow& row) const {
    const auto id = JobId::from_text(row.job);
    const auto job = id ? parts_.store.job(*id) : std::nullopt;
    return job && !job->ended;
}

// The one that was made for this slot already.
std::optional<JobId> ScheduleClock::found_job(const SlotRow& row) const {
    RunFilter filter;
    filter.target = row.target;
    filter.schedule = row.schedule;
    for (const auto& run : parts_.store.runs(filter))
        if (run.job.slot_ms == row.due_ms) return run.job.id;
    return std::nullopt;
}

void ScheduleClock::take(Entry& entry, const Slot& slot, const std::string& note) {
    entry.row.due_ms = slot.due_ms;
    entry.row.taken_ms = parts_.clock.wall_ms();
    entry.row.note = note;
    taken_.push_back(entry.row);
    if (!note.empty()) {
        parts_.log.info("a scheduled run was not begun",
                        {{"schedule", entry.schedule->name}, {"target", entry.row.target.text()}, {"reason", note}});
        return;
    }
    const bool plan = entry.schedule->run == SheetEntry::Run::plan || !entry.schedule->is_open(parts_.clock.wall_ms());
    asking_.insert({entry.schedule->name, entry.row.target});
    due_.push_back({entry.schedule->name, entry.row.target, slot.due_ms, plan ? RunMode::plan : RunMode::apply});
}

// Nothing is begun whose slot is not durable as taken.
void ScheduleClock::write_taken() {
    if (taken_.empty()) return;
    auto runs = std::exchange(due_, {});
    // The store may answer when all of this has gone; whatever `post` hands over to is still there, and does nothing then.
    parts_.store.write(std::exchange(taken_, {}), [this, post = parts_.post, runs = std::move(runs)](const Error* error) {
        const std::string reason = error != nullptr ? error->text() : "";
        post([this, runs, reason] {
            if (reason.empty()) return begin(runs);
            for (const auto& run : runs) asking_.erase({run.schedule, run.target});
            not_written(reason);
        });
    });
}

// With no space left, say: what is durable counts, and is looked at again after a while.
void ScheduleClock::not_written(const std::string& reason) {
    parts_.log.error("slots of schedules cannot be written; nothing is begun for them", {{"reason", reason}});
    rests_until_boot_ms_ = parts_.clock.boot_ms() + rest_ms;
    snapshot_ = nullptr;
    entries_.clear();
}

void ScheduleClock::begin(const std::vector<ClockedRun>& runs) {
    for (const auto& run : runs)
        parts_.ask(run, [this, run](Made made) {
            parts_.post([this, run, made = std::move(made)] { answered(run, made); });
        });
}

void ScheduleClock::answered(const ClockedRun& run, const Made& made) {
    const Key key{run.schedule, run.target};
    asking_.erase(key);
    const auto found = entries_.find(key);
    if (found == entries_.end()) return;  // not meant any more
    auto& row = found->second.row;
    if (made.error.empty()) {
        row.job = made.job.text();
        row.job_due_ms = run.due_ms;
    } else if (row.due_ms == run.due_ms) {
        row.note = "not begun: " + made.error;
        parts_.log.warning("a scheduled run could not be begun",
                           {{"schedule", run.schedule}, {"target", run.target.text()}, {"reason", made.error}});
    }
    taken_.push_back(row);
    write_taken();
}

}  // namespace prove
