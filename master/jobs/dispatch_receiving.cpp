// What comes in: checked as S44 has it, then handed to one handler per type. Whatever an agent says is inert data (S6):
// it can be wrong, it can be a lie, it never decides who somebody is.
#include <algorithm>
#include <cstdlib>
#include <set>

#include "common/text/text.hpp"
#include "master/jobs/dispatch.hpp"
#include "proto/claimed_time.hpp"

namespace prove {

namespace {

constexpr std::size_t most_waiting_requests = 64;
constexpr std::size_t most_pending_told = 1'000;  // a welcome has a limit; the others are sent one by one

// What the master is to the verifier, for a message that came by one route.
class MasterReceiver final : public Receiver {
  public:
    MasterReceiver(ClusterId cluster, const KeyTable& keys, const Connections& connections, const Route& route)
        : cluster_(cluster), keys_(keys), connections_(connections), route_(route) {}
    ClusterId cluster() const override { return cluster_; }
    bool is_master() const override { return true; }
    KeyId own_key() const override { return {}; }
    std::uint8_t minimum_version() const override { return 1; }
    std::optional<SenderKey> sender(const KeyId& key) const override {
        const auto row = keys_.find(key);
        if (!row) return std::nullopt;
        SenderKey sender;
        sender.sign = row->sign;
        sender.accepted = row->state == KeyState::accepted;
        return sender;
    }
    bool fresh(const Header& header) const override {
        return connections_.rises(header.sender, route_, header.sequence);
    }

  private:
    ClusterId cluster_;
    const KeyTable& keys_;
    const Connections& connections_;
    const Route& route_;
};

std::string sender_of(const Incoming& incoming) {
    return incoming.user_id ? incoming.user_id->hex() : incoming.address;
}

}  // namespace

void Dispatch::receive(const Incoming& incoming) {
    if (failed_) return;
    Arrival arrival;
    arrival.user_id = incoming.user_id;
    arrival.socket = Arrival::Socket::main;
    // A hello is new because its counter rises, whatever its agent's clock says (P13); the welcome brings the time.
    arrival.now_ms = claimed_time(incoming.frames, MessageType::hello).value_or(wall());
    const MasterReceiver receiver(signer_.cluster(), keys_, connections_, incoming.route);
    const auto checked = verify(incoming.frames, arrival, receiver);
    if (!checked.verified) return refuse(name_of(checked.refusal), incoming);
    try {
        handle(*checked.verified, incoming);
    } catch (const Error& error) {
        // One message is one boundary: a bad one harms nobody else.
        if (error.kind() == ErrorKind::internal) log_.error("a fault in handling a message", {{"what", error.text()}});
        refuse("unreadable body", incoming);
    }
}

void Dispatch::ended(const KeyId& key, const Route& route) {
    if (!connections_.ended(key, route)) return;
    forget_pieces(key, [](const JobResult&) { return true; });
    if (const auto row = keys_.find(key)) log_.info("agent disconnected", {{"name", row->name.text()}});
}

void Dispatch::refuse(const std::string& reason, const Incoming& incoming) {
    const auto from = sender_of(incoming);
    const auto times = refusals_.count(reason, from);
    std::size_t bytes = 0;
    for (const auto& frame : incoming.frames) bytes += frame.size();
    if (times > 0)
        log_.warning("refused a message", {{"reason", reason}, {"from", from}, {"bytes", bytes}, {"times", times}});
}

void Dispatch::handle(const Verified& message, const Incoming& incoming) {
    const auto& header = message.header();
    const auto& key = header.sender;
    // Nothing that would have to be remembered is taken while it could not be (P6): agents say it again, or are asked.
    if (header.type == MessageType::hello) return full_ ? void() : on_hello(key, message, incoming);
    switch (connections_.standing(key, incoming.route, header.sequence)) {
        case Connections::Standing::current:
            break;
        case Connections::Standing::stray:
            return refuse("no hello yet", incoming);
        case Connections::Standing::earlier:
            return;
        case Connections::Standing::doubled:
            return desk_.conflict(key, "an older connection went on after a newer one had said hello");
    }
    connections_.heard(key, header.sequence, wall(), boot());
    missed_ = missed_ || full_;
    if (full_) return;
    handle_from(key, message);
}

void Dispatch::handle_from(const KeyId& key, const Verified& message) {
    switch (message.header().type) {
        case MessageType::fetch:
            return on_fetch(key, fetch_from(read_body(message)).job);
        case MessageType::accepted:
            return on_accepted(key, accepted_from(read_body(message)));
        case MessageType::event:
            return on_event(key, job_event_from(read_body(message)));
        case MessageType::result:
            return on_result_message(key, message);
        case MessageType::file_request:
            return on_file_request(key, file_request_from(read_body(message)));
        case MessageType::late_request:
            return on_late_request(key, late_question_from(read_body(message)));
        case MessageType::file_chunk:
            return on_file_chunk(key, file_chunk_from(message.payload()));
        case MessageType::heartbeat:
            return on_heartbeat(key, heartbeat_from(read_body(message)));
        case MessageType::run_request:
            return on_run_request(key, run_request_from(read_body(message)));
        default:
            return;  // types that later versions of agents may send and this master has no use for
    }
}

AuditRow Dispatch::noticed(const std::string& command, const KeyRow& key, const std::string& detail) const {
    AuditRow record;
    record.time_ms = wall();
    record.who = "prove-master";
    record.from = "itself";
    record.command = command;
    record.decision = "noticed";
    record.targets = {key.name.text()};
    record.detail = "key " + key.fingerprint + ": " + detail;
    return record;
}

void Dispatch::on_hello(const KeyId& key, const Verified& message, const Incoming& incoming) {
    const auto& header = message.header();
    if (connections_.is_late_hello(key, incoming.route, header))
        return refuse("a hello from before the last one", incoming);
    if (!hellos_.allow(key.hex(), boot())) return refuse("too many hellos", incoming);
    const auto hello = hello_from(read_body(message));
    const auto row = keys_.find(key);
    auto greeting = Connections::greet(store_.agent(key), key, hello, wall());
    if (!greeting.conflict.empty()) return desk_.conflict(key, greeting.conflict);
    if (greeting.journal_lost) {
        log_.warning("an agent lost its journal", {{"name", row->name.text()}});
        book_.add_change(noticed("journal.lost", *row, "it came with a new journal"));
    }
    connections_.take(key, incoming.route, header, wall(), boot());
    forget_pieces(key, [](const JobResult&) { return true; });
    if (const auto ahead_ms = header.issued_ms - wall(); Connections::is_wrong(ahead_ms)) look_at_clock(*row, ahead_ms);
    book_.add_change(greeting.row);
    keep_facts(key, hello.facts);
    // The counter is durable before the welcome goes out: else a crash would let a copy say hello (S56).
    auto greeted = hello;
    greeted.facts = Value();
    book_.add_then({}, [this, key, greeted = std::move(greeted)](const Error* error) {
        if (error == nullptr) welcome(key, greeted);
    });
}

void Dispatch::welcome(const KeyId& key, const Hello& hello) {
    const auto row = keys_.find(key);
    if (!row || row->state != KeyState::accepted || !connections_.seen(key)) return;
    connections_.welcomed(key);
    Welcome reply;
    reply.nonce = hello.nonce;
    reply.name = row->name.text();
    reply.time_ms = wall();
    reply.keyset_version = keyset_.version;
    if (hello.keyset_version < keyset_.version) reply.keyset = to_base64(keyset_.bytes);
    std::uint64_t floor = signer_.newest_sequence();
    reply.pending = compare_unfinished(key, hello, floor);
    reply.sequence_floor = floor;
    log_.info("agent connected",
              {{"name", row->name.text()}, {"version", hello.version}, {"pending", reply.pending.size()}});
    Issue what;
    what.type = MessageType::welcome;
    what.kind = AudienceKind::agent;
    what.agent = key;
    send_to(key, what, write_json(to_value(reply)));
    if (sheet_told_) sheet_told_(row->name, hello.sheet);
}

// Brings what the master knows of an agent's jobs and what the agent knows together. Gives the jobs to fetch; lowers
// `floor` below the oldest command among them (S54).
std::vector<JobId> Dispatch::compare_unfinished(const KeyId& key, const Hello& hello, std::uint64_t& floor) {
    const std::set<JobId> unfinished(hello.unfinished.begin(), hello.unfinished.end());
    std::vector<JobId> pending;
    for (auto& [id, job] : book_.all()) {
        auto* const target = job.target_of(key);
        if (target == nullptr || target->ended()) continue;
        const bool known = unfinished.contains(id);
        if (known) {
            if (target->row.phase != TargetPhase::running) book_.accepted(job, *target, wall());
        } else if (target->row.phase == TargetPhase::running) {
            if (!hello.unfinished_cut) {
                lost_by_agent(job, *target);
                continue;
            }
            ask_how_it_stands(*target);  // it may be among those that were not named
        } else {
            if (pending.size() < most_pending_told) pending.push_back(id);
            if (target->command) floor = std::min(floor, target->sequence - 1);
        }
        if (!target->row.cancelled_by.empty()) send_cancel(*target);
    }
    return pending;
}

void Dispatch::lost_by_agent(ActiveJob& job, ActiveTarget& target) {
    end(job, target, TargetEnd::interrupted, "its agent took the job, but no longer knows of it");
}

void Dispatch::on_fetch(const KeyId& key, const JobId& id) {
    auto* const job = book_.find(id);
    auto* const target = job != nullptr ? job->target_of(key) : nullptr;
    if (target == nullptr || target->ended()) return;
    // What was said before `accepted` came before it: who fetches now does not have it (any more).
    if (target->row.phase == TargetPhase::running) return lost_by_agent(*job, *target);
    if (!target->row.cancelled_by.empty()) return send_cancel(*target);
    if (!target->command)
        target->fetch_waits = true;
    else
        send_command(*target);
}

void Dispatch::on_accepted(const KeyId& key, const Accepted& accepted) {
    auto* const job = book_.find(accepted.job);
    auto* const target = job != nullptr ? job->target_of(key) : nullptr;
    if (target == nullptr || target->ended()) return;
    if (accepted.refused)
        end(*job, *target, TargetEnd::refused, accepted.reason.empty() ? "refused by its agent" : accepted.reason);
    else if (target->row.phase != TargetPhase::running)
        book_.accepted(*job, *target, wall());
}

void Dispatch::on_event(const KeyId& key, const JobEvent& event) {
    auto* const job = book_.find(event.job);
    auto* const target = job != nullptr ? job->target_of(key) : nullptr;
    if (target == nullptr || target->ended()) return;
    Value body = Value::object();
    switch (event.kind) {
        case JobEvent::Kind::output:
            body.set("stream", Value(event.output.is_error ? "stderr" : "stdout"));
            body.set("base64", Value(to_base64(event.output.bytes)));
            if (!event.state.empty()) body.set("state", Value(event.state));
            return book_.event(*job, target->row.target, "output", std::move(body), wall());
        case JobEvent::Kind::state_started:
            body.set("state", Value(event.state));
            return book_.event(*job, target->row.target, "state_started", std::move(body), wall());
        case JobEvent::Kind::state_finished:
            if (event.invocation) body.set("invocation", to_value(*event.invocation));
            return book_.event(*job, target->row.target, "state_finished", std::move(body), wall());
    }
}

void Dispatch::on_file_request(const KeyId& key, const FileRequest& request) {
    auto* const job = book_.find(request.job);
    auto* const target = job != nullptr ? job->target_of(key) : nullptr;
    if (target != nullptr && target->row.phase == TargetPhase::running && !serving_.offers(key, request.job) &&
        job->preparer != nullptr) {
        // The master was started again meanwhile: what the job names is made once more.
        auto& waiting = waiting_requests_[{key, request.job}];
        if (waiting.size() >= most_waiting_requests) return;
        waiting.push_back(request);
        if (waiting.size() == 1) prepare(*job, *target);
        return;
    }
    const auto row = keys_.find(key);
    const auto chunk = serving_.answer(key, request);
    Issue what;
    what.type = MessageType::file_chunk;
    what.kind = AudienceKind::agent;
    what.agent = key;
    what.job = request.job;
    what.sealed = true;  // contents may be secret (S7, S61)
    send_to(key, what, seal(to_bytes(chunk), row->seal));
}

// An agent goes by the master's time; everything else on its machine, logs and certificates too, goes by this clock.
void Dispatch::look_at_clock(const KeyRow& key, std::int64_t ahead_ms) {
    const bool was_wrong = Connections::is_wrong(connections_.clock_told(key.id, ahead_ms));
    if (was_wrong == Connections::is_wrong(ahead_ms)) return;
    if (was_wrong)
        log_.info("an agent's clock is right again", {{"name", key.name.text()}});
    else
        log_.warning("an agent's clock is wrong, or what it said came late",
                     {{"name", key.name.text()}, {"ahead_seconds", ahead_ms / 1000}});
}

void Dispatch::on_heartbeat(const KeyId& key, const Heartbeat& heartbeat) {
    keep_facts(key, heartbeat.facts);
    const auto holder = keys_.find(key);
    if (holder) look_at_clock(*holder, heartbeat.time_ms - wall());
    auto row = store_.agent(key);
    if (!row) return;
    row->seen_ms = wall();
    book_.add_change(*row);
    if (sheet_told_ && holder) sheet_told_(holder->name, heartbeat.sheet);
}

void Dispatch::on_run_request(const KeyId& key, const RunRequest& request) {
    const auto row = keys_.find(key);
    if (!run_asked_ || !row) return;
    const auto reply = [this, key, id = request.request](const RunAnswer& answer) {
        Issue what;
        what.type = MessageType::run_reply;
        what.kind = AudienceKind::agent;
        what.agent = key;
        what.job = answer.job;
        send_to(key, what, write_json(to_value(RunReply{id, answer.job, answer.error, answer.waits})));
    };
    // Each of them is a job, in line with those of people. What a schedule says is asked again until it is answered.
    if (request.scheduled && !scheduled_asked_.allow(key.hex(), boot())) return;
    if (!request.scheduled && !runs_asked_.allow(key.hex(), boot()))
        return reply({{}, "too many runs were asked for; try again in a minute"});
    run_asked_(row->name, request, reply);
}

void Dispatch::keep_facts(const KeyId& key, const Value& facts) {
    if (facts.is_null()) return;
    FactsRow row;
    row.key = key;
    row.time_ms = wall();
    row.facts = facts.is_mapping() ? facts : Value::object();
    book_.add_change(row);
}

}  // namespace prove
