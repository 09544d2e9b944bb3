// The time that an envelope says it was made at, before anything of it is verified. Only for messages that something
// else than the time protects from being replayed, sent by machines whose clocks may be wrong.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "proto/envelope.hpp"

namespace prove {

// nullopt where these frames are no envelope of that type, or the time is absurd.
std::optional<std::int64_t> claimed_time(const std::vector<std::string>& frames, MessageType type);

}  // namespace prove
