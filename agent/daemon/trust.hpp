// Whom the agent believes: the pinned root set, and the newest keyset that it signed (S18, S19, S27). Pure; whoever owns
// it writes down what was taken.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "proto/envelope.hpp"
#include "proto/keyset.hpp"

namespace prove {

class Trust {
 public:
    // Called with a newer keyset's bytes before it counts; throws where it cannot be kept.
    using Keep = std::function<void(const std::string& keyset, const RootSet& roots)>;

    // Throws Error(refused) where `keyset` is not signed by `roots`.
    Trust(const ClusterId& cluster, RootSet roots, std::string_view keyset, Keep keep);

    const KeysetDocument& keyset() const { return keyset_; }
    // A master's key at this time; nullopt for a stranger's, accepted false for one that is revoked or not valid now.
    std::optional<SenderKey> sender(const KeyId& key, std::int64_t now_ms) const;
    // Takes a newer keyset; throws Error(refused, invalid) for anything else and stays as it was.
    void offer(std::string_view bytes, std::int64_t now_ms);

 private:
    RootSet roots_;
    KeysetDocument keyset_;
    Keep keep_;
};

}  // namespace prove
