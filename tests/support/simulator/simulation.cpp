// The house of one simulation, what is asked of it, and what goes wrong in it.
#include "tests/support/simulator/simulation.hpp"

namespace prove::sim {

namespace {

SigningKey master_key(char which) {
    std::string seed(32, which);
    return SigningKey::from_seed(Secret::taken_from(seed));
}

// The signed keyset of a cluster with one root key and one master.
Cluster make_cluster(const SigningKey& root, const SigningKey& online) {
    constexpr std::int64_t far_ms = 1'900'000'000'000;
    Cluster cluster;
    cluster.id.bytes.fill(0xC1);
    cluster.roots = {1, {root.public_key()}};
    cluster.master = online.key_id();
    KeysetDocument document;
    document.cluster = cluster.id;
    document.version = 1;
    document.expires_ms = far_ms;
    document.roots = cluster.roots;
    document.online = {{online.public_key(), 1, 0, far_ms}};
    document.transport = {TransportKey::generate().public_key()};
    document.enrol = TransportKey::generate().public_key();
    const auto text = keyset_document(document);
    cluster.keyset = assemble_keyset({{root.key_id(), root.sign(keyset_signed_bytes(text))}}, text);
    return cluster;
}

class Simulation {
  public:
    explicit Simulation(const Options& options)
        : options_(options), stage_(options.seed, options.logs, options.to_stderr) {
        if (!options.only.empty()) stage_.faults = Faults(options.only);
        if (options.mistakes.lost) network_.lose_all(*options.mistakes.lost);
        for (int i = 0; i < options.agents; ++i) {
            agents_.push_back(std::make_unique<AgentMachine>(AgentMachine::Parts{
                stage_, network_, invariants_, cluster_, "agent" + std::to_string(i),
                options.seed * 100 + static_cast<std::uint64_t>(i), options.schedule_every_ms != 0,
                !options.mistakes.agents_do_not_sync}));
            write_and_wait(store_, {agents_.back()->row(SimClock(stage_.queue).wall_ms())});
        }
    }

    Report play() {
        master_.start();
        for (auto& agent : agents_) agent->start();
        work();
        suffer();
        plan_revocation();
        if (options_.mistakes.agent_is_set_back) set_back();
        run_until(options_.faulty_ms);
        calm();
        run_until(options_.faulty_ms + options_.quiet_ms);
        if (invariants_.failure().empty()) expect_quiet_end();
        return report();
    }

  private:
    void run_until(std::int64_t until) {
        while (invariants_.failure().empty() && stage_.queue.run_next(until)) continue;
    }

    // What operators and agents ask for, every few seconds while there are faults.
    void work() {
        stage_.queue.after(stage_.between(200, options_.work_every_ms), [this] {
            if (!stage_.faults.on) return;
            ask();
            work();
        });
    }
    void ask() {
        static const std::vector<std::string> operations{"cmd", "states", "facts"};
        const auto what = stage_.random.below(100);
        if (what < 12) return master_.cancel_one();
        if (what < 18) return somebody().request_run();
        std::set<std::string> targets{somebody().name()};
        for (const auto& agent : agents_)
            if (stage_.percent(50)) targets.insert(agent->name());
        master_.submit(targets, operations[stage_.random.below(operations.size())]);
    }

    void suffer() {
        stage_.queue.after(stage_.between(300, 6'000), [this] {
            if (!stage_.faults.on) return;
            const auto fault = static_cast<Fault>(stage_.random.below(static_cast<std::uint64_t>(Fault::count)));
            if (stage_.faults.has(fault)) strike(fault);
            suffer();
        });
    }
    void strike(Fault fault) {
        auto& agent = somebody();
        stage_.trace.add(std::string("fault: ") + name_of(fault) + ", " + agent.name());
        switch (fault) {
            case Fault::reset:
                return network_.reset(agent.name());
            case Fault::half_open:
                return network_.make_half_open(agent.name());
            case Fault::publish_dead:
                return network_.kill_publishing(agent.name());
            case Fault::partition:
                return partition();
            default:
                break;
        }
        agent.suffer(fault);
        master_.suffer(fault);
    }
    // Several agents at once, each for a time of its own, so that they come back in another order than they went.
    void partition() {
        for (auto& agent : agents_) {
            if (!stage_.percent(50)) continue;
            const auto name = agent->name();
            network_.block(name);
            stage_.queue.after(stage_.between(500, options_.longest_partition_ms), [this, name] {
                stage_.trace.add(name + " is reached again");
                network_.unblock(name);
            });
        }
    }
    void plan_revocation() {
        if (!stage_.faults.has(Fault::revocation)) return;
        stage_.queue.after(stage_.between(20'000, options_.faulty_ms),
                           [this] { master_.revoke(agents_.back()->name()); });
    }
    void set_back() {
        stage_.queue.after(20'000, [this] { agents_[0]->remember_disk(); });
        stage_.queue.after(90'000, [this] { agents_[0]->kill(); });
    }

    // The faults end: what is down comes up by itself.
    void calm() {
        stage_.trace.add("the faults are over");
        stage_.faults.on = false;
        network_.heal();
        master_.recover();
        for (auto& agent : agents_) agent->recover();
    }
    void expect_quiet_end() {
        for (const auto& agent : agents_) {
            const bool revoked = stage_.faults.drawn(Fault::revocation) && agent == agents_.back();
            if (revoked) continue;
            if (!agent->settled()) invariants_.fail("10: " + agent->name() + " is not at rest: " + agent->state());
            if (options_.schedule_every_ms != 0 && agent->last_slot() != last_slot())
                invariants_.fail("12: " + agent->name() + " skipped the slot of " + std::to_string(last_slot()));
            if (!master_.is_connected(agent->key())) invariants_.fail("10: the master does not see " + agent->name());
        }
        invariants_.expect_all_ended();
    }
    // The last that was due before the faults were over.
    std::int64_t last_slot() const {
        const auto end = SimClock(stage_.queue).wall_ms() - stage_.queue.now() + options_.faulty_ms;
        return (end - 1) / options_.schedule_every_ms * options_.schedule_every_ms;
    }
    Report report() {
        Report report;
        report.failure = invariants_.failure();
        report.hash = stage_.trace.hash();
        report.latest = stage_.trace.latest();
        report.counts = invariants_.counts();
        for (const auto& agent : agents_) report.agent_deaths += agent->deaths();
        report.master_deaths = master_.deaths();
        return report;
    }
    AgentMachine& somebody() { return *agents_[stage_.random.below(agents_.size())]; }

    Options options_;
    Stage stage_;
    MemoryStore store_;
    SigningKey root_ = master_key('R');
    SigningKey online_ = master_key('O');
    Cluster cluster_ = make_cluster(root_, online_);
    Network network_{stage_};
    Invariants invariants_{stage_, store_, options_.invariant};
    MasterMachine master_{{stage_, network_, invariants_, store_, online_, cluster_.id, options_.mistakes.master,
                           options_.schedule_every_ms, SimClock(stage_.queue).wall_ms() + options_.faulty_ms}};
    std::vector<std::unique_ptr<AgentMachine>> agents_;
};

}  // namespace

Report run(const Options& options) {
    return Simulation(options).play();
}

Report run_and_explain(Options options) {
    auto report = run(options);
    if (report.failure.empty()) return report;
    options.logs = true;
    auto explained = run(options);
    explained.hash = report.hash;
    return explained;
}

}  // namespace prove::sim
