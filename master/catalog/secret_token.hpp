// The ciphertext that stands after `!secret`: "prove1.KEY.BASE64", where KEY is the first 8 hex digits of the hash of
// the public key that it was made with, and BASE64 a sealed box (S91, S94a). It knows its own end, so that tools can
// find it in a file of any format.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/keys/keys.hpp"
#include "proto/secret_text.hpp"

namespace prove {

// What a key is called in ciphertexts and messages.
std::string secret_key_name(const PublicSealKey& key);
// "prove-secret-key-" and the key in hex, as prove.yml has it. Reading throws Error(invalid).
std::string secret_key_text(const PublicSealKey& key);
PublicSealKey secret_key_from(const std::string& text);

std::string encrypt_secret(std::string_view plain, const PublicSealKey& key);

// The name of the key that this was made with; nullopt where it is no ciphertext.
std::optional<std::string> key_of_secret(std::string_view ciphertext);

// Where ciphertexts stand in a text of any format.
struct FoundSecret {
    std::size_t begin = 0, size = 0;
};
std::vector<FoundSecret> find_secrets(std::string_view text);

// Private keys: the one in force, and the one before it, which opens what a catalog in force may still hold while
// `prove-cli secret rotate` goes through it. Immutable once made; for any thread.
class SecretKeys {
  public:
    SecretKeys() = default;
    // The key in `path`, and that in `path`.old where there is one. Throws Error(missing) and as SealKey::load().
    static SecretKeys load(const std::string& path);
    const PublicSealKey& public_key() const { return keys_.front().public_key(); }
    // All of a table of ciphertexts.
    SecretTable decrypt(const SecretTable& ciphertexts) const;
    // Throws Error(invalid) for what is no ciphertext or was changed, Error(missing) where its key is not here.
    std::string decrypt(std::string_view ciphertext) const;

  private:
    std::vector<SealKey> keys_;
};

// The secrets of a run, to be sent with it. The key file is read only where there are any. Throws Error.
SecretTable opened_secrets(const SecretTable& ciphertexts, const std::string& key_path);

}  // namespace prove
