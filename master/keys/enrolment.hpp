// Strangers knock here (section 4): a socket of its own, where a machine shows its identity record and, if it has one,
// its join token. What it can get is an answer: challenge, pending, accepted, rejected. Nobody is accepted but by an
// operator or a token. Behind its own interface, so that it can become a process of its own (S26). The loop's thread.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "common/log/log.hpp"
#include "common/log/repeated.hpp"
#include "common/time/clock.hpp"
#include "common/time/random.hpp"
#include "common/transport/handshake_rate.hpp"
#include "common/transport/transport.hpp"
#include "master/keys/key_desk.hpp"
#include "master/keys/signer.hpp"
#include "proto/enrol.hpp"

namespace prove {

class Enrolment {
  public:
    using Send = std::function<void(const Route&, const Frames&)>;
    struct Parts {
        KeyTable& keys;
        KeyDesk& desk;
        Signer& signer;
        const Clock& clock;
        Random& random;
        Logger log;
        Send send;
    };
    // What every reply carries (S27).
    struct Identity {
        std::string root_set, keyset;
        PublicTransportKey enrol;
    };
    Enrolment(Parts parts, Identity identity);

    void receive(const Incoming& incoming);
    // Forgets challenges that nobody answered.
    void tick();

  private:
    struct Challenge {
        ServerNonce nonce;
        std::int64_t until_boot_ms = 0;
    };
    struct Asker {
        Route route;
        std::string address;
        KeyRow row;  // as it would be stored
    };
    void answer(Asker asker, const ReceivedRequest& received);
    void answer_known(const Asker& asker, const KeyRow& known);
    void try_token(const Asker& asker, const ReceivedRequest& received);
    // Why a token does not let this machine in, or empty; the peer hears only that it does not.
    std::string token_problem(const TokenRow* token, const ReceivedRequest& received) const;
    void challenge(const Asker& asker);
    void accept(Asker asker, const TokenRow& token);
    void reply(const Asker& asker, EnrolReply::Status status, const std::string& text, const ServerNonce& nonce = {});

    KeyTable& keys_;
    KeyDesk& desk_;
    Signer& signer_;
    const Clock& clock_;
    Random& random_;
    Logger log_;
    Send send_;
    Identity identity_;
    RepeatedEvents refusals_;
    HandshakeRate rate_;  // of requests: strangers' handshakes are few, but a connection can carry any number
    std::map<KeyId, Challenge> challenges_;
};

}  // namespace prove
