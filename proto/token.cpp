// Pins and join tokens as text, and the proof that a token's holder gives.
#include "proto/token.hpp"

#include "proto/raw.hpp"
#include "proto/sodium_ready.hpp"

#include <sodium.h>

#include <algorithm>
#include <array>

namespace prove {

namespace {

constexpr std::string_view pin_prefix = "prove-master-";
constexpr std::string_view token_prefix = "prove-join-";
constexpr std::size_t checksum_size = 4;
constexpr std::size_t longest_text = 700;
constexpr std::uint8_t current_format = 1;

// Names and addresses as S87 has them; a colon is for IPv6.
bool is_host(std::string_view host) {
    if (host.empty() || host.size() > 253 || host[0] == '-') return false;
    return std::all_of(host.begin(), host.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
               c == ':' || c == '-';
    });
}

std::string_view checksum_of(const Hash& hash) {
    return hash.view().substr(0, checksum_size);
}

void write(RawWriter& raw, const MasterPin& pin) {
    if (!is_host(pin.host)) throw Error(ErrorKind::invalid, "'" + pin.host + "' is not a host name or address");
    raw.number<1>(current_format);
    raw.bytes(pin.cluster.view());
    raw.bytes(pin.root_set.view());
    raw.bytes(pin.enrol.view());
    raw.number<2>(pin.publish_port);
    raw.number<2>(pin.router_port);
    raw.number<2>(pin.enrol_port);
    raw.number<1>(pin.host.size());
    raw.bytes(pin.host);
}

MasterPin read_pin(RawReader& raw) {
    MasterPin pin;
    if (const auto format = raw.number<1>(); format != current_format)
        throw Error(ErrorKind::invalid, "made by another version of Prove (format " + std::to_string(format) + ")");
    pin.cluster = raw.fixed<ClusterId>();
    pin.root_set = raw.fixed<Hash>();
    pin.enrol = raw.fixed<PublicTransportKey>();
    pin.publish_port = static_cast<std::uint16_t>(raw.number<2>());
    pin.router_port = static_cast<std::uint16_t>(raw.number<2>());
    pin.enrol_port = static_cast<std::uint16_t>(raw.number<2>());
    pin.host = raw.bytes(raw.number<1>());
    if (!is_host(pin.host)) throw Error(ErrorKind::invalid, "the master's host in it is malformed");
    if (pin.publish_port == 0 || pin.router_port == 0 || pin.enrol_port == 0)
        throw Error(ErrorKind::invalid, "a port in it is 0");
    if (!is_fit(pin.enrol)) throw Error(ErrorKind::invalid, "the enrolment key in it is not fit for use");
    return pin;
}

std::string with_checksum(std::string_view prefix, std::string bytes) {
    bytes.append(checksum_of(hash_of(bytes)));
    return std::string(prefix) + to_base32(bytes);
}

// The bytes between prefix and checksum.
std::string checked_bytes(std::string_view text, std::string_view prefix) {
    if (text.size() > longest_text) throw Error(ErrorKind::invalid, "longer than any");
    if (text.substr(0, prefix.size()) != prefix)
        throw Error(ErrorKind::invalid, "expected a text that begins with '" + std::string(prefix) + "'");
    auto bytes = from_base32(text.substr(prefix.size()));
    if (!bytes || bytes->size() < checksum_size)
        throw Error(ErrorKind::invalid, "copied wrongly: a foreign character, or an end cut off");
    const std::string checksum = bytes->substr(bytes->size() - checksum_size);
    bytes->resize(bytes->size() - checksum_size);
    if (checksum != checksum_of(hash_of(*bytes)))
        throw Error(ErrorKind::invalid, "copied wrongly: its checksum does not match");
    return *bytes;
}

template <class Read>
auto read_text(std::string_view text, std::string_view prefix, const char* what, Read read) {
    try {
        const std::string bytes = checked_bytes(text, prefix);
        RawReader raw(bytes);
        auto result = read(raw);
        if (raw.remaining() > 0) throw Error(ErrorKind::invalid, "bytes after its end");
        return result;
    } catch (const Error& error) {
        throw Error(ErrorKind::invalid, std::string("not a ") + what + ": " + error.text());
    }
}

// A key pair in memory that is wiped again.
struct SeedKeys {
    std::array<unsigned char, crypto_sign_PUBLICKEYBYTES> open{};
    std::array<unsigned char, crypto_sign_SECRETKEYBYTES> secret{};

    explicit SeedKeys(const TokenSeed& seed) {
        ensure_sodium();
        crypto_sign_seed_keypair(open.data(), secret.data(), seed.data());
    }
    ~SeedKeys() { sodium_memzero(secret.data(), secret.size()); }
    SeedKeys(const SeedKeys&) = delete;
    SeedKeys& operator=(const SeedKeys&) = delete;
};

std::string proof_bytes(std::string_view identity, const PublicTransportKey& enrol, const ServerNonce& nonce) {
    RawWriter raw;
    raw.bytes(hash_of(identity).view());
    raw.bytes(enrol.view());
    raw.bytes(nonce.view());
    return in_context(SignedKind::token, raw.take());
}

}  // namespace

std::string to_text(const MasterPin& pin) {
    RawWriter raw;
    write(raw, pin);
    return with_checksum(pin_prefix, raw.take());
}

std::string to_text(const JoinToken& token) {
    RawWriter raw;
    write(raw, token.pin);
    raw.bytes(token.id.view());
    raw.bytes(token.seed.view());
    raw.number<8>(static_cast<std::uint64_t>(token.expires_ms));
    return with_checksum(token_prefix, raw.take());
}

MasterPin pin_from_text(std::string_view text) {
    return read_text(text, pin_prefix, "master's pin", read_pin);
}

JoinToken token_from_text(std::string_view text) {
    return read_text(text, token_prefix, "join token", [](RawReader& raw) {
        JoinToken token;
        token.pin = read_pin(raw);
        token.id = raw.fixed<TokenId>();
        token.seed = raw.fixed<TokenSeed>();
        token.expires_ms = static_cast<std::int64_t>(raw.number<8>());
        if (token.expires_ms <= 0) throw Error(ErrorKind::invalid, "its expiry is malformed");
        return token;
    });
}

PublicSignKey public_key_of(const TokenSeed& seed) {
    const SeedKeys keys(seed);
    return *PublicSignKey::from({reinterpret_cast<const char*>(keys.open.data()), keys.open.size()});
}

Signature token_proof(const TokenSeed& seed, std::string_view identity, const PublicTransportKey& enrol,
                      const ServerNonce& nonce) {
    const SeedKeys keys(seed);
    const std::string bytes = proof_bytes(identity, enrol, nonce);
    Signature signature;
    if (crypto_sign_detached(signature.data(), nullptr, reinterpret_cast<const unsigned char*>(bytes.data()),
                             bytes.size(), keys.secret.data()) != 0)
        throw Error(ErrorKind::internal, "a token's proof could not be signed");
    return signature;
}

bool token_proof_holds(const Signature& proof, const PublicSignKey& token, std::string_view identity,
                       const PublicTransportKey& enrol, const ServerNonce& nonce) {
    return signature_holds(proof, proof_bytes(identity, enrol, nonce), token);
}

}  // namespace prove
