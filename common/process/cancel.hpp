// A request to stop, shared between the one who asks and those who work. Thread-safe.
#pragma once

#include <atomic>
#include <mutex>
#include <string>

namespace prove {

class Cancellation {
 public:
    // The first reason stays.
    void cancel(std::string reason) {
        const std::lock_guard lock(mutex_);
        if (cancelled_.load()) return;
        reason_ = std::move(reason);
        cancelled_.store(true);
    }
    bool cancelled() const { return cancelled_.load(); }
    std::string reason() const {
        const std::lock_guard lock(mutex_);
        return reason_;
    }

 private:
    std::atomic<bool> cancelled_{false};
    mutable std::mutex mutex_;
    std::string reason_;
};

}  // namespace prove
