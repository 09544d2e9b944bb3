// An agent with a schedule every hour and a StateRun that it keeps, and a master that comes and goes.
#pragma once

#include <algorithm>

#include "tests/unit/agent/daemon/world.hpp"

namespace prove::test {

constexpr std::int64_t minute = 60'000, hour = 60 * minute, day = 24 * hour;
inline SheetEntry hourly(SheetEntry::Run run = SheetEntry::Run::apply) {
    SheetEntry entry;
    entry.name = "nightly";
    entry.run = run;
    entry.every_ms = hour;
    if (run != SheetEntry::Run::cmd) return entry;
    entry.command = Value::object();
    entry.command.set("shell", "date");
    return entry;
}

inline ScheduleSheet sheet_of(std::vector<SheetEntry> entries) {
    ScheduleSheet sheet;
    sheet.target = TargetId("web1");
    sheet.entries = std::move(entries);
    return sheet;
}

// A world whose agent has a sheet and, an apply of everything being done, something to run alone.
struct Scheduled : World {
    ScheduleSheet sheet;
    explicit Scheduled(const SheetEntry& entry = hourly()) : sheet(sheet_of({entry})) {
        connect();
        send_sheet(sheet);
        accept_apply(job_number(1), 7);
        pass(1);
        starter = {};
    }
    // Time goes by, with the heartbeats of a master that is there.
    void pass(std::int64_t ms) {
        const auto end = clock.boot + ms;
        while (clock.boot < end) {
            World::pass(std::min(minute, end - clock.boot));
            if (!admits.all || core->status().link != Link::State::up) continue;
            Heartbeat beat;
            beat.time_ms = clock.wall;
            send(MessageType::heartbeat, {}, to_value(beat));
        }
    }
    void accept_apply(const JobId& id, std::uint64_t generation) {
        send(command_frames(id, "states", generation));
        finish(id);
        send(MessageType::stored, id, to_value(Stored{id}));
    }
    std::int64_t slot() const { return (clock.wall / hour) * hour; }
    void pass_to_slot() { pass(hour - clock.wall % hour); }
    std::vector<RunRequest> asked() const {
        std::vector<RunRequest> all;
        for (const auto& body : received(MessageType::run_request)) all.push_back(run_request_from(body));
        return all;
    }
    void answer(const std::string& request, bool waits, const std::string& error = {}, const JobId& id = {}) {
        RunReply reply;
        reply.request = request;
        reply.waits = waits;
        reply.error = error;
        reply.job = id;
        send(MessageType::run_reply, {}, to_value(reply));
    }
    Frames scheduled_command(const JobId& id, std::int64_t due_ms, std::uint64_t generation = 100) {
        auto command = command_for(id, "states", generation);
        command.scheduled = ScheduledSlot{"nightly", due_ms};
        return command_frames(command);
    }
    // The master is not to be reached any more.
    void lose_master() {
        admits.all = false;
        server->disconnect(agent());
        settle();
    }
    void master_is_back() {
        admits.all = true;
        connect();
    }
    std::vector<JobResult> own_results() const {
        std::vector<JobResult> all;
        for (const auto& body : received(MessageType::result)) {
            auto result = job_result_from(body);
            if (result.own) all.push_back(result);
        }
        return all;
    }
    // Runs of its own that the master has not confirmed.
    std::size_t own_jobs() const {
        std::size_t count = 0;
        for (const auto state : {AgentJournal::Job::State::accepted, AgentJournal::Job::State::done})
            for (const auto& id : journal->jobs_in(state)) count += journal->find(id)->own ? 1 : 0;
        return count;
    }
    Value state() { return core->schedules_status(); }
    std::string last_note() { return state().at("entries").list().at(0).at("last").text(); }
};

}  // namespace prove::test
