// A request to stop, shared between the one who asks and those who work. Thread-safe.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <list>
#include <mutex>
#include <string>
#include <utility>

namespace prove {

class Cancellation {
  public:
    // The first reason stays.
    void cancel(std::string reason) {
        const std::lock_guard lock(mutex_);
        if (cancelled_.load()) return;
        reason_ = std::move(reason);
        cancelled_.store(true);
        for (const auto& wake : wakers_) wake();
        changed_.notify_all();
    }
    // Waits this long, or until it is cancelled; true where it was. For pauses between attempts.
    bool wait_for(std::chrono::milliseconds at_most) const {
        std::unique_lock lock(mutex_);
        return changed_.wait_for(lock, at_most, [&] { return cancelled_.load(); });
    }
    bool cancelled() const { return cancelled_.load(); }
    std::string reason() const {
        const std::lock_guard lock(mutex_);
        return reason_;
    }

    // Calls `wake` when it is cancelled, in the canceller's thread, and at once where it is cancelled already; never
    // again once the Waker is gone. For those who wait in poll(): `wake` writes to a pipe and returns. It must not call
    // back into the Cancellation, which must outlive the Waker.
    class Waker {
      public:
        Waker(const Cancellation& cancellation, std::function<void()> wake) : cancellation_(cancellation) {
            const std::lock_guard lock(cancellation_.mutex_);
            if (cancellation_.cancelled_.load()) wake();
            place_ = cancellation_.wakers_.insert(cancellation_.wakers_.end(), std::move(wake));
        }
        ~Waker() {
            const std::lock_guard lock(cancellation_.mutex_);
            cancellation_.wakers_.erase(place_);
        }
        Waker(const Waker&) = delete;
        Waker& operator=(const Waker&) = delete;

      private:
        const Cancellation& cancellation_;
        std::list<std::function<void()>>::iterator place_;
    };

  private:
    std::atomic<bool> cancelled_{false};
    mutable std::mutex mutex_;
    mutable std::condition_variable changed_;
    std::string reason_;
    mutable std::list<std::function<void()>> wakers_;
};

}  // namespace prove
