// The agent's journal: replay of its records, the outbox beside it, and what is dropped when.
#include "agent/daemon/agent_journal.hpp"

#include <algorithm>

namespace prove {

namespace {

constexpr const char* file_name = "journal";
constexpr const char* damaged_name = "journal.damaged";
constexpr std::uint64_t reserved_block = 10'000;
constexpr std::int64_t day_ms = 24LL * 3600 * 1000;

using Type = JournalRecordType;
using State = AgentJournal::Job::State;

}  // namespace

AgentJournal::AgentJournal(Disk& disk, Random& random, const Logger& log, const Limits& limits)
    : disk_(disk), random_(random), limits_(limits) {
    try {
        open(log);
    } catch (const Error& error) {
        if (error.kind() != ErrorKind::invalid) throw;
        log.error("the journal is damaged and was put aside; the master will hear of it",
                  {{"kept as", damaged_name}, {"error", error.text()}});
        jobs_.clear();
        low_water_.clear();
        id_ = {};
        hello_ = sequence_ = reserved_ = generation_ = 0;
        outbox_bytes_ = message_bytes_ = 0;
        journal_.reset();
        disk_.rename(file_name, damaged_name);
        open(log);
    }
    remove_orphans();
}

void AgentJournal::open(const Logger& log) {
    const JournalLimits limits{limits_.journal_bytes, 1u << 20};
    journal_ = std::make_unique<Journal>(disk_, file_name, limits, [this](const auto& record) { replay(record); });
    if (journal_->cut_bytes() > 0)
        log.warning("the journal's torn end was cut", {{"bytes", journal_->cut_bytes()}});
    if (id_.is_zero()) {
        id_ = random_.bytes<JournalId>();
        write(Type::opened, std::string(id_.view()));
    }
    sequence_ = reserved_;
}

void AgentJournal::replay(const JournalRecord& record) {
    switch (static_cast<Type>(record.type)) {
        case Type::opened: {
            const auto id = JournalId::from(record.payload);
            if (!id) throw Error(ErrorKind::invalid, "the journal's id is malformed");
            id_ = *id;
            return;
        }
        case Type::hello: hello_ = number_record_from(record.payload); return;
        case Type::accepted: {
            auto accepted = accepted_record_from(record.payload);
            generation_ = std::max(generation_, accepted.generation);
            const JobId job = accepted.job;
            jobs_[job] = Job{std::move(accepted), State::accepted, {}, {}};
            return;
        }
        case Type::done: replay_done(done_record_from(record.payload)); return;
        case Type::stored: {
            const auto found = jobs_.find(job_record_from(record.payload));
            if (found == jobs_.end()) return;
            let_go(found->second);
            found->second.state = State::stored;
            return;
        }
        case Type::low_water: {
            const auto low = low_water_record_from(record.payload);
            low_water_[low.sender] = std::max(low_water_[low.sender], low.sequence);
            return;
        }
        case Type::reserved: reserved_ = number_record_from(record.payload); return;
        case Type::generation: generation_ = std::max(generation_, number_record_from(record.payload)); return;
    }
    throw Error(ErrorKind::refused, "the journal has a record of type " + std::to_string(record.type) +
                                        ", which this prove-agent does not know: a newer one wrote it");
}

void AgentJournal::replay_done(const DoneRecord& record) {
    const auto found = jobs_.find(record.job);
    if (found == jobs_.end()) return;
    Job& job = found->second;
    job.state = State::done;
    hold(job, record.message, job_result_from(read_json(record.message)).blob);
}

void AgentJournal::hold(Job& job, std::string message, std::optional<BlobRef> blob) {
    let_go(job);
    job.message = std::move(message);
    job.blob = blob;
    message_bytes_ += job.message.size();
    outbox_bytes_ += job.message.size() + (blob ? blob->size : 0);
}

void AgentJournal::let_go(Job& job) {
    message_bytes_ -= job.message.size();
    outbox_bytes_ -= job.message.size() + (job.blob ? job.blob->size : 0);
    job.message = std::string();
    job.blob.reset();
}

// Files of results that no record names: left by a crash between file and record, or between record and removal.
void AgentJournal::remove_orphans() {
    for (const auto& name : disk_.list()) {
        if (!name.starts_with("result-")) continue;
        const auto job = JobId::from_text(name.substr(7));
        const Job* known = job ? find(*job) : nullptr;
        if (known == nullptr || !known->blob) disk_.remove(name);
    }
}

std::string AgentJournal::outbox_name(const JobId& job) { return "result-" + job.text(); }

void AgentJournal::write(Type type, const std::string& payload, bool durable) {
    compact_when_filling();
    journal_->append(static_cast<std::uint8_t>(type), payload);
    if (durable) journal_->sync();
}

void AgentJournal::compact_when_filling() {
    // What is kept after it is bounded far below: large results stand in files, and jobs are counted.
    if (!journal_->is_filling()) return;
    std::vector<Journal::Entry> entries;
    const auto add = [&](Type type, std::string payload) {
        entries.push_back({static_cast<std::uint8_t>(type), std::move(payload)});
    };
    add(Type::opened, std::string(id_.view()));
    add(Type::hello, to_record(hello_));
    add(Type::reserved, to_record(reserved_));
    add(Type::generation, to_record(generation_));
    for (const auto& [sender, sequence] : low_water_) add(Type::low_water, to_record(LowWaterRecord{sender, sequence}));
    for (const auto& [id, job] : jobs_) {
        add(Type::accepted, to_record(job.accepted));
        if (job.state == State::done) add(Type::done, to_record(DoneRecord{id, job.message}));
        if (job.state == State::stored) add(Type::stored, to_record(id));
    }
    journal_->compact(entries);
}

std::uint64_t AgentJournal::next_hello() {
    write(Type::hello, to_record(hello_ + 1));
    return ++hello_;
}

std::uint64_t AgentJournal::next_sequence() {
    if (sequence_ + 1 >= reserved_) {
        const auto bound = sequence_ + 1 + reserved_block;
        write(Type::reserved, to_record(bound));
        reserved_ = bound;
    }
    return ++sequence_;
}

std::uint64_t AgentJournal::low_water(const KeyId& sender) const {
    const auto found = low_water_.find(sender);
    return found == low_water_.end() ? 0 : found->second;
}

void AgentJournal::raise_low_water(const KeyId& sender, std::uint64_t sequence) {
    if (sequence <= low_water(sender)) return;
    write(Type::low_water, to_record(LowWaterRecord{sender, sequence}));
    low_water_[sender] = sequence;
}

const AgentJournal::Job* AgentJournal::find(const JobId& job) const {
    const auto found = jobs_.find(job);
    return found == jobs_.end() ? nullptr : &found->second;
}

void AgentJournal::accept(const AcceptedRecord& record) {
    if (find(record.job) != nullptr) throw Error(ErrorKind::internal, "job " + record.job.text() + " is known already");
    if (jobs_.size() >= limits_.most_jobs)
        throw Error(ErrorKind::full, "the journal knows " + std::to_string(jobs_.size()) + " jobs that have not expired");
    write(Type::accepted, to_record(record));
    generation_ = std::max(generation_, record.generation);
    jobs_[record.job] = Job{record, State::accepted, {}, {}};
}

void AgentJournal::finish(JobResult result) {
    const auto found = jobs_.find(result.job);
    if (found == jobs_.end() || found->second.state != State::accepted)
        throw Error(ErrorKind::internal, "job " + result.job.text() + " is not one that can be finished");
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
        disk_.append(name, body);
        disk_.sync(name);
    } else {
        make_room(message.size());
    }
    write(Type::done, to_record(DoneRecord{result.job, message}));
    found->second.state = State::done;
    hold(found->second, std::move(message), blob);
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

// The body says whether all went well (a command's exit code, a state that failed): without it nobody may call it done.
void AgentJournal::drop_body(Job& job, const std::string& why) {
    JobResult result = job_result_from(read_json(job.message));
    if (result.body.is_null() && !result.blob) return;
    if (result.end == JobResult::End::done) {
        result.end = JobResult::End::failed;
        result.reason += std::string(result.reason.empty() ? "" : "; ") + "it ran to its end, how is not known";
    }
    result.body = Value();
    result.blob.reset();
    result.reason += std::string(result.reason.empty() ? "" : "; ") + "the details were dropped: " + why;
    const std::string message = write_json(to_value(result));
    write(Type::done, to_record(DoneRecord{result.job, message}));
    if (job.blob) disk_.remove(outbox_name(result.job));
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
        if ((job.state == State::stored && old) || (job.state == State::done && expired_for > 7 * day_ms))
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
