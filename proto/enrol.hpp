// Enrolment on the wire: payloads of types 13 and 14, in envelopes on the enrolment socket. Fixed binary layouts, since
// both ends meet strangers here: what is needed to check a signature is found without a parser (S1, S12).
//
// Request: identity record | token id 8 | server nonce 32 | proof 64    (the last three zero without a token)
// Reply:   status 1 | nonce 32 | root set length 2, bytes | keyset length 4, bytes | text length 2, text
//
// An agent asks with its token's id and no nonce, is answered `challenge` with a nonce, and asks again with the proof.
// Without a token it is answered `pending` until an operator decides, and asks again every now and then. Each reply
// carries root set and keyset, since the agent has nothing else to check the master's signature with: the root set must
// hash to what the agent has pinned, the keyset must be signed by it, and the envelope by a key of the keyset (S27).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "proto/envelope.hpp"
#include "proto/identity.hpp"
#include "proto/keyset.hpp"
#include "proto/token.hpp"

namespace prove {

struct EnrolRequest {
    std::string identity;  // the record's bytes, as make_identity() made them
    TokenId token;         // zero: none
    ServerNonce nonce;     // zero: none yet
    Signature proof;       // zero: none yet
};
std::string to_bytes(const EnrolRequest& request);

struct EnrolReply {
    enum class Status : std::uint8_t { challenge = 1, pending = 2, accepted = 3, rejected = 4 };
    Status status = Status::pending;
    ServerNonce nonce;     // for challenge
    std::string root_set;  // root_set_bytes()
    std::string keyset;    // signed keyset
    std::string text;      // the assigned name for accepted, the reason for rejected
};
const char* name_of(EnrolReply::Status status);
std::string to_bytes(const EnrolReply& reply);
EnrolReply enrol_reply_from(std::string_view bytes);  // layout only; throws Error(invalid)

// The master's side: a request whose envelope, record and connection agree. `curve` is the client key of the
// connection. Whether token, nonce and proof are good is asked of whoever keeps the tokens.
struct ReceivedRequest {
    IdentityRecord identity;
    EnrolRequest request;
};
struct RequestResult {
    std::optional<ReceivedRequest> received;
    std::string refusal;  // where empty; a fixed text without anything of the peer's
};
RequestResult receive_request(const std::vector<std::string>& frames, const ClusterId& cluster,
                              const PublicTransportKey& curve, std::int64_t now_ms);

// The agent's side: a reply that the pinned master made for this agent. Throws Error(refused) otherwise.
struct ReceivedReply {
    EnrolReply reply;
    RootSet roots;
    KeysetDocument keyset;
};
ReceivedReply receive_reply(const std::vector<std::string>& frames, const MasterPin& pin, const KeyId& own_key,
                            std::int64_t now_ms);

}  // namespace prove
