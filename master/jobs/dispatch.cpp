// Jobs from submit to their ends, and what becomes durable when.
#include "master/jobs/dispatch.hpp"

#include "common/text/text.hpp"

namespace prove {

namespace {

constexpr std::int64_t retry_commit_ms = 1'000;
constexpr std::int64_t cancel_patience_ms = 30'000;

AuditRow audit_of(const NewJob& job, std::int64_t now_ms) {
    AuditRow record;
    record.time_ms = now_ms;
    record.who = job.row.who;
    record.from = job.row.from;
    record.command = job.permission;
    record.decision = "allowed";
    for (const auto& target : job.targets) record.targets.push_back(target.name.text());
    record.job = job.row.id.text();
    record.catalog = job.row.catalog;
    record.detail = job.row.expression;
    return record;
}

}  // namespace

Dispatch::Dispatch(Parts parts, SignedKeyset keyset, DispatchSettings settings)
    : clock_(parts.clock),
      net_(parts.net),
      store_(parts.store),
      keys_(parts.keys),
      desk_(parts.desk),
      signer_(parts.signer),
      pool_(parts.pool),
      carrier_(parts.carrier),
      operations_(parts.operations),
      connections_(parts.connections),
      log_(std::move(parts.log)),
      keyset_(std::move(keyset)),
      settings_(settings),
      refusals_(parts.clock),
      next_heartbeat_boot_ms_(parts.clock.boot_ms() + settings.heartbeat_ms) {
    desk_.on_lost([this](const KeyRow& row) { key_lost(row); });
}

void Dispatch::submit(NewJob job, std::function<void(const Error*)> done) {
    Batch batch;
    job.row.targets = job.targets.size();
    std::vector<JobTargetRow> rows;
    for (const auto& meant : job.targets) {
        JobTargetRow row;
        row.job = job.row.id;
        row.target = meant.name;
        if (meant.carried) {
            row.key = carried_key(meant.name);
            row.phase = TargetPhase::waiting;
        } else if (const auto holder = keys_.holder(meant.name)) {
            row.key = holder->id;
        }
        rows.push_back(std::move(row));
    }
    // Who asked for what is in the audit log before anything is sent (S89).
    batch.push_back(job.row);
    for (const auto& row : rows) batch.push_back(row);
    batch.push_back(audit_of(job, wall()));
    store_.write(std::move(batch),
                 [this, job = std::move(job), rows, done = std::move(done)](const Error* error) mutable {
                     if (error != nullptr && error->kind() == ErrorKind::failed) failed_ = true;
                     done(error);
                     if (error != nullptr) return;
                     start(std::move(job), rows);
                     settle();
                 });
}

void Dispatch::start(NewJob job, const std::vector<JobTargetRow>& rows) {
    log_.info(
        "job made",
        {{"job", job.row.id.text()}, {"operation", job.row.operation}, {"who", job.row.who}, {"targets", rows.size()}});
    ActiveJob active;
    active.row = job.row;
    active.preparer = job.preparer;
    active.created_boot_ms = boot();
    for (const auto& row : rows) active.targets[row.target].row = row;
    auto& added = book_.add(std::move(active));
    for (const auto& meant : job.targets) {
        auto& target = added.targets.at(meant.name);
        target.carried = meant.carried;
        const auto key = keys_.find(target.row.key);
        if (!meant.refused.empty())
            end(added, target, TargetEnd::refused, meant.refused);
        else if (target.carried)
            carry(added, target);
        else if (!key)
            end(added, target, TargetEnd::unreachable, "no agent of that name is accepted; see: prove-cli keys list");
        else if (key->state == KeyState::conflict)
            end(added, target, TargetEnd::refused,
                "two machines use its key (" + key->note + "); see: prove-cli keys list");
        else if (key->state != KeyState::accepted)
            end(added, target, TargetEnd::unreachable, std::string("its key is ") + name_of(key->state));
        else
            prepare(added, target);
    }
}

CommandWish Dispatch::wish_for(const ActiveJob& job, const ActiveTarget& target) const {
    const auto key = keys_.find(target.row.key);
    CommandWish wish;
    wish.job = job.row.id;
    wish.target = target.row.target;
    wish.key = target.row.key;
    wish.seal_key = key->seal;
    wish.cluster = signer_.cluster();
    wish.operation = job.row.operation;
    if (!job.row.schedule.empty()) wish.scheduled = {job.row.schedule, job.row.slot_ms};
    return wish;
}

void Dispatch::prepare(ActiveJob& job, ActiveTarget& target) {
    CommandWish wish = wish_for(job, target);
    // A number that only rises, for every agent (S53): one that no envelope has had.
    wish.generation = signer_.take_sequence();
    pool_.prepare(job.preparer, std::move(wish));
}

void Dispatch::prepared(ReadyCommand ready) {
    if (ready.wish.late) compiling_late_.erase({ready.wish.key, ready.wish.job});
    auto* const job = book_.find(ready.wish.job);
    auto* const target = job != nullptr ? job->target_of(ready.wish.key) : nullptr;
    if (target == nullptr) return;
    const auto slot = std::pair(ready.wish.key, ready.wish.job);
    if (ready.wish.late) return late_compiled(*target, std::move(ready));
    if (!ready.error && !target->ended()) serving_.offer(ready.wish.key, ready.wish.job, std::move(ready.contents));
    if (const auto waiting = waiting_requests_.find(slot); waiting != waiting_requests_.end()) {
        const auto requests = std::move(waiting->second);
        waiting_requests_.erase(waiting);
        for (const auto& request : requests) on_file_request(ready.wish.key, request);
    }
    if (target->row.phase != TargetPhase::preparing) return;
    if (ready.error) {
        not_prepared(*job, *target, *ready.error, std::move(ready.diagnostics));
        return;
    }
    Issue what;
    what.type = ready.type;
    what.kind = AudienceKind::agent;
    what.agent = ready.wish.key;
    what.job = ready.wish.job;
    what.sealed = true;
    what.dry_run = ready.dry_run;
    what.not_after_ms = job->row.not_after_ms;
    if (wall() >= job->row.not_after_ms) return;  // tick() ends it as expired
    target->command = signer_.issue(what, std::move(ready.payload));
    target->sequence = signer_.newest_sequence();
    target->row.phase = TargetPhase::waiting;
    --job->preparing;
    // Whoever looks is to see what it waits for; where it is taken in a moment, that row is enough.
    if (!connections_.connected(ready.wish.key)) book_.save(*target);
    target->resend_delay_ms = settings_.resend_ms;
    target->resend_boot_ms = boot() + settings_.resend_ms;
    job->ready.push_back(ready.wish.key);
    if (job->announce_boot_ms == 0) job->announce_boot_ms = boot() + settings_.announce_within_ms;
    if (target->fetch_waits) send_command(*target);
}

void Dispatch::not_prepared(ActiveJob& job, ActiveTarget& target, const Error& error, Value diagnostics) {
    if (diagnostics.is_null()) return end(job, target, TargetEnd::failed, error.text());
    Value body = Value::object();
    const auto count = diagnostics.list().size();
    body.set("diagnostics", std::move(diagnostics));
    book_.result(job, target, write_json(body), wall());
    end(job, target, TargetEnd::failed,
        "its states do not compile: " + counted(count, "problem") + "; nothing was sent to it", "catalog");
}

void Dispatch::end(ActiveJob& job, ActiveTarget& target, TargetEnd how, std::string reason, std::string cause) {
    Judged judged;
    judged.end = how;
    judged.reason = std::move(reason);
    judged.cause = std::move(cause);
    book_.end(job, target, judged, wall());
    collecting_.erase({target.row.key, job.row.id});
    serving_.finish(target.row.key, job.row.id);
}

void Dispatch::cancel(const JobId& id, const std::optional<TargetId>& only, const Decider& by,
                      std::function<void(const Error*)> done) {
    auto* const job = book_.find(id);
    if (job == nullptr || job->row.ended)
        throw Error(ErrorKind::usage, "job " + id.short_text() + " has ended already");
    if (only && !job->targets.contains(*only))
        throw Error(ErrorKind::missing, "job " + id.short_text() + " has no target " + quoted(only->text()));
    AuditRow record;
    record.time_ms = wall();
    record.who = by.who;
    record.from = by.from;
    record.command = "jobs.cancel";
    record.decision = "allowed";
    record.job = id.text();
    for (auto& [name, target] : job->targets) {
        if (target.ended() || (only && name != *only)) continue;
        record.targets.push_back(name.text());
        stop_target(*job, target, by.who);
    }
    if (!only) job->row.cancelled_by = by.who;
    book_.add_change(job->row);
    book_.add_change(record);
    book_.add_then(id, std::move(done));
}

// True where the target has ended by that.
bool Dispatch::stop_target(ActiveJob& job, ActiveTarget& target, const std::string& by) {
    if (!target.left) {
        if (target.carried) carrier_.stop(job.row.id, target.row.target, by);
        end(job, target, TargetEnd::cancelled, "cancelled by " + by + " before it was sent");
        return true;
    }
    if (target.row.cancelled_by != by) {
        target.row.cancelled_by = by;
        book_.save(target);
    }
    target.cancel_until_boot_ms = boot() + cancel_patience_ms;
    send_cancel(target);
    return false;
}

void Dispatch::key_lost(const KeyRow& row) {
    connections_.forget(row.id);
    net_.disconnect(row.id);
    serving_.forget(row.id);
    forget_pieces(row.id, [](const JobResult&) { return true; });
    const bool conflict = row.state == KeyState::conflict;
    for (auto& [id, job] : book_.all()) {
        auto* const target = job.target_of(row.id);
        if (target == nullptr || target->ended()) continue;
        if (!conflict)
            end(job, *target, TargetEnd::cancelled, "its key was revoked");
        else if (target->left)
            end(job, *target, TargetEnd::unreachable, "two machines use its key: " + row.note);
        else
            end(job, *target, TargetEnd::refused, "two machines use its key: " + row.note);
    }
}

void Dispatch::recover() {
    JobFilter filter;
    filter.active_only = true;
    filter.limit = 1'000'000;
    for (const auto& row : store_.jobs(filter)) recover(row);
    settle();
}

void Dispatch::recover(const JobRow& row) {
    ActiveJob active;
    active.row = row;
    active.created_boot_ms = boot() + settings_.grace_after_start_ms;
    active.last_event = store_.last_event(row.id);
    for (auto& target : store_.job_targets(row.id)) {
        auto& entry = active.targets[target.target];
        entry.row = std::move(target);
        entry.carried = entry.row.key == carried_key(entry.row.target);
        if (entry.carried) continue;
        // Whatever was ready is made again; whether the agent has it, its hello tells.
        if (entry.row.phase == TargetPhase::waiting) entry.row.phase = TargetPhase::preparing;
        entry.left = true;
    }
    std::string why_not;
    try {
        active.preparer = operations_.preparer(row);
    } catch (const Error& error) {
        why_not = error.text();
    }
    auto& job = book_.add(std::move(active));
    log_.info("job taken over", {{"job", row.id.text()}, {"operation", row.operation}, {"open", job.open}});
    for (auto& [name, target] : job.targets) {
        if (target.carried) {
            recover_carried(job, target, why_not);
            continue;
        }
        // A cancel of the earlier life holds: it is said again, and nothing is made for those that have not taken it.
        const auto by = target.row.cancelled_by.empty() ? row.cancelled_by : target.row.cancelled_by;
        if (!by.empty() && !target.ended()) {
            stop_target(job, target, by);
            continue;
        }
        if (target.row.phase != TargetPhase::preparing) continue;
        const auto key = keys_.find(target.row.key);
        if (!why_not.empty())
            end(job, target, TargetEnd::cancelled, why_not);
        else if (!key || key->state != KeyState::accepted)
            end(job, target, TargetEnd::unreachable, "no agent of that name is accepted; see: prove-cli keys list");
        else
            prepare(job, target);
    }
}

Dispatch::Figures Dispatch::figures() {
    Figures figures;
    figures.jobs = book_.all().size();
    for (const auto phase : {TargetPhase::preparing, TargetPhase::waiting, TargetPhase::running}) figures.targets[phase] = 0;
    for (const auto& [id, job] : book_.all())
        for (const auto& [name, target] : job.targets)
            if (!target.ended()) ++figures.targets[target.row.phase];
    figures.unstored = book_.waiting_changes() + committing_;
    figures.full = full_;
    return figures;
}

void Dispatch::settle() {
    impatient_ = false;
    for (auto& [id, job] : book_.all()) announce(job);
    if (!book_.has_changes() || committing_ > 0 || full_) return;
    std::vector<JobBook::Changes> all;
    all.push_back(book_.take_changes());
    commit(std::move(all));
}

void Dispatch::commit(std::vector<JobBook::Changes> parts) {
    committing_ += parts.size();
    for (auto& part : parts) {
        const auto changes = std::make_shared<JobBook::Changes>(std::move(part));
        auto batch = changes->batch;
        store_.write(std::move(batch), [this, changes](const Error* error) { committed(std::move(*changes), error); });
    }
}

void Dispatch::committed(JobBook::Changes changes, const Error* error) {
    --committing_;
    if (error != nullptr) {
        if (error->kind() == ErrorKind::failed) failed_ = true;
        if (error->kind() == ErrorKind::invalid) return contradicted(std::move(changes), *error);
        if (!full_) log_.error("cannot store what happened in jobs; trying again", {{"reason", error->text()}});
        full_ = true;
        retry_commit_boot_ms_ = boot() + retry_commit_ms;
        book_.put_back(std::move(changes));
        return;
    }
    standings_stored(changes.batch);
    for (const auto& [key, job] : changes.stored) {
        Issue what;
        what.type = MessageType::stored;
        what.kind = AudienceKind::agent;
        what.agent = key;
        what.job = job;
        send_to(key, what, write_json(to_value(Stored{job})));
    }
    for (const auto& then : changes.then) then.call(nullptr);
    if (std::exchange(missed_, false)) ask_all_again();
    if (told_ && !changes.jobs.empty()) told_(changes.jobs);
    book_.forget(changes.jobs);
    if (book_.has_changes()) settle();
}

// Something in it would never be taken. It must not take along what happened in other jobs: each goes by itself.
void Dispatch::contradicted(JobBook::Changes changes, const Error& error) {
    auto parts = JobBook::parted(std::move(changes));
    if (parts.size() > 1) return commit(std::move(parts));
    for (const auto& part : parts) {
        const auto job = part.jobs.empty() ? std::string() : part.jobs.begin()->text();
        log_.error("what happened contradicts what is stored", {{"job", job}, {"reason", error.text()}});
        for (const auto& then : part.then) then.call(&error);
        standings_stored(part.batch);
        book_.forget(part.jobs);
    }
    if (book_.has_changes()) settle();
}

void Dispatch::tick() {
    if (full_ && boot() >= retry_commit_boot_ms_) full_ = false;  // settle() tries once more
    for (auto& [id, job] : book_.all())
        for (auto& [name, target] : job.targets)
            if (!target.ended()) tick_target(job, target);
    for (const auto& key : connections_.silent_since(boot() - 2 * settings_.heartbeat_ms - 10'000))
        connections_.lost(key);
    if (boot() >= next_heartbeat_boot_ms_) heartbeat();
    for (const auto& seen : refusals_.take_due())
        log_.warning("refused", {{"reason", seen.reason}, {"from", seen.key}, {"times", seen.count}});
}

}  // namespace prove
