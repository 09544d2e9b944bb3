// Sequences are reserved in blocks so large that a master seldom uses one up; then the loop waits for one commit.
#include "master/keys/signer.hpp"

#include <algorithm>

namespace prove {

namespace {

constexpr std::uint64_t block = 1u << 20;

// What a master may say (S9): everything else is a fault of ours and is not signed.
bool is_masters(MessageType type) {
    switch (type) {
        case MessageType::command:
        case MessageType::staterun:
        case MessageType::cancel:
        case MessageType::heartbeat:
        case MessageType::keyset:
        case MessageType::welcome:
        case MessageType::file_request:
        case MessageType::file_chunk:
        case MessageType::enrol_reply:
        case MessageType::stored:
        case MessageType::run_reply:
        case MessageType::schedules:
        case MessageType::late_piece:
        case MessageType::announcement:
            return true;
        default:
            return false;
    }
}

Bytes<32, struct AudienceTag> audience(const Issue& what, const ClusterId& cluster) {
    switch (what.kind) {
        case AudienceKind::agent:
            return audience_of(what.agent);
        case AudienceKind::list:
            return audience_of(what.list);
        default:
            return audience_of(cluster);
    }
}

}  // namespace

Sequence::Sequence(Store& store, std::string setting, std::uint64_t floor)
    : store_(store), setting_(std::move(setting)) {
    const auto stored = store_.setting(setting_);
    // Whatever was reserved before may have been used.
    newest_ = std::max<std::uint64_t>(stored ? std::stoull(*stored) : 0, floor);
    bound_ = newest_;
    try {
        reserve(newest_ + block);
    } catch (const Error& error) {
        if (error.kind() != ErrorKind::full) throw;
        throw Error(ErrorKind::full,
                    "there is no space left for the database: without it nothing can be numbered and so nothing be "
                    "signed; make some on its file system and start again; nothing is lost");
    }
}

std::uint64_t Sequence::take() {
    if (newest_ == bound_) reserve(bound_ + block);
    return ++newest_;
}

void Sequence::reserve(std::uint64_t bound) {
    write_and_wait(store_, {SettingRow{setting_, std::to_string(bound)}});
    bound_ = bound;
}

LocalSigner::LocalSigner(const EnvelopeSigner& key, ClusterId cluster, std::uint32_t epoch, Store& store,
                         const Clock& clock, Random& random)
    : key_(key),
      cluster_(cluster),
      epoch_(epoch),
      clock_(clock),
      random_(random),
      // Not below the time: a database restored from a backup must not say numbers again that agents have seen.
      sequence_(store, "sequence." + key.key().hex(), static_cast<std::uint64_t>(clock.wall_ms())) {}

Frames LocalSigner::issue(const Issue& what, std::string payload) {
    const auto now = clock_.wall_ms();
    const auto longest = now + lifetime_limit_ms(what.type);
    if (!is_masters(what.type) || what.kind == AudienceKind::master)
        throw Error(ErrorKind::internal, std::string("a master does not sign '") + name_of(what.type) + "'");
    if (what.not_after_ms && *what.not_after_ms > longest)
        throw Error(ErrorKind::internal, std::string("'") + name_of(what.type) + "' must not live that long");
    Header header;
    header.type = what.type;
    header.sealed = what.sealed;
    header.dry_run = what.dry_run;
    header.sender = key_.key();
    header.audience_kind = what.kind;
    header.audience = audience(what, cluster_);
    header.cluster = cluster_;
    header.message = random_.bytes<MessageId>();
    header.job = what.job;
    header.epoch = epoch_;
    header.sequence = sequence_.take();
    header.issued_ms = now;
    header.not_after_ms = what.not_after_ms.value_or(longest);
    return make_envelope(header, std::move(payload), key_);
}

}  // namespace prove
