// The keyset: which keys speak for the master of a cluster (S17 to S19), and the root set that signs it. Agents pin the
// root set's hash and believe nothing else.
//
// Root set, binary:  k 1 | n 1 | n public keys 32, sorted
// Signed keyset:     count 1 | count times (root key id 16, signature 64) | document (JSON), which is what was signed
// The signatures are checked on the raw bytes; only then is the document read (S1).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "proto/crypto.hpp"
#include "proto/envelope.hpp"

namespace prove {

// At least `threshold` of these keys must sign.
struct RootSet {
    unsigned threshold = 1;
    std::vector<PublicSignKey> keys;  // sorted, each once, at most 16
    bool operator==(const RootSet&) const = default;
};
std::string root_set_bytes(const RootSet& roots);
RootSet root_set_from(std::string_view bytes);  // throws Error(invalid), Error(refused) for keys not fit for use
// What is pinned and shown: H("prove.rootset.v1" || bytes).
Hash root_set_hash(const RootSet& roots);

struct OnlineKey {
    PublicSignKey key;
    std::uint32_t epoch = 0;  // stands in the header of what it signs
    std::int64_t from_ms = 0;
    std::int64_t until_ms = 0;
    bool operator==(const OnlineKey&) const = default;
};

struct KeysetDocument {
    ClusterId cluster;
    std::uint64_t version = 0;  // only rises
    std::int64_t expires_ms = 0;
    RootSet roots;
    std::vector<OnlineKey> online;              // at least one
    std::vector<PublicTransportKey> transport;  // CURVE keys of the main sockets, at least one (S40)
    PublicTransportKey enrol;                   // CURVE key of the enrolment socket
    std::vector<KeyId> revoked;                 // sorted; agents' and online keys
    unsigned minimum_protocol = 1;
    std::string minimum_agent;  // version of prove-agent; may be empty

    // The online key with this id, valid now and not revoked; nullptr otherwise.
    const OnlineKey* online_key(const KeyId& id, std::int64_t now_ms) const;
    bool is_revoked(const KeyId& id) const;
    bool operator==(const KeysetDocument&) const = default;
};

// The document as JSON, and what a root key signs of it.
std::string keyset_document(const KeysetDocument& keyset);
std::string keyset_signed_bytes(std::string_view document);

struct RootSignature {
    KeyId root;
    Signature signature;
};
std::string assemble_keyset(const std::vector<RootSignature>& signatures, std::string_view document);

// A keyset that enough keys of `pinned` have signed; where its document names another root set, enough keys of that one
// too (S19). Throws Error(refused) where signatures are missing, doubled or wrong, Error(invalid) where it is
// malformed.
KeysetDocument read_keyset(std::string_view bytes, const RootSet& pinned, const ClusterId& cluster);
// The same, and its version must be higher than `stored_version` and its expiry not passed.
KeysetDocument take_keyset(std::string_view bytes, const RootSet& pinned, const ClusterId& cluster,
                           std::uint64_t stored_version, std::int64_t now_ms);

}  // namespace prove
