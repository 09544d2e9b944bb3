// Where a run on this agent gets its late states: what was kept, and behind it the master. A run's thread waits here while
// the loop asks.
#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "agent/daemon/contents.hpp"
#include "agent/daemon/late_cache.hpp"
#include "common/process/cancel.hpp"
#include "proto/late.hpp"

namespace prove {

// Between the run's threads and the loop. Thread-safe.
class LateExchange {
 public:
    // Hands a question to the loop: AgentCore::ask_late(), posted.
    using Ask = std::function<void(const JobId&, const LateRequest&, std::vector<std::string> kept)>;
    LateExchange(LateCache& cache, Ask ask) : cache_(cache), ask_(std::move(ask)) {}

    struct Answer {
        LateReply reply;
        bool is_kept = false;  // of an earlier run: the master does not know that this job needs its contents
    };
    // Waits for the answer. Without `kept_too` the master itself is asked. Throws Error(cancelled), Error(unavailable).
    Answer ask(const JobId& job, const LateRequest& request, bool kept_too, const Cancellation& cancellation);
    // From the loop.
    void answered(const LateReply& reply, const std::vector<std::string>& frames);

 private:
    LateCache& cache_;
    Ask ask_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::map<std::pair<JobId, Hash>, std::optional<Answer>> waiting_;
};

// The late states of one job. Thread-safe.
class JobLate final : public LateSource {
 public:
    JobLate(const JobId& job, LateExchange& exchange, JobContents& contents, const ContentExchange& have,
            const Cancellation& cancellation, bool own = false)
        : job_(job), exchange_(exchange), contents_(contents), have_(have), cancellation_(cancellation), own_(own) {}
    LatePiece piece(const LateRequest& request) override;

 private:
    LateExchange::Answer ask(const LateRequest& request, bool kept_too);
    Value run_of(const LateReply& reply);

    JobId job_;
    LateExchange& exchange_;
    JobContents& contents_;
    const ContentExchange& have_;
    const Cancellation& cancellation_;
    const bool own_;  // made without a master: where none has answered before, the state is held
};

}  // namespace prove
