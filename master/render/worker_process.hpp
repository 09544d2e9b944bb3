// One render worker: a Python process at the other end of a socket, and the frames between us. Knows frames, not what
// is in them. One thread at a time; the process ends with its owner.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/files/fd.hpp"
#include "common/process/child.hpp"
#include "common/time/deadline.hpp"
#include "master/render/renderer.hpp"

namespace prove {

struct WorkerModule {
    std::string name;
    std::string text;
};
// They import each other by name; `prove_worker` is the program.
const std::vector<WorkerModule>& worker_modules();

// The worker is gone, or did not answer in time; a caller starts another one.
struct WorkerLost {
    enum class Why { ended, time };
    Why why = Why::ended;
    std::string text;  // what it said last, or how it ended
};

class WorkerProcess {
  public:
    // Throws Error(unavailable) where Python cannot be started.
    explicit WorkerProcess(const RenderLimits& limits);

    // Both throw WorkerLost.
    void send(std::string_view frame, const Deadline& deadline);
    std::string receive(const Deadline& deadline);
    bool used() const { return used_; }

  private:
    void read(char* to, std::size_t size, const Deadline& deadline);
    void wait(short events, const Deadline& deadline);
    [[noreturn]] void lost();

    SystemClock clock_;
    Fd channel_;
    std::unique_ptr<ChildProcess> process_;
    bool used_ = false;  // has answered: if it is gone now, it died while it was idle
};

}  // namespace prove
