// A job's way from submit to its ends.
#include <catch2/catch.hpp>

#include "tests/support/fake_agent.hpp"

using namespace prove;
using namespace prove::test;
using Kinds = std::vector<std::string>;

namespace {

// Connected long enough for its subscription to be up.
void connect(MasterWorld& world, FakeAgent& agent) {
    agent.hello();
    world.pass(6'000);
    agent.got();
}

}  // namespace

TEST_CASE("a job is announced to all, fetched, and its command comes sealed to the one that fetched it", "[dispatch]") {
    MasterWorld world;
    FakeAgent web1(world, "web1"), web2(world, "web2");
    connect(world, web1);
    connect(world, web2);
    web1.got();
    const auto job = world.submit({"web1"});
    CHECK(world.submitted);
    CHECK(web1.heard() == Kinds{"announcement"});
    CHECK(web2.heard().empty());  // not in the audience

    web1.fetch(job);
    const auto command = web1.last(MessageType::command);
    REQUIRE(command);
    const auto body = job_command_from(command->body());
    CHECK(body.job == job);
    CHECK(body.agent == web1.key());
    CHECK(body.cluster == world.cluster);
    CHECK(body.operation == "ping");
    CHECK(command->header.sealed);
    CHECK(command->header.job == job);
}

TEST_CASE("a result is durable before it is confirmed, and its job ends with it", "[dispatch]") {
    MasterWorld world;
    FakeAgent web1(world, "web1");
    connect(world, web1);
    const auto job = world.submit({"web1"});
    web1.fetch(job);
    web1.accept(job);
    CHECK(world.end_of(job, "web1") == "running");
    web1.got();
    world.store.hold();
    web1.finish(job);
    CHECK(web1.heard().empty());  // nothing is confirmed yet
    while (world.store.commit() > 0) world.settle();
    CHECK(web1.heard() == Kinds{"stored"});
    CHECK(world.end_of(job, "web1") == "done");
    CHECK(world.store.job(job)->ended);
    CHECK(world.event_kinds(job) == Kinds{"accepted", "target_ended", "job_ended"});
}

TEST_CASE("P1 nobody hears that a job was taken before it is durable", "[dispatch]") {
    MasterWorld world;
    FakeAgent web1(world, "web1");
    connect(world, web1);
    world.store.hold();
    const auto job = world.submit({"web1"});
    CHECK_FALSE(world.submitted);
    CHECK(web1.heard().empty());
    world.store.commit();
    world.settle();
    CHECK(world.submitted);
    CHECK(world.store.job(job));
    CHECK(web1.heard() == Kinds{"announcement"});
}

TEST_CASE("S89 a job is in the audit log, with its targets, in the batch that makes it durable", "[dispatch]") {
    MasterWorld world;
    const auto job = world.submit({"web1", "web2"});
    const auto records = world.store.audit(0, 10);
    REQUIRE(records.size() == 1);
    CHECK(records[0].who == "alice");
    CHECK(records[0].job == job.text());
    CHECK(records[0].targets == std::vector<std::string>{"web1", "web2"});
}

TEST_CASE("output is an event of its job, numbered without a gap", "[dispatch]") {
    MasterWorld world;
    FakeAgent web1(world, "web1");
    connect(world, web1);
    const auto job = world.submit({"web1"});
    web1.accept(job);
    web1.output(job, "one");
    web1.output(job, std::string("\xff\0", 2));
    web1.finish(job);
    const auto events = world.store.events(job, 0, 100);
    REQUIRE(events.size() == 5);
    for (std::size_t i = 0; i < events.size(); ++i) CHECK(events[i].number == i + 1);
    CHECK(events[1].kind == "output");
    CHECK(from_base64(events[2].body.at("base64").text()) == std::string("\xff\0", 2));  // S47
}

TEST_CASE("S58 what is not accepted in 10 s is sent again, the same bytes, with doubling delay", "[dispatch]") {
    MasterWorld world;
    FakeAgent web1(world, "web1");
    connect(world, web1);
    world.submit({"web1"});
    web1.got();
    std::vector<std::int64_t> times;
    std::set<std::string> signatures;
    const auto begun = world.clock.boot;
    for (int i = 0; i < 160; ++i) {
        world.pass(500);
        for (const auto& sent : world.net.sent)
            if (sent.route == web1.route() && sent.frames.header[5] == 1) {
                times.push_back((world.clock.boot - begun) / 1000);
                signatures.insert(sent.frames.signature);
            }
        world.net.sent.clear();
    }
    CHECK(times == std::vector<std::int64_t>{10, 30, 70});
    CHECK(signatures.size() == 1);
}

TEST_CASE("an agent that is not connected is waited for, then it is unreachable, and the reason says since when",
          "[dispatch]") {
    MasterWorld world;
    FakeAgent web1(world, "web1");
    const auto job = world.submit({"web1"});
    world.pass(9'000);
    CHECK(world.end_of(job, "web1") == "waiting");
    world.pass(2'000);
    CHECK(world.end_of(job, "web1") == "unreachable");
    CHECK(world.target(job, "web1").reason == "not connected; never seen; waited 10.0 s");
}

TEST_CASE("an agent that comes back while it is waited for learns its pending jobs in the welcome", "[dispatch]") {
    MasterWorld world;
    FakeAgent web1(world, "web1");
    const auto job = world.submit({"web1"});
    world.pass(3'000);
    web1.hello();
    const auto welcome = web1.last(MessageType::welcome);
    REQUIRE(welcome);
    const auto body = welcome_from(welcome->body());
    CHECK(body.pending == std::vector{job});
    CHECK(body.name == "web1");
    CHECK(body.nonce == std::string(32, 'a'));
    web1.fetch(job);
    CHECK(web1.heard() == Kinds{"command"});
    web1.accept(job);
    web1.finish(job);
    CHECK(world.end_of(job, "web1") == "done");
}

TEST_CASE("S54 the floor of the welcome lies just below the oldest job that is pending for the agent", "[dispatch]") {
    MasterWorld world;
    FakeAgent web1(world, "web1");
    const auto job = world.submit({"web1"}, 60'000);
    world.submit({"web1"}, 60'000);
    web1.hello();
    const auto floor = welcome_from(web1.last(MessageType::welcome)->body()).sequence_floor;
    web1.fetch(job);
    CHECK(web1.last(MessageType::command)->header.sequence == floor + 1);
}

TEST_CASE("S54 where nothing is pending the floor is the newest sequence", "[dispatch]") {
    MasterWorld world;
    FakeAgent web1(world, "web1");
    world.life->signer.take_sequence();
    const auto newest = world.life->signer.newest_sequence();
    web1.hello();
    CHECK(welcome_from(web1.last(MessageType::welcome)->body()).sequence_floor == newest);
}

TEST_CASE("a connected agent that never takes a job makes it expire", "[dispatch]") {
    MasterWorld world;
    FakeAgent web1(world, "web1");
    connect(world, web1);
    const auto job = world.submit({"web1"});
    for (int i = 0; i < 62; ++i) {
        world.pass(60'000);
        web1.say(MessageType::heartbeat, to_value(Heartbeat{world.clock.wall, 3, "", Value()}));
    }
    CHECK(world.end_of(job, "web1") == "expired");
}

TEST_CASE("a target without an accepted agent is unreachable at once", "[dispatch]") {
    MasterWorld world;
    FakeAgent pending(world, "web2", KeyState::pending);
    const auto job = world.submit({"web1", "web2"});
    CHECK(world.end_of(job, "web1") == "unreachable");
    CHECK(world.end_of(job, "web2") == "unreachable");
    CHECK(world.store.job(job)->ended);
}

TEST_CASE("a target whose states do not compile fails with its diagnostics, and the others go on", "[dispatch]") {
    MasterWorld world;
    FakeAgent web1(world, "web1"), db1(world, "db1");
    connect(world, web1);
    connect(world, db1);
    db1.got();
    world.operations.broken = {"db1"};
    const auto job = world.submit({"web1", "db1"});
    CHECK(world.end_of(job, "db1") == "failed");
    CHECK(world.target(job, "db1").cause == "catalog");
    CHECK(world.store.result(job, TargetId("db1"))->body.find("unknown argument 'pth'") != std::string::npos);
    CHECK(db1.heard().empty());
    web1.fetch(job);
    web1.accept(job);
    web1.finish(job);
    CHECK(world.end_of(job, "web1") == "done");
    CHECK(world.store.job(job)->ended);
}

TEST_CASE("an agent may refuse a job, and its reason is kept", "[dispatch]") {
    MasterWorld world;
    FakeAgent web1(world, "web1");
    connect(world, web1);
    const auto job = world.submit({"web1"});
    web1.say(MessageType::accepted, to_value(Accepted{job, true, "an older StateRun"}), job);
    CHECK(world.end_of(job, "web1") == "refused");
    CHECK(world.target(job, "web1").reason == "an older StateRun");
}

TEST_CASE("S43 more than 256 targets are announced in several lists", "[dispatch]") {
    MasterWorld world;
    std::vector<std::unique_ptr<FakeAgent>> agents;
    std::vector<std::string> names;
    for (int i = 0; i < 300; ++i) {
        agents.push_back(std::make_unique<FakeAgent>(world, "n" + std::to_string(i)));
        agents.back()->hello();
        names.push_back(agents.back()->name());
    }
    world.pass(6'000);
    world.net.sent.clear();
    world.submit(names);
    std::size_t announcements = 0;
    for (const auto& sent : world.net.sent) announcements += sent.route.empty();
    CHECK(announcements == 2);
}

TEST_CASE("S61 S63 an agent gets the contents of its own jobs, sealed, and no others", "[dispatch]") {
    MasterWorld world;
    FakeAgent web1(world, "web1"), web2(world, "web2");
    connect(world, web1);
    connect(world, web2);
    const std::string content(300'000, 'c');
    world.operations.contents = {{hash_of(content), std::make_shared<const std::string>(content)}};
    const auto job = world.submit({"web1"});
    web1.fetch(job);
    web1.accept(job);
    web1.got();
    const auto ask = [&](FakeAgent& agent, const Hash& hash, std::uint64_t offset) {
        agent.say(MessageType::file_request, to_value(FileRequest{job, hash, offset, chunk_bytes}), job);
        const auto got = agent.last(MessageType::file_chunk);
        REQUIRE(got);
        CHECK(got->header.sealed);
        return file_chunk_from(got->plain);
    };
    const auto first = ask(web1, hash_of(content), 0);
    const auto second = ask(web1, hash_of(content), chunk_bytes);
    CHECK(first.bytes + second.bytes == content);
    CHECK_FALSE(ask(web1, hash_of("other"), 0).found);
    CHECK_FALSE(ask(web1, hash_of(content), content.size() + 1).found);
    // "Not yours" and "does not exist" are one answer.
    CHECK(to_bytes(ask(web2, hash_of(content), 0)).size() == to_bytes(ask(web2, hash_of("other"), 0)).size());
    CHECK_FALSE(ask(web2, hash_of(content), 0).found);
}

TEST_CASE("S64 a result too large for an envelope is fetched in chunks and checked by its hash", "[dispatch]") {
    MasterWorld world;
    FakeAgent web1(world, "web1");
    connect(world, web1);
    const auto job = world.submit({"web1"});
    web1.accept(job);
    Value big = Value::object();
    big.set("text", Value(std::string(600'000, 'x')));
    const auto text = write_json(big);
    JobResult result;
    result.job = job;
    result.blob = BlobRef{hash_of(text), text.size()};
    web1.got();
    web1.say(MessageType::result, to_value(result), job);
    bool lie = false;
    SECTION("whole") {}
    SECTION("not what its hash says") {
        lie = true;
    }
    for (int i = 0; i < 3; ++i) {
        const auto request = web1.last(MessageType::file_request);
        REQUIRE(request);
        const auto wanted = file_request_from(request->body());
        FileChunk chunk{true, job, wanted.hash, wanted.offset, text.substr(wanted.offset, wanted.length)};
        if (lie) chunk.bytes[0] = '!';
        web1.deliver(web1.incoming(make_envelope(web1.header_of(MessageType::file_chunk, job), to_bytes(chunk),
                                                 KeyEnvelopeSigner(web1.sign))));
    }
    if (lie) {
        // Asked for again it would be the same: it is said once, and the agent need not keep it.
        CHECK(world.end_of(job, "web1") == "failed");
        CHECK(world.target(job, "web1").reason == "its agent's result is damaged: its bytes do not have its hash");
        CHECK(web1.heard() == Kinds{"stored"});
    } else {
        CHECK(world.end_of(job, "web1") == "done");
        CHECK(world.store.result(job, TargetId("web1"))->body == text);
        CHECK(web1.heard() == Kinds{"stored"});
    }
}

TEST_CASE("P3 a large result that is kept already is confirmed again without asking for its pieces", "[dispatch]") {
    MasterWorld world;
    FakeAgent web1(world, "web1");
    connect(world, web1);
    const auto job = world.submit({"web1"});
    web1.accept(job);
    web1.finish(job);
    web1.got();
    // The agent crashed before it had noted the confirmation; the file with the details is gone already.
    JobResult again;
    again.job = job;
    again.blob = BlobRef{hash_of("the details"), 600'000};
    web1.say(MessageType::result, to_value(again), job);
    CHECK(web1.heard() == Kinds{"stored"});
}

TEST_CASE("P6 while the store is full no job is taken and no result confirmed; it goes on when there is space",
          "[dispatch]") {
    MasterWorld world;
    FakeAgent web1(world, "web1");
    connect(world, web1);
    const auto job = world.submit({"web1"});
    web1.accept(job);
    web1.got();
    world.store.fail_with(Error(ErrorKind::full, "no space left"));
    web1.finish(job);
    CHECK(web1.heard().empty());
    world.submit({"web1"});
    CHECK_FALSE(world.submitted);
    web1.finish(job);  // said again, as agents do
    CHECK(web1.heard().empty());
    CHECK_FALSE(world.dispatch().failed());

    world.store.fail_with(std::nullopt);
    world.pass(2'000);
    CHECK(world.end_of(job, "web1") == "done");
    CHECK(web1.heard() == Kinds{"stored"});
    world.submit({"web1"});
    CHECK(world.submitted);
}

TEST_CASE("D3 a store that broke stops the master", "[dispatch]") {
    MasterWorld world;
    FakeAgent web1(world, "web1");
    connect(world, web1);
    world.store.fail_with(Error(ErrorKind::failed, "disk I/O error"));
    world.submit({"web1"});
    CHECK(world.dispatch().failed());
}

TEST_CASE("an agent's request for its own states is handed on with its accepted name, and answered", "[dispatch]") {
    MasterWorld world;
    FakeAgent web1(world, "web1");
    connect(world, web1);
    Dispatch::RunMade made;
    std::string asked;
    world.dispatch().on_run_request([&](const TargetId& agent, const RunRequest& request, Dispatch::RunMade answer) {
        asked = agent.text() + " " + name_of(request.mode);
        made = std::move(answer);
    });
    web1.say(MessageType::run_request, to_value(RunRequest{std::string(32, 'b'), RunMode::apply}));
    CHECK(asked == "web1 apply");
    made({JobId(), "the catalog has errors"});
    const auto reply = web1.last(MessageType::run_reply);
    REQUIRE(reply);
    CHECK(run_reply_from(reply->body()).error == "the catalog has errors");
}
