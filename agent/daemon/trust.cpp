// The pinned root set and its newest keyset.
#include "agent/daemon/trust.hpp"

namespace prove {

Trust::Trust(const ClusterId& cluster, RootSet roots, std::string_view keyset, Keep keep)
    : roots_(std::move(roots)), keyset_(read_keyset(keyset, roots_, cluster)), keep_(std::move(keep)) {}

std::optional<SenderKey> Trust::sender(const KeyId& key, std::int64_t now_ms) const {
    for (const auto& online : keyset_.online)
        if (key_id_of(online.key) == key)
            return SenderKey{online.key, keyset_.online_key(key, now_ms) != nullptr, online.epoch, true};
    return std::nullopt;
}

void Trust::offer(std::string_view bytes, std::int64_t now_ms) {
    auto newer = take_keyset(bytes, roots_, keyset_.cluster, keyset_.version, now_ms);
    keep_(std::string(bytes), newer.roots);
    roots_ = newer.roots;
    keyset_ = std::move(newer);
}

}  // namespace prove
