// The envelope of security.md section 6: a fixed binary header of 184 bytes, a signature, a payload. Everything here
// works on raw bytes: nothing in an envelope is parsed before verify() has let it through, and only verify() can make a
// Verified. Pure: no I/O, no clock; time comes in as a number.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "proto/ids.hpp"
#include "proto/value.hpp"

namespace prove {

using PublicSignKey = Bytes<32, struct PublicSignKeyTag>;
using PublicTransportKey = Bytes<32, struct PublicTransportKeyTag>;
using PublicSealKey = Bytes<32, struct PublicSealKeyTag>;
using Signature = Bytes<64, struct SignatureTag>;

enum class MessageType : std::uint8_t {
    command = 1,
    staterun = 2,
    cancel = 3,
    heartbeat = 4,
    keyset = 5,
    hello = 6,
    welcome = 7,
    accepted = 8,
    result = 9,
    event = 10,
    file_request = 11,
    file_chunk = 12,
    enrol_request = 13,
    enrol_reply = 14,
    rotate = 15,
    stored = 16,
    announcement = 17,
    late_request = 18,
    late_piece = 19,
    fetch = 20,
    run_request = 21,
    run_reply = 22,
    schedules = 23,
};
const char* name_of(MessageType type);  // "staterun", "file_request": part of the signing context

enum class AudienceKind : std::uint8_t { agent = 1, list = 2, all = 3, master = 4 };

struct Header {
    static constexpr std::size_t size = 184;
    std::uint8_t version = 1;
    MessageType type = MessageType::heartbeat;
    bool sealed = false;
    bool dry_run = false;
    KeyId sender;
    AudienceKind audience_kind = AudienceKind::master;
    Bytes<32, struct AudienceTag> audience;  // see audience_of_*
    ClusterId cluster;
    MessageId message;
    JobId job;                // or zero
    std::uint32_t epoch = 0;  // of the signing key's keyset; 0 from agents
    std::uint64_t sequence = 0;
    std::int64_t issued_ms = 0;
    std::int64_t not_after_ms = 0;
    std::uint32_t payload_size = 0;  // filled by seal_envelope
    Hash payload_hash;               // filled by seal_envelope
};
Bytes<32, struct AudienceTag> audience_of(const KeyId& agent);
Bytes<32, struct AudienceTag> audience_of(const ClusterId& cluster);  // for all and for master
Bytes<32, struct AudienceTag> audience_of(const std::vector<KeyId>& sorted);

// The three frames that cross the wire (a PUB topic stands before them and is not part of the envelope).
struct Frames {
    std::string header;
    std::string signature;
    std::string payload;
};

// Signs with a secret key that stays where it is: the agent's key, or the master's Signer (a process of its own later).
struct EnvelopeSigner {
    virtual ~EnvelopeSigner() = default;
    virtual KeyId key() const = 0;
    virtual Signature sign(MessageType type, std::string_view header) const = 0;
};
// What an EnvelopeSigner signs, ed25519 detached: 32 bytes of context ("prove.v1.<type name>", zero-padded), then the
// header (S41).
std::string signed_bytes(MessageType type, std::string_view header);
// Fills in payload size and hash and the signer's key, encodes and signs. Throws Error(full) where the payload is over
// the type's limit, and Error(internal) where it is empty.
Frames make_envelope(Header header, std::string payload, const EnvelopeSigner& signer);
// The payload of an envelope with audience kind `list`: count 2, the sorted key ids 16 each, then the body (S43).
std::string with_audience_list(const std::vector<KeyId>& sorted, std::string_view body);

// What a receiver knows of one sender key.
struct SenderKey {
    PublicSignKey sign;
    bool accepted = false;    // pending, rejected, revoked and conflict keys are not
    std::uint32_t epoch = 0;  // expected in the header; 0 for agents
    bool is_master = false;
};
// What a receiver is, and what it has seen; looked up by verify() in the order of S44.
struct Receiver {
    virtual ~Receiver() = default;
    virtual ClusterId cluster() const = 0;
    virtual bool is_master() const = 0;
    virtual KeyId own_key() const = 0;  // of an agent
    virtual std::uint8_t minimum_version() const = 0;
    virtual std::optional<SenderKey> sender(const KeyId& key) const = 0;
    // Replay (section 7): false where this sequence must not be taken. Asked last, with a verified header.
    virtual bool fresh(const Header& header) const = 0;
};

// What may be known about a message before it is verified: the connection it came by.
struct Arrival {
    std::optional<KeyId> user_id;  // what ZAP said; agents have none for their master
    enum class Socket { main, publish, enrol } socket = Socket::main;
    std::int64_t now_ms = 0;  // trusted time
};

// Why an envelope was refused, as a fixed text for counters and logs ("bad signature").
enum class Refusal {
    frame_count,
    header_size,
    signature_size,
    payload_size,
    magic,
    version,
    unknown_type,
    type_not_allowed,
    flags,
    padding,
    cluster,
    audience,
    audience_list,
    unknown_sender,
    sender_not_accepted,
    sender_not_user,
    signature,
    payload_hash,
    epoch,
    issued_in_future,
    lifetime,
    expired,
    replay,
};
const char* name_of(Refusal refusal);

// Proof that bytes went through verify(). Parsers of payloads take this and nothing else.
class Verified {
  public:
    const Header& header() const { return header_; }
    // The payload as signed (still sealed where the header says so), without the audience list of kind 2.
    const std::string& payload() const { return payload_; }
    const std::vector<KeyId>& audience_list() const { return audience_list_; }

  private:
    friend class EnvelopeVerifier;
    Verified() = default;
    Header header_;
    std::string payload_;
    std::vector<KeyId> audience_list_;
};

struct VerifyResult {
    std::optional<Verified> verified;
    Refusal refusal = Refusal::frame_count;  // where verified is empty
};
// The checks of S44, in that order; the first failure ends it. `frames` are what arrived, without a topic.
VerifyResult verify(const std::vector<std::string>& frames, const Arrival& arrival, const Receiver& receiver);

// Sealing (S61): crypto_box_seal to one agent.
std::string seal(std::string_view plain, const PublicSealKey& key);
// Opening is asked of whoever holds the secret key.
struct Opener {
    virtual ~Opener() = default;
    virtual std::optional<std::string> open(std::string_view sealed) const = 0;
};

// The body of a verified, unsealed JSON message, under the limits of its type; `plain` for one that was opened.
Value read_body(const Verified& verified);
Value read_body(MessageType type, std::string_view plain);

// Largest payload and longest lifetime of a type (sections 9 and 15).
std::size_t payload_limit(MessageType type);
std::int64_t lifetime_limit_ms(MessageType type);

// Reading and writing the header alone: used by verify, the golden tests and fuzzers.
std::string encode_header(const Header& header);

}  // namespace prove
