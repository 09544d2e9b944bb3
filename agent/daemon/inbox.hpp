// How other threads reach the loop: work for it, in order, and a pull at its sleeve. Thread-safe.
#pragma once

#include <deque>
#include <functional>
#include <mutex>
#include <utility>

namespace prove {

class Inbox {
 public:
    using Work = std::function<void()>;
    // `wake` ends the loop's wait; called from any thread.
    explicit Inbox(std::function<void()> wake) : wake_(std::move(wake)) {}

    void post(Work work) {
        {
            const std::lock_guard lock(mutex_);
            work_.push_back(std::move(work));
        }
        wake_();
    }
    // For what may be lost when there is too much of it: false where it was.
    bool post_if_room(Work work) {
        {
            const std::lock_guard lock(mutex_);
            if (work_.size() >= most_waiting) return false;
            work_.push_back(std::move(work));
        }
        wake_();
        return true;
    }
    // By the loop: everything that is there now.
    void run() {
        std::deque<Work> now;
        {
            const std::lock_guard lock(mutex_);
            now.swap(work_);
        }
        for (auto& work : now) work();
    }

 private:
    static constexpr std::size_t most_waiting = 500;
    std::function<void()> wake_;
    std::mutex mutex_;
    std::deque<Work> work_;
};

}  // namespace prove
