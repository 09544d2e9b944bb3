// Results that come late, twice, or as nobody can read them.
#include "master/jobs/dispatch.hpp"

namespace prove {

// A result that cannot be taken ends its target all the same: it would be the same each time it is said.
void Dispatch::on_result_message(const KeyId& key, const Verified& message) {
    try {
        on_result(key, job_result_from(read_body(message)));
    } catch (const Error& error) {
        if (error.kind() == ErrorKind::internal) throw;
        give_up_result(key, message.header().job, "its agent sent a result that cannot be read: " + error.text());
    }
}

void Dispatch::give_up_result(const KeyId& key, const JobId& id, const std::string& why) {
    auto* const job = book_.find(id);
    auto* const target = job != nullptr ? job->target_of(key) : nullptr;
    collecting_.erase({key, id});
    if (target != nullptr && !target->ended()) {
        if (target->row.phase != TargetPhase::running) book_.accepted(*job, *target, wall());
        end(*job, *target, TargetEnd::failed, why);
    }
    book_.add_stored(key, id);
}

// A result of a target that has ended: said twice, or after the master had given it up. It is kept beside the end.
void Dispatch::on_late_result(const KeyId& key, const JobResult& result, std::string body_text) {
    const auto name = keys_.find(key)->name;
    const auto row = store_.job_target(result.job, name);
    if (!row || row->key != key) {
        // Forgotten long ago, or never this agent's: nothing to keep, and no reason to hear it again.
        if (book_.find(result.job) == nullptr) book_.add_stored(key, result.job);
        return;
    }
    if (row->phase != TargetPhase::ended) return;  // its end is on its way to the store; `stored` follows that
    if (store_.result(result.job, name)) return book_.add_stored(key, result.job);
    auto late = *row;
    late.late = true;
    ResultRow kept;
    kept.job = result.job;
    kept.target = name;
    kept.stored_ms = wall();
    kept.body = std::move(body_text);
    EventRow event;
    event.job = result.job;
    event.time_ms = wall();
    event.target = name;
    event.kind = "late_result";
    event.body.set("end", Value(name_of(result.end)));
    event.body.set("reason", Value(result.reason));
    if (auto* const job = book_.find(result.job)) {
        event.number = ++job->last_event;
        book_.add_change(late);
        book_.add_change(kept);
        book_.add_change(event);
        book_.touch(result.job);
        return book_.add_stored(key, result.job);
    }
    // A batch of its own: the job may be pruned in this moment, and what is stored of others must not fail with it. One
    // of a job at a time, since its events are numbered by what is stored; the other agent says its result again.
    if (!late_.insert(result.job).second) return;
    event.number = store_.last_event(result.job) + 1;
    store_.write({late, kept, event}, [this, key, id = result.job](const Error* error) {
        late_.erase(id);
        if (error != nullptr && error->kind() == ErrorKind::failed) failed_ = true;
        if (error != nullptr) return;
        book_.touch(id);
        book_.add_stored(key, id);
        settle();
    });
}

}  // namespace prove
