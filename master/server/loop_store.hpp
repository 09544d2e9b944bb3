// The store as the loop uses it: the same store, whose answers come in the loop's thread.
#pragma once

#include "master/server/mailbox.hpp"
#include "master/store/store.hpp"

namespace prove {

class LoopStore final : public Store {
  public:
    LoopStore(Store& store, Mailbox& loop) : store_(store), loop_(loop) {}

    void write(Batch batch, Done done) override {
        store_.write(std::move(batch), [&loop = loop_, done = std::move(done)](const Error* error) {
            loop.post([done, kept = error != nullptr ? std::optional<Error>(*error) : std::nullopt] {
                done(kept ? &*kept : nullptr);
            });
        });
    }
    std::optional<JobRow> job(const JobId& id) const override { return store_.job(id); }
    std::vector<JobId> jobs_beginning(const std::string& prefix, std::size_t limit) const override {
        return store_.jobs_beginning(prefix, limit);
    }
    std::vector<JobRow> jobs(const JobFilter& filter) const override { return store_.jobs(filter); }
    std::vector<JobTargetRow> job_targets(const JobId& id) const override { return store_.job_targets(id); }
    std::optional<JobTargetRow> job_target(const JobId& job, const TargetId& target) const override {
        return store_.job_target(job, target);
    }
    std::map<TargetEnd, std::size_t> job_ends(const JobId& id) const override { return store_.job_ends(id); }
    std::optional<ResultRow> result(const JobId& job, const TargetId& target) const override {
        return store_.result(job, target);
    }
    std::vector<EventRow> events(const JobId& job, std::uint64_t after, std::size_t limit) const override {
        return store_.events(job, after, limit);
    }
    std::uint64_t last_event(const JobId& job) const override { return store_.last_event(job); }
    std::vector<RunRow> runs(const RunFilter& filter) const override { return store_.runs(filter); }
    std::vector<RunRow> not_well(std::size_t limit, const std::function<bool(const TargetId&)>& counts) const override {
        return store_.not_well(limit, counts);
    }
    std::optional<JobTargetRow> last_run(const TargetId& target, const std::string& operation) const override {
        return store_.last_run(target, operation);
    }
    std::vector<KeyRow> keys() const override { return store_.keys(); }
    std::optional<AgentRow> agent(const KeyId& key) const override { return store_.agent(key); }
    std::vector<AgentRow> agents() const override { return store_.agents(); }
    std::vector<TokenRow> tokens() const override { return store_.tokens(); }
    std::optional<FactsRow> facts(const KeyId& key) const override { return store_.facts(key); }
    std::uint64_t facts_version() const override { return store_.facts_version(); }
    std::optional<std::string> setting(const std::string& name) const override { return store_.setting(name); }
    std::vector<PauseRow> pauses() const override { return store_.pauses(); }
    std::vector<SlotRow> slots(const std::string& schedule) const override { return store_.slots(schedule); }
    std::optional<StandingRow> standing(const TargetId& target) const override { return store_.standing(target); }
    std::vector<StandingRow> standings() const override { return store_.standings(); }
    std::vector<TargetId> remembered(std::int64_t before_ms) const override { return store_.remembered(before_ms); }
    std::vector<AuditRow> audit(std::uint64_t after, std::size_t limit) const override {
        return store_.audit(after, limit);
    }
    std::uint64_t audit_count() const override { return store_.audit_count(); }
    Hash audit_head() const override { return store_.audit_head(); }
    Figures figures() const override { return store_.figures(); }
    bool prune(const Retention& retention, std::int64_t now_ms) override { return store_.prune(retention, now_ms); }

  private:
    Store& store_;
    Mailbox& loop_;
};

}  // namespace prove
