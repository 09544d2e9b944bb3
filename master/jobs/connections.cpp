// The rules of hello, and the table of connections.
#include "master/jobs/connections.hpp"

#include <algorithm>
#include <utility>

namespace prove {

namespace {

constexpr std::size_t most_old_journals = 8;

}  // namespace

Connections::Standing Connections::standing(const KeyId& key, const Route& route, std::uint64_t sequence) const {
    const std::lock_guard lock(mutex_);
    const auto found = peers_.find(key);
    if (found == peers_.end()) return Standing::stray;
    const auto& peer = found->second;
    if (peer.route == route) return Standing::current;
    // What the agent sent before it gave up its old connection can arrive after the new one's hello; its sequence
    // tells.
    return sequence < peer.hello_sequence ? Standing::earlier : Standing::doubled;
}

bool Connections::rises(const KeyId& key, const Route& route, std::uint64_t sequence) const {
    const std::lock_guard lock(mutex_);
    const auto found = peers_.find(key);
    return found == peers_.end() || !(found->second.route == route) || sequence > found->second.last_sequence;
}

void Connections::heard(const KeyId& key, std::uint64_t sequence, std::int64_t wall_ms, std::int64_t boot_ms) {
    const std::lock_guard lock(mutex_);
    const auto found = peers_.find(key);
    if (found == peers_.end()) return;
    auto& peer = found->second;
    peer.last_sequence = std::max(peer.last_sequence, sequence);
    version_ += peer.down ? 1 : 0;
    peer.down = false;
    peer.seen_ms = wall_ms;
    peer.seen_boot_ms = boot_ms;
}

Connections::Greeting Connections::greet(const std::optional<AgentRow>& stored, const KeyId& key, const Hello& hello,
                                         std::int64_t wall_ms) {
    Greeting greeting;
    auto& row = greeting.row;
    if (stored) row = *stored;
    row.key = key;
    if (row.journal == hello.journal) {
        if (hello.counter <= row.counter)
            greeting.conflict = "hello number " + std::to_string(hello.counter) + " came after number " +
                                std::to_string(row.counter) + "; a copied machine, or one set back to an older state";
    } else if (std::find(row.old_journals.begin(), row.old_journals.end(), hello.journal) != row.old_journals.end()) {
        greeting.conflict =
            "it came with a journal that another one has replaced; a copied machine, or one set back to "
            "an older state";
    } else if (!row.journal.empty()) {
        greeting.journal_lost = true;
        row.old_journals.push_back(row.journal);
        if (row.old_journals.size() > most_old_journals) row.old_journals.erase(row.old_journals.begin());
    }
    row.journal = hello.journal;
    row.counter = hello.counter;
    row.version = hello.version;
    row.boot_id = hello.boot_id;
    row.connected_ms = wall_ms;
    row.seen_ms = wall_ms;
    return greeting;
}

void Connections::take(const KeyId& key, const Route& route, const Header& header, std::int64_t wall_ms,
                       std::int64_t boot_ms) {
    const std::lock_guard lock(mutex_);
    Peer peer;
    peer.route = route;
    peer.hello_sequence = peer.last_sequence = header.sequence;
    peer.hello_issued_ms = header.issued_ms;
    peer.since_ms = peer.seen_ms = wall_ms;
    peer.since_boot_ms = peer.seen_boot_ms = boot_ms;
    // A hello goes by the master's time where its agent knows it, and says nothing of its machine's clock then.
    if (const auto before = peers_.find(key); before != peers_.end()) peer.clock_ahead_ms = before->second.clock_ahead_ms;
    peers_[key] = std::move(peer);
    ++version_;
}

bool Connections::is_late_hello(const KeyId& key, const Route& route, const Header& header) const {
    const std::lock_guard lock(mutex_);
    const auto found = peers_.find(key);
    if (found == peers_.end() || found->second.route == route) return false;
    const auto& peer = found->second;
    return header.sequence < peer.hello_sequence && header.issued_ms < peer.hello_issued_ms;
}

void Connections::welcomed(const KeyId& key) {
    const std::lock_guard lock(mutex_);
    const auto found = peers_.find(key);
    if (found == peers_.end()) return;
    found->second.welcomed = true;
    ++version_;
}

std::int64_t Connections::clock_told(const KeyId& key, std::int64_t ahead_ms) {
    const std::lock_guard lock(mutex_);
    const auto found = peers_.find(key);
    return found == peers_.end() ? ahead_ms : std::exchange(found->second.clock_ahead_ms, ahead_ms);
}

void Connections::lost(const KeyId& key) {
    const std::lock_guard lock(mutex_);
    const auto found = peers_.find(key);
    if (found == peers_.end()) return;
    found->second.down = true;
    ++version_;
}

bool Connections::ended(const KeyId& key, const Route& route) {
    const std::lock_guard lock(mutex_);
    const auto found = peers_.find(key);
    if (found == peers_.end() || !found->second.up() || !(found->second.route == route)) return false;
    found->second.down = true;
    ++version_;
    return true;
}

void Connections::forget(const KeyId& key) {
    const std::lock_guard lock(mutex_);
    peers_.erase(key);
    ++version_;
}

bool Connections::connected(const KeyId& key) const {
    const std::lock_guard lock(mutex_);
    const auto found = peers_.find(key);
    return found != peers_.end() && found->second.up();
}

std::uint64_t Connections::version() const {
    const std::lock_guard lock(mutex_);
    return version_;
}

std::optional<Route> Connections::route(const KeyId& key) const {
    const std::lock_guard lock(mutex_);
    const auto found = peers_.find(key);
    return found != peers_.end() && found->second.up() ? std::optional(found->second.route) : std::nullopt;
}

std::vector<KeyId> Connections::all_connected() const {
    const std::lock_guard lock(mutex_);
    std::vector<KeyId> keys;
    for (const auto& [key, peer] : peers_)
        if (peer.up()) keys.push_back(key);
    std::sort(keys.begin(), keys.end());
    return keys;
}

std::vector<KeyId> Connections::silent_since(std::int64_t boot_ms) const {
    const std::lock_guard lock(mutex_);
    std::vector<KeyId> keys;
    for (const auto& [key, peer] : peers_)
        if (peer.up() && peer.seen_boot_ms < boot_ms) keys.push_back(key);
    std::sort(keys.begin(), keys.end());
    return keys;
}

std::optional<Connections::Seen> Connections::seen(const KeyId& key) const {
    const std::lock_guard lock(mutex_);
    const auto found = peers_.find(key);
    if (found == peers_.end()) return std::nullopt;
    const auto& peer = found->second;
    return Seen{peer.up(), peer.since_ms, peer.seen_ms, peer.clock_ahead_ms};
}

bool Connections::is_fresh(const KeyId& key, std::int64_t boot_ms, std::int64_t within_ms) const {
    const std::lock_guard lock(mutex_);
    const auto found = peers_.find(key);
    return found != peers_.end() && boot_ms - found->second.since_boot_ms <= within_ms;
}

}  // namespace prove
