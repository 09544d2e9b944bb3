// Enrolment's conversation: ask, prove, wait, ask again.
#include "agent/daemon/enrolment.hpp"

#include <algorithm>

#include "proto/claimed_time.hpp"

namespace prove {

namespace {
constexpr std::int64_t patience_ms = 30'000;
constexpr std::int64_t most_ms = 60'000;

// Whether the owner of the pinned enrolment key shows another root set than the pinned one: that is never a mishap.
bool shows_other_roots(const std::vector<std::string>& frames, const MasterPin& pin) {
    if (frames.size() != 3 || frames[2].size() > payload_limit(MessageType::enrol_reply)) return false;
    try {
        return root_set_hash(root_set_from(enrol_reply_from(frames[2]).root_set)) != pin.root_set;
    } catch (const Error&) {
        return false;
    }
}
}  // namespace

Enrolment::Enrolment(const Parts& parts) : parts_(parts) {
    IdentityRecord record;
    record.cluster = parts_.pin.cluster;
    record.sign = parts_.keys.sign.public_key();
    record.transport = parts_.keys.transport.public_key();
    record.seal = parts_.keys.seal.public_key();
    record.machine = parts_.machine;
    record.created_ms = std::max<std::int64_t>(0, parts_.clock.wall_ms());
    record.nonce = parts_.random.bytes<IdentityNonce>();
    record.name = parts_.name;
    identity_ = make_identity(record, parts_.keys.sign.signer());
    // Numbers of this socket are the master's to compare within one connection only.
    sequence_ = 0;
}

void Enrolment::start() { at_ms_ = parts_.clock.boot_ms(); }

void Enrolment::set_state(const std::string& state) {
    if (state == state_) return;
    state_ = state;
    parts_.log.info("enrolment", {{"state", state}});
}

void Enrolment::wait(std::int64_t delay_ms) {
    at_ms_ = parts_.clock.boot_ms() + delay_ms / 2 + static_cast<std::int64_t>(parts_.random.below(
                                                         static_cast<std::uint64_t>(delay_ms / 2 + 1)));
}

void Enrolment::back_off() {
    connected_ = waiting_for_answer_ = false;
    parts_.net.disconnect();
    wait(back_off_ms_);
    back_off_ms_ = std::min(back_off_ms_ * 2, most_ms);
}

void Enrolment::handle(const ClientEvent& event) {
    switch (event.kind) {
        case ClientEvent::Kind::connected:
            connected_ = true;
            send({});
            break;
        case ClientEvent::Kind::disconnected:
            set_state("no connection: " + event.reason);
            back_off();
            break;
        case ClientEvent::Kind::retrying: set_state("no connection: " + event.reason); break;
        case ClientEvent::Kind::message: reply(event.frames); break;
    }
}

void Enrolment::tick() {
    if (enrolled_ || parts_.clock.boot_ms() < at_ms_) return;
    if (connected_ && !waiting_for_answer_) return send({});
    if (waiting_for_answer_) {
        // Asked or connecting, and nothing came: new sockets, later.
        set_state(connected_ ? "the master does not answer" : "no connection");
        return back_off();
    }
    parts_.net.connect();
    waiting_for_answer_ = true;
    at_ms_ = parts_.clock.boot_ms() + patience_ms;
}

std::int64_t Enrolment::next_ms() const { return enrolled_ ? INT64_MAX : at_ms_; }

void Enrolment::send(const ServerNonce& nonce) {
    EnrolRequest request;
    request.identity = identity_;
    if (parts_.token && !rejected_) {
        request.token = parts_.token->id;
        request.nonce = nonce;
        if (!nonce.is_zero()) request.proof = token_proof(parts_.token->seed, identity_, parts_.pin.enrol, nonce);
    }
    Header header;
    header.type = MessageType::enrol_request;
    header.audience_kind = AudienceKind::master;
    header.audience = audience_of(parts_.pin.cluster);
    header.cluster = parts_.pin.cluster;
    header.message = parts_.random.bytes<MessageId>();
    header.sequence = ++sequence_;
    header.issued_ms = parts_.clock.wall_ms();
    header.not_after_ms = header.issued_ms + lifetime_limit_ms(header.type);
    waiting_for_answer_ = true;
    at_ms_ = parts_.clock.boot_ms() + patience_ms;
    parts_.net.send(make_envelope(header, to_bytes(request), KeyEnvelopeSigner(parts_.keys.sign)));
}

void Enrolment::reply(const std::vector<std::string>& frames) {
    // It came from the owner of the pinned key, on the connection on which it was asked for: nothing that the time would
    // have to tell, and a machine without the right time must be able to join (P13).
    const auto now_ms = claimed_time(frames, MessageType::enrol_reply).value_or(parts_.clock.wall_ms());
    ReceivedReply received;
    try {
        received = receive_reply(frames, parts_.pin, parts_.keys.sign.key_id(), now_ms);
    } catch (const Error& error) {
        if (shows_other_roots(frames, parts_.pin)) throw;
        set_state(error.text());
        return back_off();
    }
    waiting_for_answer_ = false;
    back_off_ms_ = 1'000;
    switch (received.reply.status) {
        case EnrolReply::Status::challenge:
            if (parts_.token) send(received.reply.nonce);
            return;
        case EnrolReply::Status::pending:
            set_state("pending: an operator has to accept this agent's key");
            break;
        case EnrolReply::Status::rejected:
            rejected_ = true;
            set_state("rejected: " + received.reply.text);
            break;
        case EnrolReply::Status::accepted:
            enrolled_ = Enrolled{parts_.pin, received.roots, received.reply.keyset, received.reply.text};
            set_state("accepted as " + received.reply.text);
            return;
    }
    wait(ask_again_ms_);
    ask_again_ms_ = std::min(ask_again_ms_ * 3 / 2, most_ms);
}

std::string name_from_host(const std::string& host) {
    std::string name;
    for (const char c : host) {
        const char lower = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
        const bool letter = (lower >= 'a' && lower <= 'z') || (lower >= '0' && lower <= '9');
        const bool mark = lower == '.' || lower == '-' || lower == '_';
        if (letter || (mark && !name.empty() && !(lower == '.' && name.back() == '.'))) name += lower;
    }
    name.resize(std::min<std::size_t>(name.size(), 253));
    while (!name.empty() && !(name.back() >= 'a' && name.back() <= 'z') && !(name.back() >= '0' && name.back() <= '9'))
        name.pop_back();
    return name.empty() ? "unnamed" : name;
}

}  // namespace prove
