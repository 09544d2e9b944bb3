// The agent's side of enrolment (section 4): it asks the pinned master to be taken in, proves a token where it has one,
// and otherwise asks again until an operator has decided. Pure over its transport; the caller stores what came of it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "agent/daemon/identity_store.hpp"
#include "common/time/clock.hpp"
#include "common/time/random.hpp"
#include "common/transport/transport.hpp"
#include "proto/enrol.hpp"

namespace prove {

class Enrolment {
 public:
    struct Parts {
        const KeyRing& keys;
        MasterPin pin;
        std::optional<JoinToken> token;
        Hash machine;
        std::string name;                // the name wished for
        ClientTransport& net;            // of the enrolment channel
        const Clock& clock;
        Random& random;
        Logger log;
    };
    explicit Enrolment(const Parts& parts);

    void start();
    // Throws Error(refused) where the pinned key's owner shows another root set than the pinned one: hard failure (S25).
    void handle(const ClientEvent& event);
    void tick();
    std::int64_t next_ms() const;

    // Once accepted; checked against the pin before it was set (S27).
    const std::optional<Enrolled>& enrolled() const { return enrolled_; }
    const std::string& state() const { return state_; }     // "connecting", "pending", "rejected: ..."
    // A token that was refused will never be taken; who waits for a person can go on waiting.
    bool rejected() const { return rejected_; }

 private:
    void send(const ServerNonce& nonce);
    void reply(const std::vector<std::string>& frames);
    void wait(std::int64_t delay_ms);
    void back_off();
    void set_state(const std::string& state);

    Parts parts_;
    std::string identity_;
    std::string state_ = "connecting";
    std::optional<Enrolled> enrolled_;
    bool connected_ = false;
    bool rejected_ = false;
    std::uint64_t sequence_ = 0;
    std::int64_t at_ms_ = 0;             // next try, or end of patience with an answer
    bool waiting_for_answer_ = false;
    std::int64_t back_off_ms_ = 1'000;
    std::int64_t ask_again_ms_ = 5'000;
};

// A name as S13 wants it, made of whatever the host is called.
std::string name_from_host(const std::string& host);

}  // namespace prove
