// The agent's journal: its records, replayed and written. Results are in agent_journal_outbox.cpp.
#include "agent/daemon/agent_journal.hpp"

#include <algorithm>

namespace prove {

namespace {

constexpr const char* file_name = "journal";
constexpr const char* damaged_name = "journal.damaged";
constexpr std::uint64_t reserved_block = 10'000;

using Type = JournalRecordType;
using State = AgentJournal::Job::State;

OwnRunRecord own_record(const JobId& id, const OwnRun& own, std::int64_t now_ms) {
    JobResult interrupted;
    interrupted.job = id;
    interrupted.end = JobResult::End::interrupted;
    interrupted.started_ms = interrupted.finished_ms = std::max<std::int64_t>(0, now_ms);
    interrupted.own = own;
    return {id, now_ms, write_json(to_value(interrupted))};
}

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
        slots_.clear();
        kept_.clear();
        time_.reset();
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
            jobs_[job].accepted = std::move(accepted);
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
        case Type::slot: {
            auto slot = slot_record_from(record.payload);
            slots_[slot.schedule] = slot;
            return;
        }
        case Type::own_run: return replay_own(own_run_record_from(record.payload));
        case Type::kept: {
            const auto kept = kept_record_from(record.payload);
            kept_[kept.which] = std::max(kept_[kept.which], kept.number);
            return;
        }
        case Type::time: time_ = time_record_from(record.payload); return;
        case Type::forgotten: slots_.erase(record.payload); return;
    }
    throw Error(ErrorKind::refused, "the journal has a record of type " + std::to_string(record.type) +
                                        ", which this prove-agent does not know: a newer one wrote it");
}

void AgentJournal::replay_done(const DoneRecord& record) {
    const auto found = jobs_.find(record.job);
    if (found == jobs_.end()) return;
    Job& job = found->second;
    job.state = State::done;
    const auto result = job_result_from(read_json(record.message));
    job.is_bare = result.body.is_null() && !result.blob;
    hold(job, record.message, result.blob);
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
    if (time_) add(Type::time, to_record(*time_));
    for (const auto& [which, number] : kept_) add(Type::kept, to_record(KeptRecord{which, number}));
    for (const auto& [id, job] : jobs_) {
        if (job.own)
            add(Type::own_run, to_record(own_record(id, *job.own, job.accepted.not_after_ms)));
        else
            add(Type::accepted, to_record(job.accepted));
        if (job.state == State::done) add(Type::done, to_record(DoneRecord{id, job.message}));
        if (job.state == State::stored) add(Type::stored, to_record(id));
    }
    // After the runs, which bring slots of their own.
    for (const auto& [name, slot] : slots_) add(Type::slot, to_record(slot));
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

void AgentJournal::accept(const AcceptedRecord& record, const std::optional<SlotRecord>& slot) {
    if (find(record.job) != nullptr) throw Error(ErrorKind::internal, "job " + record.job.text() + " is known already");
    if (jobs_.size() >= limits_.most_jobs)
        throw Error(ErrorKind::full, "the journal knows " + std::to_string(jobs_.size()) + " jobs that have not expired");
    if (slot) write(Type::slot, to_record(*slot), false);
    write(Type::accepted, to_record(record));
    if (slot) slots_[slot->schedule] = *slot;
    generation_ = std::max(generation_, record.generation);
    jobs_[record.job].accepted = record;
}

void AgentJournal::accept_own(const JobId& job, const OwnRun& own, std::int64_t now_ms) {
    const auto record = own_record(job, own, now_ms);
    write(Type::own_run, to_record(record));
    replay_own(record);
}

void AgentJournal::replay_own(const OwnRunRecord& record) {
    Job job;
    job.accepted.job = record.job;
    job.accepted.not_after_ms = record.time_ms;
    job.own = job_result_from(read_json(record.message)).own;
    if (!job.own) throw Error(ErrorKind::invalid, "a run of this agent's own has no name in the journal");
    job.accepted.operation = job.own->operation;
    const ScheduledSlot& slot = job.own->scheduled;
    slots_[slot.schedule] = {slot.schedule, slot.due_ms, SlotRecord::State::own, {}};
    jobs_[record.job] = std::move(job);
}

void AgentJournal::set_slot(const SlotRecord& slot, bool durable) {
    write(Type::slot, to_record(slot), durable);
    slots_[slot.schedule] = slot;
}

void AgentJournal::forget_slot(const std::string& schedule) {
    if (slots_.erase(schedule) > 0) write(Type::forgotten, schedule, false);
}

std::uint64_t AgentJournal::kept(Kept which) const {
    const auto found = kept_.find(which);
    return found == kept_.end() ? 0 : found->second;
}

void AgentJournal::raise_kept(Kept which, std::uint64_t number) {
    if (number <= kept(which)) return;
    write(Type::kept, to_record(KeptRecord{which, number}));
    kept_[which] = number;
}

void AgentJournal::set_time(const TimeRecord& time) {
    write(Type::time, to_record(time), false);
    time_ = time;
}

}  // namespace prove
