// The master's lives, its workers, and what operators ask of it.
#include "tests/support/simulator/master_machine.hpp"

#include "tests/support/simulator/operations.hpp"

namespace prove::sim {

namespace {

constexpr std::int64_t tick_ms = 250;
constexpr std::int64_t impatient_ms = 10;
const SignedKeyset keyset{1, "keyset"};

}  // namespace

class MasterMachine::Pool final : public PreparePool {
  public:
    explicit Pool(MasterMachine& machine) : machine_(machine) {}
    void prepare(std::shared_ptr<const Preparer> preparer, CommandWish wish) override {
        auto& stage = machine_.parts_.stage;
        const auto takes = stage.strikes(Fault::prepare_slow, 30) ? stage.between(500, 8'000) : stage.between(1, 40);
        machine_.later(takes, [this, preparer = std::move(preparer), wish = std::move(wish)] {
            machine_.prepared(make_command(*preparer, wish));
        });
    }

  private:
    MasterMachine& machine_;
};

// Hosts without an agent. What goes on there is this machine's doing: it ends with its life.
class MasterMachine::Boxes final : public Carrier {
  public:
    explicit Boxes(MasterMachine& machine) : machine_(machine) {}
    void carry(Errand errand) override {
        auto& stage = machine_.parts_.stage;
        const auto takes = stage.percent(5) ? stage.between(20'000, 60'000) : stage.between(1, 4'000);
        machine_.later(takes, [this, errand = std::move(errand)] { arrive(errand); });
    }
    void stop(const JobId& job, const TargetId& target, const std::string&) override { stopped_.insert({job, target}); }
    void forget() { stopped_.clear(); }

  private:
    bool is_stopped(const Errand& errand) const { return stopped_.contains({errand.job, errand.target}); }
    void end(const Errand& errand, CarriedEnd how);
    void arrive(const Errand& errand);
    void work(const Errand& errand) {
        machine_.parts_.invariants.executed(errand.target.text(), errand.job);
        machine_.later(machine_.parts_.stage.between(1, 20'000), [this, errand] {
            Ran ran;
            ran.result.job = errand.job;
            if (is_stopped(errand)) ran.result.end = JobResult::End::cancelled;
            ran.result.body = Value::object();
            ran.body_text = "{}";
            end(errand, std::move(ran));
        });
    }
    MasterMachine& machine_;
    std::set<std::pair<JobId, TargetId>> stopped_;
};

struct MasterMachine::Life {
    KeyTable keys;
    KeyDesk desk;
    LocalSigner signer;
    Connections connections;
    Pool pool;
    Dispatch dispatch;

    explicit Life(MasterMachine& machine)
        : desk(machine.parts_.store, keys, machine.clock_, machine.parts_.stage.log),
          signer(machine.signer_, machine.parts_.cluster, 1, machine.parts_.store, machine.clock_,
                 machine.parts_.stage.random),
          pool(machine),
          dispatch({machine.clock_, machine, machine.parts_.store, keys, desk, signer, pool, *machine.boxes_,
                    *machine.operations_, connections, machine.parts_.stage.log.with({{"on", "master"}})},
                   keyset) {}
};

void MasterMachine::Boxes::end(const Errand& errand, CarriedEnd how) {
    stopped_.erase({errand.job, errand.target});
    machine_.life_->dispatch.carried_ended(errand.job, errand.target, std::move(how));
}

void MasterMachine::Boxes::arrive(const Errand& errand) {
    if (is_stopped(errand)) return end(errand, NotBegun{TargetEnd::cancelled, "stopped"});
    if (machine_.parts_.stage.percent(10)) return end(errand, NotBegun{TargetEnd::unreachable, "no route"});
    machine_.life_->dispatch.carried_begins(errand.job, errand.target, Value::object(), [this, errand](bool may) {
        if (machine_.dying_) return;
        if (may) return work(errand);
        machine_.later(1, [this, errand] { end(errand, NotBegun{TargetEnd::cancelled, "stopped"}); });
    });
}

MasterMachine::MasterMachine(const Parts& parts)
    : parts_(parts),
      clock_(parts.stage.queue),
      signer_(parts.online),
      operations_(std::make_unique<SimOperations>(parts.mistakes.confuses_pieces)),
      boxes_(std::make_unique<Boxes>(*this)) {
    parts_.network.set_master(*this);
}

MasterMachine::~MasterMachine() = default;

// --- its lives

void MasterMachine::start() {
    if (life_) return;
    parts_.stage.trace.add("master starts");
    parts_.store.hold(false);  // a master that starts waits for its first writes
    try {
        life_ = std::make_unique<Life>(*this);
    } catch (const Error& error) {
        return die(error.text());
    }
    parts_.store.hold();
    life_->dispatch.on_run_request([this](const TargetId& agent, const RunRequest& request, Dispatch::RunMade made) {
        asked_for_run(agent, request, made);
    });
    life_->dispatch.on_sheet([this](const TargetId& agent, const std::string& held) { told_sheet(agent, held); });
    act([this] {
        if (!parts_.mistakes.forgets_jobs || deaths_ == 0) life_->dispatch.recover();
    });
    if (life_) tick();
}

void MasterMachine::act(const std::function<void()>& what) {
    if (!life_) return;
    std::string end;
    try {
        what();
        life_->dispatch.settle();
        if (!life_->dispatch.failed()) return plan_commit();
        end = "its store is broken";
    } catch (const Crash&) {
        end = "ended at this point";
    } catch (const Error& error) {
        end = error.text();
        parts_.invariants.fail("P25: the master's loop ended: " + end);
    }
    die(end);
}

void MasterMachine::die(const std::string& why) {
    auto& stage = parts_.stage;
    stage.trace.add("master dies: " + why);
    dying_ = true;
    // A commit that was on its way may have reached the disk, or not; nobody is told of it either way.
    if (stage.percent(50)) parts_.store.commit();
    parts_.store.crash();
    parts_.store.fail_with(std::nullopt);
    life_.reset();
    dying_ = false;
    boxes_->forget();
    commit_planned_ = false;
    sends_left_ = 0;
    ++life_number_;
    ++deaths_;
    parts_.network.master_gone();
    stage.queue.after(stage.between(200, 10'000), [this] { start(); });
}

void MasterMachine::kill() {
    if (life_) die("killed");
}

void MasterMachine::later(std::int64_t ms, std::function<void()> what) {
    parts_.stage.queue.after(ms, [this, life = life_number_, what = std::move(what)] {
        if (life == life_number_) act(what);
    });
}

void MasterMachine::tick() {
    later(life_->dispatch.impatient() ? impatient_ms : tick_ms, [this] {
        life_->dispatch.tick();
        tick();
    });
}

void MasterMachine::plan_commit() {
    if (commit_planned_ || parts_.store.waiting() == 0) return;
    commit_planned_ = true;
    auto& stage = parts_.stage;
    later(stage.strikes(Fault::store_slow, 20) ? stage.between(200, 4'000) : stage.between(1, 15), [this] {
        commit_planned_ = false;
        parts_.store.commit();
        parts_.invariants.look_at_store();
    });
}

// --- what agents do by the clock

ScheduleSheet MasterMachine::sheet_for(const TargetId& agent) const {
    ScheduleSheet sheet;
    sheet.target = agent;
    if (parts_.schedule_every_ms == 0) return sheet;
    SheetEntry entry;
    entry.name = "often";
    entry.run = SheetEntry::Run::cmd;
    entry.command = Value::object();
    entry.command.set("for", Value(agent.text()));
    entry.every_ms = parts_.schedule_every_ms;
    entry.splay_ms = parts_.schedule_every_ms / 2;
    entry.until_ms = parts_.schedule_until_ms;
    sheet.entries.push_back(entry);
    return sheet;
}

void MasterMachine::told_sheet(const TargetId& agent, const std::string& held) {
    const auto sheet = sheet_for(agent);
    if (parts_.schedule_every_ms != 0 && held != hash_of(sheet).hex()) life_->dispatch.send_sheet(sheet);
}

// Some have to wait. Asked again after its end, this master makes a second job for the same slot.
void MasterMachine::asked_for_run(const TargetId& agent, const RunRequest& request, const Dispatch::RunMade& made) {
    if (request.scheduled && parts_.stage.percent(20)) {
        made({{}, {}, true});
        return later(parts_.stage.between(500, 20'000), [this, agent, request, made] { make_run(agent, request, made); });
    }
    make_run(agent, request, made);
}

void MasterMachine::make_run(const TargetId& agent, const RunRequest& request, const Dispatch::RunMade& made) {
    auto job = new_job({agent.text()}, request.scheduled ? "cmd" : "states");
    if (request.scheduled) {
        job.row.schedule = request.scheduled->schedule;
        job.row.slot_ms = request.scheduled->due_ms;
        job.preparer = operations_->preparer(job.row);
    }
    const auto id = job.row.id;
    hand_in(std::move(job), [made, id](const Error* error) {
        made({error == nullptr ? id : JobId(), error == nullptr ? "" : error->text()});
    });
}

// --- its faults

void MasterMachine::suffer(Fault fault) {
    auto& stage = parts_.stage;
    switch (fault) {
        case Fault::master_killed:
            return kill();
        case Fault::master_send_crash:
            sends_left_ = static_cast<int>(stage.between(1, 10));
            return;
        case Fault::store_full:
            parts_.store.fail_with(Error(ErrorKind::full, "database or disk is full"));
            return stage.queue.after(stage.between(500, 15'000), [this] { parts_.store.fail_with(std::nullopt); });
        case Fault::store_fails:
            return parts_.store.fail_with(Error(ErrorKind::failed, "disk I/O error"));
        default:
            return;
    }
}

void MasterMachine::recover() {
    parts_.store.fail_with(std::nullopt);
    sends_left_ = 0;
}

// --- what dispatch does

bool MasterMachine::admits(const PublicTransportKey& key) const {
    return life_ && life_->keys.accepted(key).has_value();
}

void MasterMachine::arrived(const Incoming& incoming) {
    act([&] { life_->dispatch.receive(incoming); });
}

void MasterMachine::prepared(ReadyCommand ready) {
    life_->dispatch.prepared(std::move(ready));
}

bool MasterMachine::send(const Route& route, const Frames& frames) {
    if (dying_) return true;
    return parts_.network.send(route, frames);
}

void MasterMachine::publish(const Frames& frames) {
    if (!dying_) parts_.network.publish(frames);
}

void MasterMachine::disconnect(const KeyId& key) {
    if (!dying_) parts_.network.disconnect(key);
}

void MasterMachine::sending(const Frames& frames) {
    if (sends_left_ > 0 && --sends_left_ == 0) throw Crash{};
    parts_.invariants.master_sends(frames);
}

// --- what operators do

NewJob MasterMachine::new_job(const std::set<std::string>& targets, const std::string& operation) {
    auto& stage = parts_.stage;
    NewJob job;
    job.row.id = JobId(stage.random.bytes<JobId::Raw>());
    job.row.operation = operation;
    job.row.options = Value::object();
    job.row.options.set("content", Value(stage.percent(50) ? std::int64_t{0} : stage.between(100, 3'000)));
    if (stage.percent(4)) job.row.options.set("content", Value(std::int64_t{300'000}));
    if (stage.percent(40)) job.row.options.set("late", Value(stage.between(0, 2)));
    job.row.expression = "*";
    job.row.who = "alice";
    job.row.created_ms = clock_.wall_ms();
    job.row.not_after_ms = job.row.created_ms + stage.between(20'000, 900'000);
    job.row.wait_ms = stage.percent(50) ? 10'000 : 60'000;
    for (const auto& name : targets) job.targets.push_back({TargetId(name), ""});
    job.preparer = operations_->preparer(job.row);
    job.permission = "cmd";
    parts_.invariants.submitted(job.row.id, targets);
    return job;
}

void MasterMachine::hand_in(NewJob job, const std::function<void(const Error*)>& done) {
    const auto id = job.row.id;
    parts_.stage.trace.add("job " + id.short_text() + " " + job.row.operation + " is submitted");
    jobs_.push_back(id);
    if (parts_.mistakes.acknowledges_early) parts_.invariants.acknowledged(id);
    if (parts_.mistakes.sends_to_another) job.targets = {{TargetId("agent0"), ""}, {TargetId("agent1"), ""}};
    life_->dispatch.submit(std::move(job), [this, id, done](const Error* error) {
        if (dying_) return;
        if (error == nullptr) parts_.invariants.acknowledged(id);
        if (done) done(error);
    });
}

void MasterMachine::submit(const std::set<std::string>& targets, const std::string& operation) {
    act([&] {
        auto job = new_job(targets, operation);
        auto all = targets;
        for (const char* box : {"box0", "box1"}) {
            if (!parts_.stage.percent(25)) continue;
            job.targets.push_back({TargetId(box), "", true});
            all.insert(box);
        }
        parts_.invariants.submitted(job.row.id, all);
        hand_in(std::move(job), nullptr);
    });
}

void MasterMachine::cancel_one() {
    if (jobs_.empty()) return;
    const auto job = jobs_[parts_.stage.random.below(jobs_.size())];
    act([&] {
        try {
            life_->dispatch.cancel(job, {}, {"bob", "the simulation"}, [](const Error*) {});
            parts_.stage.trace.add("job " + job.short_text() + " is cancelled");
        } catch (const Error&) {
            // It has ended already.
        }
    });
}

// As an operator does who was told that it failed, or nothing at all.
void MasterMachine::revoke(const std::string& agent) {
    if (revoked_.contains(agent)) return;
    parts_.stage.queue.after(1'000, [this, agent] { revoke(agent); });
    act([&] {
        try {
            life_->desk.revoke({"bob", "the simulation"}, agent, [this, agent](const Error* error, const KeyRow& row) {
                if (error == nullptr && !dying_) told_revoked(agent, row);
            });
        } catch (const Error& error) {
            if (!revoked_.contains(agent))
                parts_.invariants.fail("7: " + agent + " cannot be revoked: " + error.text());
        }
    });
}

void MasterMachine::told_revoked(const std::string& agent, const KeyRow& row) {
    parts_.stage.trace.add(agent + " is revoked");
    revoked_.insert(agent);
    parts_.invariants.revoked(agent, row.id);
    if (!parts_.mistakes.keeps_revoked_keys) return;
    auto kept = row;
    kept.state = KeyState::accepted;
    life_->keys.put(kept);
}

bool MasterMachine::is_connected(const KeyId& key) const {
    return life_ && life_->connections.connected(key);
}

}  // namespace prove::sim
