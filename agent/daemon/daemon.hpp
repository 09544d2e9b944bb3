// prove-agent as a process: builds the house (identity, enrolment, journal, transport, core, job threads, local door)
// and runs the one loop in which the core lives. Whatever comes from other threads goes through its inbox.
#pragma once

#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "agent/daemon/agent_metrics.hpp"
#include "agent/daemon/agent_settings.hpp"
#include "agent/daemon/control.hpp"
#include "agent/daemon/core.hpp"
#include "agent/daemon/enrolment.hpp"
#include "agent/daemon/identity_store.hpp"
#include "agent/daemon/inbox.hpp"
#include "common/files/disk.hpp"
#include "common/files/lock.hpp"
#include "common/log/rewritten_file.hpp"

namespace prove {

// What the loop waits on: the transport where there is one, else a condition. wake() from any thread.
class LoopWait {
 public:
    // While it lives, the loop waits in the transport.
    class Attached {
     public:
        Attached(LoopWait& wait, ClientTransport& net);
        ~Attached();
        Attached(const Attached&) = delete;
        Attached& operator=(const Attached&) = delete;

     private:
        LoopWait& wait_;
    };
    void wake();
    // Without a transport: until wake() or the time is over.
    void wait(Milliseconds at_most);

 private:
    std::mutex mutex_;
    std::condition_variable changed_;
    bool woken_ = false;
    ClientTransport* net_ = nullptr;
};

class Daemon final : private CoreListener {
 public:
    // Takes the data folder's lock; throws Error(refused) where another prove-agent has it. Clock and random outlive it.
    Daemon(AgentSettings settings, const Clock& clock, Random& random, const Logger& log);
    ~Daemon() override;

    // Until it is told to stop (SIGTERM) or to restart when idle (SIGUSR1); gives the exit status.
    int run();
    // Without becoming a daemon: enrols by a token and gives the name, or pins a master and gives nothing. Throws Error
    // where the token is refused or no master answers within a minute.
    std::string join(const std::string& token_or_pin);
    std::string fingerprint() const;

 private:
    struct Serving;                      // everything that exists once the agent is enrolled; see daemon_serve.cpp

    // daemon.cpp
    void enrol();
    void enrol_with(const MasterPin& pin, const std::optional<JoinToken>& token);
    void signal(int number);
    void request(const Value& request, const ControlServer::Reply& reply, const ControlServer::Fail& fail);
    void asked_to_join(const Value& request, const ControlServer::Reply& reply, const ControlServer::Fail& fail);
    Value status() const;

    // daemon_serve.cpp
    void serve();
    void serve_loop(Serving& serving);
    bool may_end(Serving& serving);
    Value serving_status() const;
    void ask_for_run(const Value& request, const ControlServer::Reply& reply, const ControlServer::Fail& fail);
    void gather_facts_again();
    void write_metrics();
    void content_arrived(const Transfers::Outcome& outcome) override;
    void job_ended(const JobResult& result) override;
    void run_answered(const RunReply& reply) override;
    void late_answered(const LateReply& reply, const std::vector<std::string>& frames) override;
    void kept(const StatesBody& run) override;
    void named(const std::string& name) override;

    AgentSettings settings_;
    const Clock& clock_;
    Random& random_;
    Logger log_;
    IdentityStore store_;
    FileLock lock_;
    KeyRing keys_;
    LoopWait wait_;
    Inbox inbox_;
    std::optional<Enrolled> enrolled_;
    std::string enrolment_state_;
    std::optional<JoinToken> joining_;                       // brought by `prove-agent join`
    std::optional<MasterPin> pinning_;
    std::optional<std::pair<ControlServer::Reply, ControlServer::Fail>> joined_;

    bool stopping_ = false;                                  // SIGTERM
    bool draining_ = false;                                  // restart when idle
    std::int64_t stop_boot_ms_ = 0;
    bool gave_up_ = false;
    bool wrong_master_ = false;
    std::int64_t give_up_boot_ms_ = INT64_MAX;              // of a join in the foreground

    Serving* serving_ = nullptr;
    struct Asked {
        ControlServer::Reply reply;
        ControlServer::Fail fail;
    };
    std::map<std::string, Asked> runs_asked_;                // by request
    std::map<JobId, Asked> runs_;                            // by the job that they became
    std::thread facts_thread_;
    std::int64_t facts_at_boot_ms_ = 0;
    AgentMetrics metrics_;
    RewrittenFile metrics_file_{settings_.metrics_file, log_};
    std::int64_t metrics_at_boot_ms_ = INT64_MAX;            // never where the settings name no file
    std::unique_ptr<ControlServer> control_;                 // last made, first gone: its thread calls in here
};

std::string prove_version();

}  // namespace prove
