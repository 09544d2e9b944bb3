// A store in memory, for unit tests and the simulator. By default a batch is committed at once; held back, it is
// committed by commit() and lost by crash(), as a power cut would. One thread.
#pragma once

#include <cstdint>
#include <deque>
#include <map>

#include "master/store/store.hpp"

namespace prove {

class MemoryStore final : public Store {
  public:
    void hold(bool on = true) { held_ = on; }  // while held, batches wait for commit()
    bool held() const { return held_; }
    std::size_t waiting() const { return queue_.size(); }
    std::size_t commit(std::size_t most = SIZE_MAX);  // commits what waits, calls their `done`; how many they were
    void crash() { queue_.clear(); }  // forgets what waits, with its callbacks
    void fail_with(std::optional<Error> error) { error_ = std::move(error); }  // every batch fails so; nullopt: no more

    void refuse(const JobId& job) { refused_ = job; }  // a batch with this job, or a target of it, is invalid

    void write(Batch batch, Done done) override;
    std::optional<JobRow> job(const JobId& id) const override;
    std::vector<JobId> jobs_beginning(const std::string& prefix, std::size_t limit) const override;
    std::vector<JobRow> jobs(const JobFilter& filter) const override;
    std::vector<JobTargetRow> job_targets(const JobId& id) const override;
    std::optional<JobTargetRow> job_target(const JobId& job, const TargetId& target) const override;
    std::map<TargetEnd, std::size_t> job_ends(const JobId& id) const override;
    std::optional<ResultRow> result(const JobId& job, const TargetId& target) const override;
    std::vector<EventRow> events(const JobId& job, std::uint64_t after, std::size_t limit) const override;
    std::uint64_t last_event(const JobId& job) const override;
    std::vector<RunRow> runs(const RunFilter& filter) const override;
    std::vector<RunRow> not_well(std::size_t limit, const std::function<bool(const TargetId&)>& counts) const override;
    std::optional<JobTargetRow> last_run(const TargetId& target, const std::string& operation) const override;
    std::vector<KeyRow> keys() const override;
    std::optional<AgentRow> agent(const KeyId& key) const override;
    std::vector<AgentRow> agents() const override;
    std::vector<TokenRow> tokens() const override;
    std::optional<FactsRow> facts(const KeyId& key) const override;
    std::uint64_t facts_version() const override { return facts_version_; }
    std::optional<std::string> setting(const std::string& name) const override;
    std::vector<PauseRow> pauses() const override;
    std::vector<SlotRow> slots(const std::string& schedule) const override;
    std::optional<StandingRow> standing(const TargetId& target) const override;
    std::vector<StandingRow> standings() const override;
    std::vector<TargetId> remembered(std::int64_t before_ms) const override;
    std::vector<AuditRow> audit(std::uint64_t after, std::size_t limit) const override;
    std::uint64_t audit_count() const override { return audit_.size(); }
    Hash audit_head() const override { return audit_.empty() ? Hash{} : audit_.back().hash; }
    Figures figures() const override;
    bool prune(const Retention& retention, std::int64_t now_ms) override;

  private:
    struct Waiting {
        Batch batch;
        Done done;
    };
    void apply(const Batch& batch, const Done& done);
    struct Apply;

    std::map<JobId, JobRow> jobs_;
    std::map<std::pair<JobId, TargetId>, JobTargetRow> targets_;
    std::map<std::pair<JobId, TargetId>, ResultRow> results_;
    std::map<std::pair<JobId, std::uint64_t>, EventRow> events_;
    std::map<KeyId, KeyRow> keys_;
    std::map<KeyId, AgentRow> agents_;
    std::map<std::string, TokenRow> tokens_;
    std::map<KeyId, FactsRow> facts_;
    std::uint64_t facts_version_ = 0;
    std::map<std::string, std::string> settings_;
    std::vector<AuditRow> audit_;
    std::map<std::pair<std::string, std::string>, PauseRow> pauses_;  // by schedule and expression
    std::map<std::pair<std::string, TargetId>, SlotRow> slots_;
    std::map<TargetId, StandingRow> standings_;
    std::deque<Waiting> queue_;
    std::optional<Error> error_;
    std::optional<JobId> refused_;
    bool held_ = false;
};

}  // namespace prove
