// The table of message types.
#include "proto/message_rules.hpp"

#include <array>

namespace prove {

namespace {

constexpr std::size_t kib = 1024;
constexpr std::int64_t minute = 60'000;
constexpr std::int64_t hour = 60 * minute;
constexpr std::int64_t week = 7 * 24 * hour;

// Jobs, and what reports them, live as long as a job may (7 days); everything that is only about this connection lives
// minutes or an hour. Payloads that may hold 256 KiB of content get some room for what is around it.
constexpr std::size_t content = 320 * kib;
constexpr auto never = MessageRules::Sealing::never;
constexpr auto allowed = MessageRules::Sealing::allowed;
constexpr auto required = MessageRules::Sealing::required;

// clang-format off
constexpr std::array<MessageRules, 23> all_rules = {{
    // type, name                                    master agent  main   publish enrol  many   sealing  dry    bytes      lifetime
    {MessageType::command, "command",                true,  false, true,  false,  false, false, required, true,  64 * kib,  week},
    {MessageType::staterun, "staterun",              true,  false, true,  false,  false, false, required, true,  content,   week},
    {MessageType::cancel, "cancel",                  true,  false, true,  true,   false, true,  never,    false, 4 * kib,   week},
    {MessageType::heartbeat, "heartbeat",            true,  true,  true,  true,   false, true,  never,    false, 256 * kib, 5 * minute},
    {MessageType::keyset, "keyset",                  true,  false, true,  true,   false, true,  never,    false, 64 * kib,  week},
    {MessageType::hello, "hello",                    false, true,  true,  false,  false, false, never,    false, 256 * kib, 5 * minute},
    {MessageType::welcome, "welcome",                true,  false, true,  false,  false, false, never,    false, 256 * kib, 5 * minute},
    {MessageType::accepted, "accepted",              false, true,  true,  false,  false, false, never,    false, 16 * kib,  week},
    {MessageType::result, "result",                  false, true,  true,  false,  false, false, never,    false, content,   week},
    {MessageType::event, "event",                    false, true,  true,  false,  false, false, never,    false, 64 * kib,  hour},
    {MessageType::file_request, "file_request",      true,  true,  true,  false,  false, false, never,    false, 4 * kib,   hour},
    {MessageType::file_chunk, "file_chunk",          true,  true,  true,  false,  false, false, allowed,  false, content,   hour},
    {MessageType::enrol_request, "enrol_request",    false, true,  false, false,  true,  false, never,    false, 16 * kib,  5 * minute},
    {MessageType::enrol_reply, "enrol_reply",        true,  false, false, false,  true,  false, never,    false, 80 * kib,  5 * minute},
    {MessageType::rotate, "rotate",                  false, true,  true,  false,  false, false, never,    false, 16 * kib,  hour},
    {MessageType::stored, "stored",                  true,  false, true,  false,  false, false, never,    false, 4 * kib,   hour},
    {MessageType::announcement, "announcement",      true,  false, true,  true,   false, true,  never,    true,  16 * kib,  week},
    {MessageType::late_request, "late_request",      false, true,  true,  false,  false, false, never,    false, 64 * kib,  hour},
    {MessageType::late_piece, "late_piece",          true,  false, true,  false,  false, false, required, false, content,   hour},
    {MessageType::fetch, "fetch",                    false, true,  true,  false,  false, false, never,    false, 4 * kib,   hour},
    {MessageType::run_request, "run_request",        false, true,  true,  false,  false, false, never,    false, 4 * kib,   5 * minute},
    {MessageType::run_reply, "run_reply",            true,  false, true,  false,  false, false, never,    false, 4 * kib,   5 * minute},
    {MessageType::schedules, "schedules",            true,  false, true,  false,  false, false, never,    false, 256 * kib, hour},
}};
// clang-format on

}  // namespace

const MessageRules* rules_of(std::uint8_t type) {
    // The table is in the order of the numbers, which begin at 1.
    if (type == 0 || type > all_rules.size()) return nullptr;
    return &all_rules[type - 1];
}

const char* name_of(MessageType type) {
    const auto* const rules = rules_of(static_cast<std::uint8_t>(type));
    return rules != nullptr ? rules->name : "unknown";
}

std::size_t payload_limit(MessageType type) {
    const auto* const rules = rules_of(static_cast<std::uint8_t>(type));
    return rules != nullptr ? rules->most_bytes : 0;
}

std::int64_t lifetime_limit_ms(MessageType type) {
    const auto* const rules = rules_of(static_cast<std::uint8_t>(type));
    return rules != nullptr ? rules->most_lifetime_ms : 0;
}

}  // namespace prove
