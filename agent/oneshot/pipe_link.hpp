// The pipe to who started us: a thread of its own hands on what comes, any thread sends. Both ends tell each other
// every few seconds that they are there; silence means that the connection is lost, since a cut cable ends no pipe.
#pragma once

#include <atomic>
#include <functional>
#include <mutex>
#include <string>

#include "common/pipe/frames.hpp"
#include "common/time/clock.hpp"

namespace prove {

class PipeLink {
  public:
    static constexpr Milliseconds beat{5'000};
    static constexpr Milliseconds silence{30'000};

    // The descriptors and the clock are borrowed.
    PipeLink(int in, int out, const Clock& clock, Milliseconds longest_silence = silence)
        : in_(in), out_(out), clock_(clock), silence_(longest_silence) {}

    // Until the other end is gone, or sends what is no message; gives why. Never blocks in sending.
    std::string listen(const std::function<void(PipeFrame)>& heard);
    // Whole frames, one thread after the other. Nothing happens once the other end is gone.
    void send(const PipeFrame& frame);
    void send_banner(const std::string& line);

  private:
    void write(std::string_view bytes);

    const int in_, out_;
    const Clock& clock_;
    const Milliseconds silence_;
    std::mutex sending_;
    std::atomic<bool> gone_{false};
};

}  // namespace prove
