// What a job does on this machine: the Action of its operation (agent/actions), with this agent's contents, ledger and
// functions, and its events posted to the loop.
#pragma once

#include <functional>
#include <string>

#include "agent/actions/action.hpp"
#include "agent/daemon/contents.hpp"
#include "agent/daemon/job_threads.hpp"
#include "agent/daemon/late_states.hpp"
#include "agent/functions/registry.hpp"

namespace prove {

class AgentWork final : public JobWork {
 public:
    struct Parts {
        const Clock& clock;
        ContentExchange& contents;
        LateExchange& late;
        std::string ledger_folder;
        std::string facts_folder;
        // Called in a job's thread, or the one that starts jobs; may lose events when there are too many.
        std::function<void(JobEvent)> event;
    };
    explicit AgentWork(Parts parts);
    bool knows(const std::string& operation) const override;
    JobResult run(const JobOrder& order, const Cancellation& cancellation) override;
    void waits(const JobOrder& order, const JobId& behind) override;

 private:
    Parts parts_;
    FunctionRegistry functions_;
    std::vector<std::string> operations_;
};

}  // namespace prove
