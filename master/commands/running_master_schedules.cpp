// Operators' hands on schedules.
#include "common/text/text.hpp"
#include "master/commands/running_master.hpp"
#include "master/catalog/schedule_shapes.hpp"

namespace prove {

namespace {

AuditRow record_of(const char* command, const Permit& permit, std::int64_t now, const PauseRow& row) {
    AuditRow record;
    record.time_ms = now;
    record.who = permit.who();
    record.from = permit.from();
    record.command = command;
    record.decision = "allowed";
    record.detail = sentence_of(row);
    return record;
}

// A slot that the master's clock took without a job.
Value not_begun(const SlotRow& row) {
    Value last = Value::object();
    last.set("due_ms", row.due_ms);
    last.set("note", row.note);
    return last;
}

}  // namespace

void RunningMaster::tick() {
    // One round after the other, also where the front has much to do.
    if (stopping_ || ticking_.exchange(true)) return;
    front_([this] {
        schedule_clock_.tick(catalog_.current());
        ticking_ = false;
    });
}

// The first answer counts: that others go first is none, and what comes after the job is told by the job.
void RunningMaster::ask_for_carried(const ClockedRun& run, std::function<void(ScheduleClock::Made)> made) {
    const auto told = std::make_shared<bool>(false);
    schedules_.asked_for_carried(run.target, {run.schedule, run.due_ms}, run.mode,
                                 [told, made = std::move(made)](const Dispatch::RunAnswer& answer) {
                                     if (answer.waits || std::exchange(*told, true)) return;
                                     made({answer.job, answer.error});
                                 });
}

// States are for targets of the catalog; a command also runs on agents that it does not name.
std::vector<TargetId> RunningMaster::targets_of(const ScheduleDefinition& schedule, const Snapshot& snapshot) const {
    auto names = targets_.names(&snapshot);
    std::erase_if(names, [&](const TargetId& name) {
        return (schedule.run != SheetEntry::Run::cmd && snapshot.catalog->target(name) == nullptr) ||
               !targets_.means(schedule.targets, &snapshot, name);
    });
    return names;
}

// Those that hold this schedule on any of these targets.
Value RunningMaster::with_pauses(Value shape, const std::string& schedule, const std::vector<TargetId>& names,
                                 const Snapshot& snapshot) const {
    Value pauses = Value::array();
    for (const auto& view : pauses_.views(names, &snapshot))
        if (!view.targets.empty() && (view.row.schedule.empty() || view.row.schedule == schedule))
            pauses.push(shape_of(view.row));
    if (!pauses.list().empty()) shape.set("pauses", std::move(pauses));
    return shape;
}

Value RunningMaster::schedules(const Permit& permit) const {
    permit.expect(Permission::schedules_read);
    const auto snapshot = catalog_.in_force();
    const auto now = clock_.wall_ms();
    Value list = Value::array();
    for (const auto& schedule : snapshot->catalog->schedules()) {
        const auto names = targets_of(schedule, *snapshot);
        Value shape = shape_of(schedule);
        shape.set("targets", names.size());
        std::optional<std::int64_t> next;
        for (const auto& name : names)
            if (const auto start = next_start_ms(schedule, name.text(), now)) next = std::min(*start, next.value_or(*start));
        if (next) shape.set("next_ms", *next);
        list.push(with_pauses(std::move(shape), schedule.name, names, *snapshot));
    }
    Value value = Value::object();
    value.set("schedules", std::move(list));
    return value;
}

Value RunningMaster::schedule(const Permit& permit, const std::string& name) const {
    permit.expect(Permission::schedules_read);
    const auto snapshot = catalog_.in_force();
    const auto& schedule = schedule_named(snapshot->catalog->schedules(), name);
    std::map<TargetId, SlotRow> slots;
    for (auto& row : store_.slots(name)) slots.emplace(row.target, std::move(row));
    Value on = Value::array();
    const auto names = targets_of(schedule, *snapshot);
    for (const auto& target : names) {
        const auto* const known = snapshot->catalog->target(target);
        const bool by_master = known != nullptr && known->executor == "ssh";
        Value shape = shape_of(schedule, target.text(), by_master, clock_.wall_ms());
        const auto slot = slots.find(target);
        Value last = by_master && slot != slots.end() && slot->second.taken_ms != 0 && !slot->second.note.empty()
                         ? not_begun(slot->second)
                         : last_run(name, target);
        if (!last.is_null()) shape.set("last", std::move(last));
        on.push(with_pauses(std::move(shape), name, {target}, *snapshot));
    }
    Value shape = shape_of(schedule);
    shape.set("targets", names.size());
    shape.set("on", std::move(on));
    return shape;
}

// The last job that a schedule began on a target; null where there is none.
Value RunningMaster::last_run(const std::string& schedule, const TargetId& target) const {
    RunFilter filter;
    filter.target = target;
    filter.schedule = schedule;
    filter.limit = 1;
    const auto runs = store_.runs(filter);
    if (runs.empty()) return {};
    const auto& [job, run] = runs.front();
    Value last = Value::object();
    last.set("due_ms", job.slot_ms);
    last.set("job", job.id.text());
    if (run.phase == TargetPhase::ended) last.set("end", name_of(run.end));
    return last;
}

std::vector<PauseView> RunningMaster::pauses(const Permit& permit) const {
    permit.expect(Permission::schedules_read);
    const auto snapshot = catalog_.usable();
    return pauses_.views(targets_.names(snapshot.get()), snapshot.get());
}

void RunningMaster::pause(const Permit& permit, PauseAsked asked, Reply<PauseView> reply) {
    permit.expect(Permission::schedules_write);
    front_([this, permit, asked = std::move(asked), reply = std::move(reply)] {
        try {
            const auto row = pauses_.checked(asked, {permit.who(), permit.from()}, catalog_.usable().get());
            write_pause(row, row, record_of("schedules.pause", permit, clock_.wall_ms(), row), reply);
        } catch (const Error& error) {
            reply({std::nullopt, std::make_shared<Error>(error)});
        }
    });
}

void RunningMaster::resume(const Permit& permit, std::string expression, std::string schedule, Reply<PauseView> reply) {
    permit.expect(Permission::schedules_write);
    front_([this, permit, expression = std::move(expression), schedule = std::move(schedule), reply = std::move(reply)] {
        try {
            const auto row = pauses_.find(schedule, expression, catalog_.usable().get());
            write_pause(DropPause{schedule, expression}, row,
                        record_of("schedules.resume", permit, clock_.wall_ms(), row), reply);
        } catch (const Error& error) {
            reply({std::nullopt, std::make_shared<Error>(error)});
        }
    });
}

// What has ended by itself goes with it, so that the list does not grow for ever. In the front's thread.
void RunningMaster::write_pause(Write change, const PauseRow& row, AuditRow record, Reply<PauseView> reply) {
    PauseView view{row, {}};
    const auto snapshot = catalog_.usable();
    const auto expression = TargetExpression::parse(row.expression);
    for (const auto& name : targets_.names(snapshot.get()))
        if (targets_.means(expression, snapshot.get(), name)) view.targets.push_back(name);
    Batch batch;
    for (const auto& old : store_.pauses())
        if (old.until_ms <= clock_.wall_ms()) batch.push_back(DropPause{old.schedule, old.expression});
    batch.push_back(std::move(change));
    batch.push_back(std::move(record));
    store_.write(std::move(batch), [this, loop = loop_, view = std::move(view), reply = std::move(reply)](const Error* error) {
        if (error != nullptr) return reply({std::nullopt, std::make_shared<Error>(*error)});
        loop([this] { schedules_.changed(); });
        reply({view, nullptr});
    });
}

}  // namespace prove
