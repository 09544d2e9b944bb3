// Runs jobs in threads: states one after the other in a thread of their own, other operations beside them, a few at a
// time. What waits is bounded. Threads are made when there is work and end with it, so that an idle agent has none.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "agent/daemon/core.hpp"
#include "common/process/cancel.hpp"
#include "common/time/clock.hpp"

namespace prove {

// What a job does. Called in a job's thread, several at once.
struct JobWork {
    virtual ~JobWork() = default;
    virtual bool knows(const std::string& operation) const = 0;
    // Never throws for what goes wrong with the job: that is its result. An Error is taken as a failed one.
    virtual JobResult run(const JobOrder& order, const Cancellation& cancellation) = 0;
    // Told where a job has to wait until `behind` has ended; in the thread that starts jobs.
    virtual void waits(const JobOrder& order, const JobId& behind) = 0;
};

class JobThreads final : public JobStarter {
 public:
    // `ended` is called once for every job that was started, in its thread, or where it was cancelled before it had one.
    using Ended = std::function<void(JobResult)>;
    JobThreads(JobWork& work, const Clock& clock, Ended ended);
    // Cancels what still runs and waits for it.
    ~JobThreads() override;
    JobThreads(const JobThreads&) = delete;
    JobThreads& operator=(const JobThreads&) = delete;

    std::string refusal(const std::string& operation) const override;
    void start(JobOrder order) override;
    void cancel(const JobId& job, const std::string& reason) override;

    static constexpr std::size_t most_beside = 8;
    static constexpr std::size_t most_waiting = 100;

 private:
    struct Task {
        JobOrder order;
        Cancellation cancellation;
    };
    // One queue and the threads that serve it.
    struct Lane {
        std::size_t most_threads = 1;
        std::size_t threads = 0;
        std::deque<std::shared_ptr<Task>> waiting;
    };
    Lane& lane_of(const std::string& operation) { return operation == "states" ? states_ : beside_; }
    const Lane& lane_of(const std::string& operation) const { return operation == "states" ? states_ : beside_; }
    std::shared_ptr<Task> last_of(const Lane& lane) const;
    void serve(Lane& lane);
    JobResult run(Task& task);

    JobWork& work_;
    const Clock& clock_;
    Ended ended_;
    mutable std::mutex mutex_;
    std::condition_variable all_ended_;
    Lane states_{1, 0, {}};
    Lane beside_{most_beside, 0, {}};
    std::list<std::shared_ptr<Task>> running_;
    bool stopping_ = false;
};

}  // namespace prove
