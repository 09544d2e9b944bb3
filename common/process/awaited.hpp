// A value that another thread gives once, and that one thread waits for until then or until it is cancelled.
#pragma once

#include <condition_variable>
#include <mutex>
#include <optional>
#include <utility>

#include "common/process/cancel.hpp"

namespace prove {

template <class T>
class Awaited {
  public:
    void give(T value) {
        const std::lock_guard lock(mutex_);
        value_ = std::move(value);
        changed_.notify_all();
    }
    // Nothing where it was cancelled before the value came.
    std::optional<T> wait(const Cancellation& cancellation) {
        const Cancellation::Waker waker(cancellation, [this] {
            const std::lock_guard lock(mutex_);
            changed_.notify_all();
        });
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return value_ || cancellation.cancelled(); });
        return std::exchange(value_, std::nullopt);
    }

  private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::optional<T> value_;
};

}  // namespace prove
