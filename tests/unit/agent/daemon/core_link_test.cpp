// The core's connection: greeting, time, heartbeats, keysets, and the refusals of section 16 that an agent meets.
#include <catch2/catch.hpp>

#include "tests/unit/agent/daemon/world.hpp"

using namespace prove;
using namespace prove::test;

namespace {
const JobId job = job_number(1);
}

TEST_CASE("S54 before the welcome no job is accepted, and a welcome with another nonce is none") {
    World world;
    for (int waits = 0; waits < 10 && world.count(MessageType::hello) == 0; ++waits) world.pass(1'000);
    REQUIRE(world.count(MessageType::hello) == 1);
    world.send(world.command_frames(job));
    CHECK(world.starter.started.empty());
    Welcome forged;
    forged.nonce = std::string(32, '0');
    forged.time_ms = world.clock.wall;
    forged.name = "web1";
    world.send(MessageType::welcome, {}, to_value(forged));
    CHECK(world.core->status().link == Link::State::greeting);
    world.welcome();
    CHECK(world.core->status().link == Link::State::up);
    CHECK(world.heard.name == "web1");
    world.send(world.command_frames(job));
    CHECK(world.starter.started.size() == 1);
}

TEST_CASE("S56 every hello of a journal has a higher counter, after a crash too; a new journal has another id (S55)") {
    World world;
    world.connect();
    const auto first = hello_from(world.received(MessageType::hello).at(0));
    world.network.cut(world.curve);
    world.connect();
    world.boot();
    world.connect();
    const auto hellos = world.received(MessageType::hello);
    REQUIRE(hellos.size() == 3);
    CHECK(first.counter == 1);
    CHECK(hello_from(hellos[1]).counter == 2);
    CHECK(hello_from(hellos[2]).counter == 3);
    CHECK(hello_from(hellos[2]).journal == first.journal);

    world.core.reset();
    world.journal.reset();
    world.disk.remove("journal");
    world.boot();
    world.connect();
    const auto fresh = hello_from(world.received(MessageType::hello).back());
    CHECK(fresh.journal != first.journal);
}

TEST_CASE("S48 the agent's own sequence never repeats, also after a crash") {
    World world;
    std::set<std::uint64_t> seen;
    const auto note = [&] {
        for (const auto& incoming : world.inbox) {
            std::uint64_t sequence = 0;
            for (std::size_t i = 120; i < 128; ++i)
                sequence = (sequence << 8) | static_cast<std::uint8_t>(incoming.frames[0][i]);
            CHECK(seen.insert(sequence).second);
        }
        world.inbox.clear();
    };
    for (int lives = 0; lives < 5; ++lives) {
        world.connect();
        world.send(world.command_frames(job_number(static_cast<std::uint8_t>(10 + lives))));
        note();
        world.boot();
    }
    CHECK(seen.size() >= 10);
}

TEST_CASE("a hello tells what is unfinished here") {
    World world;
    world.connect();
    world.send(world.command_frames(job));
    world.finish(job);
    world.boot();
    world.connect();
    const auto hello = hello_from(world.received(MessageType::hello).back());
    CHECK(hello.unfinished == std::vector{job});
    CHECK(hello.low_water > 0);
}

TEST_CASE("a hello names at most 1,000 unfinished jobs, and says where there are more") {
    World world;
    const auto number = [](std::uint16_t value) {
        JobId::Raw raw;
        raw.bytes.fill(1);
        raw.bytes[14] = static_cast<std::uint8_t>(value >> 8);
        raw.bytes[15] = static_cast<std::uint8_t>(value);
        return JobId(raw);
    };
    AcceptedRecord record;
    record.sender = world.master.id();
    record.not_after_ms = world.clock.wall + 3'600'000;
    const auto add = [&](std::uint16_t from, std::uint16_t to) {
        for (auto i = from; i < to; ++i) {
            record.job = number(i);
            record.sequence = i;
            world.journal->accept(record);
        }
    };
    add(0, 1'000);
    world.boot();
    world.connect();
    const auto whole = hello_from(world.received(MessageType::hello).back());
    CHECK(whole.unfinished.size() == 1'000);
    CHECK_FALSE(whole.unfinished_cut);
    add(1'000, 1'001);
    world.boot();
    world.connect();
    const auto cut = hello_from(world.received(MessageType::hello).back());
    CHECK(cut.unfinished.size() == 1'000);
    CHECK(cut.unfinished_cut);
}

TEST_CASE("an agent whose facts no master could read connects without them") {
    World world;
    Value facts = Value::object();
    SECTION("too many members") {
        for (int i = 0; i < 1'001; ++i) facts.set("n" + std::to_string(i), i);
    }
    SECTION("too large") { facts.set("text", std::string(250'000, 'x')); }
    SECTION("too deep") {
        for (int i = 0; i < 40; ++i) {
            Value outer = Value::object();
            outer.set("in", std::move(facts));
            facts = std::move(outer);
        }
    }
    world.core->set_facts(std::move(facts));
    world.connect();
    CHECK(hello_from(world.received(MessageType::hello).back()).facts == Value::object());
}

TEST_CASE("P13 an agent whose clock is a day wrong takes the master's time from the welcome and works") {
    for (const std::int64_t wrong : {-86'400'000LL, 86'400'000LL}) {
        World world;
        const auto right = world.clock.wall;
        world.clock.wall += wrong;
        for (int waits = 0; waits < 10 && world.count(MessageType::hello) == 0; ++waits) world.pass(1'000);
        const auto now = right + (world.clock.wall - right - wrong);
        const auto hello = hello_from(world.received(MessageType::hello).at(0));
        Welcome welcome;
        welcome.nonce = hello.nonce;
        welcome.sequence_floor = world.master.sequence;
        welcome.time_ms = now;
        welcome.name = "web1";
        world.send(world.master.sign(world.master.header(MessageType::welcome, world.agent(), {}, now),
                                     write_json(to_value(welcome))));
        REQUIRE(world.core->status().link == Link::State::up);
        CHECK(world.core->status().clock_skew_ms == wrong);
        CHECK(world.core->now_ms() == now);
        auto header = world.master.header(MessageType::command, world.agent(), job, now);
        header.sealed = true;
        world.send(world.master.sign(header, sealed_command(world.command_for(job), world.seal_key.public_key())));
        CHECK(world.starter.started.size() == 1);
    }
}

TEST_CASE("A2 heartbeats go out every 60 s, and silence of two intervals makes new sockets") {
    World world;
    world.connect();
    const auto beat = [&] {
        Heartbeat heartbeat;
        heartbeat.time_ms = world.clock.wall;
        world.send(MessageType::heartbeat, {}, to_value(heartbeat));
    };
    for (int minutes = 0; minutes < 5; ++minutes) {
        world.pass(60'000);
        beat();
    }
    CHECK(world.count(MessageType::heartbeat) == 5);
    CHECK(world.count(MessageType::hello) == 1);
    world.pass(131'000);
    CHECK(world.core->status().link != Link::State::up);
    CHECK(world.core->status().trouble == "nothing was heard of the master");
    world.pass(21'000);
    CHECK(world.count(MessageType::hello) == 2);
}

TEST_CASE("A2 announcements that fall silent alone make new sockets too") {
    World world;
    world.connect();
    Heartbeat heartbeat;
    heartbeat.time_ms = world.clock.wall;
    world.publish(MessageType::heartbeat, {}, to_value(heartbeat));
    for (int minutes = 0; minutes < 3; ++minutes) {
        world.send(MessageType::heartbeat, {}, to_value(heartbeat));
        world.pass(45'000);
    }
    CHECK(world.core->status().trouble == "nothing was heard of the master's announcements");
}

TEST_CASE("A2 a heartbeat that is played back does not make a dead connection look alive") {
    World world;
    world.connect();
    Heartbeat heartbeat;
    heartbeat.time_ms = world.clock.wall;
    const auto frames = world.master.sign(world.master.header(MessageType::heartbeat, world.agent(), {}, world.clock.wall),
                                          write_json(to_value(heartbeat)));
    world.send(frames);
    world.send(frames);
    CHECK(world.refused(Refusal::replay) == 1);
}

TEST_CASE("a heartbeat carries facts only where they have changed") {
    World world;
    Value facts = Value::object();
    facts.set("os", "debian");
    world.core->set_facts(facts);
    world.connect();
    CHECK(hello_from(world.received(MessageType::hello).at(0)).facts == facts);
    world.pass(60'000);
    CHECK(heartbeat_from(world.received(MessageType::heartbeat).back()).facts.is_null());
    facts.set("os", "other");
    world.core->set_facts(facts);
    world.pass(60'000);
    CHECK(heartbeat_from(world.received(MessageType::heartbeat).back()).facts == facts);
}

TEST_CASE("P11a a refused agent knocks at most twice a minute after the first two minutes, and comes back once accepted") {
    World world;
    world.admits.all = false;
    const auto knocks_within = [&](std::int64_t ms) {
        std::set<std::int64_t> refused_at;
        for (std::int64_t passed = 0; passed < ms; passed += 100) {
            world.pass(100);
            refused_at.insert(world.core->status().link_since_ms);
        }
        return static_cast<int>(refused_at.size());
    };
    knocks_within(120'000);
    const int knocks = knocks_within(600'000);
    CHECK(knocks > 5);
    CHECK(knocks <= 20);
    CHECK(world.core->status().trouble == "the master does not accept this agent's key");
    world.admits.all = true;
    const auto hellos = world.count(MessageType::hello);
    world.pass(61'000);
    CHECK(world.count(MessageType::hello) > hellos);
}

TEST_CASE("status tells why there is no connection: lost, or nobody there") {
    World world;
    world.connect();
    world.network.cut(world.curve);
    ClientEvent retrying;
    retrying.kind = ClientEvent::Kind::retrying;
    retrying.reason = "nobody answers";
    world.settle();
    world.core->handle(retrying);        // libzmq says that as well when a connection is lost
    CHECK(world.core->status().trouble == "the connection was lost");
    world.network.set_server_down(true);
    world.pass(25'000);
    CHECK(world.core->status().trouble == "nobody answers");
    world.network.set_server_down(false);
    world.connect();
    CHECK(world.core->status().trouble.empty());
}

TEST_CASE("S38a a master that does not answer the hello within 30 s is left and tried again") {
    World world;
    world.pass(2'000);
    REQUIRE(world.count(MessageType::hello) == 1);
    world.pass(30'000);
    CHECK_THAT(world.core->status().trouble, Catch::Contains("does not answer"));
    world.pass(5'000);
    CHECK(world.count(MessageType::hello) == 2);
}

TEST_CASE("S19 a newer keyset is taken from a welcome or by itself, kept, and counts from then on") {
    World world;
    world.connect();
    const auto keyset = world.master.signed_keyset(world.master.document(2));
    world.send(world.master.sign(world.master.header(MessageType::keyset, world.agent(), {}, world.clock.wall), keyset));
    REQUIRE(world.kept_keysets.size() == 1);
    CHECK(world.kept_keysets[0] == keyset);
    CHECK(world.trust->keyset().version == 2);
    // The same again, and an older one, change nothing.
    world.send(world.master.sign(world.master.header(MessageType::keyset, world.agent(), {}, world.clock.wall), keyset));
    CHECK(world.kept_keysets.size() == 1);
    CHECK(world.core->status().link == Link::State::up);
}

TEST_CASE("S67 what a revoked online key signs is refused") {
    World world;
    world.connect();
    auto keyset = world.master.document(2);
    keyset.revoked = {world.master.id()};
    world.send(world.master.sign(world.master.header(MessageType::keyset, world.agent(), {}, world.clock.wall),
                                 world.master.signed_keyset(keyset)));
    REQUIRE(world.trust->keyset().version == 2);
    world.send(world.command_frames(job));
    CHECK(world.starter.started.empty());
    CHECK(world.refused(Refusal::sender_not_accepted) == 1);
}

TEST_CASE("S44 every refusal of section 16 that an agent meets leaves the agent as it was") {
    World world;
    world.connect();
    const auto now = world.clock.wall;
    const auto body = write_json(to_value(Cancel{job, "x"}));
    const auto good = [&] { return world.master.header(MessageType::cancel, world.agent(), job, now); };
    const auto send_header = [&](Header header) { world.send(world.master.sign(header, body)); };
    const auto bent = [&](auto bend) {
        auto header = good();
        bend(header);
        send_header(header);
    };
    SECTION("wrong cluster") {
        bent([](Header& header) { header.cluster = ClusterId(); });
        CHECK(world.refused(Refusal::cluster) == 1);
    }
    SECTION("another agent's audience") {
        bent([](Header& header) { header.audience = audience_of(KeyId()); });
        CHECK(world.refused(Refusal::audience) == 1);
    }
    SECTION("expired") {
        bent([&](Header& header) { header.issued_ms = now - 120'000; header.not_after_ms = now - 60'000; });
        CHECK(world.refused(Refusal::expired) == 1);
    }
    SECTION("from the future") {
        bent([&](Header& header) { header.issued_ms = now + 400'000; header.not_after_ms = now + 500'000; });
        CHECK(world.refused(Refusal::issued_in_future) == 1);
    }
    SECTION("an old epoch") {
        bent([](Header& header) { header.epoch = 2; });
        CHECK(world.refused(Refusal::epoch) == 1);
    }
    SECTION("a type that masters do not send") {
        bent([](Header& header) { header.type = MessageType::hello; });
        CHECK(world.refused(Refusal::type_not_allowed) == 1);
    }
    SECTION("a command by the announcements' socket") {
        auto header = good();
        header.type = MessageType::command;
        header.sealed = true;
        world.server->publish(world.master.sign(header, sealed_command(world.command_for(job), world.seal_key.public_key())));
        world.settle();
        CHECK(world.refused(Refusal::type_not_allowed) == 1);
    }
    SECTION("signed by a stranger") {
        const auto stranger = SigningKey::generate();
        world.send(make_envelope(good(), body, KeyEnvelopeSigner(stranger)));
        CHECK(world.refused(Refusal::unknown_sender) == 1);
    }
    SECTION("a changed payload, a changed header, a cut signature") {
        auto frames = world.master.sign(good(), body);
        auto changed = frames;
        changed.payload.back() = ' ';
        world.send(changed);
        CHECK(world.refused(Refusal::payload_hash) == 1);
        changed = frames;
        changed.header[130] = static_cast<char>(changed.header[130] ^ 1);
        world.send(changed);
        CHECK(world.refused(Refusal::signature) == 1);
        changed = frames;
        changed.signature.pop_back();
        world.send(changed);
        CHECK(world.refused(Refusal::signature_size) == 1);
    }
    SECTION("a body with an unknown field, or none that can be read") {
        Value odd = to_value(Cancel{job, "x"});
        odd.set("surprise", 1);
        world.send(MessageType::cancel, job, odd);
        world.send(world.master.sign(good(), "{"));
    }
    CHECK(world.starter.started.empty());
    CHECK(world.starter.cancelled.empty());
    CHECK(world.core->status().link == Link::State::up);
    CHECK(world.journal->size() == 0);
}
