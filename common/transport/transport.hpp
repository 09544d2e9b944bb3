// How frames travel between a master and its agents. A transport moves frames and knows no messages: nothing above it
// knows which one it is. zeromq.cpp is the first; memory.cpp is for tests and the simulator. One thread owns a transport;
// wake() alone may be called from others.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/time/clock.hpp"
#include "proto/envelope.hpp"

namespace prove {

enum class Channel { main, publish, enrol };

// The handle of one live connection at the master; never logged, stored or returned outside memory (S37).
struct Route {
    std::string bytes;
    Channel channel = Channel::main;
    bool operator==(const Route&) const = default;
};

struct Incoming {
    Route route;                         // empty at an agent
    Channel channel = Channel::main;
    std::optional<KeyId> user_id;        // at the master's main channel: the key that CURVE and ZAP established (S33)
    std::string address;                 // the peer's network address, for logs and per-address limits
    PublicTransportKey transport_key;    // at the enrol channel: the key that CURVE used (S12)
    std::vector<std::string> frames;     // without routing frame and without topic
};

// Whom the master's main sockets let in. Asked by the ZAP handler in its own thread: thread-safe, no I/O (S32).
struct Admission {
    virtual ~Admission() = default;
    virtual std::optional<KeyId> accepted(const PublicTransportKey& key) const = 0;
};

// The master's half: PUB and ROUTER for accepted agents, a ROUTER of its own for enrolment.
struct ServerTransport {
    virtual ~ServerTransport() = default;
    // Waits until something arrived, wake() was called or the time is over; gives all that has arrived, at most 1,000.
    virtual std::vector<Incoming> receive(Milliseconds at_most) = 0;
    // False where the peer is gone or its queue is full (S38): the caller keeps what it wanted to send.
    virtual bool send(const Route& route, const Frames& frames) = 0;
    // To all subscribers; may be lost silently (S39).
    virtual void publish(const Frames& frames) = 0;
    // Cuts every connection of this key (S68); it can come back only where Admission lets it.
    virtual void disconnect(const KeyId& key) = 0;
    // Main connections that were heard of and have ended since this was asked last. Not all of them: one that vanished
    // without a word shows only when something is sent to it.
    struct Ended {
        KeyId key;
        Route route;
    };
    virtual std::vector<Ended> take_ended() = 0;
    virtual void wake() = 0;
};

// What an agent's connection tells.
struct ClientEvent {
    enum class Kind {
        connected,       // the handshake is done
        disconnected,    // lost or refused: nothing more comes until connect() is called again
        retrying,        // no connection yet; the transport goes on trying
        message,
    };
    Kind kind = Kind::message;
    Channel channel = Channel::main;
    std::vector<std::string> frames;     // for message
    std::string reason;                  // for disconnected and retrying: "the master refused our key" ...
};

// An agent's half. The agent, not the library, decides when to try again (S38a).
struct ClientTransport {
    virtual ~ClientTransport() = default;
    // Throws away what there was and makes new sockets. DNS and connecting happen in the background.
    virtual void connect() = 0;
    // Connects to the announcements too (main channel only). Called when the main socket's handshake is done, so that an
    // agent that is refused costs one handshake per try and not two.
    virtual void subscribe() = 0;
    virtual void disconnect() = 0;
    virtual bool send(const Frames& frames) = 0;         // false: queue full or not connected
    virtual std::vector<ClientEvent> receive(Milliseconds at_most) = 0;
    virtual void wake() = 0;
};

}  // namespace prove
