// Keys, peers and envelopes for the tests of this room: everything comes from fixed seeds, so that bytes are the same
// in every run and can be golden.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include <sodium.h>

#include "proto/crypto.hpp"
#include "proto/enrol.hpp"
#include "proto/envelope.hpp"
#include "proto/identity.hpp"
#include "proto/keyset.hpp"

namespace prove::test {

constexpr std::int64_t now_ms = 1'700'000'000'000;

template <class Fixed>
Fixed filled(std::uint8_t byte) {
    Fixed value;
    value.bytes.fill(byte);
    return value;
}

// An ed25519 key pair and an x25519 key pair from one number.
struct Keys {
    PublicSignKey sign;
    PublicTransportKey transport;
    PublicSealKey seal;
    std::array<unsigned char, 64> sign_secret{};
    std::array<unsigned char, 32> seal_secret{};

    explicit Keys(std::uint8_t number) {
        if (sodium_init() < 0) throw std::runtime_error("sodium_init");
        std::array<unsigned char, 32> seed{};
        seed.fill(number);
        crypto_sign_seed_keypair(sign.data(), sign_secret.data(), seed.data());
        crypto_box_seed_keypair(seal.data(), seal_secret.data(), seed.data());
        seed[0] ^= 0x55;
        std::array<unsigned char, 32> unused{};
        crypto_box_seed_keypair(transport.data(), unused.data(), seed.data());
    }
    KeyId id() const { return key_id_of(sign); }
    Signature sign_bytes(std::string_view bytes) const {
        Signature signature;
        crypto_sign_detached(signature.data(), nullptr, reinterpret_cast<const unsigned char*>(bytes.data()),
                             bytes.size(), sign_secret.data());
        return signature;
    }
    SignBytes signer() const {
        return [this](std::string_view bytes) { return sign_bytes(bytes); };
    }
};

struct KeySigner final : EnvelopeSigner {
    explicit KeySigner(const Keys& keys) : keys_(keys) {}
    KeyId key() const override { return keys_.id(); }
    Signature sign(MessageType type, std::string_view header) const override {
        return keys_.sign_bytes(signed_bytes(type, header));
    }

  private:
    const Keys& keys_;
};

struct KeyOpener final : Opener {
    explicit KeyOpener(const Keys& keys) : keys_(keys) {}
    std::optional<std::string> open(std::string_view sealed) const override {
        if (sealed.size() < crypto_box_SEALBYTES) return std::nullopt;
        std::string plain(sealed.size() - crypto_box_SEALBYTES, '\0');
        if (crypto_box_seal_open(reinterpret_cast<unsigned char*>(plain.data()),
                                 reinterpret_cast<const unsigned char*>(sealed.data()), sealed.size(),
                                 keys_.seal.data(), keys_.seal_secret.data()) != 0)
            return std::nullopt;
        return plain;
    }

  private:
    const Keys& keys_;
};

// A receiver made of plain values, which a test sets as it likes.
struct TestReceiver final : Receiver {
    ClusterId cluster_id = filled<ClusterId>(0xC1);
    bool master = false;
    KeyId own;
    std::uint8_t minimum = 1;
    std::map<KeyId, SenderKey> senders;
    bool takes_sequence = true;

    ClusterId cluster() const override { return cluster_id; }
    bool is_master() const override { return master; }
    KeyId own_key() const override { return own; }
    std::uint8_t minimum_version() const override { return minimum; }
    std::optional<SenderKey> sender(const KeyId& key) const override {
        const auto found = senders.find(key);
        return found == senders.end() ? std::nullopt : std::optional<SenderKey>(found->second);
    }
    bool fresh(const Header&) const override { return takes_sequence; }
};

// One master and one agent that accept each other.
struct Pair {
    Keys master{1};
    Keys agent{2};
    TestReceiver at_agent;
    TestReceiver at_master;
    Arrival from_master;
    Arrival from_agent;

    Pair() {
        at_agent.own = agent.id();
        at_agent.senders[master.id()] = SenderKey{master.sign, true, 7, true};
        at_master.master = true;
        at_master.senders[agent.id()] = SenderKey{agent.sign, true, 0, false};
        from_master.now_ms = from_agent.now_ms = now_ms;
        from_agent.user_id = agent.id();
    }

    Header header_to_agent(MessageType type = MessageType::cancel) const {
        Header header = common_header(type);
        header.audience_kind = AudienceKind::agent;
        header.audience = audience_of(agent.id());
        header.epoch = 7;
        return header;
    }
    Header header_to_master(MessageType type = MessageType::accepted) const {
        Header header = common_header(type);
        header.audience_kind = AudienceKind::master;
        header.audience = audience_of(at_master.cluster_id);
        return header;
    }
    std::vector<std::string> to_agent(const Header& header, std::string payload = "{}") const {
        return frames_of(make_envelope(header, std::move(payload), KeySigner(master)));
    }
    std::vector<std::string> to_master(const Header& header, std::string payload = "{}") const {
        return frames_of(make_envelope(header, std::move(payload), KeySigner(agent)));
    }
    // The header's bytes changed and signed again: a sender whose key is good and whose envelope is not.
    std::vector<std::string> resigned(std::vector<std::string> frames, std::size_t offset, std::uint8_t byte,
                                      const Keys& keys) const {
        frames[0][offset] = static_cast<char>(byte);
        const auto type = static_cast<MessageType>(frames[0][5]);
        frames[1] = keys.sign_bytes(signed_bytes(type, frames[0])).view();
        return frames;
    }
    static std::vector<std::string> frames_of(const Frames& frames) {
        return {frames.header, frames.signature, frames.payload};
    }

  private:
    Header common_header(MessageType type) const {
        Header header;
        header.type = type;
        header.cluster = at_agent.cluster_id;
        header.message = filled<MessageId>(0xAB);
        header.job = JobId(filled<JobId::Raw>(0x0B));
        header.sequence = 41;
        header.issued_ms = now_ms - 1000;
        header.not_after_ms = now_ms + 60'000;
        return header;
    }
};

inline IdentityRecord identity_of(const Keys& keys) {
    IdentityRecord record;
    record.cluster = filled<ClusterId>(0xC1);
    record.sign = keys.sign;
    record.transport = keys.transport;
    record.seal = keys.seal;
    record.machine = filled<Hash>(0x3A);
    record.created_ms = now_ms - 5000;
    record.nonce = filled<IdentityNonce>(0x4E);
    record.name = "web1.example";
    return record;
}

inline RootSet root_set_of(const std::vector<const Keys*>& roots, unsigned threshold) {
    RootSet set;
    set.threshold = threshold;
    for (const auto* keys : roots) set.keys.push_back(keys->sign);
    std::sort(set.keys.begin(), set.keys.end());
    return set;
}

inline KeysetDocument keyset_of(const RootSet& roots, const Keys& online, std::uint64_t version = 3) {
    KeysetDocument keyset;
    keyset.cluster = filled<ClusterId>(0xC1);
    keyset.version = version;
    keyset.expires_ms = now_ms + 1'000'000;
    keyset.roots = roots;
    keyset.online = {OnlineKey{online.sign, 7, now_ms - 1000, now_ms + 500'000}};
    keyset.transport = {online.transport};
    keyset.enrol = Keys(9).transport;
    keyset.minimum_agent = "0.1.0";
    return keyset;
}

inline std::string signed_keyset(const KeysetDocument& keyset, const std::vector<const Keys*>& roots) {
    const std::string document = keyset_document(keyset);
    std::vector<RootSignature> signatures;
    for (const auto* keys : roots) signatures.push_back({keys->id(), keys->sign_bytes(keyset_signed_bytes(document))});
    return assemble_keyset(signatures, document);
}

}  // namespace prove::test
