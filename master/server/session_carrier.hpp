// The carrier of targets without an agent: each errand is one Session of an executor, in one of so many threads; those
// for which there is no thread wait in order. States are compiled by the master's own workers, from facts that the
// target tells first. What comes of it is told to dispatch in the loop's thread.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <utility>

#include "common/log/log.hpp"
#include "master/executors/executor.hpp"
#include "master/jobs/carrier.hpp"
#include "master/jobs/dispatch.hpp"
#include "master/server/mailbox.hpp"
#include "master/server/workers.hpp"

namespace prove {

class SessionCarrier final : public Carrier {
  public:
    // Throws Error(unavailable) where the target cannot be reached, and any other where it must not be.
    using Open = std::function<std::unique_ptr<Session>(const Way&, const JobId&, ContentSource&, LateSource*,
                                                        const Cancellation&)>;
    // `loop` and `compilers` are borrowed.
    SessionCarrier(std::size_t sessions, Open open, Mailbox& loop, Workers& compilers, const Logger& log);
    // Stops all that goes on; nobody is told of it any more once the loop has ended.
    ~SessionCarrier() override;
    SessionCarrier(const SessionCarrier&) = delete;
    SessionCarrier& operator=(const SessionCarrier&) = delete;

    // Whom it tells; set before the first errand.
    void tell(Dispatch& dispatch) { dispatch_ = &dispatch; }
    void carry(Errand errand) override;
    void stop(const JobId& job, const TargetId& target, const std::string& why) override;

  private:
    struct Task;
    class Late;
    class Flow;
    void work(Task& task);
    CarriedEnd carry_out(Task& task);
    CarriedEnd run(Task& task, Session& session);
    void tell_event(const Errand& errand, JobEvent event);
    bool may_begin(const Task& task);
    template <class Made, class Work>
    std::optional<Made> in_compilers(const Task& task, Work work);
    void post(std::function<void(Dispatch&)> what);

    const Open open_;
    Mailbox& loop_;
    Workers& compilers_;
    Logger log_;
    Dispatch* dispatch_ = nullptr;
    Cancellation closing_;
    std::shared_ptr<Flow> flow_;
    std::map<std::pair<JobId, TargetId>, std::shared_ptr<Task>> tasks_;  // the loop's thread only
    std::unique_ptr<Workers> sessions_;
};

}  // namespace prove
