// A master without threads, sockets or disk, and agents that speak to it: what tests of dispatch are made of, and what
// a simulator can start from. Messages are real: signed, sealed and verified at both ends; only the wire is a list.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "common/keys/keys.hpp"
#include "master/jobs/dispatch.hpp"
#include "master/store/memory_store.hpp"
#include "proto/identity.hpp"
#include "tests/support/fake_carrier.hpp"
#include "tests/support/fake_clock.hpp"
#include "tests/support/seeded_random.hpp"

namespace prove::test {

// What left the master: to one route, or to all subscribers.
struct Sent {
    std::string route;  // empty: published
    Frames frames;
};

class FakeNet final : public MasterNet {
  public:
    bool send(const Route& route, const Frames& frames) override {
        if (gone.contains(route.bytes)) return false;
        sent.push_back({route.bytes, frames});
        return true;
    }
    void publish(const Frames& frames) override { sent.push_back({"", frames}); }
    void disconnect(const KeyId& key) override { disconnected.insert(key); }

    std::deque<Sent> sent;
    std::set<std::string> gone;  // routes that nobody is at any more
    std::set<KeyId> disconnected;
};

// Operations whose commands say what they are told to.
class FakeOperations final : public Operations {
  public:
    struct Echo final : Preparer {
        explicit Echo(const FakeOperations& all) : all_(all) {}
        Prepared prepare(const TargetId& target, const Value&) const override {
            if (all_.broken.contains(target.text())) {
                Diagnostics diagnostics;
                diagnostics.error({}, "motd", "unknown argument 'pth'");
                throw CatalogError(diagnostics);
            }
            Prepared prepared;
            prepared.body = Value::object();
            prepared.body.set("for", Value(target.text()));
            prepared.contents = all_.contents;
            if (all_.state_runs) prepared.type = MessageType::staterun;
            return prepared;
        }
        PreparedPiece late(const TargetId& target, const LateRequest& asked, const Value&) const override {
            if (all_.broken.contains(target.text())) throw Error(ErrorKind::catalog, "it does not compile");
            PreparedPiece prepared;
            prepared.reply.key = key_of(asked);
            prepared.reply.run = Value::object();
            prepared.reply.run.set("for", Value(target.text()));
            prepared.contents = all_.late_contents;
            return prepared;
        }
        const FakeOperations& all_;
    };
    std::shared_ptr<const Preparer> preparer(const JobRow&) const override {
        if (changed) throw Error(ErrorKind::refused, "the catalog was changed");
        return std::make_shared<Echo>(*this);
    }
    Judged judge(const JobRow&, const JobResult& result, const Value& body) const override {
        if (body.find("nonsense") != nullptr) throw Error(ErrorKind::invalid, "nonsense in it");
        Judged judged;
        judged.end = target_end_from(name_of(result.end));
        judged.reason = result.reason;
        if (const Value* report = body.find("report")) {
            judged.report = std::make_shared<const RunReport>(run_report_from(*report));
            judged.whole = true;
        }
        return judged;
    }

    std::set<std::string> broken;  // targets whose states do not compile
    Contents contents, late_contents;
    bool changed = false;
    bool state_runs = false;
};

// Prepares when told to, or at once.
class FakePool final : public PreparePool {
  public:
    void prepare(std::shared_ptr<const Preparer> preparer, CommandWish wish) override {
        waiting.push_back({std::move(preparer), std::move(wish)});
    }
    std::vector<std::pair<std::shared_ptr<const Preparer>, CommandWish>> waiting;
};

// A master's life: what it keeps on its disk survives into the next one.
struct MasterWorld {
    FakeClock clock;
    SeededRandom random;
    MemoryStore store;
    FakeNet net;
    FakeOperations operations;
    FakePool pool;
    FakeCarrier carrier;
    SigningKey online = SigningKey::generate();
    KeyEnvelopeSigner online_signer{online};
    ClusterId cluster = random.bytes<ClusterId>();
    DispatchSettings settings;
    bool prepare_at_once = true;

    struct Life {
        KeyTable keys;
        KeyDesk desk;
        LocalSigner signer;
        Connections connections;
        Dispatch dispatch;
        explicit Life(MasterWorld& world)
            : desk(world.store, keys, world.clock, silent_logger()),
              signer(world.online_signer, world.cluster, 1, world.store, world.clock, world.random),
              dispatch({world.clock, world.net, world.store, keys, desk, signer, world.pool, world.carrier,
                        world.operations, connections, silent_logger()},
                       {3, "keyset"}, world.settings) {}
    };
    std::unique_ptr<Life> life = std::make_unique<Life>(*this);

    Dispatch& dispatch() { return life->dispatch; }
    // A crash and a new start: what was not durable is gone, connections too.
    void restart() {
        store.crash();
        pool.waiting.clear();
        carrier.forget();
        net.sent.clear();
        const bool held = store.held();
        store.hold(false);  // a master that starts waits for its first writes
        life = std::make_unique<Life>(*this);
        store.hold(held);
        life->dispatch.recover();
        settle();
    }
    void settle() {
        while (prepare_at_once && !pool.waiting.empty()) prepare_one();
        life->dispatch.settle();
    }
    void prepare_one() {
        auto [preparer, wish] = pool.waiting.front();
        pool.waiting.erase(pool.waiting.begin());
        life->dispatch.prepared(make_command(*preparer, wish));
        life->dispatch.settle();
    }
    void pass(std::int64_t ms) {
        // In steps, as the loop ticks.
        for (std::int64_t done = 0; done < ms; done += 500) {
            clock.pass(Milliseconds(std::min<std::int64_t>(500, ms - done)));
            life->dispatch.tick();
            settle();
        }
    }
    JobId submit(const std::vector<std::string>& targets, std::int64_t wait_ms = 10'000) {
        return submit(targets, {}, wait_ms);
    }
    JobId submit(const std::vector<std::string>& targets, const std::vector<std::string>& carried,
                 std::int64_t wait_ms = 10'000) {
        NewJob job;
        job.row.id = JobId(random.bytes<JobId::Raw>());
        job.row.operation = "ping";
        job.row.expression = "*";
        job.row.who = "alice";
        job.row.schedule = schedule;
        job.row.created_ms = clock.wall_ms();
        job.row.not_after_ms = clock.wall_ms() + 3'600'000;
        job.row.wait_ms = wait_ms;
        for (const auto& name : targets) job.targets.push_back({TargetId(name), ""});
        for (const auto& name : carried) job.targets.push_back({TargetId(name), "", true});
        job.preparer = operations.preparer(job.row);
        const auto id = job.row.id;
        submitted = false;
        life->dispatch.submit(std::move(job), [this](const Error* error) { submitted = error == nullptr; });
        settle();
        return id;
    }
    bool submitted = false;
    std::string schedule;  // that makes the jobs that are submitted; empty: none

    JobTargetRow target(const JobId& job, const std::string& name) const {
        return store.job_target(job, TargetId(name)).value_or(JobTargetRow{});
    }
    // "done", "expired: ...", or the phase of one that has not ended.
    std::string end_of(const JobId& job, const std::string& name) const {
        const auto row = target(job, name);
        if (row.phase != TargetPhase::ended) return name_of(row.phase);
        return name_of(row.end);
    }
    std::vector<std::string> event_kinds(const JobId& job) const {
        std::vector<std::string> kinds;
        for (const auto& row : store.events(job, 0, 10'000)) kinds.push_back(row.kind);
        return kinds;
    }
};

}  // namespace prove::test
