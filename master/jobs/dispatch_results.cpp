// Results: those that come whole, in pieces, late, twice, or as nobody can read them.
#include "master/jobs/dispatch.hpp"

namespace prove {

namespace {

constexpr std::uint64_t most_result_bytes = 4u << 20;  // section 15
const std::string unreadable_result = "its agent sent a result that cannot be read: ";

}  // namespace

// A result that cannot be taken ends its target all the same: it would be the same each time it is said.
void Dispatch::on_result_message(const KeyId& key, const Verified& message) {
    try {
        on_result(key, job_result_from(read_body(message)));
    } catch (const Error& error) {
        if (error.kind() == ErrorKind::internal) throw;
        give_up_result(key, message.header().job, unreadable_result + error.text());
    }
}

void Dispatch::give_up_result(const KeyId& key, const JobId& id, const std::string& why) {
    auto* const job = book_.find(id);
    auto* const target = job != nullptr ? job->target_of(key) : nullptr;
    // That an agent made a run by itself is kept also where its details cannot be had.
    if (auto collected = collecting_.extract({key, id}); collected && collected.mapped().result().own) {
        JobResult told = collected.mapped().result();
        told.reason = told.reason.empty() ? why : told.reason + "; " + why;
        return take_own_result(key, told, Value::object(), "{}");
    }
    if (target != nullptr && !target->ended()) {
        if (target->row.phase != TargetPhase::running) book_.accepted(*job, *target, wall());
        end(*job, *target, TargetEnd::failed, why);
    }
    book_.add_stored(key, id);
}

void Dispatch::on_result(const KeyId& key, JobResult result) {
    if (!result.blob) {
        auto text = write_json(result.body);
        return take_result(key, result, result.body, std::move(text));
    }
    if (result.blob->size == 0 || result.blob->size > most_result_bytes)
        throw Error(ErrorKind::invalid, "a result of that size is not taken");
    // The pieces of what is kept already are not asked for again: an agent that crashed may not have them any more.
    if (result.own && !is_new_own(key, result)) return;
    if (!result.own && !wants_result(key, result.job)) return on_late_result(key, result, {}, {});
    const auto slot = std::pair(key, result.job);
    auto found = collecting_.find(slot);
    if (found == collecting_.end()) {
        // An agent tells of its own runs one after the other: what it left in the middle it begins anew.
        if (result.own) forget_pieces(key, [](const JobResult& other) { return other.own.has_value(); });
        const auto blob = *result.blob;
        found = collecting_.emplace(slot, Collecting(std::move(result), blob)).first;
    }
    ask_for_result(key, found->second);
}

// Of an agent that is gone they would be kept for ever; one that is back says its results again.
void Dispatch::forget_pieces(const KeyId& key, const std::function<bool(const JobResult&)>& which) {
    std::erase_if(collecting_, [&](const auto& one) { return one.first.first == key && which(one.second.result()); });
}

// Whether a result would be kept: its target has not ended, or has without one.
bool Dispatch::wants_result(const KeyId& key, const JobId& id) {
    auto* const job = book_.find(id);
    const auto* const target = job != nullptr ? job->target_of(key) : nullptr;
    if (target != nullptr && !target->ended()) return true;
    const auto name = keys_.find(key)->name;
    const auto row = store_.job_target(id, name);
    return row && row->key == key && row->phase == TargetPhase::ended && !store_.result(id, name);
}

void Dispatch::on_file_chunk(const KeyId& key, const FileChunk& chunk) {
    const auto found = collecting_.find({key, chunk.job});
    if (found == collecting_.end()) return;
    auto& collecting = found->second;
    if (!chunk.found && chunk.hash == collecting.request().hash)
        return give_up_result(key, chunk.job, "its agent does not have the details of its result any more");
    if (!collecting.take(chunk)) return;
    if (!collecting.complete()) return ask_for_result(key, collecting);
    const auto result = collecting.result();
    auto body = collecting.body();
    collecting_.erase(found);
    if (!body) return give_up_result(key, result.job, "its agent's result is damaged: its bytes do not have its hash");
    Value value;
    try {
        value = read_json(*body, JsonLimits::state_run());
    } catch (const Error& error) {
        return give_up_result(key, result.job,
                              unreadable_result + error.text());  // asked for again it would be the same
    }
    take_result(key, result, value, std::move(*body));
}

// A result that cannot be read ends its target too: it will not become readable by being sent again.
Judged Dispatch::judge(const JobRow& job, const JobResult& result, const Value& body) const {
    try {
        return operations_.judge(job, result, body);
    } catch (const Error& error) {
        Judged judged;
        judged.end = TargetEnd::failed;
        judged.reason = unreadable_result + error.text();
        return judged;
    }
}

void Dispatch::keep_standing(const JudgedRun& run, const Judged& judged) {
    if (auto row = standing_with(run, judged)) book_.add_change(std::move(*row));
}

// What is on its way to the store counts as if it were there: else the next report would undo it.
std::optional<StandingRow> Dispatch::standing_with(const JudgedRun& run, const Judged& judged) {
    if (!judged.report) return std::nullopt;
    const auto known = unstored_standings_.find(run.target);
    const auto before = known != unstored_standings_.end() ? std::optional(known->second) : store_.standing(run.target);
    auto row = standing_after(before, run, *judged.report, judged.whole);
    unstored_standings_.insert_or_assign(run.target, row);
    return row;
}

// Or never will be: then what the store has counts again.
void Dispatch::standings_stored(const Batch& batch) {
    for (const Write& write : batch) {
        const auto* const row = std::get_if<StandingRow>(&write);
        if (row == nullptr) continue;
        const auto known = unstored_standings_.find(row->target);
        if (known != unstored_standings_.end() && known->second == *row) unstored_standings_.erase(known);
    }
}

void Dispatch::take_result(const KeyId& key, const JobResult& result, const Value& body, std::string body_text) {
    if (result.own) return take_own_result(key, result, body, std::move(body_text));
    auto* const job = book_.find(result.job);
    auto* const target = job != nullptr ? job->target_of(key) : nullptr;
    if (target == nullptr || target->ended()) return on_late_result(key, result, body, std::move(body_text));
    if (target->row.phase != TargetPhase::running) book_.accepted(*job, *target, wall());
    auto judged = judge(job->row, result, body);
    if (judged.end == TargetEnd::cancelled && !target->row.cancelled_by.empty())
        judged.reason =
            "cancelled by " + target->row.cancelled_by + (judged.reason.empty() ? "" : "; " + judged.reason);
    keep_standing({target->row.target, target->row.key, result.job, wall(), target->row.accepted_ms}, judged);
    keep_details(key, *job, *target, judged, std::move(body_text));
    book_.end(*job, *target, judged, wall());
    collecting_.erase({key, result.job});
    serving_.finish(key, result.job);
    book_.add_stored(key, result.job);
    log_.info("target ended",
              {{"job", result.job.text()}, {"target", target->row.target.text()}, {"end", name_of(judged.end)}});
}

// It may have run long ago, and others since. That it was accepted may never have been heard.
std::optional<StandingRow> Dispatch::standing_with_late(const JobTargetRow& late, const JobRow& job, const JobResult& result,
                                                        const Value& body) {
    const auto begun_ms = std::min(late.accepted_ms != 0 ? late.accepted_ms : job.created_ms, wall());
    const auto ended_ms = std::clamp(result.finished_ms, begun_ms, wall());
    return standing_with({late.target, late.key, late.job, ended_ms, begun_ms}, judge(job, result, body));
}

// A result of a target that has ended: said twice, or after the master had given it up. It is kept beside the end.
void Dispatch::on_late_result(const KeyId& key, const JobResult& result, const Value& body, std::string body_text) {
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
    auto* const job = book_.find(result.job);
    if (job != nullptr) {
        event.number = ++job->last_event;
        book_.add_change(late);
        book_.add_change(kept);
        book_.add_change(event);
        if (auto stands = standing_with_late(late, job->row, result, body)) book_.add_change(std::move(*stands));
        book_.touch(result.job);
        return book_.add_stored(key, result.job);
    }
    // A batch of its own: the job may be pruned in this moment, and what is stored of others must not fail with it. One
    // of a job at a time, since its events are numbered by what is stored; the other agent says its result again.
    if (!late_.insert(result.job).second) return;
    event.number = store_.last_event(result.job) + 1;
    Batch batch{late, kept, event}, standing;
    if (const auto of = store_.job(result.job))
        if (auto stands = standing_with_late(late, *of, result, body)) standing.push_back(std::move(*stands));
    batch.insert(batch.end(), standing.begin(), standing.end());
    store_.write(std::move(batch), [this, key, standing, id = result.job](const Error* error) {
        late_.erase(id);
        standings_stored(standing);
        if (error != nullptr && error->kind() == ErrorKind::failed) failed_ = true;
        if (error != nullptr) return;
        book_.touch(id);
        book_.add_stored(key, id);
        settle();
    });
}

}  // namespace prove
