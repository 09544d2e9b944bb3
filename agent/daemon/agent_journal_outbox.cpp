// The results in the agent's journal: in it or beside it, until the master has them, and what is dropped when.
#include <algorithm>

#include "agent/daemon/agent_journal.hpp"

namespace prove {

namespace {

constexpr std::int64_t day_ms = 24LL * 3600 * 1000;

using Type = JournalRecordType;
using State = AgentJournal::Job::State;

// The body says whether all went well (a command's exit code): without it nobody may call it done. Of states that this agent
// ran by itself the end says so, too.
void say_without_details(JobResult& result, const std::string& why) {
    const bool end_says_all = result.own && result.own->operation == "states";
    if (result.end == JobResult::End::done && !end_says_all) {
        result.end = JobResult::End::failed;
        result.reason += std::string(result.reason.empty() ? "" : "; ") + "it ran to its end, how is not known";
    }
    result.body = Value();
    result.blob.reset();
    result.reason += std::string(result.reason.empty() ? "" : "; ") + "the details were dropped: " + why;
}

}  // namespace

void AgentJournal::finish_at_any_price(JobResult result) {
    while (true) {
        try {
            return finish(result);
        } catch (const Error& error) {
            if (error.kind() != ErrorKind::full) throw;
            if (drop_oldest_details()) continue;
            if (result.body.is_null()) throw;
        }
        say_without_details(result, "the disk was full");
    }
}

void AgentJournal::finish(JobResult result) {
    const auto found = jobs_.find(result.job);
    if (found == jobs_.end() || found->second.state != State::accepted)
        throw Error(ErrorKind::internal, "job " + result.job.text() + " is not one that can be finished");
    Job& job = found->second;
    if (!result.own) result.own = job.own;
    std::string message = write_json(to_value(result));
    std::optional<BlobRef> blob;
    if (!stays_inline(message)) {
        const std::string body = write_json(result.body);
        blob = BlobRef{hash_of(body), body.size()};
        make_room(body.size());
        result.body = Value();
        result.blob = blob;
        message = write_json(to_value(result));
        const auto name = outbox_name(result.job);
        disk_.remove(name);
        try {
            disk_.append(name, body);
            disk_.sync(name);
        } catch (const Error&) {
            disk_.remove(name);
            throw;
        }
    } else {
        make_room(message.size());
    }
    write(Type::done, to_record(DoneRecord{result.job, message}));
    job.state = State::done;
    job.is_bare = result.body.is_null() && !blob;
    hold(job, std::move(message), blob);
}

// A journal full of results could not take the hello that brings them to the master.
bool AgentJournal::stays_inline(const std::string& message) const {
    return message.size() <= limits_.inline_bytes && message_bytes_ + message.size() <= limits_.journal_bytes / 4;
}

// Where the outbox is full the oldest bodies go; that their jobs ended, and how, stays (D4).
void AgentJournal::make_room(std::size_t bytes) {
    for (auto& [id, job] : jobs_) {
        if (outbox_bytes_ + bytes <= limits_.outbox_bytes) return;
        if (job.state == State::done) drop_body(job, "the outbox was full");
    }
}

// On a full disk the file goes before it is recorded: a record needs room, too. Until there is some, what is recorded and
// gone is told as damaged when the master asks for it.
bool AgentJournal::drop_oldest_details() {
    for (auto& [id, job] : jobs_) {
        if (job.state != State::done || !job.blob || job.is_bare) continue;
        disk_.remove(outbox_name(id));
        job.is_bare = true;
        try {
            drop_body(job, "the disk was full");
        } catch (const Error& error) {
            if (error.kind() != ErrorKind::full) throw;
        }
        return true;
    }
    return false;
}

void AgentJournal::drop_body(Job& job, const std::string& why) {
    if (job.is_bare && !job.blob) return;
    JobResult result = job_result_from(read_json(job.message));
    say_without_details(result, why);
    const std::string message = write_json(to_value(result));
    write(Type::done, to_record(DoneRecord{result.job, message}));
    if (job.blob) disk_.remove(outbox_name(result.job));
    job.is_bare = true;
    hold(job, message, std::nullopt);
}

void AgentJournal::stored(const JobId& id) {
    const auto found = jobs_.find(id);
    if (found == jobs_.end() || found->second.state != State::done) return;
    Job& job = found->second;
    write(Type::stored, to_record(id), false);
    if (job.blob) disk_.remove(outbox_name(id));
    job.state = State::stored;
    let_go(job);
}

void AgentJournal::purge(std::int64_t now_ms) {
    std::vector<const Job*> gone;
    for (const auto& [id, job] : jobs_) {
        const auto expired_for = now_ms - job.accepted.not_after_ms;
        // A day's delay: low water must not rise past a job of the same time that is still on its way.
        const bool old = expired_for > day_ms || (expired_for > 0 && jobs_.size() - gone.size() > limits_.jobs);
        const bool unwanted = job.state == State::done && !job.own && expired_for > 7 * day_ms;
        if ((job.state == State::stored && old) || unwanted)
            gone.push_back(&job);
    }
    std::map<KeyId, std::uint64_t> highest;
    for (const auto* job : gone)
        highest[job->accepted.sender] = std::max(highest[job->accepted.sender], job->accepted.sequence);
    for (const auto& [sender, sequence] : highest) raise_low_water(sender, sequence);
    std::vector<JobId> ids;
    for (const auto* job : gone) ids.push_back(job->accepted.job);
    for (const auto& id : ids) forget(id);
}

void AgentJournal::forget(const JobId& id) {
    const auto found = jobs_.find(id);
    if (found->second.blob) disk_.remove(outbox_name(id));
    let_go(found->second);
    jobs_.erase(found);
}

std::vector<JobId> AgentJournal::jobs_in(State state) const {
    std::vector<JobId> result;
    for (const auto& [id, job] : jobs_)
        if (job.state == state) result.push_back(id);
    return result;
}

std::optional<std::string> AgentJournal::blob(const JobId& id, const Hash& hash) const {
    const Job* job = find(id);
    if (job == nullptr || !job->blob || job->blob->hash != hash) return std::nullopt;
    auto bytes = disk_.read(outbox_name(id));
    if (bytes && hash_of(*bytes) != hash) bytes.reset();
    return bytes;
}

void AgentJournal::give_up_blob(const JobId& id) {
    const auto found = jobs_.find(id);
    if (found != jobs_.end() && found->second.blob) drop_body(found->second, "their file is damaged");
}

}  // namespace prove
