// The threads, and preparing in them.
#include "master/server/workers.hpp"

namespace prove {

Workers::Workers(std::size_t threads, const Logger& log) : log_(log) {
    for (std::size_t i = 0; i < threads; ++i) threads_.emplace_back([this] { run(); });
}

Workers::~Workers() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    arrived_.notify_all();
    for (auto& thread : threads_) thread.join();
}

void Workers::post(std::function<void()> work) {
    {
        const std::lock_guard lock(mutex_);
        queue_.push_back(std::move(work));
    }
    arrived_.notify_one();
}

void Workers::run() {
    for (;;) {
        std::function<void()> work;
        {
            std::unique_lock lock(mutex_);
            arrived_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
            if (stopping_) return;
            work = std::move(queue_.front());
            queue_.pop_front();
        }
        try {
            work();
        } catch (const std::exception& error) {
            // One piece of work is one boundary.
            log_.error("a fault in a worker", {{"what", error.what()}});
        }
    }
}

void WorkerPool::prepare(std::shared_ptr<const Preparer> preparer, CommandWish wish) {
    workers_.post([this, preparer = std::move(preparer), wish = std::move(wish)] {
        auto ready = std::make_shared<ReadyCommand>(make_command(*preparer, wish));
        loop_.post([this, ready] { ready_(std::move(*ready)); });
    });
}

}  // namespace prove
