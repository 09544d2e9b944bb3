// Events, ends and their rows.
#include "master/jobs/job_book.hpp"

#include "common/text/utf8.hpp"

namespace prove {

namespace {

// A job's events are for watching; the results have everything. Beyond this only what a summary needs is kept.
constexpr std::uint64_t most_events = 100'000;
constexpr std::uint64_t most_event_bytes = 32u << 20;
constexpr std::size_t longest_reason = 4'000;

bool is_essential(const std::string& kind) {
    return kind == "accepted" || kind == "target_ended" || kind == "job_ended" || kind == "late_result";
}

std::uint64_t weight(const Value& body) {
    if (body.is_text()) return body.text().size();
    if (!body.is_mapping()) return 16;
    std::uint64_t sum = 16;
    for (const auto& member : body.mapping()) sum += weight(member.value);
    return sum;
}

// The job that a row belongs to; zero where to none.
struct JobOf {
    JobId operator()(const JobRow& row) const { return row.id; }
    JobId operator()(const JobTargetRow& row) const { return row.job; }
    JobId operator()(const ResultRow& row) const { return row.job; }
    JobId operator()(const EventRow& row) const { return row.job; }
    JobId operator()(const StandingRow& row) const { return row.job; }
    JobId operator()(const AuditRow& row) const { return JobId::from_text(row.job).value_or(JobId()); }
    template <class Other>
    JobId operator()(const Other&) const {
        return {};
    }
};

}  // namespace

ActiveTarget* ActiveJob::target_of(const KeyId& key) {
    const auto found = by_key.find(key);
    return found == by_key.end() ? nullptr : &targets.at(found->second);
}

ActiveJob& JobBook::add(ActiveJob job) {
    for (auto& [name, target] : job.targets) {
        if (!target.row.key.is_zero()) job.by_key[target.row.key] = name;
        if (target.ended()) continue;
        ++job.open;
        if (target.row.phase == TargetPhase::preparing) ++job.preparing;
    }
    const auto id = job.row.id;
    return jobs_[id] = std::move(job);
}

ActiveJob* JobBook::find(const JobId& id) {
    const auto found = jobs_.find(id);
    return found == jobs_.end() ? nullptr : &found->second;
}

void JobBook::event(ActiveJob& job, const TargetId& target, std::string kind, Value body, std::int64_t now_ms) {
    if (!is_essential(kind)) {
        // Nobody watches the states of what a schedule began, and there are very many; its report has them.
        if (job.events_cut || (!job.row.schedule.empty() && kind.starts_with("state_"))) return;
        job.event_bytes += weight(body);
        if (job.last_event >= most_events || job.event_bytes > most_event_bytes) {
            job.events_cut = true;
            kind = "events_cut";
            body = Value::object();
        }
    }
    EventRow row;
    row.job = job.row.id;
    row.number = ++job.last_event;
    row.time_ms = now_ms;
    row.target = target;
    row.kind = std::move(kind);
    row.body = std::move(body);
    changes_.batch.push_back(std::move(row));
    changes_.jobs.insert(job.row.id);
}

void JobBook::accepted(ActiveJob& job, ActiveTarget& target, std::int64_t now_ms) {
    if (target.row.phase == TargetPhase::preparing) --job.preparing;
    target.row.phase = TargetPhase::running;
    target.row.accepted_ms = now_ms;
    target.left = true;
    save(target);
    event(job, target.row.target, "accepted", Value::object(), now_ms);
}

void JobBook::end(ActiveJob& job, ActiveTarget& target, const Judged& how, std::int64_t now_ms) {
    if (target.ended()) throw Error(ErrorKind::internal, "a target of a job ended twice");
    if (target.row.phase == TargetPhase::preparing) --job.preparing;
    target.row.phase = TargetPhase::ended;
    target.row.end = how.end;
    // Targets say it, and lists show it.
    target.row.reason = std::string(utf8_prefix(how.reason, longest_reason));
    target.row.cause = how.cause;
    target.row.summary = how.summary;
    target.row.ended_ms = now_ms;
    target.command.reset();
    save(target);
    counts_.count(job.row, target.row);
    Value body = Value::object();
    body.set("end", Value(name_of(how.end)));
    body.set("reason", Value(target.row.reason));
    if (!how.cause.empty()) body.set("cause", Value(how.cause));
    if (!how.summary.is_null()) body.set("summary", how.summary);
    event(job, target.row.target, "target_ended", std::move(body), now_ms);
    if (--job.open > 0) return;
    job.row.ended = true;
    job.row.ended_ms = now_ms;
    for (const auto& [name, one] : job.targets) ++job.row.ends[one.row.end];
    changes_.batch.push_back(job.row);
    event(job, TargetId(), "job_ended", Value::object(), now_ms);
}

void JobBook::result(ActiveJob& job, const ActiveTarget& target, std::string body, std::int64_t now_ms) {
    ResultRow row;
    row.job = job.row.id;
    row.target = target.row.target;
    row.stored_ms = now_ms;
    row.body = std::move(body);
    changes_.batch.push_back(std::move(row));
}

JobBook::Changes JobBook::take_changes() {
    return std::exchange(changes_, Changes{});
}

void JobBook::put_back(Changes changes) {
    const auto append = [](auto& to, auto& from) {
        to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
    };
    append(changes.batch, changes_.batch);
    append(changes.stored, changes_.stored);
    append(changes.then, changes_.then);
    changes.jobs.merge(changes_.jobs);
    changes_ = std::move(changes);
}

std::vector<JobBook::Changes> JobBook::parted(Changes changes) {
    std::map<JobId, Changes> parts;
    for (auto& row : changes.batch) {
        const auto job = std::visit(JobOf{}, row);
        parts[job].batch.push_back(std::move(row));
    }
    for (const auto& job : changes.jobs) parts[job].jobs.insert(job);
    for (const auto& stored : changes.stored) parts[stored.second].stored.push_back(stored);
    for (auto& then : changes.then) {
        const auto job = then.job;
        parts[job].then.push_back(std::move(then));
    }
    std::vector<Changes> list;
    for (auto& [job, part] : parts) list.push_back(std::move(part));
    return list;
}

void JobBook::forget(const std::set<JobId>& jobs) {
    for (const auto& id : jobs) {
        const auto found = jobs_.find(id);
        if (found != jobs_.end() && found->second.row.ended) jobs_.erase(found);
    }
}

}  // namespace prove
