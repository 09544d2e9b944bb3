// The agent's envelopes: makes those it sends, lets in those that verify() lets through, and knows the time by which
// both are judged. Pure but for the journal. One thread.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "agent/daemon/agent_journal.hpp"
#include "agent/daemon/trust.hpp"
#include "common/log/log.hpp"
#include "common/log/repeated.hpp"
#include "common/time/clock.hpp"
#include "common/time/random.hpp"
#include "common/transport/transport.hpp"
#include "proto/envelope.hpp"

namespace prove {

// Who this agent is. Signer and opener outlive everything that has a Self.
struct Self {
    ClusterId cluster;
    KeyId key;
    const EnvelopeSigner& signer;
    const Opener& opener;
};

class Mail final : private Receiver {
 public:
    Mail(const Self& self, const Trust& trust, AgentJournal& journal, const Clock& clock, Random& random,
         const Logger& log);

    // To the master; as long as the type allows, at most an hour.
    Frames make(MessageType type, const JobId& job, const Value& body);
    Frames make_raw(MessageType type, const JobId& job, std::string payload);

    // What passes every check of S44; a refused one is counted and logged (S93).
    std::optional<Verified> open(const std::vector<std::string>& frames, Channel channel);
    // The same for what was let in once and kept here: whoever signed it must still count (S60), only its own time may
    // have passed.
    std::optional<Verified> open_kept(const std::vector<std::string>& frames, MessageType type);
    const std::map<std::string, std::uint64_t>& refused() const { return refused_; }

    // The master's time as last signed, carried on by the boot clock (S57); the wall clock until there is one.
    std::int64_t now_ms() const;
    void set_master_time(std::int64_t master_ms);
    // At a start: the time as it was known before. While the machine stays up it is still the master's; after a reboot
    // it is this machine's own, and no earlier than it was.
    void go_on_from(const TimeRecord& before, const std::string& boot);
    std::optional<std::int64_t> master_minus_boot_ms() const { return master_minus_boot_ms_; }
    // By how much the wall clock is ahead of the master's; 0 until there is a master's time.
    std::int64_t clock_skew_ms() const;

 private:
    ClusterId cluster() const override { return self_.cluster; }
    bool is_master() const override { return false; }
    KeyId own_key() const override { return self_.key; }
    std::uint8_t minimum_version() const override;
    std::optional<SenderKey> sender(const KeyId& key) const override;
    bool fresh(const Header& header) const override;

    Self self_;
    const Trust& trust_;
    AgentJournal& journal_;
    const Clock& clock_;
    Random& random_;
    Logger log_;
    RepeatedEvents repeated_;
    std::map<std::string, std::uint64_t> refused_;
    std::optional<std::int64_t> master_minus_boot_ms_;
    std::optional<std::int64_t> least_minus_boot_ms_;
    std::int64_t judged_at_ms_ = 0;      // the time by which the message at hand is judged
    Channel judged_channel_ = Channel::main;
    bool judges_kept_ = false;           // what was let in once is not a replay of itself
    // The newest heartbeat of each socket: an old one would make a dead connection look alive.
    std::map<std::pair<KeyId, Channel>, std::uint64_t> heartbeats_;
};

}  // namespace prove
