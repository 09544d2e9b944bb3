// The master as the API sees it. What may take long (reading the catalog, choosing targets) runs in the front's thread,
// what changes jobs and keys in the loop's; callers are never kept waiting.
#pragma once

#include <atomic>
#include <map>
#include <mutex>
#include <set>

#include "common/time/random.hpp"
#include "master/commands/given_contents.hpp"
#include "master/commands/known_catalogs.hpp"
#include "master/commands/master.hpp"
#include "master/commands/operations.hpp"
#include "master/commands/pauses.hpp"
#include "master/commands/schedule_clock.hpp"
#include "master/commands/schedule_desk.hpp"
#include "master/jobs/dispatch.hpp"
#include "master/keys/key_desk.hpp"
#include "proto/token.hpp"

namespace prove {

class RunningMaster final : public Master {
  public:
    // Runs work in another thread, in order.
    using Post = std::function<void(std::function<void()>)>;
    struct Parts {
        const Clock& clock;
        Random& random;
        Store& store;
        KeyTable& keys;
        KeyDesk& desk;
        Dispatch& dispatch;
        CatalogKeeper& catalog;
        const CommandTable& commands;
        const CommandOperations& operations;
        const TargetList& targets;
        Authorizer& authorizer;
        Post loop, front;
        Logger log;
        std::string version = {};  // of prove-master, for its figures
    };
    // `pin`: what a token says of this master; its host is the default for tokens that do not name one.
    RunningMaster(Parts parts, MasterPin pin, std::string fingerprint);

    Permission permission_for(const JobAsked& asked) const override;
    void submit(const Permit& permit, JobAsked asked, Reply<JobMade> reply) override;
    BlobRef give_content(const Permit& permit, std::string bytes) override;
    void cancel(const Permit& permit, const JobId& job, std::optional<TargetId> only, Reply<Nothing> reply) override;
    JobId find_job(const std::string& text) const override;
    std::vector<JobView> jobs(const Permit& permit, const JobFilter& filter) const override;
    JobView job(const Permit& permit, const JobId& id) const override;
    std::optional<ResultRow> result(const Permit& permit, const JobId& id, const TargetId& target) const override;
    std::vector<RunRow> runs(const Permit& permit, const RunFilter& filter) const override;
    std::optional<RunRow> run(const Permit& permit, const JobId& id, const TargetId& target) const override;
    std::vector<EventRow> events(const Permit& permit, const JobId& id, std::uint64_t after,
                                 std::size_t limit) const override;
    bool has_ended(const Permit& permit, const JobId& id) const override;
    std::unique_ptr<Watch> watch(const Permit& permit, const JobId& id, std::function<void()> changed) override;
    std::vector<TargetRow> targets(const Permit& permit, const std::string& expression) const override;
    Value drift(const Permit& permit, const std::string& expression, std::int64_t from_ms) const override;
    CatalogStatus catalog(const Permit& permit) const override;
    void reload_catalog(const Permit& permit, Reply<CatalogStatus> reply) override;
    void graph(const Permit& permit, std::string target, Reply<Value> reply) override;
    void diff(const Permit& permit, std::string expression, std::string from, Reply<Value> reply) override;
    std::vector<KeyRow> keys(const Permit& permit) const override;
    void accept_key(const Permit& permit, std::string which, std::optional<TargetId> name, bool replace,
                    Reply<KeyRow> reply) override;
    void reject_key(const Permit& permit, std::string which, Reply<KeyRow> reply) override;
    void revoke_key(const Permit& permit, std::string which, Reply<KeyRow> reply) override;
    void make_token(const Permit& permit, TokenAsked asked, Reply<TokenMade> reply) override;
    std::vector<TokenRow> tokens(const Permit& permit) const override;
    std::string fingerprint() const override { return fingerprint_; }
    Value schedules(const Permit& permit) const override;
    Value schedule(const Permit& permit, const std::string& name) const override;
    std::vector<PauseView> pauses(const Permit& permit) const override;
    void pause(const Permit& permit, PauseAsked asked, Reply<PauseView> reply) override;
    void resume(const Permit& permit, std::string expression, std::string schedule, Reply<PauseView> reply) override;
    std::vector<AuditRow> audit(const Permit& permit, const AuditAsked& asked) const override;
    AuditCheck check_audit(const Permit& permit) const override;

    void overview(const Permit& permit, Reply<Overview> reply) override;
    void metrics(const Permit& permit, Reply<std::string> reply) override;
    // The same for the settings' metrics_file, which nobody asks for.
    void gather_metrics(Reply<std::string> reply);

    // Keeps the clock of targets without an agent: to be called every second.
    void tick();
    // Forgets how targets stand that are gone for a day, some at a time: to be called every minute.
    void forget_gone();
    // Wakes the watches of these jobs; dispatch tells after each commit.
    void told(const std::set<JobId>& jobs);
    // From now on nothing new is taken (orderly stop).
    void stop_taking() { stopping_ = true; }

  private:
    struct Watches;
    class OneWatch;

    NewJob make_job(const Permit& permit, const JobAsked& asked);
    std::optional<JobRow> last_apply(const TargetId& target) const;
    struct Comparing;
    void compare_some(const std::shared_ptr<Comparing>& comparing);
    Value compare(Comparing& comparing, const TargetId& target) const;
    void when_checked(std::function<void()> work);
    std::vector<TargetId> targets_of(const ScheduleDefinition& schedule, const Snapshot& snapshot) const;
    Value with_pauses(Value shape, const std::string& schedule, const std::vector<TargetId>& names, const Snapshot& snapshot) const;
    Value last_run(const std::string& schedule, const TargetId& target) const;
    void ask_for_carried(const ClockedRun& run, std::function<void(ScheduleClock::Made)> made);
    void write_pause(Write change, const PauseRow& row, AuditRow record, Reply<PauseView> reply);
    void submit_now(const Permit& permit, const JobAsked& asked, const Reply<JobMade>& reply);
    void run_for_agent(const TargetId& agent, RunMode mode, Dispatch::RunMade made);
    void submit_for_agent(const Permit& permit, JobAsked asked, Dispatch::RunMade made);
    void tell_if_never_sent(const JobId& id);
    std::string why_never_sent(const JobTargetRow& row) const;
    template <class T>
    void in_loop(Reply<T> reply, std::function<void(Reply<T>)> work);
    void decide(Reply<KeyRow> reply, std::function<void(KeyDesk::Done)> decision);

    const Clock& clock_;
    Random& random_;
    Store& store_;
    KeyTable& keys_;
    KeyDesk& desk_;
    Dispatch& dispatch_;
    CatalogKeeper& catalog_;
    const CommandTable& commands_;
    const CommandOperations& operations_;
    const TargetList& targets_;
    Authorizer& authorizer_;
    Pauses pauses_;
    Post loop_, front_;
    MasterPin pin_;
    std::string fingerprint_;
    std::string version_;
    std::int64_t started_ms_ = clock_.wall_ms();
    std::map<JobId, Dispatch::RunMade> own_runs_;   // of agents that wait for them; the loop's thread only
    std::unique_ptr<KnownCatalogs> known_ = std::make_unique<KnownCatalogs>();
    GivenContents given_;
    ScheduleDesk schedules_;
    ScheduleClock schedule_clock_;  // the front's thread only
    std::atomic<bool> ticking_{false};
    std::shared_ptr<Watches> watches_;
    std::atomic<bool> stopping_{false};
};

}  // namespace prove
