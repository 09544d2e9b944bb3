// Enrolment messages: layouts, and how each end checks what came from a peer it does not know yet.
#include "proto/enrol.hpp"

#include "proto/raw.hpp"

namespace prove {

namespace {

constexpr std::size_t most_identity = 600;
constexpr std::size_t most_text = 1024;
constexpr std::size_t payload_frame = 2;

EnrolRequest request_rest(std::string_view payload, std::size_t identity_size) {
    RawReader raw(payload);
    EnrolRequest request;
    request.identity = raw.bytes(identity_size);
    request.token = raw.fixed<TokenId>();
    request.nonce = raw.fixed<ServerNonce>();
    request.proof = raw.fixed<Signature>();
    if (raw.remaining() > 0) throw Error(ErrorKind::invalid, "enrol request: bytes after its end");
    // A nonce and a proof belong together, and to a token.
    if (request.nonce.is_zero() != request.proof.is_zero() || (request.token.is_zero() && !request.nonce.is_zero()))
        throw Error(ErrorKind::invalid, "enrol request: token, nonce and proof do not fit together");
    return request;
}

// The master as it receives from a peer whose only credential is the identity record in the message itself.
class RequestReceiver final : public Receiver {
  public:
    RequestReceiver(const ClusterId& cluster, const IdentityRecord& identity)
        : cluster_(cluster), identity_(identity) {}
    ClusterId cluster() const override { return cluster_; }
    bool is_master() const override { return true; }
    KeyId own_key() const override { return {}; }
    std::uint8_t minimum_version() const override { return 1; }
    std::optional<SenderKey> sender(const KeyId& key) const override {
        if (key != identity_.key_id()) return std::nullopt;
        return SenderKey{identity_.sign, true, 0, false};
    }
    // A repeated request changes nothing; what must not repeat is bound to the server's nonce (S23).
    bool fresh(const Header&) const override { return true; }

  private:
    const ClusterId& cluster_;
    const IdentityRecord& identity_;
};

// The agent as it receives from a master whose keyset came with the message, and was checked against the pin.
class ReplyReceiver final : public Receiver {
  public:
    ReplyReceiver(const KeysetDocument& keyset, const KeyId& own_key, std::int64_t now_ms)
        : keyset_(keyset), own_key_(own_key), now_ms_(now_ms) {}
    ClusterId cluster() const override { return keyset_.cluster; }
    bool is_master() const override { return false; }
    KeyId own_key() const override { return own_key_; }
    std::uint8_t minimum_version() const override { return static_cast<std::uint8_t>(keyset_.minimum_protocol); }
    std::optional<SenderKey> sender(const KeyId& key) const override {
        const OnlineKey* const online = keyset_.online_key(key, now_ms_);
        if (online == nullptr) return std::nullopt;
        return SenderKey{online->key, true, online->epoch, true};
    }
    // The agent keeps no journal yet. A replayed reply is one that this master once made for this key; what it grants
    // is granted again, or refused, at the main sockets.
    bool fresh(const Header&) const override { return true; }

  private:
    const KeysetDocument& keyset_;
    const KeyId own_key_;
    const std::int64_t now_ms_;
};

// Sizes before anything else looks at a stranger's bytes (S44).
bool sizes_fit(const std::vector<std::string>& frames, MessageType type) {
    return frames.size() == 3 && frames[0].size() == Header::size && frames[1].size() == Signature::size &&
           frames[payload_frame].size() <= payload_limit(type);
}

EnrolReply::Status status_from(std::uint64_t number) {
    if (number < 1 || number > 4) throw Error(ErrorKind::invalid, "enrol reply: unknown status");
    return static_cast<EnrolReply::Status>(number);
}

}  // namespace

std::string to_bytes(const EnrolRequest& request) {
    if (request.identity.size() > most_identity) throw Error(ErrorKind::internal, "an identity record too long");
    RawWriter raw;
    raw.bytes(request.identity);
    raw.bytes(request.token.view());
    raw.bytes(request.nonce.view());
    raw.bytes(request.proof.view());
    return raw.take();
}

const char* name_of(EnrolReply::Status status) {
    switch (status) {
        case EnrolReply::Status::challenge:
            return "challenge";
        case EnrolReply::Status::pending:
            return "pending";
        case EnrolReply::Status::accepted:
            return "accepted";
        case EnrolReply::Status::rejected:
            return "rejected";
    }
    return "rejected";
}

std::string to_bytes(const EnrolReply& reply) {
    RawWriter raw;
    raw.number<1>(static_cast<std::uint8_t>(reply.status));
    raw.bytes(reply.nonce.view());
    raw.number<2>(reply.root_set.size());
    raw.bytes(reply.root_set);
    raw.number<4>(reply.keyset.size());
    raw.bytes(reply.keyset);
    const std::string text = reply.text.substr(0, most_text);
    raw.number<2>(text.size());
    raw.bytes(text);
    return raw.take();
}

EnrolReply enrol_reply_from(std::string_view bytes) {
    RawReader raw(bytes);
    EnrolReply reply;
    reply.status = status_from(raw.number<1>());
    reply.nonce = raw.fixed<ServerNonce>();
    reply.root_set = raw.bytes(raw.number<2>());
    reply.keyset = raw.bytes(raw.number<4>());
    reply.text = raw.bytes(raw.number<2>());
    if (raw.remaining() > 0) throw Error(ErrorKind::invalid, "enrol reply: bytes after its end");
    if (reply.text.size() > most_text) throw Error(ErrorKind::invalid, "enrol reply: its text is too long");
    if ((reply.status == EnrolReply::Status::challenge) == reply.nonce.is_zero())
        throw Error(ErrorKind::invalid, "enrol reply: a challenge has a nonce, and nothing else has one");
    if (reply.status == EnrolReply::Status::accepted && !is_target_name(reply.text))
        throw Error(ErrorKind::invalid, "enrol reply: malformed name");
    return reply;
}

RequestResult receive_request(const std::vector<std::string>& frames, const ClusterId& cluster,
                              const PublicTransportKey& curve, std::int64_t now_ms) {
    if (!sizes_fit(frames, MessageType::enrol_request)) return {std::nullopt, "wrong size"};
    try {
        const std::string_view payload = frames[payload_frame];
        auto leading = read_leading_identity(payload);
        const RequestReceiver receiver(cluster, leading.record);
        Arrival arrival;
        arrival.socket = Arrival::Socket::enrol;
        arrival.now_ms = now_ms;
        const auto result = verify(frames, arrival, receiver);
        if (!result.verified) return {std::nullopt, name_of(result.refusal)};
        if (leading.record.cluster != cluster) return {std::nullopt, "identity record of another cluster"};
        // S12: the key that CURVE has proved, not one that is only written down.
        if (leading.record.transport != curve) return {std::nullopt, "transport key is not the connection's"};
        auto request = request_rest(payload, leading.size);
        return {ReceivedRequest{std::move(leading.record), std::move(request)}, ""};
    } catch (const Error& error) {
        return {std::nullopt, error.text()};
    }
}

ReceivedReply receive_reply(const std::vector<std::string>& frames, const MasterPin& pin, const KeyId& own_key,
                            std::int64_t now_ms) {
    if (!sizes_fit(frames, MessageType::enrol_reply)) throw Error(ErrorKind::refused, "enrol reply: wrong size");
    ReceivedReply received;
    received.reply = enrol_reply_from(frames[payload_frame]);
    received.roots = root_set_from(received.reply.root_set);
    if (root_set_hash(received.roots) != pin.root_set)
        throw Error(ErrorKind::refused,
                    "the master's root keys are not the ones that are pinned here; either this is "
                    "another master, or it was set up anew: compare fingerprints, then use a new "
                    "join token");
    received.keyset = read_keyset(received.reply.keyset, received.roots, pin.cluster);
    if (now_ms > received.keyset.expires_ms) throw Error(ErrorKind::refused, "the master's keyset has expired");
    Arrival arrival;
    arrival.socket = Arrival::Socket::enrol;
    arrival.now_ms = now_ms;
    const auto result = verify(frames, arrival, ReplyReceiver(received.keyset, own_key, now_ms));
    if (!result.verified)
        throw Error(ErrorKind::refused, std::string("the master's reply was refused: ") + name_of(result.refusal));
    return received;
}

}  // namespace prove
