// A machine with an agent on it: its keys and its disk stay, its process comes and goes. The core, its journal and its
// envelopes are the real ones; the jobs only say when they were executed.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/daemon/core.hpp"
#include "common/keys/keys.hpp"
#include "tests/support/simulator/invariants.hpp"

namespace prove::sim {

// What agents know of their master from their enrolment.
struct Cluster {
    ClusterId id;
    RootSet roots;
    std::string keyset;
    KeyId master;
};

// The machine's disk as the agent sees it; one that lies about its syncs is for a check that checks find it.
class SimDisk final : public Disk {
  public:
    SimDisk(SimulatedDisk& disk, bool syncs) : disk_(disk), syncs_(syncs) {}
    std::vector<std::string> list() const override { return disk_.list(); }
    std::optional<std::string> read(const std::string& name) const override { return disk_.read(name); }
    void append(const std::string& name, std::string_view bytes) override { disk_.append(name, bytes); }
    void truncate(const std::string& name, std::uint64_t size) override { disk_.truncate(name, size); }
    void sync(const std::string& name) override {
        if (syncs_) disk_.sync(name);
    }
    void rename(const std::string& from, const std::string& to) override { disk_.rename(from, to); }
    void remove(const std::string& name) override { disk_.remove(name); }

  private:
    SimulatedDisk& disk_;
    bool syncs_;
};

class AgentMachine final : public AgentPort, private JobStarter, private CoreListener {
  public:
    struct Parts {
        Stage& stage;
        Network& network;
        Invariants& invariants;
        const Cluster& cluster;
        std::string name;
        std::uint64_t seed;  // of its signing key
        // It has much to say after hours alone. Its clock falls back only: one that is ahead takes slots before their time.
        bool with_schedules = false;
        bool syncs = true;   // false: its disk only says that it did
    };
    explicit AgentMachine(const Parts& parts);

    const std::string& name() const { return parts_.name; }
    KeyId key() const { return sign_.key_id(); }
    KeyRow row(std::int64_t now_ms) const;  // as an enrolment leaves it at the master

    void start();
    void kill();
    void lose_power();
    // A fault of this machine's own, of a kind that begins with agent_.
    void suffer(Fault fault);
    // The faults are over: what is still to come is not any more.
    void recover();
    void request_run();
    bool settled() const;  // connected, with nothing left to send
    std::string state() const;
    std::size_t deaths() const { return deaths_; }
    // The last slot that it has taken; 0: none.
    std::int64_t last_slot() const;

    // For a check that checks find it: the disk as it is now comes back at the next start.
    void remember_disk() { remembered_ = disk_; }

  private:
    struct Running {
        JobOrder order;
        bool begun = false;
        std::optional<BlobRef> wanted;
        std::optional<LateRequest> asked;
    };

    void arrived(const ClientEvent& event) override;
    void sending(const Frames& frames) override;
    std::string refusal(const std::string& operation) const override;
    void start(JobOrder order) override;
    void cancel(const JobId& job, const std::string& reason) override;
    void content_arrived(const Transfers::Outcome& outcome) override;
    void late_answered(const LateReply& reply, const std::vector<std::string>& frames) override;
    void job_ended(const JobResult&) override {}
    void run_answered(const RunReply&) override {}
    void named(const std::string&) override {}

    void boot();
    void act(const std::function<void()>& what);
    void later(std::int64_t ms, std::function<void()> what);  // unless this life has ended
    void die(const std::string& why, bool power);
    void plan_tick();
    void begin(const JobId& job);
    void ask_late(const JobId& job, std::int64_t result);
    void go_on(const JobId& job);
    void end(const JobId& job, JobResult::End how, const std::string& reason);
    void disk_call(const std::string& call);

    Parts parts_;
    SimClock clock_;
    SigningKey sign_;
    TransportKey transport_ = TransportKey::generate();
    SealKey seal_ = SealKey::generate();
    KeyEnvelopeSigner signer_{sign_};
    SimulatedDisk disk_;
    std::optional<SimulatedDisk> remembered_;
    SimDisk seen_disk_;
    Trust trust_;
    std::unique_ptr<ClientTransport> net_;

    std::uint64_t life_ = 0;
    std::size_t deaths_ = 0;
    std::uint64_t boots_ = 0;  // of the machine
    std::unique_ptr<AgentJournal> journal_;
    std::unique_ptr<AgentCore> core_;
    std::map<JobId, Running> running_;
    std::map<Hash, std::vector<std::string>> kept_late_;  // answers of the master's, as it signed them; on the disk
    std::int64_t tick_at_ = 0;                            // by the simulation's clock; 0: none is planned
    int disk_calls_left_ = 0;                             // until the crash; 0: none to come
    bool power_goes_there_ = false;
    int sends_left_ = 0;
    bool disk_full_ = false;
    bool sync_fails_ = false;
};

}  // namespace prove::sim
