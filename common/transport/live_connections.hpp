// Which TCP connections belong to which key, so that a revoked one can be cut off at once (S68): libzmq has no call for
// that. A connection is shut down, never closed: its descriptor stays libzmq's, which sees the end of the stream.
#pragma once

#include <string>
#include <unordered_map>

namespace prove {

class LiveConnections {
 public:
    // To be called for every message: cheap where the connection is known.
    void seen(int descriptor, const std::string& user_id);
    void cut(const std::string& user_id);
    std::size_t size() const { return connections_.size(); }

 private:
    struct Connection {
        std::string user_id;
        std::string peer;                // address and port: tells whether the descriptor is still that connection
    };
    std::unordered_map<int, Connection> connections_;   // no more than there are descriptors
};

}  // namespace prove
