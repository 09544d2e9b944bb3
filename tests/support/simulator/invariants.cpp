// The checks, each under its number.
#include "tests/support/simulator/invariants.hpp"

namespace prove::sim {

namespace {
constexpr std::int64_t revocation_ms = 1'000;
}

void Invariants::fail(const std::string& what) {
    if (!failure_.empty() || (!only_.empty() && !what.starts_with(only_ + ":"))) return;
    failure_ = "after " + std::to_string(stage_.queue.now()) + " ms: " + what;
    stage_.trace.add("BROKEN " + what);
}

void Invariants::acknowledged(const JobId& job) {
    acknowledged_.insert(job);
    if (!store_.job(job)) fail("2: job " + job.short_text() + " was acknowledged and is not in the store");
}

void Invariants::executed(const std::string& agent, const JobId& job) {
    const auto name = job.short_text();
    if (++executions_[{job, agent}] > 1) fail("1: " + agent + " executed job " + name + " twice");
    const auto meant = targets_.find(job);
    if (meant == targets_.end() || !meant->second.contains(agent))
        fail("3: " + agent + " executed job " + name + ", which did not mean it");
    read_audit();
    if (!audited_.contains(job.text())) fail("8: job " + name + " was executed and is not in the audit log");
}

void Invariants::executed_own(const std::string& agent, const JobId& job) {
    ++own_runs_;
    if (++executions_[{job, agent}] > 1) fail("1: " + agent + " executed its own run " + job.short_text() + " twice");
}

void Invariants::executed_slot(const std::string& agent, std::int64_t due_ms) {
    if (++slots_[{agent, due_ms}] > 1)
        fail("12: " + agent + " ran the slot of " + std::to_string(due_ms) + " twice");
}

void Invariants::late_came(const std::string& agent, const LateReply& reply, const LateRequest& asked, bool was_kept) {
    ++(was_kept ? late_kept_ : late_asked_);
    if (reply.run.at("for").text() != agent) fail("11: " + agent + " has a late state that was made for another");
    if (reply.run.at("results") != asked.states.back().results)
        fail("11: " + agent + " has a late state that was made of other results");
}

void Invariants::read_audit() {
    for (const auto& row : store_.audit(audit_read_, 10'000)) {
        audit_read_ = row.number;
        if (!row.job.empty()) audited_.insert(row.job);
        if (row.command == "keys.conflict") fail("10: a key is in conflict without cause: " + row.detail);
    }
}

void Invariants::master_sends(const Frames& frames) {
    const auto seen = see(frames.header);
    const auto [at, is_new] = master_sequences_.emplace(seen.sequence, seen.message);
    if (!is_new && at->second != seen.message)
        fail("5: the master used sequence " + std::to_string(seen.sequence) + " twice");
    const bool carries_job = seen.type == MessageType::command || seen.type == MessageType::staterun ||
                             seen.type == MessageType::announcement;
    if (carries_job && !audited_.contains(seen.job.text())) {
        read_audit();
        if (!audited_.contains(seen.job.text()))
            fail("8: job " + seen.job.short_text() + " was sent before it was in the audit log");
    }
    check_revoked(frames, seen);
}

void Invariants::check_revoked(const Frames& frames, const Seen& seen) {
    for (const auto& [key, revoked] : revoked_) {
        if (stage_.queue.now() < revoked.at_ms + revocation_ms) continue;
        const bool alone =
            seen.audience_kind == AudienceKind::agent && seen.audience == std::string(audience_of(key).view());
        // The list stands before the body: a count of 2 bytes and the keys.
        const bool listed =
            seen.audience_kind == AudienceKind::list && frames.payload.find(key.view()) != std::string::npos;
        if (alone || listed)
            fail("7: " + revoked.agent + " was sent '" + name_of(seen.type) + "' though its key is revoked");
    }
}

void Invariants::agent_sends(const std::string& agent, const Frames& frames) {
    const auto seen = see(frames.header);
    auto& watched = agents_[agent];
    if (seen.sequence <= watched.sequence)
        fail("5: " + agent + " sent sequence " + std::to_string(seen.sequence) + " again");
    watched.sequence = seen.sequence;
    if (seen.type != MessageType::accepted) return;
    const auto accepted = accepted_from(read_json(frames.payload));
    if (!accepted.refused) watched.told_accepted.insert(accepted.job);
}

void Invariants::journal_opened(const std::string& agent, const AgentJournal& journal) {
    auto& watched = agents_[agent];
    const auto id = journal.id().hex();
    if (!watched.journal.empty() && watched.journal != id) fail("4: " + agent + " lost its journal");
    watched.journal = id;
    for (const auto& job : watched.told_accepted)
        if (journal.find(job) == nullptr)
            fail("2: " + agent + " said that it had taken job " + job.short_text() + " and forgot it");
}

void Invariants::look_at(const std::string& agent, const AgentJournal& journal, const KeyId& master) {
    auto& watched = agents_[agent];
    const auto low_water = journal.low_water(master);
    if (low_water < watched.low_water) fail("5: low water of " + agent + " fell");
    if (journal.generation() < watched.generation) fail("4: the generation of " + agent + " fell");
    watched.low_water = low_water;
    watched.generation = journal.generation();
}

void Invariants::revoked(const std::string& agent, const KeyId& key) {
    revoked_.emplace(key, Revoked{agent, stage_.queue.now()});
}

void Invariants::look_at_store() {
    read_audit();
    for (const auto& job : acknowledged_)
        if (!store_.job(job)) fail("2: job " + job.short_text() + " was acknowledged and is gone");
    const auto epoch = SimClock(stage_.queue).wall_ms() - stage_.queue.now();
    for (const auto& [key, revoked] : revoked_) {
        const auto too_late = epoch + revoked.at_ms + revocation_ms;
        for (const auto& [job, targets] : targets_) {
            const auto row = store_.job_target(job, TargetId(revoked.agent));
            if (!row || row->key != key) continue;
            const bool by_agent =
                row->phase == TargetPhase::ended && row->end == TargetEnd::done && row->ended_ms > too_late;
            if (by_agent || row->accepted_ms > too_late)
                fail("7: " + revoked.agent + " changed job " + job.short_text() + " though its key is revoked");
        }
    }
}

void Invariants::expect_all_ended() {
    look_at_store();
    for (const auto& job : acknowledged_) {
        const auto row = store_.job(job);
        if (!row || !row->ended) fail("10: job " + job.short_text() + " has not ended");
        for (const auto& target : store_.job_targets(job)) {
            const auto what = "job " + job.short_text() + " for " + target.target.text();
            if (target.phase != TargetPhase::ended) fail("10: " + what + " has not ended");
            if (target.end != TargetEnd::done && target.reason.empty()) fail("A1: " + what + " ended without a reason");
            // Nothing runs where the master says that it was done, and only there is it said.
            if (target.end == TargetEnd::done && !executions_.contains({job, target.target.text()}))
                fail("3: " + what + " is called done and was never executed");
        }
    }
    for (const auto& [job, agent] : finished_) {
        bool gone = false;
        for (const auto& [key, revoked] : revoked_) gone = gone || revoked.agent == agent;
        const auto result = store_.result(job, TargetId(agent));
        if (gone) continue;
        if (!result)
            fail("P3: the result of job " + job.short_text() + " of " + agent + " was lost");
        else if (result->body.find("\"" + agent + " " + job.text() + "\"") == std::string::npos)
            fail("P3: the result of job " + job.short_text() + " of " + agent + " is another one's");
    }
    if (first_bad_audit(store_)) fail("P28: the audit chain is broken");
}

Invariants::Counts Invariants::counts() const {
    Counts counts;
    counts.jobs = acknowledged_.size();
    counts.executions = executions_.size();
    counts.slots = slots_.size();
    counts.own_runs = own_runs_;
    counts.late_asked = late_asked_;
    counts.late_kept = late_kept_;
    for (const auto& [job, agent] : finished_) counts.results += store_.result(job, TargetId(agent)) ? 1u : 0u;
    return counts;
}

}  // namespace prove::sim
