// Who is connected, by which route, and whether what arrives may be believed to come from one machine (S48, S56). The
// loop changes it; the API may look at any time. No routing id leaves this room (S37).
#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "common/transport/transport.hpp"
#include "master/store/records.hpp"
#include "proto/messages.hpp"

namespace prove {

class Connections {
  public:
    // Where a message stands to the connection that its key has now.
    enum class Standing {
        current,  // on it
        stray,    // the key has not said hello yet
        earlier,  // sent on the connection before, before the new one said hello: late, and of no use
        doubled,  // sent on another connection after the new one said hello: two machines
    };
    Standing standing(const KeyId& key, const Route& route, std::uint64_t sequence) const;
    // False where this sequence was already seen on this route (S48).
    bool rises(const KeyId& key, const Route& route, std::uint64_t sequence) const;
    // A message on the current route; one that had been given up is connected again.
    void heard(const KeyId& key, std::uint64_t sequence, std::int64_t wall_ms, std::int64_t boot_ms);

    // What a hello means, seen from what is stored of the agent.
    struct Greeting {
        AgentRow row;               // to be stored
        std::string conflict;       // why two machines use the key; empty where all is well
        bool journal_lost = false;  // S55
    };
    static Greeting greet(const std::optional<AgentRow>& stored, const KeyId& key, const Hello& hello,
                          std::int64_t wall_ms);
    // A hello was taken: from now on this route is the key's connection.
    void take(const KeyId& key, const Route& route, const Header& header, std::int64_t wall_ms, std::int64_t boot_ms);
    // A hello that was made before the one that was taken, and was under way longer on a connection that its agent has
    // given up: no second machine. A copy's hello is newer, at the latest with its next try.
    bool is_late_hello(const KeyId& key, const Route& route, const Header& header) const;
    // The welcome is sent: it may have jobs.
    void welcomed(const KeyId& key);
    // What its machine's clock said. Gives how far ahead it was before.
    std::int64_t clock_told(const KeyId& key, std::int64_t ahead_ms);
    static bool is_wrong(std::int64_t ahead_ms) { return ahead_ms > most_ahead_ms || ahead_ms < -most_ahead_ms; }
    // A send failed, or it was not heard of for long; what it had said stays known.
    void lost(const KeyId& key);
    // This connection has ended; true where it was the key's present one.
    bool ended(const KeyId& key, const Route& route);
    void forget(const KeyId& key);

    bool connected(const KeyId& key) const;
    std::uint64_t version() const;  // rises whenever connected() may say otherwise
    std::optional<Route> route(const KeyId& key) const;  // of a connected one
    std::vector<KeyId> all_connected() const;
    std::vector<KeyId> silent_since(std::int64_t boot_ms) const;
    struct Seen {
        bool connected = false;
        std::int64_t since_ms = 0, seen_ms = 0;
        std::int64_t clock_ahead_ms = 0;  // its machine's, of the master's, as it said last
    };
    std::optional<Seen> seen(const KeyId& key) const;  // nullopt: not in this life of the master
    // Connected not longer than this: its subscription may not be up yet.
    bool is_fresh(const KeyId& key, std::int64_t boot_ms, std::int64_t within_ms) const;

    static constexpr std::int64_t most_ahead_ms = 300'000;  // S57: more is reported

  private:
    struct Peer {
        Route route;
        bool up() const { return welcomed && !down; }
        std::uint64_t hello_sequence = 0;
        std::int64_t hello_issued_ms = 0;
        std::uint64_t last_sequence = 0;
        bool welcomed = false;
        bool down = false;
        std::int64_t since_ms = 0, since_boot_ms = 0, seen_ms = 0, seen_boot_ms = 0;
        std::int64_t clock_ahead_ms = 0;
    };
    mutable std::mutex mutex_;
    std::uint64_t version_ = 0;
    std::unordered_map<KeyId, Peer> peers_;
};

}  // namespace prove
