// The start-up self test S31: a stranger with a fresh key knocks at a server socket and must be refused.
#pragma once

#include <zmq.hpp>

#include "proto/envelope.hpp"

namespace prove {

// Connects to `endpoint` with a random key. Throws Error(refused) where the handshake succeeds or nobody answers.
void check_strangers_refused(const std::string& endpoint, const PublicTransportKey& server_key);

}  // namespace prove
