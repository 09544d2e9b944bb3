// Identity records as bytes.
#include "proto/identity.hpp"

#include "proto/raw.hpp"

namespace prove {

namespace {

std::string unsigned_bytes(const IdentityRecord& record) {
    RawWriter raw;
    raw.bytes(record.cluster.view());
    raw.bytes(record.sign.view());
    raw.bytes(record.transport.view());
    raw.bytes(record.seal.view());
    raw.bytes(record.machine.view());
    raw.number<8>(static_cast<std::uint64_t>(record.created_ms));
    raw.bytes(record.nonce.view());
    raw.number<1>(record.name.size());
    raw.bytes(record.name);
    return raw.take();
}

void check_keys(const IdentityRecord& record) {
    if (!is_fit(record.sign)) throw Error(ErrorKind::refused, "identity record: the signing key is not fit for use");
    if (!is_fit(record.transport))
        throw Error(ErrorKind::refused, "identity record: the transport key is not fit for use");
    if (!is_fit(record.seal)) throw Error(ErrorKind::refused, "identity record: the sealing key is not fit for use");
    // Three pairs, none made from another (S11); one key in two places means that somebody did.
    if (record.transport.view() == record.seal.view())
        throw Error(ErrorKind::refused, "identity record: the transport key is also the sealing key");
}

}  // namespace

std::string make_identity(const IdentityRecord& record, const SignBytes& sign) {
    if (!is_target_name(record.name))
        throw Error(ErrorKind::invalid, "'" + record.name +
                                            "' cannot be an agent's name; expected lower-case letters, digits, '.', "
                                            "'_' and '-', beginning and ending with a letter or digit");
    const std::string bytes = unsigned_bytes(record);
    return bytes + std::string(sign(in_context(SignedKind::identity, bytes)).view());
}

LeadingIdentity read_leading_identity(std::string_view bytes) {
    RawReader raw(bytes);
    LeadingIdentity result;
    IdentityRecord& record = result.record;
    record.cluster = raw.fixed<ClusterId>();
    record.sign = raw.fixed<PublicSignKey>();
    record.transport = raw.fixed<PublicTransportKey>();
    record.seal = raw.fixed<PublicSealKey>();
    record.machine = raw.fixed<Hash>();
    record.created_ms = static_cast<std::int64_t>(raw.number<8>());
    record.nonce = raw.fixed<IdentityNonce>();
    record.name = raw.bytes(raw.number<1>());
    const std::size_t signed_size = bytes.size() - raw.remaining();
    const auto signature = raw.fixed<Signature>();
    result.size = signed_size + Signature::size;

    check_keys(record);
    if (!signature_holds(signature, in_context(SignedKind::identity, bytes.substr(0, signed_size)), record.sign))
        throw Error(ErrorKind::refused, "identity record: the signature does not hold");
    if (!is_target_name(record.name)) throw Error(ErrorKind::invalid, "identity record: malformed name");
    if (record.created_ms < 0) throw Error(ErrorKind::invalid, "identity record: created before 1970");
    return result;
}

IdentityRecord read_identity(std::string_view bytes) {
    auto leading = read_leading_identity(bytes);
    if (leading.size != bytes.size()) throw Error(ErrorKind::invalid, "identity record: bytes after its end");
    return std::move(leading.record);
}

}  // namespace prove
