// The start-up self test S31: a stranger with a fresh key knocks at a server socket and must be refused.
#pragma once

#include <zmq.hpp>

#include "proto/envelope.hpp"

namespace prove {

// Connects to `endpoint` with a random key and a socket of `type`, which must be one that the server's goes with: libzmq
// turns others away before it asks for the key. Throws Error(refused) where the handshake succeeds or nobody answers.
void check_strangers_refused(const std::string& endpoint, zmq::socket_type type, const PublicTransportKey& server_key);

}  // namespace prove
