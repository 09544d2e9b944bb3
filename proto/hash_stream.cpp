// libsodium's streaming BLAKE2b.
#include "proto/hash_stream.hpp"

#include <sodium.h>

#include "proto/sodium_ready.hpp"

namespace prove {

struct HashStream::State {
    crypto_generichash_state hash;
};

HashStream::HashStream() : state_(std::make_unique<State>()) {
    ensure_sodium();
    crypto_generichash_init(&state_->hash, nullptr, 0, Hash::size);
}

HashStream::~HashStream() = default;

void HashStream::add(std::string_view bytes) {
    crypto_generichash_update(&state_->hash, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
}

Hash HashStream::finish() {
    Hash hash;
    crypto_generichash_final(&state_->hash, hash.data(), Hash::size);
    return hash;
}

std::string sha256_of(std::string_view bytes) {
    Bytes<32, struct Sha256Tag> hash;
    crypto_hash_sha256(hash.data(), reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
    return hash.hex();
}

}  // namespace prove
