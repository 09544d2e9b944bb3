// The answers to those who knock.
#include "master/keys/enrolment.hpp"

#include "common/text/glob.hpp"
#include "common/text/text.hpp"
#include "proto/claimed_time.hpp"

namespace prove {

namespace {

constexpr std::int64_t challenge_life_ms = 60'000;
constexpr std::size_t most_challenges = 10'000;
// An enrolment takes two requests, one that waits asks every 10 s at most.
constexpr Rate requests_of_a_key{10, 1};
constexpr std::size_t most_askers = 20'000;

KeyRow row_of(const ReceivedRequest& received, const std::string& address) {
    const auto& identity = received.identity;
    KeyRow row;
    row.id = identity.key_id();
    row.identity = received.request.identity;
    row.sign = identity.sign;
    row.transport = identity.transport;
    row.seal = identity.seal;
    row.name = TargetId(identity.name);
    row.fingerprint = fingerprint_of(identity.sign);
    row.machine = identity.machine.hex();
    row.address = address;
    return row;
}

}  // namespace

Enrolment::Enrolment(Parts parts, Identity identity)
    : keys_(parts.keys),
      desk_(parts.desk),
      signer_(parts.signer),
      clock_(parts.clock),
      random_(parts.random),
      log_(std::move(parts.log)),
      send_(std::move(parts.send)),
      identity_(std::move(identity)),
      refusals_(parts.clock),
      rate_(requests_of_a_key, most_askers) {}

void Enrolment::receive(const Incoming& incoming) {
    // Before anything costs: signatures are checked and made for each request.
    if (!rate_.allow(incoming.transport_key.hex(), clock_.boot_ms())) {
        if (const auto times = refusals_.count("too many requests", incoming.address); times > 0)
            log_.warning("refused an enrolment",
                         {{"reason", "too many requests"}, {"from", incoming.address}, {"times", times}});
        return;
    }
    // Asked on an encrypted connection with the key that is in it, with a nonce where something is at stake: no replay
    // that the time would have to tell, and a machine without the right time must be able to ask (P13).
    const auto now_ms = claimed_time(incoming.frames, MessageType::enrol_request).value_or(clock_.wall_ms());
    const auto result = receive_request(incoming.frames, signer_.cluster(), incoming.transport_key, now_ms);
    if (!result.received) {
        if (const auto times = refusals_.count(result.refusal, incoming.address); times > 0)
            log_.warning("refused an enrolment",
                         {{"reason", result.refusal}, {"from", incoming.address}, {"times", times}});
        return;
    }
    Asker asker{incoming.route, incoming.address, row_of(*result.received, incoming.address)};
    answer(std::move(asker), *result.received);
}

void Enrolment::answer(Asker asker, const ReceivedRequest& received) {
    const auto known = keys_.find(asker.row.id);
    if (known && (known->transport != asker.row.transport || known->seal != asker.row.seal))
        return reply(asker, EnrolReply::Status::rejected, "this key is known with other keys beside it");
    if (known && known->state != KeyState::pending) return answer_known(asker, *known);
    if (!received.request.token.is_zero()) return try_token(asker, received);
    desk_.pend(asker.row);
    reply(asker, EnrolReply::Status::pending, "");
}

void Enrolment::answer_known(const Asker& asker, const KeyRow& known) {
    switch (known.state) {
        case KeyState::accepted:
            return reply(asker, EnrolReply::Status::accepted, known.name.text());
        case KeyState::rejected:
            return reply(asker, EnrolReply::Status::rejected, "an operator rejected this key");
        case KeyState::revoked:
            return reply(asker, EnrolReply::Status::rejected, "this key was revoked");
        default:
            return reply(asker, EnrolReply::Status::pending, "two machines use this key; an operator has to decide");
    }
}

std::string Enrolment::token_problem(const TokenRow* token, const ReceivedRequest& received) const {
    if (token == nullptr) return "unknown token";
    if (token->used_ms != 0) return "token used already";
    if (clock_.wall_ms() >= token->expires_ms) return "token expired";
    if (is_glob(token->pattern) && !glob_matches(token->pattern, received.identity.name))
        return "token is for other names";
    return "";
}

void Enrolment::try_token(const Asker& asker, const ReceivedRequest& received) {
    const auto* const token = desk_.token(received.request.token.hex());
    const auto refuse = [&](const std::string& reason) {
        if (const auto times = refusals_.count(reason, asker.address); times > 0)
            log_.warning("refused an enrolment", {{"reason", reason}, {"from", asker.address}, {"times", times}});
        // Which of the reasons it is helps only those who try.
        reply(asker, EnrolReply::Status::rejected, "the join token is not valid here (any more)");
    };
    if (const auto problem = token_problem(token, received); !problem.empty()) return refuse(problem);
    const auto given = challenges_.find(asker.row.id);
    if (received.request.nonce.is_zero() || given == challenges_.end() || given->second.nonce != received.request.nonce)
        return challenge(asker);
    challenges_.erase(given);  // once, whatever comes of it
    if (!token_proof_holds(received.request.proof, token->key, received.request.identity, identity_.enrol,
                           received.request.nonce))
        return refuse("token proof does not hold");
    accept(asker, *token);
}

void Enrolment::challenge(const Asker& asker) {
    if (challenges_.size() >= most_challenges) return;  // the agent asks again
    const auto nonce = random_.bytes<ServerNonce>();
    challenges_[asker.row.id] = {nonce, clock_.boot_ms() + challenge_life_ms};
    reply(asker, EnrolReply::Status::challenge, "", nonce);
}

// The token's own name, where it has one and not a pattern, is the agent's; else the name that the machine has itself.
void Enrolment::accept(Asker asker, const TokenRow& token) {
    if (!token.pattern.empty() && !is_glob(token.pattern)) asker.row.name = TargetId(token.pattern);
    const auto holder = keys_.holder(asker.row.name);
    if (holder && holder->id != asker.row.id) {
        // A token brings machines in, it does not push others out (S13): an operator decides.
        desk_.pend(asker.row);
        return reply(
            asker, EnrolReply::Status::pending,
            "the name " + quoted(asker.row.name.text()) + " belongs to another key; an operator has to decide");
    }
    desk_.accept_by_token(asker.row, token, [this, asker](const Error* error, const KeyRow& row) {
        if (error == nullptr)
            reply(asker, EnrolReply::Status::accepted, row.name.text());
        else
            log_.error("could not store an enrolment", {{"reason", error->text()}});  // no answer: it asks again
    });
}

void Enrolment::reply(const Asker& asker, EnrolReply::Status status, const std::string& text,
                      const ServerNonce& nonce) {
    EnrolReply body;
    body.status = status;
    body.nonce = nonce;
    body.root_set = identity_.root_set;
    body.keyset = identity_.keyset;
    body.text = text;
    Issue what;
    what.type = MessageType::enrol_reply;
    what.kind = AudienceKind::agent;
    what.agent = asker.row.id;
    send_(asker.route, signer_.issue(what, to_bytes(body)));
}

void Enrolment::tick() {
    std::erase_if(challenges_,
                  [now = clock_.boot_ms()](const auto& entry) { return entry.second.until_boot_ms < now; });
    for (const auto& seen : refusals_.take_due())
        log_.warning("refused enrolments", {{"reason", seen.reason}, {"from", seen.key}, {"times", seen.count}});
}

}  // namespace prove
