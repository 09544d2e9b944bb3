// A machine with a master on it: its store and its keys stay, its process comes and goes. Dispatch, the desk of keys
// and the signer are the real ones; only the store is memory whose commits take their time, and what was not committed
// when the process ends is gone.
#pragma once

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "common/keys/keys.hpp"
#include "master/jobs/dispatch.hpp"
#include "master/store/memory_store.hpp"
#include "tests/support/simulator/invariants.hpp"

namespace prove::sim {

class SimOperations;

// What a master can be made to do wrong, for checks that checks find it.
struct MasterMistakes {
    bool forgets_jobs = false;        // a start takes nothing over
    bool acknowledges_early = false;  // a job is acknowledged before it is durable
    bool keeps_revoked_keys = false;  // a revoked key goes on being believed
    bool sends_to_another = false;    // what is meant for one target is made for all
    bool confuses_pieces = false;     // late states are compiled of other results than were asked
};

class MasterMachine final : public MasterPort, private MasterNet {
  public:
    struct Parts {
        Stage& stage;
        Network& network;
        Invariants& invariants;
        MemoryStore& store;
        const SigningKey& online;
        ClusterId cluster;
        MasterMistakes mistakes;
        std::int64_t schedule_every_ms = 0;  // what agents have to do by the clock; 0: nothing
        std::int64_t schedule_until_ms = 0;
    };
    explicit MasterMachine(const Parts& parts);
    ~MasterMachine() override;

    void start();
    void kill();
    // A fault of this machine's own.
    void suffer(Fault fault);
    void recover();
    std::size_t deaths() const { return deaths_; }

    void submit(const std::set<std::string>& targets, const std::string& operation);
    // One of the jobs that were submitted.
    void cancel_one();
    // Again and again until it is durable.
    void revoke(const std::string& agent);
    bool is_connected(const KeyId& key) const;

  private:
    struct Life;
    class Pool;
    class Boxes;

    bool listens() const override { return life_ != nullptr; }
    bool admits(const PublicTransportKey& key) const override;
    void arrived(const Incoming& incoming) override;
    void sending(const Frames& frames) override;

    bool send(const Route& route, const Frames& frames) override;
    void publish(const Frames& frames) override;
    void disconnect(const KeyId& key) override;

    void act(const std::function<void()>& what);
    void later(std::int64_t ms, std::function<void()> what);
    void die(const std::string& why);
    void plan_commit();
    void prepared(ReadyCommand ready);
    void tick();
    ScheduleSheet sheet_for(const TargetId& agent) const;
    void told_sheet(const TargetId& agent, const std::string& held);
    void make_run(const TargetId& agent, const RunRequest& request, const Dispatch::RunMade& made);
    void asked_for_run(const TargetId& agent, const RunRequest& request, const Dispatch::RunMade& made);
    NewJob new_job(const std::set<std::string>& targets, const std::string& operation);
    void told_revoked(const std::string& agent, const KeyRow& row);
    void hand_in(NewJob job, const std::function<void(const Error*)>& done);

    Parts parts_;
    SimClock clock_;
    KeyEnvelopeSigner signer_;
    std::unique_ptr<SimOperations> operations_;
    std::unique_ptr<Boxes> boxes_;
    std::unique_ptr<Life> life_;
    std::uint64_t life_number_ = 0;
    std::size_t deaths_ = 0;
    std::vector<JobId> jobs_;
    std::set<std::string> revoked_;
    bool dying_ = false;  // what is done now has no effect outside the store
    bool commit_planned_ = false;
    int sends_left_ = 0;
};

}  // namespace prove::sim
