// What a connection may bring without finishing a message.
#include "common/transport/flood_watch.hpp"

#include <algorithm>

namespace prove {

namespace {

// A queue of 16 messages of 520 KiB and the kernel's buffer of 6 MiB are full when this loop has stood still for long.
constexpr std::uint64_t most_of_an_agent = 24u << 20;
constexpr std::uint64_t most_under_pressure = 1u << 20;
// One request of 16 KiB at a time, or a subscription, and the handshake before it.
constexpr std::uint64_t most_of_a_stranger = 64u << 10;
// Heartbeats of libzmq's own count as received and deliver nothing: 60 bytes in 15 s.
constexpr std::uint64_t heartbeat_bytes_per_second = 16;

}  // namespace

void FloodWatch::delivered(const TcpConnection& connection, std::int64_t boot_ms) {
    finished_[connection.descriptor] = {connection.peer, connection.received, boot_ms};
}

bool FloodWatch::due(std::uint64_t resident_bytes, std::int64_t boot_ms) {
    resident_ = std::min(resident_, resident_bytes);
    const bool grown = resident_bytes >= resident_ + limits_.growth;
    if (!grown && boot_ms < next_boot_ms_) return false;
    next_boot_ms_ = boot_ms + limits_.interval_ms;
    if (grown) resident_ = resident_bytes;
    pressed_ = grown && resident_bytes >= limits_.high;
    return true;
}

std::uint64_t FloodWatch::most(Channel channel) const {
    if (channel == Channel::main) return pressed_ ? most_under_pressure : most_of_an_agent;
    // Who asks to be enrolled asks again; those that are enrolled have their master first.
    return pressed_ && channel == Channel::enrol ? 0 : most_of_a_stranger;
}

std::vector<TcpConnection> FloodWatch::flooding(const std::vector<TcpConnection>& all, std::int64_t boot_ms) {
    std::vector<TcpConnection> guilty;
    std::unordered_map<int, Finished> still;
    for (const auto& connection : all) {
        auto& last = still[connection.descriptor];
        const auto known = finished_.find(connection.descriptor);
        if (known != finished_.end() && known->second.peer == connection.peer)
            last = known->second;
        else
            last = {connection.peer, 0, boot_ms};
        const auto seconds = static_cast<std::uint64_t>(std::max<std::int64_t>(0, boot_ms - last.boot_ms) / 1'000);
        const auto since = connection.received - std::min(connection.received, last.received);
        if (since > most(connection.channel) + seconds * heartbeat_bytes_per_second) guilty.push_back(connection);
    }
    finished_ = std::move(still);        // those that have ended are forgotten
    return guilty;
}

}  // namespace prove
