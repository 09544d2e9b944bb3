// Files of <data>/keys: root.key, online.key, transport.key, enrol.key, keyset, and cluster, which is written last:
// where it is, all the others are whole.
#include "master/keys/master_keys.hpp"

#include "common/files/files.hpp"
#include "common/text/text.hpp"

namespace prove {

namespace {

constexpr std::int64_t day_ms = 24LL * 3600 * 1000;
constexpr std::int64_t keyset_life_ms = 365 * day_ms;  // S18
constexpr std::int64_t renew_before_ms = 90 * day_ms;

}  // namespace

bool MasterKeys::exists_in(const std::string& folder) {
    return exists(folder + "/cluster");
}

void MasterKeys::make(const std::string& folder, const Clock& clock, Random& random) {
    if (exists_in(folder))
        throw Error(ErrorKind::refused,
                    "there are keys in " + quoted(folder) +
                        " already; without them every agent would have to be enrolled again, so they "
                        "are not replaced");
    make_private_folder(folder);
    for (const auto* name : {"root.key", "online.key", "transport.key", "enrol.key", "keyset"})
        remove_file(folder + "/" + name);
    MasterKeys keys(SigningKey::generate(), SigningKey::generate(), TransportKey::generate(), TransportKey::generate());
    keys.root_.save(folder + "/root.key");
    keys.online_.save(folder + "/online.key");
    keys.transport_.save(folder + "/transport.key");
    keys.enrol_.save(folder + "/enrol.key");
    keys.cluster_ = random.bytes<ClusterId>();
    keys.keyset_.cluster = keys.cluster_;
    keys.keyset_.roots = RootSet{1, {keys.root_.public_key()}};
    keys.keyset_.online = {{keys.online_.public_key(), 1, 0, 0}};
    keys.keyset_.transport = {keys.transport_.public_key()};
    keys.keyset_.enrol = keys.enrol_.public_key();
    keys.sign_keyset(folder, clock.wall_ms());
    write_file_durably(folder + "/cluster", keys.cluster_.hex() + "\n");
}

MasterKeys MasterKeys::load(const std::string& folder, const Clock& clock) {
    if (!exists_in(folder))
        throw Error(ErrorKind::missing, "there are no keys in " + quoted(folder) + "; make them: prove-master init");
    check_private_folder(folder);
    MasterKeys keys(SigningKey::load(folder + "/root.key"), SigningKey::load(folder + "/online.key"),
                    TransportKey::load(folder + "/transport.key"), TransportKey::load(folder + "/enrol.key"));
    const auto cluster = ClusterId::from_hex_text(trim(read_whole_file(folder + "/cluster")));
    if (!cluster) throw Error(ErrorKind::invalid, quoted(folder + "/cluster") + " does not hold a cluster id");
    keys.cluster_ = *cluster;
    keys.signed_keyset_ = read_whole_file(folder + "/keyset");
    keys.keyset_ =
        with_context([&] { return "reading " + quoted(folder + "/keyset"); },
                     [&] {
                         return read_keyset(keys.signed_keyset_, RootSet{1, {keys.root_.public_key()}}, keys.cluster_);
                     });
    const auto* const online = keys.keyset_.online_key(keys.online_.key_id(), clock.wall_ms());
    const bool ours = !keys.keyset_.online.empty() && keys.keyset_.online.front().key == keys.online_.public_key();
    if (!ours) throw Error(ErrorKind::invalid, "the keyset in " + quoted(folder) + " names another online key");
    if (online == nullptr || keys.keyset_.expires_ms - clock.wall_ms() < renew_before_ms)
        keys.sign_keyset(folder, clock.wall_ms());
    return keys;
}

void MasterKeys::sign_keyset(const std::string& folder, std::int64_t now_ms) {
    ++keyset_.version;
    keyset_.expires_ms = now_ms + keyset_life_ms;
    // A day back, for agents whose clock is behind.
    auto& online = keyset_.online.front();
    if (online.from_ms == 0) online.from_ms = now_ms - day_ms;
    online.until_ms = keyset_.expires_ms;
    const auto document = keyset_document(keyset_);
    const RootSignature signature{root_.key_id(), root_.sign(keyset_signed_bytes(document))};
    signed_keyset_ = assemble_keyset({signature}, document);
    write_file_durably(folder + "/keyset", signed_keyset_);
}

}  // namespace prove
