// What every part of a simulation stands on: one queue of events and with it the time, chance from one seed, the faults
// that this seed has, and the trace of what happened. One thread, nothing real: a seed always gives the same story.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/log/log.hpp"
#include "common/time/clock.hpp"
#include "tests/support/seeded_random.hpp"
#include "tests/support/simulated_disk.hpp"

namespace prove::sim {

using Crash = SimulatedDisk::Crash;  // thrown at the point where a program ends

class EventQueue {
  public:
    std::int64_t now() const { return now_; }
    void after(std::int64_t ms, std::function<void()> event) { at(now_ + ms, std::move(event)); }
    // What is due at one moment happens in the order in which it was asked for.
    void at(std::int64_t ms, std::function<void()> event);
    // The next event that is due by `until`; false where there is none, and the time is `until` then.
    bool run_next(std::int64_t until);

  private:
    std::int64_t now_ = 0;
    std::uint64_t number_ = 0;
    std::map<std::pair<std::int64_t, std::uint64_t>, std::function<void()>> events_;
};

// One machine's clock: the simulation's time and what is wrong about it.
class SimClock final : public Clock {
  public:
    explicit SimClock(const EventQueue& queue) : queue_(queue) {}
    std::int64_t wall_ms() const override { return 1'800'000'000'000 + queue_.now() + wall_offset; }
    std::int64_t boot_ms() const override { return 1'000'000 + queue_.now() - boot_offset; }
    void reboot() { boot_offset = queue_.now() + 990'000; }
    std::int64_t wall_offset = 0;
    std::int64_t boot_offset = 0;

  private:
    const EventQueue& queue_;
};

// What happened, line by line. Only the latest lines stay; the hash is over all of them.
class Trace {
  public:
    Trace(const EventQueue& queue, bool to_stderr) : queue_(queue), to_stderr_(to_stderr) {}
    void add(std::string_view line);
    // What helps a reader and is no part of the story: the programs' own logs.
    void note(std::string_view line) { keep("    " + std::string(line)); }
    std::uint64_t hash() const { return hash_; }
    std::string latest() const;

  private:
    void keep(const std::string& line);
    const EventQueue& queue_;
    bool to_stderr_;
    std::uint64_t hash_ = 14'695'981'039'346'656'037u;
    std::deque<std::string> lines_;
};

enum class Fault {
    agent_killed,       // the process; what it wrote is there
    agent_loses_power,  // what was not synced is gone or torn
    agent_disk_crash,   // the process or the machine ends within one of the next calls to the disk
    agent_send_crash,   // the process ends before one of its next messages has left
    agent_disk_full,
    agent_sync_fails,
    agent_clock_jumps,
    master_killed,
    master_send_crash,
    store_full,
    store_fails,
    store_slow,
    prepare_slow,
    reset,         // a connection breaks, and both sides see it
    partition,     // nothing passes until it heals
    half_open,     // a connection is dead, and nobody sees it
    publish_dead,  // announcements alone do not come any more
    publish_lossy,
    queue_full,  // a message is not taken though the connection lives
    duplicates,  // a message comes twice, the second time late
    slow_links,
    revocation,
    count
};
const char* name_of(Fault fault);

// Which faults a seed has is drawn first, so that rare combinations occur; then each strikes now and then.
class Faults {
  public:
    explicit Faults(test::SeededRandom& random);
    explicit Faults(const std::vector<Fault>& these);
    bool drawn(Fault fault) const { return active_[static_cast<std::size_t>(fault)]; }
    bool has(Fault fault) const { return on && drawn(fault); }
    bool on = true;

  private:
    std::array<bool, static_cast<std::size_t>(Fault::count)> active_{};
};

struct Stage {
    Stage(std::uint64_t seed, bool with_logs, bool to_stderr);
    EventQueue queue;
    test::SeededRandom random;
    Trace trace;
    Faults faults;
    Logger log;

    std::int64_t between(std::int64_t least, std::int64_t most) {
        return least + static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(most - least + 1)));
    }
    bool percent(std::uint64_t chance) { return random.below(100) < chance; }
    // Whether a fault strikes here; draws only where the seed has it.
    bool strikes(Fault fault, std::uint64_t chance) { return faults.has(fault) && percent(chance); }
};

}  // namespace prove::sim
