// An agent's end of the wire for tests: it has keys, says what it is told to say, and remembers what it is told. It
// makes no decisions of its own.
#pragma once

#include "tests/support/master_world.hpp"

namespace prove::test {

// What an agent got and could verify.
struct Got {
    Header header;
    std::string plain;  // opened, where it was sealed
    bool published = false;
    Value body() const { return read_body(header.type, plain); }
};

class FakeAgent final : public Receiver {
  public:
    FakeAgent(MasterWorld& world, std::string name, KeyState state = KeyState::accepted)
        : world_(world), name_(std::move(name)), route_(name_ + "#1") {
        KeyRow row;
        row.id = sign.key_id();
        row.sign = sign.public_key();
        row.transport = transport.public_key();
        row.seal = seal.public_key();
        row.state = state;
        row.name = TargetId(name_);
        row.fingerprint = fingerprint_of(row.sign);
        row.first_seen_ms = row.last_seen_ms = world.clock.wall_ms();
        write_and_wait(world.store, {row});
        world.life->keys.put(row);
    }

    KeyId key() const { return sign.key_id(); }
    const std::string& name() const { return name_; }
    const std::string& route() const { return route_; }

    // --- what it says
    Header header_of(MessageType type, const JobId& job = {}) {
        Header header;
        header.type = type;
        header.sender = key();
        header.audience_kind = AudienceKind::master;
        header.audience = audience_of(world_.cluster);
        header.cluster = world_.cluster;
        header.message = world_.random.bytes<MessageId>();
        header.job = job;
        header.sequence = ++sequence;
        // Everything after the welcome is by the master's time.
        header.issued_ms = world_.clock.wall_ms() + (type == MessageType::hello ? clock_ahead_ms : 0);
        header.not_after_ms = header.issued_ms + 60'000;
        return header;
    }
    Incoming incoming(const Frames& frames) const {
        Incoming in;
        in.route = {route_, Channel::main};
        in.user_id = key();
        in.address = "10.0.0.1";
        in.frames = {frames.header, frames.signature, frames.payload};
        return in;
    }
    void deliver(const Incoming& in) {
        world_.dispatch().receive(in);
        world_.settle();
    }
    void say(MessageType type, const Value& body, const JobId& job = {}) {
        deliver(incoming(make_envelope(header_of(type, job), write_json(body), KeyEnvelopeSigner(sign))));
    }
    Frames hello_frames(const std::vector<JobId>& unfinished = {}, Value facts = Value()) {
        Hello hello;
        hello.journal = journal;
        hello.counter = ++counter;
        hello.nonce = std::string(32, 'a');
        hello.keyset_version = 3;
        hello.version = "0.1.0";
        hello.boot_id = "boot";
        hello.unfinished = unfinished;
        hello.facts = std::move(facts);
        return make_envelope(header_of(MessageType::hello), write_json(to_value(hello)), KeyEnvelopeSigner(sign));
    }
    void hello(const std::vector<JobId>& unfinished = {}, Value facts = Value()) {
        deliver(incoming(hello_frames(unfinished, std::move(facts))));
    }
    // A new connection, and hello on it.
    void reconnect(const std::vector<JobId>& unfinished = {}) {
        world_.net.gone.insert(route_);
        route_ = name_ + "#" + std::to_string(++connections_);
        hello(unfinished);
    }
    void vanish() { world_.net.gone.insert(route_); }
    void fetch(const JobId& job) { say(MessageType::fetch, to_value(Fetch{job}), job); }
    void accept(const JobId& job) { say(MessageType::accepted, to_value(Accepted{job, false, ""}), job); }
    void finish(const JobId& job, JobResult::End end = JobResult::End::done, const std::string& reason = "") {
        JobResult result;
        result.job = job;
        result.end = end;
        result.reason = reason;
        result.body = Value::object();
        say(MessageType::result, to_value(result), job);
    }
    void output(const JobId& job, const std::string& text) {
        JobEvent event;
        event.job = job;
        event.number = 1;
        event.kind = JobEvent::Kind::output;
        event.output.bytes = text;
        say(MessageType::event, to_value(event), job);
    }

    // --- what it got: everything since the last call that was for it and verified
    std::vector<Got> got() {
        std::vector<Got> all;
        for (std::size_t i = read_; i < world_.net.sent.size(); ++i) {
            const auto& sent = world_.net.sent[i];
            const bool published = sent.route.empty();
            if (!published && sent.route != route_) continue;
            Arrival arrival;
            arrival.socket = published ? Arrival::Socket::publish : Arrival::Socket::main;
            arrival.now_ms = world_.clock.wall_ms();
            const auto checked =
                verify({sent.frames.header, sent.frames.signature, sent.frames.payload}, arrival, *this);
            if (!checked.verified) continue;
            Got got{checked.verified->header(), checked.verified->payload(), published};
            if (got.header.sealed) got.plain = seal.open(got.plain).value_or("not for us");
            all.push_back(std::move(got));
        }
        read_ = world_.net.sent.size();
        return all;
    }
    std::vector<std::string> heard() {
        std::vector<std::string> types;
        for (const auto& one : got()) types.emplace_back(name_of(one.header.type));
        return types;
    }
    std::optional<Got> last(MessageType type) {
        std::optional<Got> found;
        for (auto& one : got())
            if (one.header.type == type) found = std::move(one);
        return found;
    }

    ClusterId cluster() const override { return world_.cluster; }
    bool is_master() const override { return false; }
    KeyId own_key() const override { return key(); }
    std::uint8_t minimum_version() const override { return 1; }
    std::optional<SenderKey> sender(const KeyId& id) const override {
        if (id != world_.online.key_id()) return std::nullopt;
        return SenderKey{world_.online.public_key(), true, 1, true};
    }
    bool fresh(const Header&) const override { return true; }

    SigningKey sign = SigningKey::generate();
    TransportKey transport = TransportKey::generate();
    SealKey seal = SealKey::generate();
    std::string journal = std::string(32, '1');
    std::uint64_t counter = 0;
    std::uint64_t sequence = 0;
    std::int64_t clock_ahead_ms = 0;

  private:
    MasterWorld& world_;
    std::string name_;
    std::string route_;
    int connections_ = 1;
    std::size_t read_ = 0;
};

}  // namespace prove::test
