// The core's connection: hello and welcome, heartbeats, keysets, and which message goes where.
#include "agent/daemon/core.hpp"

#include <algorithm>

namespace prove {

namespace {
constexpr std::int64_t purge_every_ms = 600'000;
constexpr std::size_t most_hello_jobs = 1'000;
constexpr std::size_t most_results_at_once = 20;
// A hello has 256 KiB, of which the jobs that it names may take 30.
constexpr std::size_t most_facts_bytes = 216u << 10;
}  // namespace

AgentCore::AgentCore(const Parts& parts)
    : parts_(parts),
      mail_(parts.self, parts.trust, parts.journal, parts.clock, parts.random, parts.log),
      link_(parts.random),
      scheduled_({*this, parts.journal, mail_, parts.clock, parts.disk, parts.self, parts.log, parts.boot_id}) {}

void AgentCore::start() {
    if (const auto& time = parts_.journal.time()) mail_.go_on_from(*time, parts_.boot_id);
    take_over_own();
    interrupt_unfinished();
    for (const auto& job : parts_.journal.jobs_in(AgentJournal::Job::State::done)) await_stored(job);
    scheduled_.start();
    purge_at_ms_ = parts_.clock.boot_ms() + purge_every_ms;
    link_.start(parts_.clock.boot_ms());
}

void AgentCore::handle(const ClientEvent& event) {
    const auto now = parts_.clock.boot_ms();
    switch (event.kind) {
        case ClientEvent::Kind::connected:
            if (event.channel == Channel::main) link_.connected(now);
            break;
        case ClientEvent::Kind::disconnected:
            if (link_.up() || link_.trouble() != event.reason)
                parts_.log.info("no connection to the master", {{"reason", event.reason}});
            link_.failed(now, event.reason);
            break;
        case ClientEvent::Kind::retrying:
            // libzmq says so too when a connection has just been lost.
            if (link_.state() != Link::State::connecting) break;
            if (link_.trouble() != event.reason)
                parts_.log.info("no connection to the master", {{"reason", event.reason}});
            link_.set_trouble(event.reason);
            break;
        case ClientEvent::Kind::message: message(event); break;
    }
    tick();
}

void AgentCore::tick() {
    try {
        do_what_is_due();
    } catch (const Error& error) {
        // Without space nothing can be numbered, and so nothing be sent. The agent waits, and stays.
        if (error.kind() != ErrorKind::full) throw;
        parts_.log.error("the journal cannot be written", {{"error", error.text()}});
        link_.failed(parts_.clock.boot_ms(), error.text());
    }
}

void AgentCore::do_what_is_due() {
    const auto now = parts_.clock.boot_ms();
    const auto step = link_.step(now);
    if (step.disconnect) {
        parts_.net.disconnect();
        fetching_.clear();               // the next welcome says what is pending
    }
    if (step.connect) parts_.net.connect();
    if (step.greet) greet();
    if (step.heartbeat) heartbeat();
    scheduled_.tick(draining_.empty());
    send_due();
    send_own_due();
    send_late_due();
    tell_due_starts();
    for (const auto& outcome : transfers_.take_outcomes(now)) parts_.listener.content_arrived(outcome);
    if (now >= purge_at_ms_) {
        purge_at_ms_ = now + purge_every_ms;
        parts_.journal.purge(mail_.now_ms());
    }
}

std::int64_t AgentCore::next_ms() const {
    auto next = std::min({link_.next_ms(), transfers_.next_ms(), purge_at_ms_, scheduled_.next_ms()});
    if (!unsaved_.empty()) next = std::min(next, save_at_ms_);
    for (const auto& [job, held] : held_starts_) next = std::min(next, held.at_ms);
    for (const auto& [question, asked] : asked_late_) next = std::min(next, asked.give_up_ms);
    if (!link_.up()) return next;
    for (const auto& [question, asked] : asked_late_) next = std::min(next, asked.repeat.at_ms);
    next = std::min(next, transfers_.ask_again_at_ms());
    if (!own_outbox_.empty()) next = std::min(next, own_outbox_.begin()->second.at_ms);
    for (const auto* repeats : {&fetching_, &outbox_})
        for (const auto& [job, repeat] : *repeats) next = std::min(next, repeat.at_ms);
    return next;
}

bool AgentCore::send(MessageType type, const JobId& job, const Value& body) {
    return parts_.net.send(mail_.make(type, job, body));
}

void AgentCore::greet() {
    parts_.net.subscribe();
    Hello hello;
    hello.journal = parts_.journal.id().hex();
    hello.counter = parts_.journal.next_hello();
    nonce_ = parts_.random.bytes<MessageId>().hex();
    hello.nonce = nonce_;
    hello.keyset_version = parts_.trust.keyset().version;
    for (const auto& online : parts_.trust.keyset().online)
        hello.low_water = std::max(hello.low_water, parts_.journal.low_water(key_id_of(online.key)));
    hello.version = parts_.version;
    hello.boot_id = parts_.boot_id;
    for (const auto state : {AgentJournal::Job::State::accepted, AgentJournal::Job::State::done})
        for (const auto& job : parts_.journal.jobs_in(state))
            if (is_own(job))
                continue;                            // the master has not heard of it
            else if (hello.unfinished.size() < most_hello_jobs)
                hello.unfinished.push_back(job);
            else
                hello.unfinished_cut = true;         // the master asks about the others
    hello.sheet = scheduled_.sheet_hash();
    hello.facts = facts_;                // whole with every hello: who restarted is not known here
    facts_sent_ = send(MessageType::hello, {}, to_value(hello));
    if (!facts_sent_) link_.failed(parts_.clock.boot_ms(), "the hello could not be sent");
}

void AgentCore::heartbeat() {
    Heartbeat beat;
    beat.time_ms = parts_.clock.wall_ms();
    beat.keyset_version = parts_.trust.keyset().version;
    beat.sheet = scheduled_.sheet_hash();
    if (!facts_sent_) beat.facts = facts_;
    if (send(MessageType::heartbeat, {}, to_value(beat))) facts_sent_ = true;
}

// Facts that the master could not read would keep the agent out of its reach: it goes on without them.
Value AgentCore::readable(Value facts) const {
    JsonLimits limits;
    limits.bytes = most_facts_bytes;
    limits.depth -= 1;                   // they stand inside a message
    try {
        read_json(write_json(facts), limits);
        return facts;
    } catch (const Error& error) {
        parts_.log.error("the facts of this machine cannot be sent", {{"why", error.text()}});
        return Value::object();
    }
}

void AgentCore::set_facts(Value facts) {
    facts = readable(std::move(facts));
    if (facts == facts_) return;
    facts_ = std::move(facts);
    facts_sent_ = false;
}

void AgentCore::message(const ClientEvent& event) {
    const auto verified = mail_.open(event.frames, event.channel);
    if (!verified) return;
    const auto type = verified->header().type;
    link_.heard(event.channel, parts_.clock.boot_ms());
    try {
        if (type == MessageType::welcome) return welcome(*verified);
        if (type == MessageType::keyset) return keyset(*verified);
        // S54: nothing but that is taken before the welcome.
        if (!link_.up()) return;
        if (type == MessageType::schedules) return scheduled_.sheet_came(*verified, event.frames);
        if (type == MessageType::late_piece) return late_piece(*verified, event.frames);
        if (type == MessageType::command || type == MessageType::staterun) return command(*verified, event.frames);
        session_message(*verified);
    } catch (const Error& error) {
        // What the message holds can be wrong here, or there is no space for what it brings. A disk that fails is
        // neither, and ends the agent (D3).
        const auto kind = error.kind();
        const bool harmless = kind == ErrorKind::invalid || kind == ErrorKind::refused || kind == ErrorKind::missing;
        if (!harmless && kind != ErrorKind::full) throw;
        parts_.log.warning("a message of the master's could not be used",
                           {{"type", name_of(type)}, {"error", error.text()}});
    }
}

void AgentCore::session_message(const Verified& verified) {
    switch (verified.header().type) {
        case MessageType::announcement: return announced(verified);
        case MessageType::cancel: return cancelled(verified);
        case MessageType::stored: return stored(verified);
        case MessageType::file_request: return file_requested(verified);
        case MessageType::file_chunk: {
            auto payload = verified.payload();
            if (verified.header().sealed) {
                const auto opened = parts_.self.opener.open(payload);
                if (!opened) throw Error(ErrorKind::refused, "a chunk was sealed for somebody else");
                payload = *opened;
            }
            return transfers_.arrived(file_chunk_from(payload), parts_.clock.boot_ms());
        }
        case MessageType::run_reply: {
            const auto reply = run_reply_from(read_body(verified));
            if (!scheduled_.answered(reply)) parts_.listener.run_answered(reply);
            return;
        }
        default: return;                 // a heartbeat: that it came is all
    }
}

void AgentCore::welcome(const Verified& verified) {
    const auto welcome = welcome_from(read_body(verified));
    if (nonce_.empty() || welcome.nonce != nonce_) {
        parts_.log.warning("a welcome answered no hello of ours", {});
        return;
    }
    nonce_.clear();
    mail_.set_master_time(welcome.time_ms);
    parts_.journal.set_time({*mail_.master_minus_boot_ms(), welcome.time_ms, parts_.boot_id});
    if (const auto skew = mail_.clock_skew_ms(); skew > 300'000 || skew < -300'000)
        parts_.log.warning("this machine's clock is not the master's", {{"ahead by s", skew / 1000}});
    if (!welcome.keyset.empty()) parts_.trust.offer(from_base64(welcome.keyset), mail_.now_ms());
    parts_.journal.raise_low_water(verified.header().sender, welcome.sequence_floor);
    if (name_ != welcome.name) parts_.listener.named(welcome.name);
    name_ = welcome.name;
    link_.welcomed(parts_.clock.boot_ms());
    parts_.log.info("connected to the master", {{"name", name_}, {"pending", welcome.pending.size()}});
    transfers_.reconnected(parts_.clock.boot_ms());
    for (auto& [job, repeat] : outbox_) repeat = {};
    for (auto& [job, repeat] : own_outbox_) repeat = {};
    scheduled_.connected();
    for (auto& [question, asked] : asked_late_) asked.repeat = {};
    for (const auto& job : running_)
        if (!is_own(job)) send(MessageType::accepted, job, to_value(Accepted{job, false, {}}));
    if (!draining_.empty()) return;
    for (const auto& job : welcome.pending)
        if (parts_.journal.find(job) == nullptr) fetch(job);
}

void AgentCore::keyset(const Verified& verified) {
    if (verified.payload().empty()) return;
    parts_.trust.offer(verified.payload(), mail_.now_ms());
    parts_.log.info("a newer keyset was taken", {{"version", parts_.trust.keyset().version}});
    scheduled_.keys_changed();
}

bool AgentCore::request_run(const std::string& request, RunMode mode) {
    return link_.up() && send(MessageType::run_request, {}, to_value(RunRequest{request, mode, {}}));
}

void AgentCore::again(Repeat& repeat, std::int64_t most_ms) {
    repeat.at_ms = parts_.clock.boot_ms() + repeat.delay_ms;
    repeat.delay_ms = std::min(repeat.delay_ms * 2, most_ms);
}

void AgentCore::send_due() {
    const auto now = parts_.clock.boot_ms();
    if (!unsaved_.empty() && now >= save_at_ms_) {
        auto waiting = std::exchange(unsaved_, {});
        for (auto& [job, result] : waiting) save(std::move(result));
    }
    if (!link_.up()) return;
    for (auto& [job, repeat] : fetching_) {
        if (now < repeat.at_ms) continue;
        send(MessageType::fetch, job, to_value(Fetch{job}));
        again(repeat, 60'000);
    }
    std::size_t sent = 0;
    for (auto& [job, repeat] : outbox_) {
        if (now < repeat.at_ms || ++sent > most_results_at_once) continue;
        again(repeat, 300'000);
        send_result(job);
    }
    for (const auto& request : transfers_.requests(now))
        send(MessageType::file_request, request.job, to_value(request));
}

AgentCore::Status AgentCore::status() const {
    Status status;
    status.link = link_.state();
    status.link_since_ms = link_.since_ms();
    status.trouble = link_.trouble();
    status.name = name_;
    status.running = running_.size();
    status.unsent = outbox_.size() + own_outbox_.size();
    status.journal_jobs = parts_.journal.size();
    status.clock_skew_ms = mail_.clock_skew_ms();
    status.refused = mail_.refused();
    status.draining = draining_;
    return status;
}

}  // namespace prove
