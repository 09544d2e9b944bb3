// Operators' hands on schedules.
#include "common/text/text.hpp"
#include "master/commands/running_master.hpp"

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

}  // namespace

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
    store_.write(std::move(batch), [this, view = std::move(view), reply = std::move(reply)](const Error* error) {
        if (error != nullptr) return reply({std::nullopt, std::make_shared<Error>(*error)});
        schedules_.changed();
        reply({view, nullptr});
    });
}

}  // namespace prove
