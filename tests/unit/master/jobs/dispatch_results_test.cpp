// Results that come late or cannot be read, and agents that ask for too much.
#include <catch2/catch.hpp>

#include "tests/support/fake_agent.hpp"
using namespace prove;
using namespace prove::test;

TEST_CASE("P15 an agent that comes back to very many pending jobs is welcomed, and gets them bit by bit", "[results]") {
    MasterWorld world;
    FakeAgent web1(world, "web1");
    for (int i = 0; i < 9'500; ++i) {
        NewJob job;
        job.row.id = JobId(world.random.bytes<JobId::Raw>());
        job.row.operation = "ping";
        job.row.created_ms = world.clock.wall_ms();
        job.row.not_after_ms = world.clock.wall_ms() + 3'600'000;
        job.row.wait_ms = 3'600'000;
        job.targets.push_back({TargetId("web1"), ""});
        job.preparer = world.operations.preparer(job.row);
        world.dispatch().submit(std::move(job), [](const Error*) {});
    }
    world.settle();
    REQUIRE_NOTHROW(web1.hello());
    CHECK(web1.last(MessageType::welcome));
}

TEST_CASE("A1 two results of one job that come late together are both told", "[results]") {
    MasterWorld world;
    FakeAgent web1(world, "web1"), web2(world, "web2");
    web1.hello();
    web2.hello();
    const auto job = world.submit({"web1", "web2"});
    web1.vanish();
    web2.vanish();
    world.pass(70'000);
    web1.reconnect({job});
    web2.reconnect({job});
    world.store.hold();
    web1.finish(job);
    web2.finish(job);
    while (world.store.commit() > 0) world.settle();
    web2.finish(job);  // said again, since the first one was just being stored
    while (world.store.commit() > 0) world.settle();
    std::size_t late = 0;
    for (const auto& kind : world.event_kinds(job)) late += kind == "late_result" ? 1 : 0;
    CHECK(late == 2);
}

TEST_CASE("a large result of which the agent has nothing any more ends its target", "[results]") {
    MasterWorld world;
    FakeAgent web1(world, "web1");
    web1.hello();
    const auto job = world.submit({"web1"});
    web1.accept(job);
    JobResult result;
    result.job = job;
    result.blob = BlobRef{hash_of("x"), 300'000};
    web1.say(MessageType::result, to_value(result), job);
    FileChunk chunk;
    chunk.job = job;
    chunk.hash = hash_of("x");
    web1.deliver(web1.incoming(
        make_envelope(web1.header_of(MessageType::file_chunk, job), to_bytes(chunk), KeyEnvelopeSigner(web1.sign))));
    CHECK(world.end_of(job, "web1") == "failed");
}

TEST_CASE("a large result that its agent says again without its details ends its target", "[results]") {
    MasterWorld world;
    FakeAgent web1(world, "web1");
    web1.hello();
    const auto job = world.submit({"web1"});
    web1.accept(job);
    JobResult result;
    result.job = job;
    result.blob = BlobRef{hash_of("x"), 300'000};
    web1.say(MessageType::result, to_value(result), job);
    web1.finish(job, JobResult::End::failed, "their file is damaged");
    CHECK(world.target(job, "web1").reason == "their file is damaged");
    CHECK(web1.last(MessageType::stored));
}

TEST_CASE("P6 what an agent said while the store was full is asked for as soon as there is space", "[results]") {
    MasterWorld world;
    FakeAgent web1(world, "web1"), web2(world, "web2"), web3(world, "web3");
    for (auto* agent : {&web1, &web2, &web3}) agent->hello();
    const auto done = world.submit({"web1"}), taken = world.submit({"web2"}), other = world.submit({"web3"});
    web1.accept(done);
    world.store.fail_with(Error(ErrorKind::full, "no space left"));
    web3.accept(other);  // finds the disk full
    web1.finish(done);
    web2.accept(taken);
    for (int minutes = 0; minutes < 10; ++minutes) {
        world.pass(60'000);
        for (auto* agent : {&web1, &web2, &web3}) agent->say(MessageType::heartbeat, to_value(Heartbeat{}));
    }
    world.net.sent.clear();
    for (auto* agent : {&web1, &web2, &web3}) agent->got();
    world.store.fail_with(std::nullopt);
    world.pass(3'000);

    const auto asked = web1.last(MessageType::announcement);
    REQUIRE(asked);
    CHECK(asked->header.job == done);
    CHECK_FALSE(asked->published);
    web1.finish(done);
    CHECK(world.end_of(done, "web1") == "done");
    // Its `accepted` was lost: the command comes again at once, and it says so again.
    CHECK(web2.last(MessageType::command));
    web2.accept(taken);
    CHECK(world.end_of(taken, "web2") == "running");
}

TEST_CASE("P2 a job that a hello had no room to name is asked about, and is not called interrupted", "[results]") {
    MasterWorld world;
    FakeAgent web1(world, "web1");
    web1.hello();
    const auto named = world.submit({"web1"}), unnamed = world.submit({"web1"}), lost = world.submit({"web1"});
    for (const auto& job : {named, unnamed, lost}) web1.accept(job);
    Hello hello;
    hello.journal = web1.journal;
    hello.counter = ++web1.counter;
    hello.nonce = std::string(32, 'a');
    hello.keyset_version = 3;
    hello.unfinished = {named};
    hello.unfinished_cut = true;
    hello.version = "0.1.0";
    web1.got();
    web1.say(MessageType::hello, to_value(hello));
    std::set<JobId> asked;
    for (const auto& got : web1.got())
        if (got.header.type == MessageType::announcement) asked.insert(got.header.job);
    CHECK(asked == std::set{unnamed, lost});
    CHECK(world.end_of(unnamed, "web1") == "running");
    web1.accept(unnamed);
    web1.fetch(lost);  // it does not know it any more
    CHECK(world.end_of(named, "web1") == "running");
    CHECK(world.end_of(unnamed, "web1") == "running");
    CHECK(world.end_of(lost, "web1") == "interrupted");
    web1.finish(unnamed);
    CHECK(world.end_of(unnamed, "web1") == "done");
}

TEST_CASE("a result whose message cannot be read ends its target", "[results]") {
    MasterWorld world;
    FakeAgent web1(world, "web1");
    web1.hello();
    const auto job = world.submit({"web1"});
    web1.accept(job);
    const std::string deep = "{\"job\":\"" + job.text() +
                             "\",\"end\":\"done\",\"started_ms\":1,\"finished_ms\":2,\"body\":" + std::string(40, '[') +
                             std::string(40, ']') + "}";
    web1.deliver(
        web1.incoming(make_envelope(web1.header_of(MessageType::result, job), deep, KeyEnvelopeSigner(web1.sign))));
    CHECK(world.end_of(job, "web1") == "failed");
}

TEST_CASE("an agent's requests for runs and its hellos are limited", "[results]") {
    MasterWorld world;
    FakeAgent web1(world, "web1");
    web1.hello();
    int asked = 0;
    world.dispatch().on_run_request([&](const TargetId&, const RunRequest&, Dispatch::RunMade) { ++asked; });
    for (int i = 0; i < 100; ++i)
        web1.say(MessageType::run_request, to_value(RunRequest{std::string(32, 'a'), RunMode::plan}));
    CHECK(asked <= 10);
    for (int i = 0; i < 100; ++i) web1.hello();
    CHECK(world.store.agent(web1.key())->counter <= 20);
}

TEST_CASE("a large result that came whole and cannot be read ends its target", "[results]") {
    MasterWorld world;
    FakeAgent web1(world, "web1");
    web1.hello();
    const auto job = world.submit({"web1"});
    web1.accept(job);
    // A text longer than any JSON reader of Prove's takes.
    const std::string text = "{\"out\":\"" + std::string((1u << 20) + 1, 'x') + "\"}";
    JobResult result;
    result.job = job;
    result.blob = BlobRef{hash_of(text), text.size()};
    web1.say(MessageType::result, to_value(result), job);
    for (std::size_t offset = 0; offset < text.size(); offset += 256u << 10) {
        const FileChunk chunk{true, job, hash_of(text), offset, text.substr(offset, 256u << 10)};
        web1.deliver(web1.incoming(make_envelope(web1.header_of(MessageType::file_chunk, job), to_bytes(chunk),
                                                 KeyEnvelopeSigner(web1.sign))));
    }
    CHECK(world.end_of(job, "web1") == "failed");
}

TEST_CASE("what contradicts the store in one job takes nothing of others along", "[results]") {
    MasterWorld world;
    FakeAgent web1(world, "web1"), web2(world, "web2"), web3(world, "web3");
    web1.hello();
    web2.hello();
    const auto bad = world.submit({"web1"});
    const auto good = world.submit({"web2"});
    web1.accept(bad);
    web2.accept(good);
    web2.got();
    world.store.hold();
    web2.output(good, "on its way");  // what comes now is one batch, after this one
    web1.finish(bad);
    web2.finish(good);
    web3.hello();
    world.store.refuse(bad);
    while (world.store.commit() > 0) world.settle();

    CHECK(web2.heard() == std::vector<std::string>{"stored"});
    CHECK(world.end_of(good, "web2") == "done");
    CHECK(web3.last(MessageType::welcome));
    CHECK_FALSE(web1.last(MessageType::stored));
    CHECK(world.end_of(bad, "web1") == "running");
    CHECK_FALSE(world.dispatch().failed());
}

TEST_CASE("a cancel that could not be stored is not confirmed", "[results]") {
    MasterWorld world;
    FakeAgent web1(world, "web1");
    web1.hello();
    const auto job = world.submit({"web1", "web9"});
    world.store.refuse(job);
    std::string answer = "none";
    world.dispatch().cancel(job, {}, {"bob", "socket"},
                            [&](const Error* error) { answer = error == nullptr ? "confirmed" : error->text(); });
    world.settle();
    CHECK(answer == "this job is refused");
}

TEST_CASE("S43 a job of many targets is announced in lists, to each of them once", "[results][announce]") {
    MasterWorld world;
    world.prepare_at_once = false;
    std::vector<std::unique_ptr<FakeAgent>> agents;
    std::vector<std::string> names;
    for (int i = 0; i < 600; ++i) {
        names.push_back("web" + std::to_string(i));
        agents.push_back(std::make_unique<FakeAgent>(world, names.back()));
        agents.back()->hello();
    }
    world.pass(6'000);  // their subscriptions are up
    world.net.sent.clear();
    world.submit(names);
    while (!world.pool.waiting.empty()) world.prepare_one();
    world.pass(1'000);
    CHECK(world.net.sent.size() == 3);  // 256, 256 and 88
    std::size_t heard = 0;
    for (const auto& agent : agents) heard += agent->heard() == std::vector<std::string>{"announcement"} ? 1u : 0u;
    CHECK(heard == 600);
}
