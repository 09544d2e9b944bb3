// The machine's lives, its faults, and the jobs that it plays.
#include "tests/support/simulator/agent_machine.hpp"

#include <algorithm>
#include <utility>

namespace prove::sim {

namespace {

constexpr std::int64_t day_ms = 24LL * 3600 * 1000;
constexpr std::int64_t skew_of_a_start_ms = 280'000;

SigningKey key_of(std::uint64_t seed) {
    std::string bytes(32, '\0');
    for (std::size_t i = 0; i < 8; ++i) bytes[i] = static_cast<char>(seed >> (8 * i));
    bytes[31] = 'A';
    return SigningKey::from_seed(Secret::taken_from(bytes));
}

AgentJournal::Limits small_limits(bool with_schedules) {
    AgentJournal::Limits limits;
    limits.inline_bytes = 2'000;                                 // some results are larger, and travel in pieces
    limits.journal_bytes = (with_schedules ? 1'024u : 24u) << 10;  // so that it is compacted now and then
    return limits;
}

}  // namespace

AgentMachine::AgentMachine(const Parts& parts)
    : parts_(parts),
      clock_(parts.stage.queue),
      sign_(key_of(parts.seed)),
      seen_disk_(disk_, parts.syncs),
      trust_(parts.cluster.id, parts.cluster.roots, parts.cluster.keyset, [](const std::string&, const RootSet&) {}),
      net_(parts.network.client(parts.name, key(), transport_.public_key(), *this)) {}

KeyRow AgentMachine::row(std::int64_t now_ms) const {
    KeyRow row;
    row.id = key();
    row.sign = sign_.public_key();
    row.transport = transport_.public_key();
    row.seal = seal_.public_key();
    row.state = KeyState::accepted;
    row.name = TargetId(parts_.name);
    row.fingerprint = fingerprint_of(row.sign);
    row.first_seen_ms = row.last_seen_ms = now_ms;
    return row;
}

// --- its lives

void AgentMachine::start() {
    boot();
}

void AgentMachine::boot() {
    if (core_) return;
    auto& stage = parts_.stage;
    stage.trace.add(parts_.name + " starts");
    if (remembered_) {
        disk_ = *remembered_;
        remembered_.reset();
    }
    // A clock may jump by days while the agent runs (S57); a hello by a clock that is more than 300 s off is refused.
    clock_.wall_offset = std::clamp(clock_.wall_offset, -skew_of_a_start_ms, skew_of_a_start_ms);
    disk_.before = [this](const std::string& call) { disk_call(call); };
    const auto log = stage.log.with({{"agent", parts_.name}});
    std::string end;
    bool power = false;
    try {
        journal_ = std::make_unique<AgentJournal>(seen_disk_, stage.random, log, small_limits(parts_.with_schedules));
        parts_.invariants.journal_opened(parts_.name, *journal_);
        const Self self{parts_.cluster.id, key(), signer_, seal_};
        core_ =
            std::make_unique<AgentCore>(AgentCore::Parts{self, trust_, *journal_, seen_disk_, *net_, *this, *this, clock_,
                                                         stage.random, log, "1.0", "boot " + std::to_string(boots_)});
        core_->start();
        return plan_tick();
    } catch (const Crash&) {
        end = "ended while it started";
        power = power_goes_there_;
    } catch (const Error& error) {
        end = error.text();
    }
    die(end, power);
}

void AgentMachine::act(const std::function<void()>& what) {
    if (!core_) return;
    std::string end;
    bool power = false;
    try {
        what();
        parts_.invariants.look_at(parts_.name, *journal_, parts_.cluster.master);
        return plan_tick();
    } catch (const Crash&) {
        end = "ended at this point";
        power = power_goes_there_;
    } catch (const Error& error) {
        end = error.text();
    }
    die(end, power);
}

void AgentMachine::die(const std::string& why, bool power) {
    auto& stage = parts_.stage;
    stage.trace.add(parts_.name + (power ? " loses power: " : " dies: ") + why);
    ++life_;
    ++deaths_;
    core_.reset();
    journal_.reset();
    running_.clear();
    tick_at_ = 0;
    disk_calls_left_ = sends_left_ = 0;
    power_goes_there_ = sync_fails_ = false;
    disk_.calls.clear();
    if (power) {
        parts_.network.vanish(parts_.name);
        disk_.lose_power(static_cast<std::uint32_t>(stage.random.below(1u << 31)));
        if (stage.percent(50)) kept_late_.clear();  // nobody waits for them to be on the disk
        clock_.reboot();
        ++boots_;
    } else {
        net_->disconnect();
    }
    stage.queue.after(stage.between(200, 15'000), [this, life = life_] {
        if (life == life_) boot();
    });
}

void AgentMachine::kill() {
    if (core_) die("killed", false);
}

void AgentMachine::lose_power() {
    if (core_) die("cut off", true);
}

void AgentMachine::later(std::int64_t ms, std::function<void()> what) {
    parts_.stage.queue.after(ms, [this, life = life_, what = std::move(what)] {
        if (life == life_) act(what);
    });
}

void AgentMachine::plan_tick() {
    auto& queue = parts_.stage.queue;
    const auto wait = std::clamp<std::int64_t>(core_->next_ms() - clock_.boot_ms(), 1, 3'600'000);
    const auto at = queue.now() + wait;
    if (tick_at_ != 0 && tick_at_ <= at) return;
    tick_at_ = at;
    queue.at(at, [this, life = life_, at] {
        if (life != life_ || tick_at_ != at) return;
        tick_at_ = 0;
        act([this] { core_->tick(); });
    });
}

// --- its faults

void AgentMachine::suffer(Fault fault) {
    auto& stage = parts_.stage;
    switch (fault) {
        case Fault::agent_killed:
            return kill();
        case Fault::agent_loses_power:
            return lose_power();
        case Fault::agent_disk_crash:
            disk_calls_left_ = static_cast<int>(stage.between(1, 12));
            power_goes_there_ = stage.percent(50);
            return;
        case Fault::agent_send_crash:
            sends_left_ = static_cast<int>(stage.between(1, 6));
            return;
        case Fault::agent_disk_full:
            disk_full_ = true;
            return stage.queue.after(stage.between(1'000, 20'000), [this] { disk_full_ = false; });
        case Fault::agent_sync_fails:
            sync_fails_ = true;
            return;
        case Fault::agent_clock_jumps:
            clock_.wall_offset = stage.between(-day_ms, parts_.with_schedules ? 0 : day_ms);
            return;
        default:
            return;
    }
}

void AgentMachine::recover() {
    disk_calls_left_ = sends_left_ = 0;
    clock_.wall_offset = 0;
    power_goes_there_ = disk_full_ = sync_fails_ = false;
}

void AgentMachine::disk_call(const std::string& call) {
    disk_.calls.clear();
    if (disk_calls_left_ > 0 && --disk_calls_left_ == 0) throw Crash{};
    if (disk_full_ && call.starts_with("append")) throw Error(ErrorKind::full, "no space left on device");
    if (sync_fails_ && call.starts_with("sync")) throw Error(ErrorKind::failed, "input/output error");
}

// --- what the core does

void AgentMachine::arrived(const ClientEvent& event) {
    act([&] { core_->handle(event); });
}

void AgentMachine::sending(const Frames& frames) {
    if (sends_left_ > 0 && --sends_left_ == 0) throw Crash{};
    parts_.invariants.agent_sends(parts_.name, frames);
}

void AgentMachine::request_run() {
    act([this] { core_->request_run(parts_.stage.random.bytes<MessageId>().hex(), RunMode::apply); });
}

std::int64_t AgentMachine::last_slot() const {
    if (!journal_) return 0;
    const auto found = journal_->slots().find("often");
    return found == journal_->slots().end() ? 0 : found->second.due_ms;
}

bool AgentMachine::settled() const {
    if (!core_) return false;
    const auto status = core_->status();
    return status.link == Link::State::up && status.running == 0 && status.unsent == 0;
}

std::string AgentMachine::state() const {
    if (!core_) return "dead";
    const auto status = core_->status();
    return std::string(name_of(status.link)) + ", " + std::to_string(status.running) + " running, " +
           std::to_string(status.unsent) + " unsent, " + status.trouble;
}

// --- its jobs

std::string AgentMachine::refusal(const std::string&) const {
    return running_.size() < 50 ? "" : "too many jobs are waiting";
}

void AgentMachine::start(JobOrder order) {
    const auto job = order.job;
    running_[job].order = std::move(order);
    later(parts_.stage.between(0, 300), [this, job] { begin(job); });
}

void AgentMachine::begin(const JobId& job) {
    const auto found = running_.find(job);
    if (found == running_.end()) return;
    auto& running = found->second;
    if (clock_.boot_ms() > running.order.start_by_boot_ms) return end(job, JobResult::End::refused, "it expired");
    running.begun = true;
    parts_.stage.trace.add(parts_.name + " executes " + job.short_text());
    if (running.order.own)
        parts_.invariants.executed_own(parts_.name, job);
    else
        parts_.invariants.executed(parts_.name, job);
    if (const auto* known = journal_->find(job); known != nullptr && known->own)
        parts_.invariants.executed_slot(parts_.name, known->own->scheduled.due_ms);
    else if (const auto* slot = running.order.body.find("slot"))
        parts_.invariants.executed_slot(parts_.name, slot->integer());
    JobEvent said;
    said.job = job;
    said.kind = JobEvent::Kind::output;
    said.output.bytes = "begun";
    core_->event(said);
    if (const auto* late = running.order.body.find("late")) return ask_late(job, late->integer());
    go_on(job);
}

// A state of the job is compiled late, of a result that is one of three: what was answered before is kept.
void AgentMachine::ask_late(const JobId& job, std::int64_t result) {
    LateRequest request;
    request.basis = "the catalog";
    Value output = Value::object(), results = Value::object();
    output.set("stdout", Value(std::to_string(result)));
    results.set("before", std::move(output));
    request.states.push_back({StateId("late"), std::move(results)});
    running_.at(job).asked = request;
    const auto kept = kept_late_.find(key_of(request));
    auto frames = kept == kept_late_.end() ? std::vector<std::string>{} : kept->second;
    const bool damaged = !frames.empty() && parts_.stage.percent(10);
    if (damaged) frames.back().back() ^= 1;
    core_->ask_late(job, request, frames);
    const auto found = running_.find(job);
    if (!frames.empty() && !damaged && found != running_.end() && found->second.asked)
        parts_.invariants.fail("11: " + parts_.name + " asks again for a late state that it has kept");
}

void AgentMachine::late_answered(const LateReply& reply, const std::vector<std::string>& frames) {
    const auto found = running_.find(reply.job);
    if (found == running_.end() || !found->second.asked) return;  // it was cancelled meanwhile
    const LateRequest asked = *std::exchange(found->second.asked, std::nullopt);
    if (!reply.error.empty()) {
        later(1, [this, job = reply.job, why = reply.error] { end(job, JobResult::End::failed, why); });
        return;
    }
    parts_.invariants.late_came(parts_.name, reply, asked, frames.empty());
    if (!frames.empty()) kept_late_[key_of(asked)] = frames;
    later(1, [this, job = reply.job] { go_on(job); });
}

void AgentMachine::go_on(const JobId& job) {
    const auto found = running_.find(job);
    if (found == running_.end()) return;
    auto& running = found->second;
    if (const auto* hash = running.order.body.find("content")) {
        running.wanted = BlobRef{*Hash::from_hex_text(hash->text()),
                                 static_cast<std::uint64_t>(running.order.body.at("size").integer())};
        return core_->want(job, {*running.wanted});
    }
    later(parts_.stage.between(5, parts_.stage.percent(80) ? 2'000 : 20'000),
          [this, job] { end(job, JobResult::End::done, ""); });
}

void AgentMachine::content_arrived(const Transfers::Outcome& outcome) {
    for (const auto& [job, running] : running_) {
        if (running.wanted != outcome.blob) continue;
        const auto how = outcome.failure.empty() ? JobResult::End::done : JobResult::End::failed;
        later(parts_.stage.between(0, 500), [this, id = job, how, why = outcome.failure] { end(id, how, why); });
    }
}

void AgentMachine::cancel(const JobId& job, const std::string& reason) {
    later(parts_.stage.between(0, 1'500), [this, job, reason] { end(job, JobResult::End::cancelled, reason); });
}

void AgentMachine::end(const JobId& job, JobResult::End how, const std::string& reason) {
    if (running_.erase(job) == 0) return;
    JobResult result;
    result.job = job;
    result.end = how;
    result.reason = reason;
    result.started_ms = result.finished_ms = core_->now_ms();
    result.body = Value::object();
    result.body.set("who", Value(parts_.name + " " + job.text()));
    if (parts_.stage.percent(20)) result.body.set("more", Value(std::string(5'000, 'x')));
    core_->finished(std::move(result));
    const auto* kept = journal_->find(job);
    if (kept != nullptr && kept->state == AgentJournal::Job::State::done) parts_.invariants.finished(parts_.name, job);
}

}  // namespace prove::sim
