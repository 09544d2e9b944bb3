// Section 16 at the master's main socket: each message that must not be taken leaves no trace but a counter. The bytes
// of envelopes are proto's tests; here is what only a master can know: keys, connections, sequences, jobs.
#include <catch2/catch.hpp>

#include "tests/support/fake_agent.hpp"

using namespace prove;
using namespace prove::test;

namespace {

// A job that web1 runs: whether a result of it is taken shows whether a message was.
struct Running {
    MasterWorld world;
    FakeAgent web1{world, "web1"};
    JobId job;
    Running() {
        web1.hello();
        job = world.submit({"web1"});
        web1.accept(job);
    }
    Incoming result() {
        JobResult body;
        body.job = job;
        body.body = Value::object();
        return web1.incoming(make_envelope(web1.header_of(MessageType::result, job), write_json(to_value(body)),
                                           KeyEnvelopeSigner(web1.sign)));
    }
    bool taken() const { return world.end_of(job, "web1") == "done"; }
    void set_state(KeyState state) {
        auto row = *world.life->keys.find(web1.key());
        row.state = state;
        world.life->keys.put(row);
    }
};

}  // namespace

TEST_CASE("a good result is taken: what the refusals below are held against", "[refusal]") {
    Running running;
    running.web1.deliver(running.result());
    CHECK(running.taken());
}

TEST_CASE("S33 a message whose connection has no user is refused", "[refusal]") {
    Running running;
    auto message = running.result();
    message.user_id.reset();
    running.web1.deliver(message);
    CHECK_FALSE(running.taken());
}

TEST_CASE("S33 a message whose sender is not the user of its connection is refused", "[refusal]") {
    Running running;
    FakeAgent web2(running.world, "web2");
    web2.hello();
    auto message = running.result();
    message.user_id = web2.key();
    message.route = {web2.route(), Channel::main};
    running.web1.deliver(message);
    CHECK_FALSE(running.taken());
}

TEST_CASE("S33 a key that is pending, rejected, revoked or in conflict is refused on its living connection",
          "[refusal]") {
    const auto state = GENERATE(KeyState::pending, KeyState::rejected, KeyState::revoked, KeyState::conflict);
    Running running;
    running.set_state(state);
    running.web1.deliver(running.result());
    CHECK_FALSE(running.taken());
}

TEST_CASE("S33 an unknown key is refused", "[refusal]") {
    Running running;
    const auto stranger = SigningKey::generate();
    auto header = running.web1.header_of(MessageType::result, running.job);
    JobResult body;
    body.job = running.job;
    auto message =
        running.web1.incoming(make_envelope(header, write_json(to_value(body)), KeyEnvelopeSigner(stranger)));
    message.user_id = stranger.key_id();
    running.web1.deliver(message);
    CHECK_FALSE(running.taken());
}

TEST_CASE("S48 a sequence that does not rise within a connection is refused", "[refusal]") {
    Running running;
    const auto message = running.result();
    SECTION("the same message twice counts once") {
        running.web1.deliver(message);
        const auto events = running.world.event_kinds(running.job);
        running.web1.deliver(message);
        CHECK(running.world.event_kinds(running.job) == events);
    }
    SECTION("one that was overtaken") {
        running.web1.say(MessageType::heartbeat, to_value(Heartbeat{}));
        running.web1.deliver(message);
        CHECK_FALSE(running.taken());
    }
}

TEST_CASE("S54 before its hello an agent's messages are refused", "[refusal]") {
    MasterWorld world;
    FakeAgent web1(world, "web1");
    const auto job = world.submit({"web1"});
    web1.accept(job);
    web1.finish(job);
    CHECK(world.end_of(job, "web1") == "waiting");
}

TEST_CASE("S3 an agent cannot end another agent's part of a job", "[refusal]") {
    Running running;
    FakeAgent web2(running.world, "web2");
    web2.hello();
    web2.finish(running.job);
    CHECK_FALSE(running.taken());
    web2.output(running.job, "lies");
    CHECK(running.world.event_kinds(running.job) == std::vector<std::string>{"accepted"});
}

TEST_CASE("A1 an agent gets no command of a job that is not for it", "[refusal]") {
    Running running;
    FakeAgent web2(running.world, "web2");
    web2.hello();
    web2.got();
    web2.fetch(running.job);
    CHECK(web2.got().empty());
}

TEST_CASE("S46 a body that cannot be read is refused, and the next message is taken", "[refusal]") {
    Running running;
    const auto body = GENERATE(as<std::string>(), "", "{", "[]", R"({"job":"x"})", R"({"job":1,"job":2})", "\xff");
    Frames frames;
    if (!body.empty())
        frames = make_envelope(running.web1.header_of(MessageType::event, running.job), body,
                               KeyEnvelopeSigner(running.web1.sign));
    running.web1.deliver(running.web1.incoming(frames));
    CHECK_FALSE(running.taken());
    running.web1.deliver(running.result());
    CHECK(running.taken());
}

TEST_CASE("S44 types that only a master may send are refused from an agent", "[refusal]") {
    Running running;
    running.web1.got();
    for (const auto type : {MessageType::stored, MessageType::welcome, MessageType::announcement, MessageType::cancel})
        running.web1.say(type, Value::object(), running.job);
    CHECK(running.web1.got().empty());
    CHECK(running.world.end_of(running.job, "web1") == "running");
}

TEST_CASE("A7 a thousand malformed messages of an accepted key harm nobody else", "[refusal]") {
    Running running;
    FakeAgent web2(running.world, "web2");
    web2.hello();
    for (int i = 0; i < 1000; ++i) {
        auto message = web2.incoming({});
        message.frames = {std::string(static_cast<std::size_t>(i % 300), 'x'), std::string(64, 'y'), "z"};
        running.world.dispatch().receive(message);
    }
    running.world.settle();
    running.web1.deliver(running.result());
    CHECK(running.taken());
}

TEST_CASE("S56 a hello with a higher counter replaces the older connection", "[refusal][hello]") {
    Running running;
    running.web1.reconnect({running.job});
    CHECK(running.web1.last(MessageType::welcome));
    running.web1.deliver(running.result());
    CHECK(running.taken());
}

TEST_CASE("S56 P12 a hello whose counter does not rise puts the key in conflict, and it gets no jobs",
          "[refusal][hello]") {
    Running running;
    auto& world = running.world;
    running.web1.counter = 0;  // a copy, or a machine set back
    running.web1.hello();
    const auto row = world.life->keys.find(running.web1.key());
    CHECK(row->state == KeyState::conflict);
    CHECK(world.net.disconnected.contains(running.web1.key()));
    CHECK_FALSE(world.life->keys.accepted(running.web1.transport.public_key()));
    CHECK(world.store.audit(0, 10).back().command == "keys.conflict");
    CHECK(world.end_of(running.job, "web1") == "unreachable");
    const auto next = world.submit({"web1"});
    CHECK(world.end_of(next, "web1") == "refused");
}

TEST_CASE("S56 what the older connection says after the newer one said hello puts the key in conflict",
          "[refusal][hello]") {
    Running running;
    const auto old_route = running.web1.route();
    running.web1.reconnect({running.job});
    auto message = running.result();  // a sequence above the hello's
    message.route.bytes = old_route;
    running.web1.deliver(message);
    CHECK_FALSE(running.taken());
    CHECK(running.world.life->keys.find(running.web1.key())->state == KeyState::conflict);
}

TEST_CASE("S56 what was sent on the older connection before the new hello, and comes late, is no conflict",
          "[refusal][hello]") {
    Running running;
    const auto late = running.result();
    running.web1.reconnect({running.job});
    running.web1.deliver(late);
    CHECK_FALSE(running.taken());  // the agent says it again
    CHECK(running.world.life->keys.find(running.web1.key())->state == KeyState::accepted);
}

TEST_CASE("S56 a hello that was under way longer than the next one of the same agent is no conflict",
          "[refusal][hello]") {
    Running running;
    auto& world = running.world;
    auto late = running.web1.incoming(running.web1.hello_frames());
    world.clock.pass(Milliseconds(30'000));  // its agent gave that connection up
    running.web1.reconnect({running.job});
    late.route.bytes = "given up";
    SECTION("it came late") {
        running.web1.deliver(late);
        CHECK(world.life->keys.find(running.web1.key())->state == KeyState::accepted);
        running.web1.deliver(running.result());
        CHECK(running.taken());
    }
    SECTION("the same from a copy that is made now") {
        running.web1.counter = 0;
        late = running.web1.incoming(running.web1.hello_frames());
        late.route.bytes = "the copy's";
        running.web1.deliver(late);
        CHECK(world.life->keys.find(running.web1.key())->state == KeyState::conflict);
    }
}

TEST_CASE("P13 an agent whose clock is wrong says hello and gets its jobs", "[refusal][hello]") {
    const std::int64_t day_ms = 24LL * 3600 * 1000;
    MasterWorld world;
    FakeAgent web1(world, "web1");
    SECTION("a day behind") {
        web1.clock_ahead_ms = -day_ms;
    }
    SECTION("a day ahead") {
        web1.clock_ahead_ms = day_ms;
    }
    SECTION("in 1970") {
        web1.clock_ahead_ms = -world.clock.wall_ms();
    }
    web1.hello();
    CHECK(web1.last(MessageType::welcome));
    const auto job = world.submit({"web1"});
    web1.accept(job);
    web1.finish(job);
    CHECK(world.end_of(job, "web1") == "done");

    // A hello of before that comes late is none of a copy, by the agent's own time.
    auto late = web1.incoming(web1.hello_frames());
    world.clock.pass(Milliseconds(400'000));
    web1.reconnect();
    late.route.bytes = "given up";
    web1.deliver(late);
    CHECK(world.life->keys.find(web1.key())->state == KeyState::accepted);
    CHECK(web1.last(MessageType::welcome));
}

TEST_CASE("P13 S56 with a wrong clock, too, a hello that is said again is a conflict", "[refusal][hello]") {
    MasterWorld world;
    FakeAgent web1(world, "web1");
    web1.clock_ahead_ms = -24LL * 3600 * 1000;
    const auto hello = web1.incoming(web1.hello_frames());
    web1.deliver(hello);
    world.clock.pass(Milliseconds(3'600'000));
    auto again = hello;
    SECTION("on the same connection it is only refused, as a replay") {
        web1.deliver(again);
        CHECK(world.life->keys.find(web1.key())->state == KeyState::accepted);
        CHECK(world.store.agent(web1.key())->counter == 1);
    }
    SECTION("after a restart of the master") {
        world.restart();
        again.route.bytes = "another";
        web1.deliver(again);
        CHECK(world.life->keys.find(web1.key())->state == KeyState::conflict);
    }
}

TEST_CASE("S44 everything but a hello is judged by the master's time", "[refusal]") {
    Running running;
    auto header = running.web1.header_of(MessageType::result, running.job);
    SECTION("expired") {
        header.issued_ms -= 24LL * 3600 * 1000;
    }
    SECTION("from the future") {
        header.issued_ms += 24LL * 3600 * 1000;
    }
    header.not_after_ms = header.issued_ms + 60'000;
    JobResult body;
    body.job = running.job;
    body.body = Value::object();
    running.web1.deliver(
        running.web1.incoming(make_envelope(header, write_json(to_value(body)), KeyEnvelopeSigner(running.web1.sign))));
    CHECK_FALSE(running.taken());
}

TEST_CASE("S55 a new journal is taken, and noticed in the audit log; the old one coming back is a conflict",
          "[refusal][hello]") {
    MasterWorld world;
    FakeAgent web1(world, "web1");
    web1.hello();
    web1.journal = std::string(32, '2');
    web1.counter = 0;
    web1.reconnect();
    CHECK(web1.last(MessageType::welcome));
    CHECK(world.store.audit(0, 10).back().command == "journal.lost");
    web1.journal = std::string(32, '1');
    web1.counter = 100;
    web1.reconnect();
    CHECK(world.life->keys.find(web1.key())->state == KeyState::conflict);
}

TEST_CASE("S56 the counter is durable before the welcome goes out, so a crash lets no copy in", "[refusal][hello]") {
    MasterWorld world;
    FakeAgent web1(world, "web1");
    world.store.hold();
    web1.hello();
    CHECK_FALSE(web1.last(MessageType::welcome));
    world.store.commit();
    CHECK(web1.last(MessageType::welcome));
    world.restart();
    web1.counter = 0;
    web1.hello();
    world.store.commit();
    CHECK(world.life->keys.find(web1.key())->state == KeyState::conflict);
}
