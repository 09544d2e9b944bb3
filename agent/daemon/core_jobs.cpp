// The core's jobs: announced, fetched, accepted once, run by others, finished, sent until stored (S48 to S53, P2, P3).
#include <algorithm>

#include "agent/daemon/core.hpp"

namespace prove {

namespace {

constexpr std::size_t most_fetching = 1'000;
constexpr std::size_t most_cancelled_early = 1'000;
constexpr std::int64_t save_again_ms = 10'000;
constexpr std::int64_t hold_starts_ms = 100;

using State = AgentJournal::Job::State;

}  // namespace

// A crash, a kill or a reboot ended these while they ran; nothing starts again by itself (S52).
void AgentCore::interrupt_unfinished() {
    for (const auto& job : parts_.journal.jobs_in(State::accepted)) {
        JobResult result;
        result.job = job;
        result.end = JobResult::End::interrupted;
        result.reason = "prove-agent was ended while the job ran; it is not started again by itself";
        result.finished_ms = std::max<std::int64_t>(0, mail_.now_ms());
        // Of a run of this agent's own the master knows no other beginning.
        if (is_own(job)) result.started_ms = parts_.journal.find(job)->accepted.not_after_ms;
        parts_.log.warning("a job was interrupted", {{"job", job.text()}});
        save(std::move(result));
    }
}

void AgentCore::announced(const Verified& verified) {
    const auto announcement = announcement_from(read_body(verified));
    if (announcement.job != verified.header().job)
        throw Error(ErrorKind::refused, "an announcement names another job than its header");
    switch (announcement.kind) {
        case Announcement::Kind::keyset: return;         // comes as a message of its own
        case Announcement::Kind::cancel: return cancelled(verified);
        case Announcement::Kind::job:
            if (const auto* job = parts_.journal.find(announcement.job)) return known(*job);
            return fetch(announcement.job);
        case Announcement::Kind::ping: break;
    }
    if (const auto* job = parts_.journal.find(announcement.job)) return known(*job);
    if (!draining_.empty()) return;
    JobCommand ping;
    ping.job = announcement.job;
    ping.operation = "ping";
    ping.body = Value::object();
    accept(verified, std::move(ping), {});
}

// The master asks about a job that was here before: it is told again how it stands, and nothing is run (S50).
void AgentCore::known(const AgentJournal::Job& job) {
    const JobId id = job.accepted.job;
    if (running_.contains(id)) {
        send(MessageType::accepted, id, to_value(Accepted{id, false, {}}));
    } else if (job.state == State::done) {
        await_stored(id);
    }
}

void AgentCore::fetch(const JobId& job) {
    if (!draining_.empty() || fetching_.contains(job) || fetching_.size() >= most_fetching) return;
    fetching_[job] = {};
    send_due();
}

void AgentCore::command(const Verified& verified, const std::vector<std::string>& frames) {
    const JobId job = verified.header().job;
    fetching_.erase(job);
    if (const auto* seen = parts_.journal.find(job)) return known(*seen);
    if (!draining_.empty()) return;      // it stays pending at the master
    JobCommand command = open_command(verified, parts_.self.opener, parts_.self.key);
    if (const auto reason = reason_to_refuse(verified, command); !reason.empty())
        return refuse(verified, command.operation, reason);
    if (cancelled_early_.erase(job) > 0)
        return refuse(verified, command.operation, "cancelled before it came", JobResult::End::cancelled);
    accept(verified, std::move(command), frames);
}

std::string AgentCore::reason_to_refuse(const Verified& verified, const JobCommand& command) const {
    const bool states = command.operation == "states";
    if (states != (verified.header().type == MessageType::staterun))
        return "operation '" + command.operation + "' came in an envelope of the wrong type";
    if (states && command.generation <= parts_.journal.generation())
        return "a newer run of states has been accepted (generation " + std::to_string(parts_.journal.generation()) +
               ", this one is " + std::to_string(command.generation) + ")";
    if (command.scheduled)
        if (auto reason = scheduled_.refusal(*command.scheduled); !reason.empty()) return reason;
    return parts_.starter.refusal(command.operation);
}

void AgentCore::accept(const Verified& verified, JobCommand command, const std::vector<std::string>& frames) {
    const auto& header = verified.header();
    const bool states = command.operation == "states";
    try {
        parts_.journal.accept({header.job, header.sender, header.sequence, header.not_after_ms,
                               states ? command.generation : 0, command.operation},
                              command.scheduled ? ScheduledRuns::record_of(*command.scheduled) : std::nullopt);
    } catch (const Error& error) {
        // S2: without a record the job must not start. Nobody here can remember the refusal either: it is only told.
        if (error.kind() != ErrorKind::full) throw;
        parts_.log.error("a job was refused: the journal has no room", {{"job", header.job.text()}});
        send(MessageType::accepted, header.job,
             to_value(Accepted{header.job, true, "no room in prove-agent's journal: " + error.text()}));
        return;
    }
    running_.insert(header.job);
    if (command.scheduled) scheduled_.accepted(*command.scheduled, header.job);
    if (states && !header.dry_run) keep_for_later(command, frames);
    parts_.log.info("job accepted", {{"job", header.job.text()}, {"operation", command.operation}});
    const auto start_by = parts_.clock.boot_ms() + header.not_after_ms - mail_.now_ms();
    // Before it is told: saying anything needs a number, for which there may be no space, and what is recorded must run.
    parts_.starter.start({header.job, std::move(command.operation), std::move(command.body), start_by});
    send(MessageType::accepted, header.job, to_value(Accepted{header.job, false, {}}));
}

// An `apply` of everything may be repeated without the master, until its time is over (S60).
void AgentCore::keep_for_later(const JobCommand& command, const std::vector<std::string>& frames) {
    const Value* until = command.body.is_mapping() ? command.body.find("offline_until_ms") : nullptr;
    if (until != nullptr) scheduled_.state_run_came(command.generation, frames);
}

// Recorded as accepted and done at once, so that a second copy is known (S50).
void AgentCore::refuse(const Verified& verified, const std::string& operation, const std::string& reason,
                       JobResult::End end) {
    const auto& header = verified.header();
    parts_.log.warning("job refused", {{"job", header.job.text()}, {"reason", reason}});
    parts_.journal.accept({header.job, header.sender, header.sequence, header.not_after_ms, 0, operation});
    JobResult result;
    result.job = header.job;
    result.end = end;
    result.reason = reason;
    result.started_ms = result.finished_ms = mail_.now_ms();
    save(std::move(result));
}

void AgentCore::cancelled(const Verified& verified) {
    JobId job = verified.header().job;
    std::string by;
    if (verified.header().type == MessageType::cancel) {
        const auto cancel = cancel_from(read_body(verified));
        if (cancel.job != job) throw Error(ErrorKind::refused, "a cancel names another job than its header");
        by = cancel.by;
    }
    fetching_.erase(job);
    if (running_.contains(job)) return parts_.starter.cancel(job, by.empty() ? "cancelled" : "cancelled by " + by);
    if (const auto* seen = parts_.journal.find(job)) return known(*seen);
    // Ids sort by time: the oldest one is the first, and the least likely to come still.
    if (cancelled_early_.size() == most_cancelled_early) cancelled_early_.erase(cancelled_early_.begin());
    cancelled_early_.insert(job);
}

void AgentCore::stored(const Verified& verified) {
    const auto job = stored_from(read_body(verified)).job;
    parts_.journal.stored(job);
    outbox_.erase(job);
    own_outbox_.erase(job);
}

void AgentCore::file_requested(const Verified& verified) {
    const auto request = file_request_from(read_body(verified));
    FileChunk chunk;
    chunk.job = request.job;
    chunk.hash = request.hash;
    chunk.offset = request.offset;
    const auto bytes = parts_.journal.blob(request.job, request.hash);
    const auto* const job = parts_.journal.find(request.job);
    if (!bytes && job != nullptr && job->blob && job->blob->hash == request.hash) {
        // Asked for again and again it would be the same: the result is said once more, without it.
        parts_.log.error("the details of a result are damaged", {{"job", request.job.text()}});
        parts_.journal.give_up_blob(request.job);
        await_stored(request.job);
        return;
    }
    if (bytes && request.offset < bytes->size() && request.length > 0 && request.length <= Transfers::chunk_bytes) {
        chunk.found = true;
        chunk.bytes = bytes->substr(request.offset, request.length);
    }
    parts_.net.send(mail_.make_raw(MessageType::file_chunk, request.job, to_bytes(chunk)));
}

void AgentCore::finished(JobResult result) {
    if (running_.erase(result.job) == 0) return;
    if (const auto* job = parts_.journal.find(result.job); job != nullptr) result.own = job->own;
    // Told by the master's time, like all that is told: this machine's clock may be another.
    const auto took = std::max<std::int64_t>(0, result.finished_ms - result.started_ms);
    result.finished_ms = std::max<std::int64_t>(0, mail_.now_ms());
    result.started_ms = std::max<std::int64_t>(0, result.finished_ms - took);
    event_numbers_.erase(result.job);
    held_starts_.erase(result.job);
    transfers_.forget(result.job);
    end_late(result.job);
    parts_.log.info("job finished", {{"job", result.job.text()}, {"end", name_of(result.end)}});
    parts_.listener.job_ended(result);
    scheduled_.ended(result);
    save(std::move(result));
    tick();
}

// Durable first, then sent (S51). Without space it is kept here and tried again: a result is never dropped, and of its
// details the oldest go first, where there is no space for long.
void AgentCore::save(JobResult result) {
    const JobId job = result.job;
    try {
        if (full_since_ms_ && parts_.clock.boot_ms() - *full_since_ms_ >= full_patience_ms)
            parts_.journal.finish_at_any_price(result);
        else
            parts_.journal.finish(result);
        full_since_ms_.reset();
        await_stored(job);
    } catch (const Error& error) {
        if (error.kind() != ErrorKind::full) throw;
        parts_.log.error("a result cannot be saved yet", {{"job", job.text()}, {"error", error.text()}});
        if (!full_since_ms_) full_since_ms_ = parts_.clock.boot_ms();
        save_at_ms_ = parts_.clock.boot_ms() + save_again_ms;
        unsaved_[job] = std::move(result);
    }
}

void AgentCore::send_result(const JobId& job) {
    const auto* entry = parts_.journal.find(job);
    if (entry != nullptr && entry->state == State::done)
        parts_.net.send(mail_.make_raw(MessageType::result, job, entry->message));
}

void AgentCore::event(const JobEvent& event) {
    const bool of_state = event.kind == JobEvent::Kind::state_started || event.kind == JobEvent::Kind::state_finished;
    // Nobody watches these: the report has all of it, and the master keeps no more.
    if (of_state && scheduled_.is_of_slot(event.job)) return;
    // Where states take no time nobody reads their names: the latest that has begun is told ten times a second.
    if (event.kind == JobEvent::Kind::state_started) {
        const auto [held, fresh] = held_starts_.try_emplace(event.job);
        if (fresh) held->second.at_ms = parts_.clock.boot_ms() + hold_starts_ms;
        held->second.event = event;
        return;
    }
    tell_held_start(event.job);
    tell(event);
}

void AgentCore::tell_held_start(const JobId& job) {
    if (const auto held = held_starts_.extract(job)) tell(held.mapped().event);
}

void AgentCore::tell_due_starts() {
    std::vector<JobId> due;
    for (const auto& [job, held] : held_starts_)
        if (held.at_ms <= parts_.clock.boot_ms()) due.push_back(job);
    for (const auto& job : due) tell_held_start(job);
}

void AgentCore::tell(const JobEvent& event) {
    if (!link_.up() || !running_.contains(event.job) || is_own(event.job)) return;
    JobEvent numbered = event;
    numbered.number = ++event_numbers_[event.job];
    const std::string body = write_json(to_value(numbered));
    if (body.size() > payload_limit(MessageType::event)) return;
    try {
        parts_.net.send(mail_.make_raw(MessageType::event, event.job, body));
    } catch (const Error& error) {
        // A number for it finds no space on the disk: then it is not told, and its job goes on.
        if (error.kind() != ErrorKind::full) throw;
    }
}

void AgentCore::want(const JobId& job, const std::vector<BlobRef>& blobs) {
    for (const auto& blob : blobs) transfers_.want(job, blob, parts_.clock.boot_ms());
    tick();
}

void AgentCore::drain(const std::string& why) {
    if (draining_.empty()) parts_.log.info("no new jobs are taken", {{"reason", why}});
    draining_ = why;
    fetching_.clear();
}

void AgentCore::cancel_all(const std::string& reason) {
    for (const auto& job : running_) parts_.starter.cancel(job, reason);
}

}  // namespace prove
