// Content sealed to one agent (S61): what was sealed repeats whom and what it is for, and the agent compares, so that
// nobody can put one agent's content into another's envelope, or yesterday's content into today's.
#pragma once

#include "proto/envelope.hpp"
#include "proto/late.hpp"
#include "proto/messages.hpp"

namespace prove {

// The command inside a verified, sealed envelope of type command or staterun. Throws Error(refused) where it cannot be
// opened, or names another cluster, agent or job than the header; Error(invalid) where it is malformed.
JobCommand open_command(const Verified& verified, const Opener& opener, const KeyId& own_key);

// The same of a late piece.
LateReply open_late_piece(const Verified& verified, const Opener& opener, const KeyId& own_key);

// The payload of such an envelope.
std::string sealed_command(const JobCommand& command, const PublicSealKey& key);

}  // namespace prove
