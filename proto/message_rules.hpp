// What holds for each type of message: who may send it, where it may arrive, how large and how old it may be. One
// table, so that a new message is one line; verify() and make_envelope() ask it and know no type themselves.
#pragma once

#include <cstdint>
#include <optional>

#include "proto/envelope.hpp"

namespace prove {

struct MessageRules {
    enum class Sealing { never, allowed, required };

    MessageType type;
    const char* name;
    bool from_master;  // masters may send it to agents
    bool from_agent;   // agents may send it to their master
    bool on_main;
    bool on_publish;  // an agent takes it from its SUB socket
    bool on_enrol;
    bool to_many;  // the audience may be a list or all
    Sealing sealing;
    bool may_be_dry_run;
    std::size_t most_bytes;  // of the payload, an audience list not counted
    std::int64_t most_lifetime_ms;
};

// The rules of a type as it stands in a header; nullptr where there is no such type.
const MessageRules* rules_of(std::uint8_t type);

}  // namespace prove
