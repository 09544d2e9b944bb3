// SIGTERM and SIGINT, waited for by one thread instead of interrupting any. Made before other threads are, which then
// all leave these signals alone.
#pragma once

#include <csignal>

namespace prove {

class StopSignal {
  public:
    StopSignal();
    void wait() const;
    void raise() const;  // from any thread: as if a signal had come

  private:
    sigset_t signals_{};
};

}  // namespace prove
