// The identity record of an agent (S12): who it says it is, signed by its own key. Fixed binary layout, big-endian, so
// that it is checked before any parser runs:
//     cluster 16 | sign 32 | transport 32 | seal 32 | machine fingerprint 32 | created, ms 8 | nonce 16 |
//     name length 1 | name | signature 64 over context and all before it
// The name is what the machine calls itself: a wish and a label, never proof of anything (S3, S6).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "proto/crypto.hpp"
#include "proto/envelope.hpp"

namespace prove {

using IdentityNonce = Bytes<16, struct IdentityNonceTag>;

struct IdentityRecord {
    ClusterId cluster;
    PublicSignKey sign;
    PublicTransportKey transport;
    PublicSealKey seal;
    Hash machine;  // H(machine-id) (S15)
    std::int64_t created_ms = 0;
    IdentityNonce nonce;
    std::string name;  // as S13 wants names

    KeyId key_id() const { return key_id_of(sign); }
    bool operator==(const IdentityRecord&) const = default;
};

// The record's bytes, signed by the agent's own key. Throws Error(invalid) where the name is not one.
std::string make_identity(const IdentityRecord& record, const SignBytes& sign);

// Exactly one record. Throws Error(invalid) for a wrong size or name, and Error(refused) for a signature that does not
// hold or a key that is not fit for use.
IdentityRecord read_identity(std::string_view bytes);

// The record at the start of `bytes`, and how many bytes it took.
struct LeadingIdentity {
    IdentityRecord record;
    std::size_t size = 0;
};
LeadingIdentity read_leading_identity(std::string_view bytes);

}  // namespace prove
