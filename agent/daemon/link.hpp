// When to connect, when to greet, when to give up on a connection and how long to wait then (S38a, A2). Pure: it is told
// what happened and when, and says what is to be done.
#pragma once

#include <cstdint>
#include <string>

#include "common/time/random.hpp"
#include "common/transport/transport.hpp"

namespace prove {

class Link {
 public:
    enum class State {
        off,
        waiting,       // for the next try
        connecting,    // sockets are made, the handshake is not done
        greeting,      // hello is sent, no welcome yet
        up,
    };
    // What is due, in this order.
    struct Step {
        bool disconnect = false;
        bool connect = false;
        bool greet = false;              // send hello and subscribe
        bool heartbeat = false;
    };

    explicit Link(Random& random) : random_(random) {}

    void start(std::int64_t now_ms);
    void stop() { state_ = State::off; }
    void connected(std::int64_t now_ms);
    void welcomed(std::int64_t now_ms);
    // Lost, refused, or of no use any more.
    void failed(std::int64_t now_ms, const std::string& reason);
    // A verified message came by this channel.
    void heard(Channel channel, std::int64_t now_ms);
    Step step(std::int64_t now_ms);
    // When step() wants to be asked again.
    std::int64_t next_ms() const;

    State state() const { return state_; }
    bool up() const { return state_ == State::up; }
    std::int64_t since_ms() const { return since_ms_; }      // of the state
    // Why there is no connection; empty while there is one.
    const std::string& trouble() const { return trouble_; }
    void set_trouble(const std::string& trouble) { trouble_ = trouble; }

    static constexpr std::int64_t heartbeat_ms = 60'000;
    static constexpr std::int64_t silence_ms = 2 * heartbeat_ms + 10'000;

 private:
    void enter(State state, std::int64_t now_ms);

    Random& random_;
    State state_ = State::off;
    std::int64_t since_ms_ = 0;
    std::int64_t at_ms_ = 0;             // end of waiting, or of patience
    std::int64_t back_off_ms_ = 1'000;
    std::int64_t heartbeat_at_ms_ = 0;
    std::int64_t main_heard_ms_ = 0;
    std::int64_t publish_heard_ms_ = 0;  // 0: never on this connection
    bool due_disconnect_ = false;
    bool due_greet_ = false;
    std::string trouble_;
};

const char* name_of(Link::State state);

}  // namespace prove
