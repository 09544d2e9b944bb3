// Keysets: signatures over raw bytes first, then the document.
#include "proto/keyset.hpp"

#include "proto/raw.hpp"
#include "proto/wire.hpp"
#include "proto/wire_ids.hpp"

#include <algorithm>
#include <functional>

namespace prove {

namespace {

constexpr std::size_t most_roots = 16;
constexpr std::size_t most_online = 16;
constexpr std::size_t most_revoked = 1'000;
constexpr std::size_t most_bytes = 60u << 10;  // fits an envelope of type keyset and an enrolment's reply

[[noreturn]] void malformed(const std::string& why) {
    throw Error(ErrorKind::invalid, "keyset: " + why);
}
[[noreturn]] void refuse(const std::string& why) {
    throw Error(ErrorKind::refused, "keyset: " + why);
}

// Throws unless the set is usable: enough keys for its threshold, sorted, each once, all fit.
void check_roots(const RootSet& roots) {
    if (roots.keys.empty() || roots.keys.size() > most_roots) malformed("a root set has 1 to 16 keys");
    if (roots.threshold < 1 || roots.threshold > roots.keys.size()) malformed("the threshold of its root set");
    if (std::adjacent_find(roots.keys.begin(), roots.keys.end(), std::greater_equal<>()) != roots.keys.end())
        malformed("root keys are not sorted, or one is there twice");
    for (const auto& key : roots.keys)
        if (!is_fit(key)) refuse("a root key is not fit for use");
}

// What came before the document, and the document.
struct SignedParts {
    std::vector<RootSignature> signatures;
    std::string_view document;
};

SignedParts split(std::string_view bytes) {
    if (bytes.size() > most_bytes) malformed("longer than " + std::to_string(most_bytes) + " bytes");
    RawReader raw(bytes);
    SignedParts parts;
    const auto count = raw.number<1>();
    if (count == 0 || count > 2 * most_roots) malformed("the count of its signatures");
    for (std::uint64_t i = 0; i < count; ++i) {
        RootSignature signature;
        signature.root = raw.fixed<KeyId>();
        signature.signature = raw.fixed<Signature>();
        for (const auto& other : parts.signatures)
            if (other.root == signature.root) refuse("one root key signed twice");
        parts.signatures.push_back(signature);
    }
    parts.document = raw.rest();
    if (parts.document.empty()) malformed("no document");
    return parts;
}

// Enough of `roots` have signed. A signature that claims one of them and does not hold spoils the whole keyset.
void check_signatures(const SignedParts& parts, const RootSet& roots, const char* which) {
    const std::string signed_bytes = keyset_signed_bytes(parts.document);
    unsigned good = 0;
    for (const auto& root : roots.keys) {
        const KeyId id = key_id_of(root);
        for (const auto& signature : parts.signatures) {
            if (signature.root != id) continue;
            if (!signature_holds(signature.signature, signed_bytes, root)) refuse("a signature does not hold");
            ++good;
        }
    }
    if (good < roots.threshold)
        refuse(std::to_string(good) + " signatures of the " + which + " root set, where " +
               std::to_string(roots.threshold) + " are needed");
}

template <class Key>
Key fit_key(const Value& value, const char* what) {
    const auto key = fixed_from<Key>(value, what);
    if (!is_fit(key)) refuse(std::string(what) + " is not fit for use");
    return key;
}

RootSet roots_from(const Value& value) {
    Fields fields(value, "root set");
    RootSet roots;
    roots.threshold = static_cast<unsigned>(bounded(fields.required("threshold"), most_roots, "threshold"));
    const auto& keys = fields.required("keys").list();
    if (keys.size() > most_roots) malformed("a root set has 1 to 16 keys");
    for (const auto& key : keys) roots.keys.push_back(fixed_from<PublicSignKey>(key, "root key"));
    fields.end();
    check_roots(roots);
    return roots;
}

OnlineKey online_from(const Value& value) {
    Fields fields(value, "online key");
    OnlineKey result;
    result.key = fit_key<PublicSignKey>(fields.required("key"), "online key");
    result.epoch = static_cast<std::uint32_t>(bounded(fields.required("epoch"), 0xFFFFFFFFu, "epoch"));
    result.from_ms = static_cast<std::int64_t>(bounded(fields.required("from_ms"), any_count, "from_ms"));
    result.until_ms = static_cast<std::int64_t>(bounded(fields.required("until_ms"), any_count, "until_ms"));
    fields.end();
    // Epoch 0 is what agents' envelopes carry.
    if (result.epoch == 0) malformed("an online key of epoch 0");
    if (result.until_ms <= result.from_ms) malformed("an online key that is never valid");
    return result;
}

std::vector<KeyId> revoked_from(const Value* list) {
    std::vector<KeyId> revoked;
    if (list == nullptr) return revoked;
    if (list->list().size() > most_revoked) malformed("too many revoked keys");
    for (const auto& id : list->list()) revoked.push_back(fixed_from<KeyId>(id, "revoked key id"));
    if (std::adjacent_find(revoked.begin(), revoked.end(), std::greater_equal<>()) != revoked.end())
        malformed("revoked keys are not sorted, or one is there twice");
    return revoked;
}

// Of bytes whose signatures were checked.
KeysetDocument document_from(std::string_view text) {
    JsonLimits limits;
    limits.bytes = most_bytes;
    const Value value = read_json(text, limits);
    Fields fields(value, "keyset");
    KeysetDocument result;
    if (bounded(fields.required("format"), any_count, "format") != 1) malformed("a format that this build cannot read");
    result.cluster = fixed_from<ClusterId>(fields.required("cluster"), "cluster id");
    result.version = bounded(fields.required("version"), any_count, "version");
    if (result.version == 0) malformed("version 0");
    result.expires_ms = static_cast<std::int64_t>(bounded(fields.required("expires_ms"), any_count, "expires_ms"));
    result.roots = roots_from(fields.required("roots"));
    const auto& online = fields.required("online").list();
    if (online.empty() || online.size() > most_online) malformed("1 to 16 online keys are needed");
    for (const auto& key : online) result.online.push_back(online_from(key));
    const auto& transport = fields.required("transport").list();
    if (transport.empty() || transport.size() > most_online) malformed("1 to 16 transport keys are needed");
    for (const auto& key : transport) result.transport.push_back(fit_key<PublicTransportKey>(key, "transport key"));
    result.enrol = fit_key<PublicTransportKey>(fields.required("enrol"), "enrolment key");
    result.revoked = revoked_from(fields.optional("revoked"));
    result.minimum_protocol = static_cast<unsigned>(bounded(fields.required("minimum_protocol"), 255, "protocol"));
    result.minimum_agent = fields.text("minimum_agent", "");
    fields.end();
    return result;
}

template <class Key>
Value hex_list(const std::vector<Key>& keys) {
    Value result = Value::array();
    for (const auto& key : keys) result.push(key.hex());
    return result;
}

}  // namespace

std::string root_set_bytes(const RootSet& roots) {
    RawWriter raw;
    raw.number<1>(roots.threshold);
    raw.number<1>(roots.keys.size());
    for (const auto& key : roots.keys) raw.bytes(key.view());
    return raw.take();
}

RootSet root_set_from(std::string_view bytes) {
    RawReader raw(bytes);
    RootSet roots;
    roots.threshold = static_cast<unsigned>(raw.number<1>());
    const auto count = raw.number<1>();
    if (count > most_roots || raw.remaining() != count * PublicSignKey::size) malformed("the size of a root set");
    for (std::uint64_t i = 0; i < count; ++i) roots.keys.push_back(raw.fixed<PublicSignKey>());
    check_roots(roots);
    return roots;
}

Hash root_set_hash(const RootSet& roots) {
    return hash_of("prove.rootset.v1" + root_set_bytes(roots));
}

const OnlineKey* KeysetDocument::online_key(const KeyId& id, std::int64_t now_ms) const {
    if (is_revoked(id)) return nullptr;
    for (const auto& key : online)
        if (key.from_ms <= now_ms && now_ms <= key.until_ms && key_id_of(key.key) == id) return &key;
    return nullptr;
}

bool KeysetDocument::is_revoked(const KeyId& id) const {
    return std::binary_search(revoked.begin(), revoked.end(), id);
}

std::string keyset_document(const KeysetDocument& keyset) {
    Value roots = Value::object();
    roots.set("threshold", static_cast<std::int64_t>(keyset.roots.threshold));
    roots.set("keys", hex_list(keyset.roots.keys));
    Value online = Value::array();
    for (const auto& key : keyset.online) {
        Value written = Value::object();
        written.set("key", key.key.hex());
        written.set("epoch", static_cast<std::int64_t>(key.epoch));
        written.set("from_ms", key.from_ms);
        written.set("until_ms", key.until_ms);
        online.push(std::move(written));
    }
    Value result = Value::object();
    result.set("format", 1);
    result.set("cluster", keyset.cluster.hex());
    result.set("version", keyset.version);
    result.set("expires_ms", keyset.expires_ms);
    result.set("roots", std::move(roots));
    result.set("online", std::move(online));
    result.set("transport", hex_list(keyset.transport));
    result.set("enrol", keyset.enrol.hex());
    if (!keyset.revoked.empty()) result.set("revoked", hex_list(keyset.revoked));
    result.set("minimum_protocol", static_cast<std::int64_t>(keyset.minimum_protocol));
    set_if(result, "minimum_agent", keyset.minimum_agent);
    return write_json(result);
}

std::string keyset_signed_bytes(std::string_view document) {
    return in_context(SignedKind::keyset, document);
}

std::string assemble_keyset(const std::vector<RootSignature>& signatures, std::string_view document) {
    RawWriter raw;
    raw.number<1>(signatures.size());
    for (const auto& signature : signatures) {
        raw.bytes(signature.root.view());
        raw.bytes(signature.signature.view());
    }
    raw.bytes(document);
    return raw.take();
}

KeysetDocument read_keyset(std::string_view bytes, const RootSet& pinned, const ClusterId& cluster) {
    check_roots(pinned);
    const SignedParts parts = split(bytes);
    check_signatures(parts, pinned, "pinned");
    KeysetDocument keyset = document_from(parts.document);
    if (keyset.cluster != cluster) refuse("it is another cluster's");
    if (!(keyset.roots == pinned)) check_signatures(parts, keyset.roots, "new");
    return keyset;
}

KeysetDocument take_keyset(std::string_view bytes, const RootSet& pinned, const ClusterId& cluster,
                           std::uint64_t stored_version, std::int64_t now_ms) {
    KeysetDocument keyset = read_keyset(bytes, pinned, cluster);
    if (keyset.version <= stored_version)
        refuse("version " + std::to_string(keyset.version) + " is not above " + std::to_string(stored_version));
    if (now_ms > keyset.expires_ms) refuse("it has expired");
    return keyset;
}

}  // namespace prove
