// The loop: the one thread that owns the agents' sockets, and in which dispatch, keys and enrolment live. It waits in
// the transport, hands on what arrived, runs what others posted, and ticks.
#pragma once

#include <atomic>
#include <functional>
#include <memory>

#include "common/log/log.hpp"
#include "common/log/repeated.hpp"
#include "common/time/clock.hpp"
#include "common/transport/transport.hpp"
#include "master/jobs/dispatch.hpp"
#include "master/keys/enrolment.hpp"
#include "master/server/mailbox.hpp"

namespace prove {

// What dispatch sends by; the transport comes later than dispatch does, since it asks for who is accepted.
class TransportNet final : public MasterNet {
  public:
    void use(ServerTransport* transport) { transport_ = transport; }
    bool send(const Route& route, const Frames& frames) override {
        return transport_ != nullptr && transport_->send(route, frames);
    }
    void publish(const Frames& frames) override {
        if (transport_ != nullptr) transport_->publish(frames);
    }
    void disconnect(const KeyId& key) override {
        if (transport_ != nullptr) transport_->disconnect(key);
    }

  private:
    ServerTransport* transport_ = nullptr;
};

class EventLoop {
  public:
    EventLoop(ServerTransport& transport, Mailbox& mailbox, Dispatch& dispatch, Enrolment& enrolment, KeyDesk& desk,
              const Clock& clock, const Logger& log);
    // Runs until stop() or until the store is broken; false for the latter.
    bool run();
    void stop();  // from any thread
    // Called about once a second, in the loop's thread; set before it runs.
    void every_second(std::function<void()> work) { every_second_ = std::move(work); }

  private:
    void round(Milliseconds wait);
    void bounded(const std::function<void()>& work);
    void tick();

    ServerTransport& transport_;
    Mailbox& mailbox_;
    Dispatch& dispatch_;
    Enrolment& enrolment_;
    KeyDesk& desk_;
    const Clock& clock_;
    Logger log_;
    RepeatedEvents faults_;
    std::int64_t next_tick_boot_ms_ = 0;
    std::int64_t next_second_boot_ms_ = 0;
    std::int64_t next_clean_boot_ms_ = 0;
    std::function<void()> every_second_;
    std::atomic<bool> stopping_{false};
};

}  // namespace prove
