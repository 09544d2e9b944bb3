// Key pairs: see keys.hpp. Every result of libsodium is checked (S45).
#include "common/keys/keys.hpp"

#include <sodium.h>

#include <algorithm>

#include "common/files/files.hpp"
#include "common/files/lock.hpp"
#include "common/keys/key_file.hpp"
#include "common/text/text.hpp"
#include "proto/error.hpp"

namespace prove {

namespace {

constexpr std::size_t key_size = 32;

void require_size(const Secret& secret) {
    if (secret.size() != key_size) throw Error(ErrorKind::invalid, "a secret key must have 32 bytes");
}

// The public half of an x25519 key; CURVE's and the sealing one alike.
template <class Public>
Public public_half(const Secret& secret) {
    Public result;
    if (crypto_scalarmult_base(result.data(), secret.data()) != 0)
        throw Error(ErrorKind::internal, "a key has no public half");
    return result;
}

std::string sign_file(const std::string& folder) {
    return folder + "/sign.key";
}
std::string transport_file(const std::string& folder) {
    return folder + "/transport.key";
}
std::string seal_file(const std::string& folder) {
    return folder + "/seal.key";
}

}  // namespace

SigningKey::SigningKey(Secret seed) : seed_(std::move(seed)), secret_(crypto_sign_SECRETKEYBYTES) {
    require_size(seed_);
    if (crypto_sign_seed_keypair(public_.data(), secret_.data(), seed_.data()) != 0)
        throw Error(ErrorKind::internal, "a signing key cannot be made");
}

SigningKey SigningKey::generate() {
    return SigningKey(Secret::random(key_size));
}

SigningKey SigningKey::from_seed(Secret seed) {
    return SigningKey(std::move(seed));
}

SigningKey SigningKey::load(const std::string& path) {
    return SigningKey(load_key_file(path, KeyKind::sign));
}

void SigningKey::save(const std::string& path) const {
    save_key_file(path, KeyKind::sign, seed_);
}

Signature SigningKey::sign(std::string_view bytes) const {
    Signature signature;
    if (crypto_sign_detached(signature.data(), nullptr, reinterpret_cast<const unsigned char*>(bytes.data()),
                             bytes.size(), secret_.data()) != 0)
        throw Error(ErrorKind::internal, "a signature cannot be made");
    return signature;
}

SignBytes SigningKey::signer() const {
    return [this](std::string_view bytes) { return sign(bytes); };
}

TransportKey::TransportKey(Secret secret) : secret_(std::move(secret)) {
    require_size(secret_);
    public_ = public_half<PublicTransportKey>(secret_);
}

TransportKey TransportKey::generate() {
    return TransportKey(Secret::random(key_size));
}

TransportKey TransportKey::load(const std::string& path) {
    return TransportKey(load_key_file(path, KeyKind::transport));
}

void TransportKey::save(const std::string& path) const {
    save_key_file(path, KeyKind::transport, secret_);
}

SealKey::SealKey(Secret secret) : secret_(std::move(secret)) {
    require_size(secret_);
    public_ = public_half<PublicSealKey>(secret_);
}

SealKey SealKey::generate() {
    return SealKey(Secret::random(key_size));
}

SealKey SealKey::load(const std::string& path) {
    return SealKey(load_key_file(path, KeyKind::seal));
}

void SealKey::save(const std::string& path) const {
    save_key_file(path, KeyKind::seal, secret_);
}

std::optional<std::string> SealKey::open(std::string_view sealed) const {
    if (sealed.size() < crypto_box_SEALBYTES) return std::nullopt;
    std::string plain(sealed.size() - crypto_box_SEALBYTES, '\0');
    if (crypto_box_seal_open(reinterpret_cast<unsigned char*>(plain.data()),
                             reinterpret_cast<const unsigned char*>(sealed.data()), sealed.size(), public_.data(),
                             secret_.data()) != 0)
        return std::nullopt;
    return plain;
}

bool KeyRing::exists_in(const std::string& folder) {
    return exists(sign_file(folder)) || exists(transport_file(folder)) || exists(seal_file(folder));
}

KeyRing KeyRing::load(const std::string& folder) {
    return {SigningKey::load(sign_file(folder)), TransportKey::load(transport_file(folder)),
            SealKey::load(seal_file(folder))};
}

KeyRing KeyRing::load_or_make(const std::string& folder) {
    make_private_folder(folder);
    // Two programs may start at once: the second one finds what the first one made.
    const auto only_one = FileLock::acquire(folder + ".lock");
    // The signing key is written last and is the identity: without it a first start was cut short, and what it left
    // was never shown to anybody.
    if (exists(sign_file(folder))) return load(folder);
    for (const auto& unfinished : {transport_file(folder), seal_file(folder)}) remove_file(unfinished);
    KeyRing ring{SigningKey::generate(), TransportKey::generate(), SealKey::generate()};
    ring.transport.save(transport_file(folder));
    ring.seal.save(seal_file(folder));
    ring.sign.save(sign_file(folder));
    return ring;
}

}  // namespace prove
