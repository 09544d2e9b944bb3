// The ZeroMQ transport: settings and factories. Everything about libzmq stays in this room's .cpp files; the rules that
// they follow are S26 and S29 to S40 of the security design, and the facts behind those were measured on libzmq 4.3.4
// (regression tests: tests/unit/common/transport).
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "common/log/log.hpp"
#include "common/time/clock.hpp"
#include "common/time/random.hpp"
#include "common/transport/transport.hpp"

namespace prove {

// A CURVE key pair. The secret (32 bytes) is borrowed and outlives the transport.
struct CurveKey {
    PublicTransportKey public_key;
    std::span<const std::uint8_t> secret;
};

// The largest frame that is sent or let in (section 15), and the largest that goes out by PUB.
constexpr std::size_t frame_limit = 512u << 10;
constexpr std::size_t publish_limit = 64u << 10;

struct ZeromqPorts {
    int publish = 4515;
    int main = 4516;
    int enrol = 4517;
};

struct ZeromqServerSettings {
    std::string address = "*";           // where to listen: an address of this machine, or "*" for all
    ZeromqPorts ports;                   // 0: any free one
    CurveKey transport;                  // of the main and the publishing socket
    CurveKey enrol;
    int io_threads = 1;                  // two from some thousand agents on
};

struct ZeromqServer : ServerTransport {
    virtual ZeromqPorts ports() const = 0;   // those that are bound
};

// Starts the ZAP handler, tests on the loopback interface that strangers are refused (S31), and only then listens.
// Throws Error where any of it fails. `admission`, `clock` and `random` outlive it.
std::unique_ptr<ZeromqServer> make_zeromq_server(const ZeromqServerSettings& settings, const Admission& admission,
                                                 const Clock& clock, Random& random, const Logger& log);

struct ZeromqClientSettings {
    std::string host;
    ZeromqPorts ports;
    PublicTransportKey server_key;       // of the channel: the master's transport or enrolment key
    CurveKey own;
};

// DEALER and SUB to the main sockets. `random` outlives it. Not connected until connect().
std::unique_ptr<ClientTransport> make_zeromq_client(const ZeromqClientSettings& settings, Random& random);
// One DEALER to the enrolment socket.
std::unique_ptr<ClientTransport> make_zeromq_enrol_client(const ZeromqClientSettings& settings, Random& random);

}  // namespace prove
