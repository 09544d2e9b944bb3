// The ZAP handler: libzmq asks it at every handshake whom to let in. It has a thread of its own, does no I/O beside its
// socket (S32), and must be there before any server socket is bound: without it a CURVE server lets everybody in (S29).
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <thread>

#include <zmq.hpp>

#include "common/log/log.hpp"
#include "common/time/clock.hpp"
#include "common/transport/handshake_rate.hpp"
#include "common/transport/transport.hpp"
#include "common/transport/wake.hpp"

namespace prove {

constexpr const char* zap_domain(Channel channel) {
    return channel == Channel::main ? "main" : channel == Channel::publish ? "publish" : "enrol";
}

class ZapHandler {
 public:
    // Bound and answering when the constructor returns. Throws where the address is taken.
    ZapHandler(zmq::context_t& context, const Admission& admission, const Clock& clock, const Logger& log);
    ~ZapHandler();
    ZapHandler(const ZapHandler&) = delete;
    ZapHandler& operator=(const ZapHandler&) = delete;

    // True when the thread has ended by itself: nothing may go on then (S29).
    bool dead() const { return dead_.load(); }

 private:
    struct Verdict {
        const char* code = "400";
        std::string user_id;
    };
    void run();
    void answer();
    Verdict judge(const std::string& domain, const std::string& address, const std::string& mechanism,
                  const std::string& credentials);
    Verdict judge_enrolment(const std::string& address, const PublicTransportKey& key);

    const Admission& admission_;
    const Clock& clock_;
    Logger log_;
    zmq::socket_t socket_;
    // An agent makes one connection to each main socket; ten a minute leave room for a bad line, not for a storm (S32).
    HandshakeRate main_rate_{{10, 10.0 / 60}, 200'000};
    HandshakeRate address_rate_{{10, 1}, 20'000};
    HandshakeRate total_rate_{{40, 20}, 1};
    Wake stop_;
    std::atomic<bool> stopping_{false};
    std::atomic<bool> dead_{false};
    std::thread thread_;                 // last: it uses all of the above
};

}  // namespace prove
