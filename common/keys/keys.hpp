// The key pairs of an agent and of a master, and their files. A secret key never leaves its class: what it does is done
// here (sign, open), but for the transport's, which libzmq wants to have. Each pair is drawn for itself (S11). Keys do
// not change once made, so any thread may use one.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "common/keys/secret.hpp"
#include "proto/crypto.hpp"
#include "proto/envelope.hpp"

namespace prove {

// ed25519.
class SigningKey {
  public:
    static SigningKey generate();
    // From the 32 bytes of a seed: a join token's (S21).
    static SigningKey from_seed(Secret seed);
    static SigningKey load(const std::string& path);
    void save(const std::string& path) const;

    const PublicSignKey& public_key() const { return public_; }
    KeyId key_id() const { return key_id_of(public_); }
    // The bytes as they are: whoever calls has put their context before them (in_context(), signed_bytes(); S41).
    Signature sign(std::string_view bytes) const;
    // The same as a function, which borrows this key.
    SignBytes signer() const;
    // What a token carries. Handle with care.
    const Secret& seed() const { return seed_; }

  private:
    explicit SigningKey(Secret seed);
    Secret seed_, secret_;
    PublicSignKey public_;
};

// Signs envelopes with a key that it borrows, each type in its own context (S41).
class KeyEnvelopeSigner final : public EnvelopeSigner {
  public:
    explicit KeyEnvelopeSigner(const SigningKey& key) : key_(key) {}
    KeyId key() const override { return key_.key_id(); }
    Signature sign(MessageType type, std::string_view header) const override {
        return key_.sign(signed_bytes(type, header));
    }

  private:
    const SigningKey& key_;
};

// curve25519, for CURVE.
class TransportKey {
  public:
    static TransportKey generate();
    static TransportKey load(const std::string& path);
    void save(const std::string& path) const;
    const PublicTransportKey& public_key() const { return public_; }
    const Secret& secret() const { return secret_; }  // 32 bytes, for the transport alone

  private:
    explicit TransportKey(Secret secret);
    Secret secret_;
    PublicTransportKey public_;
};

// x25519: opens what was sealed to its public half (S61).
class SealKey final : public Opener {
  public:
    static SealKey generate();
    static SealKey load(const std::string& path);
    void save(const std::string& path) const;
    const PublicSealKey& public_key() const { return public_; }
    // nullopt where it was not sealed to this key, or was changed.
    std::optional<std::string> open(std::string_view sealed) const override;

  private:
    explicit SealKey(Secret secret);
    Secret secret_;
    PublicSealKey public_;
};

// The three of an agent or a master in one folder (S11): sign.key, transport.key, seal.key.
struct KeyRing {
    SigningKey sign;
    TransportKey transport;
    SealKey seal;
    // Throws Error(refused) where the folder or a file is open to others (S94), Error(missing) where one is not there.
    static KeyRing load(const std::string& folder);
    // A first start that was cut short is begun again: sign.key is written last, and without it nobody knows the
    // others.
    static KeyRing load_or_make(const std::string& folder);
    static bool exists_in(const std::string& folder);
};

}  // namespace prove
