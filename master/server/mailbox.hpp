// Work for the event loop from other threads: by value, in order. Once closed, what comes is dropped.
#pragma once

#include <functional>
#include <mutex>
#include <vector>

namespace prove {

class Mailbox {
  public:
    using Work = std::function<void()>;
    void post(Work work);
    std::vector<Work> take();
    // How the loop is woken; set once, before other threads post.
    void set_wake(std::function<void()> wake);
    void close();

  private:
    std::mutex mutex_;
    std::vector<Work> work_;
    std::function<void()> wake_;
    bool closed_ = false;
};

}  // namespace prove
