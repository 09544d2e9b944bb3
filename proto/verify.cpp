// The checks of S44, in their order. Each stage looks at raw bytes only and names what it refuses; the first refusal
// ends it. Nothing here parses a payload: a Verified is what parsers take.
#include "proto/envelope.hpp"

#include "proto/crypto.hpp"
#include "proto/message_rules.hpp"
#include "proto/raw.hpp"

#include <algorithm>
#include <functional>
#include <limits>

namespace prove {

namespace {

constexpr std::size_t largest_frame = 512u << 10;
constexpr std::uint8_t current_version = 1;
constexpr std::size_t payload_size_offset = 144;
constexpr std::size_t most_in_list = 256;
constexpr std::int64_t most_future_ms = 300'000;
constexpr std::uint64_t most_time = std::numeric_limits<std::int64_t>::max() / 2;

}  // namespace

// Walks one envelope through the stages, filling the header as it goes. Made for one call of verify().
class EnvelopeVerifier {
  public:
    EnvelopeVerifier(const std::vector<std::string>& frames, const Arrival& arrival, const Receiver& receiver)
        : frames_(frames), arrival_(arrival), receiver_(receiver) {}

    VerifyResult run() {
        using Stage = std::optional<Refusal> (EnvelopeVerifier::*)();
        static constexpr Stage stages[] = {&EnvelopeVerifier::check_sizes,   &EnvelopeVerifier::check_kind,
                                           &EnvelopeVerifier::read_header,   &EnvelopeVerifier::check_audience,
                                           &EnvelopeVerifier::check_sender,  &EnvelopeVerifier::check_signature,
                                           &EnvelopeVerifier::check_validity};
        for (const Stage stage : stages)
            if (const auto refusal = (this->*stage)()) return {std::nullopt, *refusal};
        Verified verified;
        verified.header_ = header_;
        verified.audience_list_ = std::move(list_);
        verified.payload_ = payload().substr(list_bytes_);
        return {std::move(verified), Refusal::frame_count};
    }

  private:
    const std::string& header_bytes() const { return frames_[0]; }
    std::string_view payload() const { return frames_[2]; }

    std::optional<Refusal> check_sizes() {
        if (frames_.size() != 3) return Refusal::frame_count;
        if (header_bytes().size() != Header::size) return Refusal::header_size;
        if (frames_[1].size() != Signature::size) return Refusal::signature_size;
        if (payload().empty() || payload().size() > largest_frame) return Refusal::payload_size;
        RawReader raw(std::string_view(header_bytes()).substr(payload_size_offset));
        if (raw.number<4>() != payload().size()) return Refusal::payload_size;
        return std::nullopt;
    }

    // Magic, version, type: what decides how the rest is read.
    std::optional<Refusal> check_kind() {
        RawReader raw(header_bytes());
        if (raw.bytes(4) != "PRV1") return Refusal::magic;
        header_.version = static_cast<std::uint8_t>(raw.number<1>());
        if (header_.version > current_version || header_.version < receiver_.minimum_version()) return Refusal::version;
        rules_ = rules_of(static_cast<std::uint8_t>(raw.number<1>()));
        if (rules_ == nullptr) return Refusal::unknown_type;
        header_.type = rules_->type;
        if (!may_come_here()) return Refusal::type_not_allowed;
        return std::nullopt;
    }
    bool may_come_here() const {
        if (receiver_.is_master() ? !rules_->from_agent : !rules_->from_master) return false;
        switch (arrival_.socket) {
            case Arrival::Socket::main:
                return rules_->on_main;
            case Arrival::Socket::publish:
                return rules_->on_publish && !receiver_.is_master();
            case Arrival::Socket::enrol:
                return rules_->on_enrol;
        }
        return false;
    }

    // Flags, paddings, cluster; and all other fields, which later stages check.
    std::optional<Refusal> read_header() {
        RawReader raw(std::string_view(header_bytes()).substr(6));
        if (const auto refusal = read_flags(raw.number<2>())) return refusal;
        header_.sender = raw.fixed<KeyId>();
        audience_kind_ = raw.number<1>();
        bool padded = raw.zeros(7);
        header_.audience = raw.fixed<Bytes<32, struct AudienceTag>>();
        header_.cluster = raw.fixed<ClusterId>();
        header_.message = raw.fixed<MessageId>();
        header_.job = JobId(raw.fixed<JobId::Raw>());
        header_.epoch = static_cast<std::uint32_t>(raw.number<4>());
        padded = raw.zeros(4) && padded;
        header_.sequence = raw.number<8>();
        issued_ms_ = raw.number<8>();
        not_after_ms_ = raw.number<8>();
        header_.payload_size = static_cast<std::uint32_t>(raw.number<4>());
        padded = raw.zeros(4) && padded;
        header_.payload_hash = raw.fixed<Hash>();
        if (!padded) return Refusal::padding;
        if (header_.cluster != receiver_.cluster()) return Refusal::cluster;
        return std::nullopt;
    }
    std::optional<Refusal> read_flags(std::uint64_t flags) {
        using Sealing = MessageRules::Sealing;
        if ((flags & ~std::uint64_t{3}) != 0) return Refusal::flags;
        header_.sealed = (flags & 1) != 0;
        header_.dry_run = (flags & 2) != 0;
        if (header_.sealed && rules_->sealing == Sealing::never) return Refusal::flags;
        if (!header_.sealed && rules_->sealing == Sealing::required) return Refusal::flags;
        // Content is sealed for agents; masters have no seal key.
        if (header_.sealed && receiver_.is_master()) return Refusal::flags;
        if (header_.dry_run && !rules_->may_be_dry_run) return Refusal::flags;
        return std::nullopt;
    }

    std::optional<Refusal> check_audience() {
        if (audience_kind_ < 1 || audience_kind_ > 4) return Refusal::audience;
        header_.audience_kind = static_cast<AudienceKind>(audience_kind_);
        if (receiver_.is_master() != (header_.audience_kind == AudienceKind::master)) return Refusal::audience;
        const auto limit = [&] { return payload().size() - list_bytes_ <= rules_->most_bytes; };
        switch (header_.audience_kind) {
            case AudienceKind::agent:
                if (header_.audience != audience_of(receiver_.own_key())) return Refusal::audience;
                break;
            case AudienceKind::list:
                if (!rules_->to_many) return Refusal::audience;
                if (const auto refusal = read_list()) return refusal;
                break;
            case AudienceKind::all:
                if (!rules_->to_many) return Refusal::audience;
                [[fallthrough]];
            case AudienceKind::master:
                if (header_.audience != audience_of(header_.cluster)) return Refusal::audience;
                break;
        }
        return limit() ? std::nullopt : std::optional<Refusal>(Refusal::payload_size);
    }
    // Fixed binary, bounded by the count, and compared with the signed hash before any of it is used.
    std::optional<Refusal> read_list() {
        if (payload().size() < 2) return Refusal::audience_list;
        RawReader raw(payload());
        const auto count = static_cast<std::size_t>(raw.number<2>());
        if (count == 0 || count > most_in_list) return Refusal::audience_list;
        list_bytes_ = 2 + count * KeyId::size;
        // Something must come after the list: there is no message without a body.
        if (payload().size() <= list_bytes_) return Refusal::audience_list;
        for (std::size_t i = 0; i < count; ++i) list_.push_back(raw.fixed<KeyId>());
        if (header_.audience != audience_of(list_)) return Refusal::audience_list;
        if (std::adjacent_find(list_.begin(), list_.end(), std::greater_equal<>()) != list_.end())
            return Refusal::audience_list;
        if (!std::binary_search(list_.begin(), list_.end(), receiver_.own_key())) return Refusal::audience;
        return std::nullopt;
    }

    std::optional<Refusal> check_sender() {
        const auto sender = receiver_.sender(header_.sender);
        if (!sender) return Refusal::unknown_sender;
        if (!sender->accepted) return Refusal::sender_not_accepted;
        // An agent's key does not speak for the master, nor the other way round.
        if (sender->is_master == receiver_.is_master()) return Refusal::type_not_allowed;
        sender_ = *sender;
        // S33: on the master's main socket ZAP has said whose connection this is. Without an answer nobody is (S2).
        if (receiver_.is_master() && arrival_.socket == Arrival::Socket::main && arrival_.user_id != header_.sender)
            return Refusal::sender_not_user;
        return std::nullopt;
    }

    std::optional<Refusal> check_signature() {
        const auto signature = *Signature::from(frames_[1]);
        if (!signature_holds(signature, signed_bytes(header_.type, header_bytes()), sender_.sign))
            return Refusal::signature;
        if (hash_of(payload()) != header_.payload_hash) return Refusal::payload_hash;
        return std::nullopt;
    }

    // Epoch, time, replay: is it still, or already, to be taken?
    std::optional<Refusal> check_validity() {
        if (header_.epoch != sender_.epoch) return Refusal::epoch;
        if (issued_ms_ > most_time) return Refusal::issued_in_future;
        if (not_after_ms_ > most_time) return Refusal::lifetime;
        header_.issued_ms = static_cast<std::int64_t>(issued_ms_);
        header_.not_after_ms = static_cast<std::int64_t>(not_after_ms_);
        if (header_.issued_ms > arrival_.now_ms + most_future_ms) return Refusal::issued_in_future;
        if (header_.not_after_ms <= header_.issued_ms ||
            header_.not_after_ms - header_.issued_ms > rules_->most_lifetime_ms)
            return Refusal::lifetime;
        if (arrival_.now_ms > header_.not_after_ms) return Refusal::expired;
        if (!receiver_.fresh(header_)) return Refusal::replay;
        return std::nullopt;
    }

    const std::vector<std::string>& frames_;
    const Arrival& arrival_;
    const Receiver& receiver_;
    const MessageRules* rules_ = nullptr;
    Header header_;
    SenderKey sender_;
    std::uint64_t audience_kind_ = 0;
    std::uint64_t issued_ms_ = 0;
    std::uint64_t not_after_ms_ = 0;
    std::vector<KeyId> list_;
    std::size_t list_bytes_ = 0;
};

VerifyResult verify(const std::vector<std::string>& frames, const Arrival& arrival, const Receiver& receiver) {
    return EnvelopeVerifier(frames, arrival, receiver).run();
}

const char* name_of(Refusal refusal) {
    switch (refusal) {
        case Refusal::frame_count:
            return "wrong number of frames";
        case Refusal::header_size:
            return "wrong header size";
        case Refusal::signature_size:
            return "wrong signature size";
        case Refusal::payload_size:
            return "wrong payload size";
        case Refusal::magic:
            return "wrong magic";
        case Refusal::version:
            return "unsupported version";
        case Refusal::unknown_type:
            return "unknown type";
        case Refusal::type_not_allowed:
            return "type not allowed here";
        case Refusal::flags:
            return "wrong flags";
        case Refusal::padding:
            return "padding is not zero";
        case Refusal::cluster:
            return "another cluster";
        case Refusal::audience:
            return "not in the audience";
        case Refusal::audience_list:
            return "wrong audience list";
        case Refusal::unknown_sender:
            return "unknown sender";
        case Refusal::sender_not_accepted:
            return "sender not accepted";
        case Refusal::sender_not_user:
            return "sender is not the connection's key";
        case Refusal::signature:
            return "bad signature";
        case Refusal::payload_hash:
            return "payload changed";
        case Refusal::epoch:
            return "wrong epoch";
        case Refusal::issued_in_future:
            return "issued in the future";
        case Refusal::lifetime:
            return "lifetime not allowed";
        case Refusal::expired:
            return "expired";
        case Refusal::replay:
            return "replayed";
    }
    return "refused";
}

}  // namespace prove
