// What agents do by their own clocks: the sheets that they go by, and the runs that they made while there was no master
// to ask. Such a run becomes a job like any other, once, when it is told.
#include "common/time/new_job.hpp"
#include "master/jobs/dispatch.hpp"

namespace prove {

namespace {

constexpr std::int64_t ahead_ms = 300'000;  // so far an agent's clock may be before this one

// The same id, of a time long ago.
JobId filed_long_ago(const JobId& id) {
    auto raw = id.raw();
    raw.bytes[0] &= 0x1f;  // of the seconds since 1970: before 1988
    return JobId(raw);
}

// Ids sort by time, and every list goes by them from the newest. A run of a time that has not come would head the lists
// of all targets for as long; so it is filed at their end, under an id that is the same each time it is told.
JobId id_here(const JobId& id, std::int64_t now_ms) {
    return made_ms(id) <= now_ms + ahead_ms ? id : filed_long_ago(id);
}

bool is_known_operation(const std::string& operation) {
    return operation == "states" || operation == "cmd";
}

JobRow job_of(const JobResult& result, const JobId& id, const TargetId& agent, std::int64_t now_ms) {
    const OwnRun& own = *result.own;
    JobRow row;
    row.id = id;
    row.operation = own.operation;
    row.expression = agent.text();
    if (own.operation == "states") row.options.set("mode", Value(name_of(own.mode)));
    row.who = "schedule " + own.scheduled.schedule;
    row.from = "agent " + agent.text() + ", by itself";
    row.created_ms = std::min(result.started_ms, now_ms);
    row.not_after_ms = row.created_ms;
    row.catalog = own.catalog;
    row.targets = 1;
    row.schedule = own.scheduled.schedule;
    row.slot_ms = own.scheduled.due_ms;
    return row;
}

}  // namespace

void Dispatch::send_sheet(const ScheduleSheet& sheet) {
    const auto holder = keys_.holder(sheet.target);
    if (!holder || holder->state != KeyState::accepted) return;
    Issue what;
    what.type = MessageType::schedules;
    what.kind = AudienceKind::agent;
    what.agent = holder->id;
    send_to(holder->id, what, write_json(to_value(sheet)));
}

// Whether there is a new job in it. One that is stored already is confirmed again; an id that is another's, or names
// what no agent does by itself, is nothing that could ever be kept: it is told once, and not asked for again.
bool Dispatch::is_new_own(const KeyId& key, const JobResult& result) {
    const auto id = id_here(result.job, wall());
    if (book_.find(id) != nullptr) return false;  // on its way to the store; `stored` follows that
    if (!own_results_.allow(key.hex(), boot())) return false;  // it says it again
    const auto row = keys_.find(key);
    const auto is_its_own = [&](const JobId& known) {
        const auto stored = store_.job_target(known, row->name);
        return stored && stored->key == key;
    };
    const bool is_known = is_its_own(id) || is_its_own(filed_long_ago(result.job));
    const bool impossible = !is_known_operation(result.own->operation) || (!is_known && store_.job(id));
    if (!impossible && !is_known) return true;
    if (impossible)
        log_.warning("an agent told of a run of its own that cannot be one",
                     {{"name", row->name.text()}, {"job", result.job.text()}});
    book_.add_stored(key, result.job);
    return false;
}

void Dispatch::take_own_result(const KeyId& key, const JobResult& result, const Value& body, std::string body_text) {
    if (!is_new_own(key, result)) return;
    const auto name = keys_.find(key)->name;
    const auto id = id_here(result.job, wall());
    if (id != result.job)
        log_.warning("an agent told of a run of a time that has not come: its clock was wrong when it ran",
                     {{"name", name.text()}, {"job", id.text()}});
    ActiveJob active;
    active.row = job_of(result, id, name, wall());
    active.created_boot_ms = boot();
    auto& target = active.targets[name];
    target.row.job = id;
    target.row.target = name;
    target.row.key = key;
    target.row.phase = TargetPhase::waiting;
    auto& job = book_.add(std::move(active));
    auto& added = job.targets.at(name);
    book_.add_change(job.row);
    book_.accepted(job, added, std::clamp<std::int64_t>(result.started_ms, 1, wall()));
    auto judged = judge(job.row, result, body);
    if (!result.own->why.empty())
        judged.reason += (judged.reason.empty() ? "" : "; ") + result.own->why;
    const auto ended_ms = std::clamp<std::int64_t>(result.finished_ms, 1, wall());
    // When it was made says its id, by the master's time as the agent knew it.
    keep_standing({name, key, id, ended_ms, std::min(made_ms(result.job), wall())}, judged);
    keep_details(key, job, added, judged, std::move(body_text));
    book_.end(job, added, judged, ended_ms);
    book_.add_stored(key, result.job);
    log_.info("a run without a master is told",
              {{"job", id.text()}, {"target", name.text()}, {"end", name_of(judged.end)}});
}

// What nobody asked for is kept within bounds, so that no agent fills the database with its own and everybody else's
// history makes way. What it came to is kept in any case.
void Dispatch::keep_details(const KeyId& key, ActiveJob& job, const ActiveTarget& target, Judged& judged, std::string body) {
    const auto kib = static_cast<double>(body.size()) / 1024;
    if (!job.row.schedule.empty() && !unasked_kib_.allow(key.hex(), boot(), kib)) {
        judged.reason += (judged.reason.empty() ? "" : "; ") + std::string("its details are not kept: there were too many");
        body = "{}";
    }
    book_.result(job, target, std::move(body), wall());
}

}  // namespace prove
