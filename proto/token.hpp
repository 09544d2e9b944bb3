// What an operator copies to a new machine, on one line: a pin, which says whose master it is and where, and a join
// token, which is a pin that also lets the machine in (S21 to S23). Both are base32 after a prefix, so that they
// survive shells, mails and double clicks.
//
// Layout before base32, big-endian:
//     format 1 | cluster 16 | H(root set) 32 | enrolment CURVE key 32 | three ports 2 each | host length 1 | host |
//     for a token: token id 8 | seed 32 | expiry, ms 8 |
//     checksum: the first 4 bytes of H(all before it)
// The checksum finds typing errors; it protects nothing.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "proto/crypto.hpp"
#include "proto/envelope.hpp"

namespace prove {

// What an agent must know of a master before it speaks to it: where it is, and by what it is known.
struct MasterPin {
    ClusterId cluster;
    Hash root_set;
    PublicTransportKey enrol;
    std::string host;  // a name or an address, as S87 allows them
    std::uint16_t publish_port = 4515;
    std::uint16_t router_port = 4516;
    std::uint16_t enrol_port = 4517;
    bool operator==(const MasterPin&) const = default;
};

using TokenId = Bytes<8, struct TokenIdTag>;
using TokenSeed = Bytes<32, struct TokenSeedTag>;  // a secret: never logged, kept by nobody but the new machine
using ServerNonce = Bytes<32, struct ServerNonceTag>;

struct JoinToken {
    MasterPin pin;
    TokenId id;
    TokenSeed seed;
    std::int64_t expires_ms = 0;
    bool operator==(const JoinToken&) const = default;
};

// "prove-master-..." and "prove-join-...". Reading throws Error(invalid), in words for the operator who pasted it.
std::string to_text(const MasterPin& pin);
std::string to_text(const JoinToken& token);
MasterPin pin_from_text(std::string_view text);
JoinToken token_from_text(std::string_view text);

// The key that the master keeps of a token (S22).
PublicSignKey public_key_of(const TokenSeed& seed);
// The proof that whoever sent this identity record to this master now holds the seed (S23).
Signature token_proof(const TokenSeed& seed, std::string_view identity, const PublicTransportKey& enrol,
                      const ServerNonce& nonce);
bool token_proof_holds(const Signature& proof, const PublicSignKey& token, std::string_view identity,
                       const PublicTransportKey& enrol, const ServerNonce& nonce);

}  // namespace prove
