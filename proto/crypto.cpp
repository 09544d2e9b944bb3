// libsodium behind Prove's types. Every result is checked (S45).
#include "proto/crypto.hpp"

#include "proto/sodium_ready.hpp"

#include <sodium.h>

#include <array>

namespace prove {

namespace {

constexpr std::size_t context_size = 32;

const unsigned char* raw(std::string_view bytes) {
    return reinterpret_cast<const unsigned char*>(bytes.data());
}

std::string padded(std::string context) {
    if (context.size() > context_size) throw Error(ErrorKind::internal, "signing context too long: " + context);
    context.resize(context_size, '\0');
    return context;
}

// A point of small order gives a product of zero with every scalar, which libsodium reports.
bool is_fit_for_exchange(const std::uint8_t* key) {
    ensure_sodium();
    const std::array<unsigned char, crypto_scalarmult_SCALARBYTES> scalar{1};
    std::array<unsigned char, crypto_scalarmult_BYTES> product{};
    return crypto_scalarmult(product.data(), scalar.data(), key) == 0;
}

}  // namespace

std::string in_context(SignedKind kind, std::string_view bytes) {
    switch (kind) {
        case SignedKind::identity:
            return padded("prove.v1.identity-record").append(bytes);
        case SignedKind::keyset:
            return padded("prove.v1.keyset-document").append(bytes);
        case SignedKind::token:
            return padded("prove.v1.token-proof").append(bytes);
        case SignedKind::audit:
            return padded("prove.v1.audit-checkpoint").append(bytes);
    }
    throw Error(ErrorKind::internal, "a signature without a context");
}

std::string signed_bytes(MessageType type, std::string_view header) {
    return padded(std::string("prove.v1.") + name_of(type)).append(header);
}

bool signature_holds(const Signature& signature, std::string_view bytes, const PublicSignKey& key) {
    ensure_sodium();
    return crypto_sign_verify_detached(signature.data(), raw(bytes), bytes.size(), key.data()) == 0;
}

KeyId key_id_of(const PublicSignKey& key) {
    const Hash hash = hash_of(std::string("prove.keyid.v1").append(key.view()));
    return *KeyId::from(hash.view().substr(0, KeyId::size));
}

bool is_fit(const PublicSignKey& key) {
    ensure_sodium();
    return crypto_core_ed25519_is_valid_point(key.data()) == 1;
}
bool is_fit(const PublicTransportKey& key) {
    return is_fit_for_exchange(key.data());
}
bool is_fit(const PublicSealKey& key) {
    return is_fit_for_exchange(key.data());
}

std::string fingerprint_text(const Hash& hash) {
    const std::string letters = to_base32(hash.view().substr(0, 20));
    std::string text;
    for (std::size_t i = 0; i < letters.size(); i += 4) text += (i > 0 ? "-" : "") + letters.substr(i, 4);
    return text;
}

std::string fingerprint_of(const PublicSignKey& key) {
    return fingerprint_text(hash_of(key.view()));
}

std::string seal(std::string_view plain, const PublicSealKey& key) {
    ensure_sodium();
    std::string sealed(plain.size() + crypto_box_SEALBYTES, '\0');
    if (crypto_box_seal(reinterpret_cast<unsigned char*>(sealed.data()), raw(plain), plain.size(), key.data()) != 0)
        throw Error(ErrorKind::refused, "content cannot be sealed: the receiver's key is not fit for use");
    return sealed;
}

}  // namespace prove
