// Making and opening envelopes, and what counts as a replay.
#include "agent/daemon/mail.hpp"

#include <algorithm>

#include "proto/claimed_time.hpp"

namespace prove {

namespace {

constexpr std::int64_t hour_ms = 3'600'000;
}  // namespace

Mail::Mail(const Self& self, const Trust& trust, AgentJournal& journal, const Clock& clock, Random& random,
           const Logger& log)
    : self_(self), trust_(trust), journal_(journal), clock_(clock), random_(random), log_(log), repeated_(clock) {}

Frames Mail::make(MessageType type, const JobId& job, const Value& body) {
    return make_raw(type, job, write_json(body));
}

Frames Mail::make_raw(MessageType type, const JobId& job, std::string payload) {
    Header header;
    header.type = type;
    header.audience_kind = AudienceKind::master;
    header.audience = audience_of(self_.cluster);
    header.cluster = self_.cluster;
    header.message = random_.bytes<MessageId>();
    header.job = job;
    header.sequence = journal_.next_sequence();
    header.issued_ms = now_ms();
    header.not_after_ms = header.issued_ms + std::min(lifetime_limit_ms(type), hour_ms);
    return make_envelope(header, std::move(payload), self_.signer);
}

std::optional<Verified> Mail::open(const std::vector<std::string>& frames, Channel channel) {
    Arrival arrival;
    arrival.socket = channel == Channel::publish ? Arrival::Socket::publish : Arrival::Socket::main;
    // A welcome is new because it repeats the nonce of our hello, whatever this machine's clock says; it brings the time
    // by which everything after it is judged.
    arrival.now_ms = claimed_time(frames, MessageType::welcome).value_or(now_ms());
    judged_at_ms_ = arrival.now_ms;
    judged_channel_ = channel;
    auto result = verify(frames, arrival, *this);
    if (result.verified) {
        const auto& header = result.verified->header();
        if (header.type == MessageType::heartbeat) heartbeats_[{header.sender, channel}] = header.sequence;
        return std::move(result.verified);
    }
    const std::string reason = name_of(result.refusal);
    ++refused_[reason];
    if (const auto times = repeated_.count(reason, ""); times > 0)
        log_.warning("a message was refused", {{"reason", reason}, {"times", times}});
    return std::nullopt;
}

std::optional<Verified> Mail::open_kept(const std::vector<std::string>& frames, MessageType type) {
    const auto issued = claimed_time(frames, type);
    if (!issued) return std::nullopt;
    Arrival arrival;
    arrival.socket = Arrival::Socket::main;
    arrival.now_ms = *issued;
    judged_at_ms_ = now_ms();
    judged_channel_ = Channel::main;
    judges_kept_ = true;
    auto result = verify(frames, arrival, *this);
    judges_kept_ = false;
    return std::move(result.verified);
}

std::int64_t Mail::now_ms() const {
    const auto boot = clock_.boot_ms(), wall = clock_.wall_ms();
    if (master_minus_boot_ms_) return boot + *master_minus_boot_ms_;
    return least_minus_boot_ms_ ? std::max(wall, boot + *least_minus_boot_ms_) : wall;
}

void Mail::go_on_from(const TimeRecord& before, const std::string& boot) {
    if (!boot.empty() && before.boot == boot)
        master_minus_boot_ms_ = before.master_minus_boot_ms;
    else
        least_minus_boot_ms_ = before.at_ms - clock_.boot_ms();
}

void Mail::set_master_time(std::int64_t master_ms) { master_minus_boot_ms_ = master_ms - clock_.boot_ms(); }

std::int64_t Mail::clock_skew_ms() const { return master_minus_boot_ms_ ? clock_.wall_ms() - now_ms() : 0; }

std::uint8_t Mail::minimum_version() const {
    return static_cast<std::uint8_t>(std::min(trust_.keyset().minimum_protocol, 255u));
}

std::optional<SenderKey> Mail::sender(const KeyId& key) const { return trust_.sender(key, judged_at_ms_); }

bool Mail::fresh(const Header& header) const {
    if (judges_kept_) return true;
    switch (header.type) {
        // A job that is known may come again: it is answered, not run (S50).
        case MessageType::command:
        case MessageType::staterun:
        case MessageType::announcement:
            return journal_.find(header.job) != nullptr || header.sequence > journal_.low_water(header.sender);
        case MessageType::heartbeat: {
            const auto last = heartbeats_.find({header.sender, judged_channel_});
            return last == heartbeats_.end() || header.sequence > last->second;
        }
        // The others carry their own protection: a nonce, a version that rises, or they do the same thing twice.
        default: return true;
    }
}

}  // namespace prove
