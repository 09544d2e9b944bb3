// libzmq holds a message back until its last frame has come, however much that is: its size limit is one of frames,
// and its high-water mark counts whole messages. So a peer could fill the memory with one message that never ends. This
// finds the connections that have brought more than a message may have without having finished one. Pure: what TCP has
// counted comes in. A look costs system calls for every connection, so it is due when the process has grown, and now
// and then.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "common/transport/transport.hpp"

namespace prove {

// A connection to one of our sockets, as the kernel sees it.
struct TcpConnection {
    int descriptor = -1;
    Channel channel = Channel::main;
    std::string peer;                // address and port: tells a descriptor that was used again
    std::uint64_t received = 0;      // bytes in all
};

class FloodWatch {
 public:
    struct Limits {
        std::uint64_t growth = 32u << 20;        // of the process, from one look to the next
        std::int64_t interval_ms = 10'000;       // a flood may fill what was freed before, and nothing grows
        std::uint64_t high = 2u << 30;           // a process so large (of the unit's 3 GiB) holds on to nobody's halves
    };
    FloodWatch() = default;
    explicit FloodWatch(const Limits& limits) : limits_(limits) {}

    // A whole message of this connection has come.
    void delivered(const TcpConnection& connection, std::int64_t boot_ms);
    // Whether to look, with the process so large.
    bool due(std::uint64_t resident_bytes, std::int64_t boot_ms);
    // Those of all connections that are to be cut off.
    std::vector<TcpConnection> flooding(const std::vector<TcpConnection>& all, std::int64_t boot_ms);

 private:
    struct Finished {
        std::string peer;
        std::uint64_t received = 0;              // when its last message was delivered
        std::int64_t boot_ms = 0;
    };
    std::uint64_t most(Channel channel) const;

    Limits limits_;
    std::uint64_t resident_ = 0;
    std::int64_t next_boot_ms_ = 0;
    bool pressed_ = false;
    std::unordered_map<int, Finished> finished_; // by descriptor: no more than there are
};

}  // namespace prove
