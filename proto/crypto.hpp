// Signatures, and which public keys are fit for use. Secret keys stay with their holders (common/keys, master/keys):
// whoever signs is handed in as a function.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "proto/envelope.hpp"

namespace prove {

// Signs bytes with a secret key that stays where it is.
using SignBytes = std::function<Signature(std::string_view)>;

// What is signed besides envelopes. Each kind has its own context, so that no signature passes for another (S41).
enum class SignedKind { identity, keyset, token, audit };
// 32 bytes of context, zero-padded, then the bytes.
std::string in_context(SignedKind kind, std::string_view bytes);

bool signature_holds(const Signature& signature, std::string_view bytes, const PublicSignKey& key);

// First 16 bytes of H("prove.keyid.v1" || key) (S12).
KeyId key_id_of(const PublicSignKey& key);

// Neither zero, of small order nor malformed: with those, anybody can make signatures that hold, or knows the shared
// secret beforehand.
bool is_fit(const PublicSignKey& key);
bool is_fit(const PublicTransportKey& key);
bool is_fit(const PublicSealKey& key);

// The first 20 bytes of a hash as 32 characters of base32 in groups of four (S20), as people compare them.
std::string fingerprint_text(const Hash& hash);
std::string fingerprint_of(const PublicSignKey& key);

}  // namespace prove
