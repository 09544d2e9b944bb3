// Making envelopes: the header's bytes, audiences, signature. verify.cpp is the other half.
#include "proto/envelope.hpp"

#include "proto/crypto.hpp"
#include "proto/message_rules.hpp"
#include "proto/raw.hpp"

#include <algorithm>
#include <functional>

namespace prove {

namespace {

using Audience = Bytes<32, struct AudienceTag>;
constexpr std::size_t most_in_list = 256;

Audience padded_audience(std::string_view id) {
    Audience audience;
    std::copy(id.begin(), id.end(), audience.bytes.begin());
    return audience;
}

std::string list_bytes(const std::vector<KeyId>& sorted) {
    std::string bytes;
    for (const auto& key : sorted) bytes.append(key.view());
    return bytes;
}

}  // namespace

Audience audience_of(const KeyId& agent) {
    return padded_audience(agent.view());
}
Audience audience_of(const ClusterId& cluster) {
    return padded_audience(cluster.view());
}
Audience audience_of(const std::vector<KeyId>& sorted) {
    return *Audience::from(hash_of(list_bytes(sorted)).view());
}

std::string with_audience_list(const std::vector<KeyId>& sorted, std::string_view body) {
    const bool rising = std::adjacent_find(sorted.begin(), sorted.end(), std::greater_equal<>()) == sorted.end();
    // An empty list never means "all" (S8).
    if (sorted.empty() || sorted.size() > most_in_list || !rising)
        throw Error(ErrorKind::internal, "an audience list holds 1 to 256 sorted key ids, each once");
    RawWriter raw;
    raw.number<2>(sorted.size());
    raw.bytes(list_bytes(sorted));
    raw.bytes(body);
    return raw.take();
}

std::string encode_header(const Header& header) {
    RawWriter raw;
    raw.bytes("PRV1");
    raw.number<1>(header.version);
    raw.number<1>(static_cast<std::uint8_t>(header.type));
    raw.number<2>((header.sealed ? 1u : 0u) | (header.dry_run ? 2u : 0u));
    raw.bytes(header.sender.view());
    raw.number<1>(static_cast<std::uint8_t>(header.audience_kind));
    raw.zeros(7);
    raw.bytes(header.audience.view());
    raw.bytes(header.cluster.view());
    raw.bytes(header.message.view());
    raw.bytes(header.job.raw().view());
    raw.number<4>(header.epoch);
    raw.zeros(4);
    raw.number<8>(header.sequence);
    raw.number<8>(static_cast<std::uint64_t>(header.issued_ms));
    raw.number<8>(static_cast<std::uint64_t>(header.not_after_ms));
    raw.number<4>(header.payload_size);
    raw.zeros(4);
    raw.bytes(header.payload_hash.view());
    return raw.take();
}

Frames make_envelope(Header header, std::string payload, const EnvelopeSigner& signer) {
    const std::size_t list =
        header.audience_kind == AudienceKind::list ? 2 + KeyId::size * RawReader(payload).number<2>() : 0;
    if (payload.empty()) throw Error(ErrorKind::internal, "an envelope without a payload");
    if (payload.size() > payload_limit(header.type) + list)
        throw Error(ErrorKind::full, std::string("the payload of a ") + name_of(header.type) + " is " +
                                         std::to_string(payload.size()) + " bytes, which is over its limit of " +
                                         std::to_string(payload_limit(header.type)));
    header.sender = signer.key();
    header.payload_size = static_cast<std::uint32_t>(payload.size());
    header.payload_hash = hash_of(payload);
    Frames frames;
    frames.header = encode_header(header);
    frames.signature = signer.sign(header.type, frames.header).view();
    frames.payload = std::move(payload);
    return frames;
}

Value read_body(MessageType type, std::string_view plain) {
    JsonLimits limits =
        type == MessageType::staterun || type == MessageType::result ? JsonLimits::state_run() : JsonLimits();
    limits.bytes = payload_limit(type);
    return read_json(plain, limits);
}

Value read_body(const Verified& verified) {
    const Header& header = verified.header();
    if (header.sealed) throw Error(ErrorKind::internal, "a sealed payload is opened before it is read");
    return with_context([&] { return std::string("reading a ") + name_of(header.type); },
                        [&] { return read_body(header.type, verified.payload()); });
}

}  // namespace prove
