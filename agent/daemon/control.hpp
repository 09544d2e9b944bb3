// The agent's local door (S96): a Unix socket for root alone, where `prove-agent status`, `run`, `join` and `drain` ask,
// and the signals that the process gets. Both in a thread of their own, which only hands over.
//
// One request and one reply per connection, each a line of JSON: {"do": "status"} -> {"ok": {...}} or {"error": "..."}.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "common/log/log.hpp"
#include "proto/value.hpp"

namespace prove {

class ControlServer {
 public:
    // To be called once, from any thread; the other end may be gone by then.
    using Reply = std::function<void(Value ok)>;
    using Fail = std::function<void(const std::string& error)>;
    struct Handlers {
        // In the server's thread: must only hand over.
        std::function<void(Value request, Reply reply, Fail fail)> request;
        std::function<void(int signal)> signal;
    };

    // SIGTERM, SIGINT and SIGUSR1 must be blocked in every thread: block_signals(), first thing in main.
    // Throws Error where the socket cannot be made. Replaces a socket that nobody listens on.
    ControlServer(const std::string& socket_path, Handlers handlers, const Logger& log);
    ~ControlServer();
    ControlServer(const ControlServer&) = delete;
    ControlServer& operator=(const ControlServer&) = delete;

    static void block_signals();

 private:
    class Loop;
    std::unique_ptr<Loop> loop_;
};

// The client's side: asks and waits. Throws Error(unavailable) where no prove-agent runs there, and an Error(failed)
// with what it answered where that is an error.
Value ask_agent(const std::string& socket_path, const Value& request);

}  // namespace prove
