// Threads that work through a queue, in order of arrival: what takes long happens there, and its outcome is posted to
// whoever waits for it.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "common/log/log.hpp"
#include "master/jobs/prepare.hpp"
#include "master/server/mailbox.hpp"

namespace prove {

class Workers {
  public:
    Workers(std::size_t threads, const Logger& log);
    // Finishes what was begun; what waits is dropped.
    ~Workers();
    Workers(const Workers&) = delete;
    Workers& operator=(const Workers&) = delete;
    void post(std::function<void()> work);

  private:
    void run();
    Logger log_;
    std::mutex mutex_;
    std::condition_variable arrived_;
    std::deque<std::function<void()>> queue_;
    bool stopping_ = false;
    std::vector<std::thread> threads_;
};

// Prepares commands in workers and hands them to the loop.
class WorkerPool final : public PreparePool {
  public:
    using Ready = std::function<void(ReadyCommand)>;
    WorkerPool(Workers& workers, Mailbox& loop) : workers_(workers), loop_(loop) {}
    // Called in the loop's thread; set before the first job.
    void on_ready(Ready ready) { ready_ = std::move(ready); }
    void prepare(std::shared_ptr<const Preparer> preparer, CommandWish wish) override;

  private:
    Workers& workers_;
    Mailbox& loop_;
    Ready ready_;
};

}  // namespace prove
