// Which TCP connections belong to which key, so that a revoked one can be cut off at once (S68) and one that has ended is
// noticed: libzmq has no call for either. A connection is shut down, never closed: its descriptor stays libzmq's, which
// sees the end of the stream.
#pragma once

#include <string>
#include <unordered_map>
#include <vector>

namespace prove {

class LiveConnections {
 public:
    // To be called for every message: cheap where the connection is known. `route`: empty where it has none.
    void seen(int descriptor, const std::string& user_id, const std::string& route = {});
    void cut(const std::string& user_id);
    struct Ended {
        std::string user_id, route;
    };
    // Those that have ended since it was asked last. 0.3 us for each connection.
    std::vector<Ended> take_ended();
    std::size_t size() const { return connections_.size(); }

 private:
    struct Connection {
        std::string user_id, route;
        std::string peer;                // address and port: tells whether the descriptor is still that connection
    };
    std::unordered_map<int, Connection> connections_;   // no more than there are descriptors
    std::vector<Ended> ended_;                          // whose descriptor was used again
};

}  // namespace prove
