// The heart of the master: jobs go out, results come in, and every target that was meant ends in one named way. Bytes
// and time in, actions out: it has no thread, no socket and no clock of its own, so that a simulator can drive it. All
// calls come from one thread, the store's callbacks too (the server hands them over).
//
// A job's life: durable -> prepared in the pool -> announced on PUB -> fetched -> sealed command on ROUTER -> accepted
// -> events -> result -> durable -> `stored`. What is not accepted in 10 s is sent again, with doubling delay (S58).
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "common/log/log.hpp"
#include "common/log/repeated.hpp"
#include "common/time/clock.hpp"
#include "common/time/random.hpp"
#include "common/transport/handshake_rate.hpp"
#include "common/transport/transport.hpp"
#include "master/jobs/carrier.hpp"
#include "master/jobs/connections.hpp"
#include "master/jobs/job_book.hpp"
#include "master/jobs/prepare.hpp"
#include "master/jobs/serving.hpp"
#include "master/jobs/standing.hpp"
#include "master/keys/key_desk.hpp"
#include "master/keys/key_table.hpp"
#include "master/keys/signer.hpp"
#include "master/store/store.hpp"
#include "proto/schedule_sheet.hpp"

namespace prove {

// The half of a transport that dispatch speaks to.
struct MasterNet {
    virtual ~MasterNet() = default;
    virtual bool send(const Route& route, const Frames& frames) = 0;
    virtual void publish(const Frames& frames) = 0;
    virtual void disconnect(const KeyId& key) = 0;
};

// The keyset that agents are given (S18), already signed by the root keys.
struct SignedKeyset {
    std::uint64_t version = 0;
    std::string bytes;
};

struct NewJob {
    JobRow row;
    struct Meant {
        TargetId name;
        std::string refused;   // why it cannot be reached by any job; empty where it can
        bool carried = false;  // reached by the carrier, not through an agent
    };
    std::vector<Meant> targets;  // each once, at least one
    std::shared_ptr<const Preparer> preparer;
    std::string permission;  // that allowed it, for the audit log
};

struct DispatchSettings {
    std::int64_t resend_ms = 10'000;             // S58
    std::int64_t announce_within_ms = 50;        // targets that are ready wait so long for others to share a message
    std::int64_t heartbeat_ms = 60'000;          // S59
    std::int64_t grace_after_start_ms = 30'000;  // agents come back 0 to 20 s after a restart of the master
    std::int64_t lost_after_ms = 900'000;        // an agent that took a job and was not heard of since its expiry
};

class Dispatch {
  public:
    struct Parts {
        const Clock& clock;
        MasterNet& net;
        Store& store;
        KeyTable& keys;
        KeyDesk& desk;
        Signer& signer;
        PreparePool& pool;
        Carrier& carrier;
        const Operations& operations;
        Connections& connections;
        Logger log;
    };
    Dispatch(Parts parts, SignedKeyset keyset, DispatchSettings settings = {});

    // Takes over the jobs that an earlier life of the master did not finish.
    void recover();
    // Told after each commit that added events to these jobs.
    void on_events(std::function<void(const std::set<JobId>&)> told) { told_ = std::move(told); }
    // An accepted agent asks for a run: of its own states (prove-agent run), or as a schedule says. `made` is to be
    // called in this thread, with the job or with why there is none; before that it may be told that others go first.
    struct RunAnswer {
        JobId job;          // zero where there is none
        std::string error;  // for people
        bool waits = false;
        bool for_now = false;  // the error: it is worth asking again
    };
    using RunMade = std::function<void(const RunAnswer&)>;
    void on_run_request(std::function<void(const TargetId& agent, const RunRequest& request, RunMade made)> asked) {
        run_asked_ = std::move(asked);
    }
    // An accepted agent has told by which schedule sheet it goes (hash, hex; empty: none).
    void on_sheet(std::function<void(const TargetId& agent, const std::string& held)> told) {
        sheet_told_ = std::move(told);
    }
    // Dropped where that agent is not connected: it tells when it is.
    void send_sheet(const ScheduleSheet& sheet);
    // `done` comes once the job is durable, or with why it is not.
    void submit(NewJob job, std::function<void(const Error*)> done);
    // Asks every target that has not ended (or only one of them) to stop. Throws Error(missing, usage) at once.
    void cancel(const JobId& id, const std::optional<TargetId>& only, const Decider& by,
                std::function<void(const Error*)> done);

    // What the main socket brought.
    void receive(const Incoming& incoming);
    // A connection of the main socket has ended.
    void ended(const KeyId& key, const Route& route);
    void prepared(ReadyCommand ready);

    // What the carrier tells. An errand's target is there, says this of itself, and could begin: `go` is told whether
    // it may, once that it did is durable.
    void carried_begins(const JobId& job, const TargetId& target, const Value& facts, std::function<void(bool)> go);
    void carried_event(const TargetId& target, const JobEvent& event);
    void carried_ended(const JobId& job, const TargetId& target, CarriedEnd ended);

    // A key may not do any more what it could: revoked, or in conflict.
    void key_lost(const KeyRow& row);
    // Timers: resends, expiry, heartbeats. To be called at least every 500 ms.
    void tick();
    // Ends a round: announces what is ready, and hands what changed to the store. After every one of the calls above.
    void settle();
    // True while something waits for its announcement: tick again soon.
    bool impatient() const { return impatient_; }
    // What goes on now.
    struct Figures {
        std::size_t jobs = 0;  // that have not ended
        std::map<TargetPhase, std::size_t> targets;  // of them, but for those that have ended
        std::size_t unstored = 0;  // changes that are on their way to the store, or wait for space in it
        bool full = false;
    };
    Figures figures();
    // Of all that ended; may be looked at from any thread.
    const RunCounts& counts() { return book_.counts(); }
    // The store is broken (D3): the process has to stop.
    bool failed() const { return failed_; }

  private:
    // dispatch.cpp: jobs
    void start(NewJob job, const std::vector<JobTargetRow>& rows);
    void recover(const JobRow& row);
    void not_prepared(ActiveJob& job, ActiveTarget& target, const Error& error, Value diagnostics);
    CommandWish wish_for(const ActiveJob& job, const ActiveTarget& target) const;
    void prepare(ActiveJob& job, ActiveTarget& target);
    void end(ActiveJob& job, ActiveTarget& target, TargetEnd how, std::string reason, std::string cause = {});
    void commit(std::vector<JobBook::Changes> parts);
    void committed(JobBook::Changes changes, const Error* error);
    void contradicted(JobBook::Changes changes, const Error& error);
    bool stop_target(ActiveJob& job, ActiveTarget& target, const std::string& by);

    // dispatch_sending.cpp: what goes out, and when
    void announce(ActiveJob& job);
    void announce_list(ActiveJob& job, const std::vector<KeyId>& keys);
    bool send_command(ActiveTarget& target);
    bool send_to(const KeyId& key, const Issue& what, std::string payload);
    bool send_frames(const KeyId& key, const Frames& frames);
    void send_cancel(ActiveTarget& target);
    void tick_target(ActiveJob& job, ActiveTarget& target);
    void tick_waiting(ActiveJob& job, ActiveTarget& target);
    void tick_running(ActiveJob& job, ActiveTarget& target);
    bool tick_cancel(ActiveJob& job, ActiveTarget& target);
    void heartbeat();
    void ask_for_result(const KeyId& key, const Collecting& collecting);
    void ask_how_it_stands(const ActiveTarget& target);
    void ask_all_again();
    std::string last_seen(const KeyId& key) const;

    // dispatch_carried.cpp: targets without an agent
    void carry(ActiveJob& job, ActiveTarget& target);
    ActiveTarget* carried_target(ActiveJob* job, const TargetId& name);
    void recover_carried(ActiveJob& job, ActiveTarget& target, const std::string& why_not);
    void tick_carried(ActiveJob& job, ActiveTarget& target);
    void not_begun(ActiveJob& job, ActiveTarget& target, NotBegun what);
    void seen(const TargetId& target);

    // dispatch_receiving.cpp: what comes in
    void handle(const Verified& message, const Incoming& incoming);
    void handle_from(const KeyId& key, const Verified& message);
    void on_hello(const KeyId& key, const Verified& message, const Incoming& incoming);
    void welcome(const KeyId& key, const Hello& hello);
    std::vector<JobId> compare_unfinished(const KeyId& key, const Hello& hello, std::uint64_t& floor);
    void lost_by_agent(ActiveJob& job, ActiveTarget& target);
    void on_fetch(const KeyId& key, const JobId& id);
    void on_accepted(const KeyId& key, const Accepted& accepted);
    void on_event(const KeyId& key, const JobEvent& event);
    void on_result_message(const KeyId& key, const Verified& message);
    void on_result(const KeyId& key, JobResult result);
    void give_up_result(const KeyId& key, const JobId& id, const std::string& why);
    void take_result(const KeyId& key, const JobResult& result, const Value& body, std::string body_text);
    Judged judge(const JobRow& job, const JobResult& result, const Value& body) const;
    void keep_standing(const JudgedRun& run, const Judged& judged);
    std::optional<StandingRow> standing_with(const JudgedRun& run, const Judged& judged);
    std::optional<StandingRow> standing_with_late(const JobTargetRow& late, const JobRow& job, const JobResult& result,
                                                  const Value& body);
    void standings_stored(const Batch& batch);
    void on_late_result(const KeyId& key, const JobResult& result, const Value& body, std::string body_text);
    bool is_new_own(const KeyId& key, const JobResult& result);
    void take_own_result(const KeyId& key, const JobResult& result, const Value& body, std::string body_text);
    void forget_pieces(const KeyId& key, const std::function<bool(const JobResult&)>& which);
    void keep_details(const KeyId& key, ActiveJob& job, const ActiveTarget& target, Judged& judged, std::string body);
    bool wants_result(const KeyId& key, const JobId& id);
    void on_file_request(const KeyId& key, const FileRequest& request);
    void on_file_chunk(const KeyId& key, const FileChunk& chunk);
    void on_late_request(const KeyId& key, const LateQuestion& question);
    void late_compiled(const ActiveTarget& target, ReadyCommand ready);
    void look_at_clock(const KeyRow& key, std::int64_t ahead_ms);
    void on_heartbeat(const KeyId& key, const Heartbeat& heartbeat);
    void on_run_request(const KeyId& key, const RunRequest& request);
    void keep_facts(const KeyId& key, const Value& facts);
    void refuse(const std::string& reason, const Incoming& incoming);
    AuditRow noticed(const std::string& command, const KeyRow& key, const std::string& detail) const;

    std::int64_t wall() const { return clock_.wall_ms(); }
    std::int64_t boot() const { return clock_.boot_ms(); }

    const Clock& clock_;
    MasterNet& net_;
    Store& store_;
    KeyTable& keys_;
    KeyDesk& desk_;
    Signer& signer_;
    PreparePool& pool_;
    Carrier& carrier_;
    const Operations& operations_;
    Connections& connections_;
    Logger log_;
    SignedKeyset keyset_;
    DispatchSettings settings_;
    RepeatedEvents refusals_;
    HandshakeRate hellos_{{20, 10.0 / 60}, 200'000};  // of a key, as handshakes are limited
    HandshakeRate late_asked_{{200, 5.0}, 200'000};
    HandshakeRate runs_asked_{{5, 5.0 / 60}, 200'000};
    HandshakeRate scheduled_asked_{{100, 1.0}, 200'000};
    HandshakeRate own_results_{{200, 1.0}, 200'000};
    HandshakeRate unasked_kib_{{128 * 1024, 16.0}, 200'000};  // details of what schedules began
    std::function<void(const std::set<JobId>&)> told_;
    std::function<void(const TargetId&, const RunRequest&, RunMade)> run_asked_;
    std::function<void(const TargetId&, const std::string&)> sheet_told_;

    JobBook book_;
    std::map<TargetId, StandingRow> unstored_standings_;
    std::set<JobId> late_;  // jobs of which a late result is on its way to the store
    Serving serving_;
    std::map<std::pair<KeyId, JobId>, Collecting> collecting_;
    // Asked again by an agent after a restart of the master, while its contents are made once more.
    std::map<std::pair<KeyId, JobId>, std::vector<FileRequest>> waiting_requests_;
    std::set<std::pair<KeyId, JobId>> compiling_late_;  // one late state of a job at a time
    std::int64_t next_heartbeat_boot_ms_ = 0;
    std::int64_t retry_commit_boot_ms_ = 0;
    std::size_t committing_ = 0;  // parts under way: one commit at a time, so that what failed can go first again
    bool full_ = false;           // the store has no space: nothing that must be remembered is taken
    bool missed_ = false;         // something was not taken for that
    bool impatient_ = false;
    bool failed_ = false;
};

}  // namespace prove
