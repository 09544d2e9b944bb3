// Working and waiting, in turn.
#include "master/server/periodic.hpp"

namespace prove {

Periodic::Periodic(Work work)
    : work_(std::move(work)), thread_([this] {
          while (!stopped_within(work_())) {
          }
      }) {}

Periodic::~Periodic() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    changed_.notify_all();
    thread_.join();
}

bool Periodic::stopped_within(Milliseconds time) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, time, [this] { return stopping_; });
}

}  // namespace prove
