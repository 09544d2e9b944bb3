// Every key that the master knows, in memory: whom the sockets let in (S32), and whose messages count (S33).
// Thread-safe; asked by the ZAP thread, the loop, the API and compile workers. Only KeyDesk changes it.
#pragma once

#include <map>
#include <optional>
#include <shared_mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "common/transport/transport.hpp"
#include "master/store/records.hpp"

namespace prove {

class KeyTable final : public Admission {
  public:
    std::optional<KeyId> accepted(const PublicTransportKey& key) const override;
    std::optional<KeyRow> find(const KeyId& id) const;
    // The key that a name belongs to: accepted or in conflict (S13).
    std::optional<KeyRow> holder(const TargetId& name) const;
    bool is_waiting(const TargetId& name) const;  // a key that asks for this name waits for a decision
    std::vector<KeyRow> all() const;              // by first seen
    std::size_t count(KeyState state) const;
    std::uint64_t version() const;  // rises with every change
    // By name, fingerprint (or its beginning) or key id; for a name the key in question is the one that waits for a
    // decision, else the one that has it. Error(missing), or Error(usage) that shows the several.
    KeyRow select(const std::string& which) const;

    void put(const KeyRow& row);
    void drop(const KeyId& id);

  private:
    void forget_indexes(const KeyRow& row);

    mutable std::shared_mutex mutex_;
    std::uint64_t version_ = 0;
    std::unordered_map<KeyId, KeyRow> rows_;
    std::unordered_map<PublicTransportKey, KeyId> accepted_;
    std::unordered_map<TargetId, KeyId> holders_;
    std::unordered_map<TargetId, std::size_t> waiting_;  // so many keys that ask for it
};

}  // namespace prove
