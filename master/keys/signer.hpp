// What the master says is signed here, and only here: types and lifetimes come from a table, sequences only rise, also
// across crashes (S9, S48). An interface, so that the key can move into a process of its own. One thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/time/clock.hpp"
#include "common/time/random.hpp"
#include "master/store/store.hpp"
#include "proto/envelope.hpp"

namespace prove {

// To whom something goes: one agent, a list of them (its payload then begins with it, S43), or all.
struct Issue {
    MessageType type = MessageType::heartbeat;
    AudienceKind kind = AudienceKind::all;
    KeyId agent;              // where kind is agent
    std::vector<KeyId> list;  // sorted, where kind is list
    JobId job;
    bool sealed = false;
    bool dry_run = false;
    std::optional<std::int64_t> not_after_ms;  // default: the longest that the type may live
};

struct Signer {
    virtual ~Signer() = default;
    virtual ClusterId cluster() const = 0;
    // A number above all before it: of an envelope, or the generation of a StateRun.
    virtual std::uint64_t take_sequence() = 0;
    virtual std::uint64_t newest_sequence() const = 0;  // 0: none yet
    // Signs; the envelope's sequence is the newest one afterwards. Throws Error(internal) for a type that a master does
    // not send or a life longer than the type's.
    virtual Frames issue(const Issue& what, std::string payload) = 0;
};

// Numbers that only rise: a bound is durable before numbers below it are used, so a crash skips some, and repeats none.
class Sequence {
  public:
    // Waits for the store: made at start, before the loop runs.
    // It begins above all that was reserved before, and not below `floor`.
    Sequence(Store& store, std::string setting, std::uint64_t floor);
    std::uint64_t take();
    std::uint64_t newest() const { return newest_; }

  private:
    void reserve(std::uint64_t bound);

    Store& store_;
    std::string setting_;
    std::uint64_t newest_ = 0;
    std::uint64_t bound_ = 0;  // durable: numbers up to it may be used
};

// The signer within this process. `key` outlives it.
class LocalSigner final : public Signer {
  public:
    LocalSigner(const EnvelopeSigner& key, ClusterId cluster, std::uint32_t epoch, Store& store, const Clock& clock,
                Random& random);
    ClusterId cluster() const override { return cluster_; }
    std::uint64_t take_sequence() override { return sequence_.take(); }
    std::uint64_t newest_sequence() const override { return sequence_.newest(); }
    Frames issue(const Issue& what, std::string payload) override;

  private:
    const EnvelopeSigner& key_;
    ClusterId cluster_;
    std::uint32_t epoch_;
    const Clock& clock_;
    Random& random_;
    Sequence sequence_;
};

}  // namespace prove
