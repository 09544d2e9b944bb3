// One running ssh, and the pipe through it. A thread of its own moves the bytes and tells the other side now and then
// that we are there, also while nobody is asking. What comes are events, in order.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "common/files/fd.hpp"
#include "common/pipe/frames.hpp"
#include "common/process/child.hpp"
#include "common/time/clock.hpp"

namespace prove {

struct SshCall {
    std::vector<std::string> argv;
    std::map<std::string, std::string> env;  // ssh finds its user's agent and settings by it
    std::string nonce;
    std::function<bool(const std::string& errors)> asks_password;  // whether what came as errors ends in a prompt
};

struct SshEvent {
    enum class Kind { line, frame, password_wanted, ended };
    Kind kind = Kind::ended;
    std::string line;  // of the bootstrap
    PipeFrame frame;
    std::string how;  // for ended: "exit code 255", or what was wrong with what came
};

class SshPipe {
  public:
    // After the line "ready", frames are expected. The clock is borrowed.
    SshPipe(SshCall call, const Clock& clock);
    // Ends the other side by closing the pipe, and ssh where that does not do.
    ~SshPipe();
    SshPipe(const SshPipe&) = delete;
    SshPipe& operator=(const SshPipe&) = delete;

    void send(const PipeFrame& frame) { send(std::make_shared<const std::string>(to_bytes(frame))); }
    void send(std::shared_ptr<const std::string> bytes);
    // The next event, or nothing within that time or when wake() was called. After `ended` nothing comes.
    std::optional<SshEvent> next(Milliseconds at_most);
    void wake();
    // Whether what was sent has mostly gone; when it has, wake() is called.
    bool takes_more_to_send() const;
    // How long ago a byte came or went.
    Milliseconds silent_for() const;
    // The end of what came on ssh's standard error, and on its output before the banner.
    std::string errors() const;
    std::string noise() const;

  private:
    void run();
    void rouse();
    void move_bytes(ChildProcess& child);
    void read_output(ChildProcess& child);
    void read_errors(ChildProcess& child);
    void write_input(ChildProcess& child);
    void understand(std::string_view bytes);
    void tell(SshEvent event);
    bool reads_more() const;
    std::shared_ptr<const std::string> front();

    const SshCall call_;
    const Clock& clock_;
    Fd woken_, waker_;  // a pipe that ends the thread's poll
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<SshEvent> events_;
    std::size_t untaken_ = 0;  // bytes of frames among them
    std::deque<std::shared_ptr<const std::string>> to_send_;
    std::size_t unsent_ = 0;  // bytes of those
    std::string errors_, noise_;
    std::int64_t last_ms_;
    bool woken_up_ = false;
    std::optional<std::int64_t> closing_ms_;  // since when
    // The thread's own.
    BannerFinder banners_;
    PipeReader frames_;
    std::size_t sent_ = 0;  // of the front of to_send_
    std::int64_t last_beat_ms_ = 0;
    bool ready_ = false;
    std::thread thread_;  // last: it uses all of the above
};

}  // namespace prove
