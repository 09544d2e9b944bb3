// Targets without an agent. What their carrier tells is booked as what agents say is; what differs is that nobody
// remembers there: prove-exec ends with its connection, and its connection with the master.
#include <algorithm>
#include <utility>

#include "common/text/duration.hpp"
#include "common/text/text.hpp"
#include "master/jobs/dispatch.hpp"

namespace prove {

KeyId carried_key(const TargetId& target) {
    const Hash hash = hash_of("prove.carried.v1 " + target.text());
    KeyId key;
    std::copy_n(hash.bytes.begin(), KeyId::size, key.bytes.begin());
    return key;
}

void Dispatch::carry(ActiveJob& job, ActiveTarget& target) {
    carrier_.carry({job.row.id, target.row.target, job.row.operation, job.preparer});
}

// The target, where it is a carried one that has not ended.
ActiveTarget* Dispatch::carried_target(ActiveJob* job, const TargetId& name) {
    if (job == nullptr) return nullptr;
    const auto found = job->targets.find(name);
    if (found == job->targets.end() || !found->second.carried || found->second.ended()) return nullptr;
    return &found->second;
}

void Dispatch::carried_begins(const JobId& id, const TargetId& name, const Value& facts, std::function<void(bool)> go) {
    auto* const job = book_.find(id);
    auto* const target = carried_target(job, name);
    if (target == nullptr || target->row.phase == TargetPhase::running) return go(false);
    seen(name);
    const auto known = store_.facts(target->row.key);
    if (!known || known->facts != facts) keep_facts(target->row.key, facts);
    book_.accepted(*job, *target, wall());
    book_.add_then(id, [go = std::move(go)](const Error* error) { go(error == nullptr); });
}

void Dispatch::carried_event(const TargetId& name, const JobEvent& event) {
    if (carried_target(book_.find(event.job), name) != nullptr) on_event(carried_key(name), event);
}

void Dispatch::carried_ended(const JobId& id, const TargetId& name, CarriedEnd ended) {
    auto* const job = book_.find(id);
    auto* const target = carried_target(job, name);
    if (target == nullptr) return;
    if (auto* const not_yet = std::get_if<NotBegun>(&ended)) return not_begun(*job, *target, std::move(*not_yet));
    seen(name);
    if (auto* const unmade = std::get_if<NotPrepared>(&ended))
        return not_prepared(*job, *target, unmade->error, std::move(unmade->diagnostics));
    auto& ran = std::get<Ran>(ended);
    take_result(target->row.key, ran.result, ran.result.body, std::move(ran.body_text));
}

void Dispatch::not_begun(ActiveJob& job, ActiveTarget& target, NotBegun what) {
    if (what.end == TargetEnd::cancelled && !target.row.cancelled_by.empty())
        what.reason = "cancelled by " + target.row.cancelled_by + " before it began";
    log_.info("target ended", {{"job", job.row.id.text()},
                               {"target", target.row.target.text()},
                               {"end", name_of(what.end)},
                               {"reason", what.reason}});
    end(job, target, what.end, std::move(what.reason));
}

// It was reached just now.
void Dispatch::seen(const TargetId& target) {
    AgentRow row;
    row.key = carried_key(target);
    row.seen_ms = wall();
    book_.add_change(row);
}

void Dispatch::recover_carried(ActiveJob& job, ActiveTarget& target, const std::string& why_not) {
    if (target.ended()) return;
    const auto by = target.row.cancelled_by.empty() ? job.row.cancelled_by : target.row.cancelled_by;
    if (target.row.phase == TargetPhase::running)
        end(job, target, TargetEnd::interrupted,
            "prove-master ended while it ran over ssh; it was stopped there within a minute, and how far it came is "
            "not "
            "known; run it again");
    else if (!by.empty())
        end(job, target, TargetEnd::cancelled, "cancelled by " + by + " before it began");
    else if (!why_not.empty())
        end(job, target, TargetEnd::cancelled, why_not);
    else
        carry(job, target);
}

// Once begun it ends as its carrier says, which never keeps silent for long.
void Dispatch::tick_carried(ActiveJob& job, ActiveTarget& target) {
    if (!target.row.cancelled_by.empty()) return;
    if (target.row.phase == TargetPhase::running || wall() < job.row.not_after_ms) return;
    const auto life = show_duration(Milliseconds(job.row.not_after_ms - job.row.created_ms));
    carrier_.stop(job.row.id, target.row.target, "the job's time is over");
    end(job, target, TargetEnd::expired,
        "it did not begin within " + life + ": it waited for one of the master's ssh sessions, or for its host");
}

}  // namespace prove
