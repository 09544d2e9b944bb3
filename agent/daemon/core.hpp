// The agent without its machine: what it does when a message, a result or a moment comes (flow 2 of the design). It
// greets its master, takes jobs at most once, hands them to whoever runs them, and repeats results until they are
// stored. Pure over Clock, Random, ClientTransport, the journal's Disk and JobStarter, so that a simulator can drive it.
// One thread; everything else posts to that thread.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "agent/daemon/agent_journal.hpp"
#include "agent/daemon/job_starter.hpp"
#include "agent/daemon/link.hpp"
#include "agent/daemon/mail.hpp"
#include "agent/daemon/scheduled_runs.hpp"
#include "agent/daemon/transfers.hpp"
#include "agent/daemon/trust.hpp"
#include "common/transport/transport.hpp"
#include "proto/late.hpp"
#include "proto/sealed.hpp"

namespace prove {

// Hears what others in the process want to know. May call nothing of the core's.
struct CoreListener {
    virtual ~CoreListener() = default;
    virtual void content_arrived(const Transfers::Outcome& outcome) = 0;
    virtual void job_ended(const JobResult& result) = 0;
    virtual void run_answered(const RunReply& reply) = 0;
    // A late state was asked for, and this is the answer; `frames` are its signed bytes, empty where they were kept here
    // or where there is no piece.
    virtual void late_answered(const LateReply&, const std::vector<std::string>& /*frames*/) {}
    // This run is kept for when there is no master, and none that was before.
    virtual void kept(const StatesBody&) {}
    virtual void named(const std::string& name) = 0;
};

class AgentCore final : private ScheduledRuns::Door {
 public:
    struct Parts {
        Self self;
        Trust& trust;
        AgentJournal& journal;
        Disk& disk;                      // the journal's
        ClientTransport& net;
        JobStarter& starter;
        CoreListener& listener;
        const Clock& clock;
        Random& random;
        Logger log;
        std::string version;             // of prove-agent
        std::string boot_id;
    };
    explicit AgentCore(const Parts& parts);

    // Reports what a crash interrupted (S52) and begins to connect.
    void start();
    void handle(const ClientEvent& event);
    // Does what is due; to be called after everything else here, and at next_ms().
    void tick();
    std::int64_t next_ms() const;        // by the boot clock

    void finished(JobResult result);
    // Sent where there is a connection, else dropped: the result has everything. Of states that begin one after the
    // other within a tenth of a second only the last is told, and none of a run that a schedule began.
    void event(const JobEvent& event);
    void want(const JobId& job, const std::vector<BlobRef>& blobs);
    // Asks the master for a late state of this job, until it answers; where `kept` is an earlier answer to the same
    // question, signed by a key that still counts, it is that one.
    void ask_late(const JobId& job, const LateRequest& request, const std::vector<std::string>& kept);
    void set_facts(Value facts);
    // Asks the master for a run of this agent's own states; the answer comes to the listener. False: not connected.
    bool request_run(const std::string& request, RunMode mode);

    // Takes no new jobs; idle() tells when those that run have ended and their results are safe.
    void drain(const std::string& why);
    bool idle() const { return running_.empty() && unsaved_.empty(); }
    void cancel_all(const std::string& reason);

    struct Status {
        Link::State link = Link::State::off;
        std::int64_t link_since_ms = 0;  // boot clock
        std::string trouble;
        std::string name;
        std::size_t running = 0, unsent = 0, journal_jobs = 0;
        std::int64_t clock_skew_ms = 0;
        std::map<std::string, std::uint64_t> refused;
        std::string draining;
    };
    Status status() const;
    Value schedules_status() { return scheduled_.status(); }
    std::int64_t now_ms() const { return mail_.now_ms(); }

 private:
    // core.cpp: the connection.
    void do_what_is_due();
    void greet();
    void message(const ClientEvent& event);
    void session_message(const Verified& verified);
    void welcome(const Verified& verified);
    void keyset(const Verified& verified);
    void heartbeat();
    Value readable(Value facts) const;
    bool send(MessageType type, const JobId& job, const Value& body);

    // core_jobs.cpp: jobs.
    void announced(const Verified& verified);
    void known(const AgentJournal::Job& job);
    void fetch(const JobId& job);
    void command(const Verified& verified, const std::vector<std::string>& frames);
    std::string reason_to_refuse(const Verified& verified, const JobCommand& command) const;
    void keep_for_later(const JobCommand& command, const std::vector<std::string>& frames);
    void accept(const Verified& verified, JobCommand command, const std::vector<std::string>& frames);
    void refuse(const Verified& verified, const std::string& operation, const std::string& reason,
                JobResult::End end = JobResult::End::refused);
    void cancelled(const Verified& verified);
    void stored(const Verified& verified);
    void file_requested(const Verified& verified);
    void save(JobResult result);
    void send_result(const JobId& job);
    void send_due();
    void tell(const JobEvent& event);
    void tell_held_start(const JobId& job);
    void tell_due_starts();
    void interrupt_unfinished();

    // core_own.cpp: what is done for schedules, and runs of this agent's own.
    bool connected() const override { return link_.up(); }
    std::string trouble() const override { return link_.trouble(); }
    void ask(const RunRequest& request) override;
    void start_own(const JobOrder& order, const OwnRun& own) override;
    void tell_own(const OwnRun& own, const std::string& reason) override;
    std::string refusal(const std::string& operation) const override { return parts_.starter.refusal(operation); }
    JobId new_own_job() override;
    void kept(const StatesBody& run) override { parts_.listener.kept(run); }
    bool is_own(const JobId& job) const;
    void take_over_own();
    void await_stored(const JobId& job);
    void send_own_due();

    // core_late.cpp: late states of jobs.
    void late_piece(const Verified& verified, const std::vector<std::string>& frames);
    void send_late_due();
    void end_late(const JobId& job);

    // Something to be sent again and again until it is answered, with doubling delay.
    struct Repeat {
        std::int64_t at_ms = 0;
        std::int64_t delay_ms = 10'000;
    };
    void again(Repeat& repeat, std::int64_t most_ms);

    Parts parts_;
    Mail mail_;
    Link link_;
    Transfers transfers_;
    ScheduledRuns scheduled_;
    std::string nonce_;                          // of the hello that waits for its welcome
    std::string name_;
    Value facts_;
    bool facts_sent_ = false;
    std::string draining_;
    std::map<JobId, Repeat> fetching_;           // announced here, command not come yet
    struct AskedLate {
        LateRequest request;
        Repeat repeat;
        std::int64_t give_up_ms = 0;
    };
    std::map<std::pair<JobId, Hash>, AskedLate> asked_late_;  // by job and question
    std::map<JobId, Repeat> outbox_;             // results not confirmed
    std::map<JobId, Repeat> own_outbox_;         // of runs of its own: told one after the other
    std::set<JobId> running_;
    std::map<JobId, JobResult> unsaved_;         // for want of disk space
    std::int64_t save_at_ms_ = 0;
    std::optional<std::int64_t> full_since_ms_;
    std::set<JobId> cancelled_early_;            // cancelled before their command came
    std::map<JobId, std::uint64_t> event_numbers_;
    struct HeldStart {
        JobEvent event;
        std::int64_t at_ms = 0;
    };
    std::map<JobId, HeldStart> held_starts_;   // the latest state that began, per job, not told yet
    std::int64_t purge_at_ms_ = 0;
    std::int64_t last_own_ms_ = 0;
};

}  // namespace prove
