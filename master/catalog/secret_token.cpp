// See secret_token.hpp.
#include "master/catalog/secret_token.hpp"

#include "common/files/files.hpp"
#include "common/text/text.hpp"
#include "proto/messages.hpp"

namespace prove {

namespace {

constexpr std::string_view begins = "prove1.";
constexpr std::size_t name_size = 8;
constexpr std::string_view key_begins = "prove-secret-key-";
constexpr std::string_view hex_digits = "0123456789abcdef";
constexpr std::string_view base64_digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

// The length of the ciphertext at the begin of this text; 0 where there is none.
std::size_t size_at_begin(std::string_view text) {
    std::size_t at = begins.size() + name_size;
    if (text.size() <= at || text.substr(0, begins.size()) != begins || text[at] != '.') return 0;
    if (text.substr(begins.size(), name_size).find_first_not_of(hex_digits) != std::string_view::npos) return 0;
    const std::size_t data = ++at;
    at = std::min(text.find_first_not_of(base64_digits, at), text.size());
    for (int i = 0; i < 2 && at < text.size() && text[at] == '='; ++i) ++at;
    return (at - data) % 4 == 0 && at > data ? at : 0;
}

}  // namespace

std::string secret_key_name(const PublicSealKey& key) {
    return hash_of("prove.secretkey.v1" + std::string(key.view())).hex().substr(0, name_size);
}

std::string secret_key_text(const PublicSealKey& key) {
    return std::string(key_begins) + key.hex();
}

PublicSealKey secret_key_from(const std::string& text) {
    const bool well_begun = text.rfind(key_begins, 0) == 0;
    const auto key = well_begun ? PublicSealKey::from_hex_text(text.substr(key_begins.size())) : std::nullopt;
    if (!key || !is_fit(*key))
        throw Error(ErrorKind::invalid,
                    "expected a key such as 'prove-cli secret init' makes it, 'prove-secret-key-...'");
    return *key;
}

std::string encrypt_secret(std::string_view plain, const PublicSealKey& key) {
    return std::string(begins) + secret_key_name(key) + "." + to_base64(seal(plain, key));
}

std::optional<std::string> key_of_secret(std::string_view ciphertext) {
    if (ciphertext.empty() || size_at_begin(ciphertext) != ciphertext.size()) return std::nullopt;
    return std::string(ciphertext.substr(begins.size(), name_size));
}

std::vector<FoundSecret> find_secrets(std::string_view text) {
    std::vector<FoundSecret> found;
    for (std::size_t at = text.find(begins); at != std::string_view::npos; at = text.find(begins, at)) {
        const std::size_t size = size_at_begin(text.substr(at));
        if (size > 0) found.push_back({at, size});
        at += std::max<std::size_t>(size, 1);
    }
    return found;
}

SecretKeys SecretKeys::load(const std::string& path) {
    SecretKeys keys;
    keys.keys_.push_back(SealKey::load(path));
    if (exists(path + ".old")) keys.keys_.push_back(SealKey::load(path + ".old"));
    return keys;
}

SecretTable SecretKeys::decrypt(const SecretTable& ciphertexts) const {
    SecretTable secrets;
    for (const auto& [mark, ciphertext] : ciphertexts) secrets.emplace(mark, decrypt(ciphertext));
    return secrets;
}

std::string SecretKeys::decrypt(std::string_view ciphertext) const {
    const auto name = key_of_secret(ciphertext);
    if (!name) throw Error(ErrorKind::invalid, "this is not what 'prove-cli secret encrypt' prints");
    for (const SealKey& key : keys_) {
        if (secret_key_name(key.public_key()) != *name) continue;
        if (auto plain = key.open(from_base64(ciphertext.substr(begins.size() + name_size + 1))))
            return std::move(*plain);
        throw Error(ErrorKind::invalid, "a secret was changed after it was made, or only a part of it was copied");
    }
    throw Error(ErrorKind::missing, "the private key " + *name + ", which a secret was made for, is not here");
}

SecretTable opened_secrets(const SecretTable& ciphertexts, const std::string& key_path) {
    if (ciphertexts.empty()) return {};
    if (!exists(key_path))
        throw Error(ErrorKind::missing, "these states need " + counted(ciphertexts.size(), "secret") +
                                            ", and the private key that opens them is not there: " + key_path);
    return SecretKeys::load(key_path).decrypt(ciphertexts);
}

}  // namespace prove
