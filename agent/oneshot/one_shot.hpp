// The life of prove-exec: commands come through the pipe, one after the other, and are done like an agent's; when the
// pipe ends, so do they, and all that they started.
#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <string>

#include "agent/functions/registry.hpp"
#include "agent/oneshot/pipe_link.hpp"
#include "agent/oneshot/pipe_sources.hpp"
#include "common/process/cancel.hpp"

namespace prove {

class OneShot {
  public:
    struct Folders {
        std::string ledger;
        std::string facts = "/etc/prove/facts.d";
    };
    // What is still at work so long after the connection was lost is left to its end, without us.
    static constexpr Milliseconds last_moments{5'000};

    // All is borrowed. `leave` ends the process at once: called when the connection is lost and the work does not end.
    OneShot(PipeLink& link, const Clock& clock, Folders folders, std::function<void()> leave);
    // Until the other end is gone. Gives why.
    std::string run();

  private:
    struct Work;  // one command at work
    void hear(const PipeFrame& frame);
    void listen();
    void beat();
    void carry_out(const JobCommand& command);
    std::optional<JobCommand> next_command();

    PipeLink& link_;
    const Clock& clock_;
    const Folders folders_;
    const std::function<void()> leave_;
    const SendFrame send_;
    const FunctionRegistry functions_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<JobCommand> commands_;
    Work* work_ = nullptr;  // that is going on
    std::string lost_;      // why; empty while the other end is there
    bool done_ = false;
};

}  // namespace prove
