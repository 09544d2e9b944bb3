// A thread that does something again and again, until it is no longer wanted.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

#include "common/time/clock.hpp"

namespace prove {

class Periodic {
  public:
    // `work` says how long to wait until it is to be done again; it must not throw.
    using Work = std::function<Milliseconds()>;
    explicit Periodic(Work work);
    // Waits for what is being done.
    ~Periodic();
    Periodic(const Periodic&) = delete;
    Periodic& operator=(const Periodic&) = delete;

  private:
    bool stopped_within(Milliseconds time);

    Work work_;
    std::mutex mutex_;
    std::condition_variable changed_;
    bool stopping_ = false;
    std::thread thread_;
};

}  // namespace prove
