// Two lanes of jobs, each with its threads and its queue.
#include "agent/daemon/job_threads.hpp"

#include <algorithm>
#include <exception>
#include <utility>

namespace prove {

JobThreads::JobThreads(JobWork& work, const Clock& clock, Ended ended)
    : work_(work), clock_(clock), ended_(std::move(ended)) {}

JobThreads::~JobThreads() {
    std::unique_lock lock(mutex_);
    stopping_ = true;
    states_.waiting.clear();
    beside_.waiting.clear();
    for (const auto& task : running_) task->cancellation.cancel("prove-agent is stopping");
    all_ended_.wait(lock, [&] { return states_.threads == 0 && beside_.threads == 0; });
}

std::string JobThreads::refusal(const std::string& operation) const {
    if (!work_.knows(operation)) return "this prove-agent has no operation '" + operation + "'";
    const std::lock_guard lock(mutex_);
    if (lane_of(operation).waiting.size() >= most_waiting) return "too many jobs are waiting here";
    return {};
}

void JobThreads::start(JobOrder order) {
    std::unique_lock lock(mutex_);
    auto& lane = lane_of(order.operation);
    const auto before = last_of(lane);
    auto task = std::make_shared<Task>();
    task->order = std::move(order);
    lane.waiting.push_back(task);
    if (lane.threads < lane.most_threads) {
        ++lane.threads;
        std::thread([this, &lane] { serve(lane); }).detach();    // the destructor waits for all of them
        return;
    }
    lock.unlock();
    if (before) work_.waits(task->order, before->order.job);
}

// Who comes just before the next to be started.
std::shared_ptr<JobThreads::Task> JobThreads::last_of(const Lane& lane) const {
    if (!lane.waiting.empty()) return lane.waiting.back();
    const auto found = std::find_if(running_.rbegin(), running_.rend(), [&](const auto& task) {
        return &lane_of(task->order.operation) == &lane;
    });
    return found == running_.rend() ? nullptr : *found;
}

// One that waits ends at once: it need not wait for its turn only to hear that there is nothing to do.
void JobThreads::cancel(const JobId& job, const std::string& reason) {
    const auto is_it = [&](const std::shared_ptr<Task>& task) { return task->order.job == job; };
    std::shared_ptr<Task> waiting;
    {
        const std::lock_guard lock(mutex_);
        for (auto* tasks : {&states_.waiting, &beside_.waiting}) {
            const auto found = std::find_if(tasks->begin(), tasks->end(), is_it);
            if (found == tasks->end()) continue;
            waiting = *found;
            tasks->erase(found);
            break;
        }
        const auto found = std::find_if(running_.begin(), running_.end(), is_it);
        if (found != running_.end()) (*found)->cancellation.cancel(reason);
    }
    if (!waiting) return;
    waiting->cancellation.cancel(reason);
    ended_(run(*waiting));
}

void JobThreads::serve(Lane& lane) {
    std::unique_lock lock(mutex_);
    while (!lane.waiting.empty()) {
        const auto task = lane.waiting.front();
        lane.waiting.pop_front();
        running_.push_back(task);
        lock.unlock();
        auto result = run(*task);
        lock.lock();
        running_.remove(task);
        lock.unlock();
        ended_(std::move(result));
        lock.lock();
    }
    --lane.threads;
    all_ended_.notify_all();
}

JobResult JobThreads::run(Task& task) {
    JobResult result;
    const auto started = clock_.wall_ms(), began = clock_.boot_ms();
    try {
        if (task.cancellation.cancelled()) {
            result.end = JobResult::End::cancelled;
            result.reason = task.cancellation.reason() + "; it had not begun";
        } else if (clock_.boot_ms() > task.order.start_by_boot_ms) {
            result.end = JobResult::End::refused;
            result.reason = "it expired before it could begin: other jobs were running here";
        } else {
            result = work_.run(task.order, task.cancellation);
        }
    } catch (const std::exception& error) {
        result = {};
        result.end = JobResult::End::failed;
        result.reason = error.what();
    }
    // The master knows whose order a cancellation was; what was decided here is only known here.
    const auto why = task.cancellation.reason();
    if (result.end == JobResult::End::cancelled && !why.empty() && !why.starts_with("cancelled by") &&
        result.reason.find(why) == std::string::npos)
        result.reason = why + (result.reason.empty() ? "" : "; " + result.reason);
    result.job = task.order.job;
    if (result.started_ms == 0) result.started_ms = started;
    if (result.finished_ms == 0) result.finished_ms = result.started_ms + clock_.boot_ms() - began;
    return result;
}

}  // namespace prove
