// Forgets old jobs, a little at a time, so that history never eats the disk (A13).
#pragma once

#include <condition_variable>
#include <mutex>
#include <thread>

#include "common/log/log.hpp"
#include "common/time/clock.hpp"
#include "master/store/store.hpp"

namespace prove {

class Maintenance {
  public:
    Maintenance(Store& store, const Retention& retention, const Clock& clock, const Logger& log);
    ~Maintenance();
    Maintenance(const Maintenance&) = delete;
    Maintenance& operator=(const Maintenance&) = delete;

  private:
    void run();
    void prune();
    bool stopped_within(Milliseconds time);

    Store& store_;
    Retention retention_;
    const Clock& clock_;
    Logger log_;
    std::mutex mutex_;
    std::condition_variable changed_;
    bool stopping_ = false;
    std::thread thread_;
};

}  // namespace prove
