// What agents do by their own clocks: the sheets that they go by, and the runs that they made while there was no master
// to ask. Such a run becomes a job like any other, once, when it is told.
#include "common/time/new_job.hpp"
#include "master/jobs/dispatch.hpp"

namespace prove {

namespace {

constexpr std::size_t longest_name = 200;

bool is_known_operation(const std::string& operation) {
    return operation == "states" || operation == "cmd";
}

JobRow job_of(const JobResult& result, const TargetId& agent, std::int64_t now_ms) {
    const OwnRun& own = *result.own;
    JobRow row;
    row.id = result.job;
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
    if (book_.find(result.job) != nullptr) return false;  // on its way to the store; `stored` follows that
    if (!own_results_.allow(key.hex(), boot())) return false;  // it says it again
    const auto row = keys_.find(key);
    const auto& own = *result.own;
    const auto stored = store_.job_target(result.job, row->name);
    const bool is_its_own = stored && stored->key == key;
    const bool impossible = !is_known_operation(own.operation) || own.scheduled.schedule.size() > longest_name ||
                            (!is_its_own && store_.job(result.job));
    if (!impossible && !is_its_own) return true;
    if (impossible)
        log_.warning("an agent told of a run of its own that cannot be one",
                     {{"name", row->name.text()}, {"job", result.job.text()}});
    book_.add_stored(key, result.job);
    return false;
}

void Dispatch::take_own_result(const KeyId& key, const JobResult& result, const Value& body, std::string body_text) {
    if (!is_new_own(key, result)) return;
    const auto name = keys_.find(key)->name;
    ActiveJob active;
    active.row = job_of(result, name, wall());
    active.created_boot_ms = boot();
    auto& target = active.targets[name];
    target.row.job = result.job;
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
    keep_standing({name, key, result.job, ended_ms, std::min(made_ms(result.job), wall())}, judged);
    book_.result(job, added, std::move(body_text), wall());
    book_.end(job, added, judged, ended_ms);
    book_.add_stored(key, result.job);
    log_.info("a run without a master is told",
              {{"job", result.job.text()}, {"target", name.text()}, {"end", name_of(judged.end)}});
}

}  // namespace prove
