// Late states of a job: asked for until they come, kept as they were signed, and believed only when asked for.
#include <catch2/catch.hpp>

#include <filesystem>

#include "agent/daemon/late_states.hpp"
#include "common/files/files.hpp"
#include "tests/support/processes.hpp"
#include "tests/unit/agent/daemon/world.hpp"

using namespace prove;
using namespace prove::test;

namespace {

const JobId job = job_number(1);

LateRequest request(const std::string& state = "format") {
    LateRequest request;
    request.basis = "b";
    Value results = Value::object();
    results.set("disks", read_json(R"({"stdout": "sda"})"));
    request.states.push_back({StateId(state), results});
    return request;
}

// An agent that runs one job of states.
struct Runs : World {
    Runs() {
        connect();
        send(command_frames(command_for(job, "states", 1)));
        REQUIRE(starter.times(job) == 1);
        inbox.clear();
    }
    LateReply reply(const LateRequest& asked = request()) const {
        LateReply reply;
        reply.cluster = master.cluster;
        reply.agent = agent();
        reply.job = job;
        reply.state = asked.state();
        reply.index = asked.states.size() - 1;
        reply.key = key_of(asked);
        reply.run = read_json(R"({"some": "run"})");
        return reply;
    }
    Frames frames(const LateReply& reply, const JobId& of = job) {
        auto header = master.header(MessageType::late_piece, agent(), of, clock.wall);
        header.sealed = true;
        return master.sign(header, seal(write_json(to_value(reply)), seal_key.public_key()));
    }
    void answer(const LateReply& reply) { send(frames(reply)); }
    void ask(const std::vector<std::string>& kept = {}) {
        core->ask_late(job, request(), kept);
        settle();
    }
    int asked() const { return count(MessageType::late_request); }
    std::string error() const { return heard.late.empty() ? "" : heard.late.back().first.error; }
};

}  // namespace

TEST_CASE("a late state is asked for with its results, and its answer is told once", "[late]") {
    Runs world;
    world.ask();
    REQUIRE(world.asked() == 1);
    const auto question = late_question_from(world.received(MessageType::late_request)[0]);
    CHECK(question.job == job);
    CHECK(key_of(question.request) == key_of(request()));
    world.answer(world.reply());
    REQUIRE(world.heard.late.size() == 1);
    CHECK(world.heard.late[0].first.run.at("some").text() == "run");
    CHECK(world.heard.late[0].second.size() == 3);
    world.answer(world.reply());
    CHECK(world.heard.late.size() == 1);
}

TEST_CASE("it is asked for again with doubling delay, and at once on a new connection", "[late]") {
    Runs world;
    world.ask();
    world.pass(9'000);
    CHECK(world.asked() == 1);
    world.pass(2'000);
    CHECK(world.asked() == 2);
    world.server->disconnect(world.agent());
    world.settle();
    world.connect();
    CHECK(world.asked() == 3);
    world.answer(world.reply());
    CHECK(world.heard.late.size() == 1);
}

TEST_CASE("where the master does not answer within two minutes it is told so", "[late]") {
    Runs world;
    world.ask();
    world.pass(119'000);
    CHECK(world.heard.late.empty());
    world.pass(2'000);
    CHECK(world.error() == "the master did not compile it within two minutes");
}

TEST_CASE("results of more than 64 KiB are not sent", "[late]") {
    Runs world;
    LateRequest large = request();
    large.states[0].results.set("disks", read_json("{\"stdout\": \"" + std::string(70'000, 'x') + "\"}"));
    world.core->ask_late(job, large, {});
    CHECK(world.error().find("more than the 64 KiB") != std::string::npos);
    CHECK(world.asked() == 0);
}

TEST_CASE("S50 a late piece is accepted only while its job runs and only if the agent asked for it", "[late]") {
    Runs world;
    SECTION("not asked for") {
        world.answer(world.reply());
        CHECK(world.heard.late.empty());
    }
    SECTION("another state, index or job") {
        world.ask();
        auto reply = world.reply();
        reply.state = StateId("other");
        world.answer(reply);
        reply = world.reply();
        reply.index = 1;
        world.answer(reply);
        reply = world.reply();
        reply.job = job_number(2);
        world.send(world.frames(reply, job_number(2)));
        CHECK(world.heard.late.empty());
        world.answer(world.reply());
        CHECK(world.heard.late.size() == 1);
    }
    SECTION("the job has ended") {
        world.ask();
        JobResult result;
        result.job = job;
        world.core->finished(result);
        world.answer(world.reply());
        CHECK(world.heard.late.empty());
        world.ask();
        CHECK(world.error() == "its job has ended");
    }
}

TEST_CASE("S61 a late piece that is not sealed, or names another agent or job than its header, is refused", "[late]") {
    Runs world;
    world.ask();
    auto reply = world.reply();
    SECTION("not sealed") {
        const auto header = world.master.header(MessageType::late_piece, world.agent(), job, world.clock.wall);
        world.send(world.master.sign(header, write_json(to_value(reply))));
    }
    SECTION("another agent") {
        reply.agent.bytes.fill(9);
        world.answer(reply);
    }
    SECTION("another job than the header") {
        reply.job = job_number(2);
        world.send(world.frames(reply, job));
    }
    SECTION("a stranger's signature") {
        FakeMaster stranger;
        auto header = stranger.header(MessageType::late_piece, world.agent(), job, world.clock.wall);
        header.sealed = true;
        world.send(stranger.sign(header, seal(write_json(to_value(reply)), world.seal_key.public_key())));
    }
    CHECK(world.heard.late.empty());
}

TEST_CASE("what was kept answers without the master, also a day later and in another job", "[late]") {
    Runs world;
    world.ask();
    world.answer(world.reply());
    const auto kept = world.heard.late.at(0).second;
    world.clock.pass(Milliseconds(86'400'000));
    SECTION("the same question") {
        world.ask(kept);
        REQUIRE(world.heard.late.size() == 2);
        CHECK(world.heard.late[1].first.run.at("some").text() == "run");
        CHECK(world.heard.late[1].second.empty());
        CHECK(world.asked() == 1);
    }
    SECTION("another question") {
        world.core->ask_late(job, request("other"), kept);
        CHECK(world.heard.late.size() == 1);
    }
    SECTION("any byte of it is damaged") {
        auto damaged = kept;
        damaged[2][20] = static_cast<char>(damaged[2][20] ^ 1);
        world.ask(damaged);
        CHECK(world.heard.late.size() == 1);
    }
    SECTION("S60 its signer has been revoked") {
        auto keyset = world.master.document(2);
        keyset.revoked = {world.master.id()};
        world.trust->offer(world.master.signed_keyset(keyset), world.clock.wall);
        world.ask(kept);
        CHECK(world.heard.late.size() == 1);
    }
}

TEST_CASE("a piece that was made of other facts than the run is used, and not kept", "[late]") {
    Runs world;
    world.ask();
    auto reply = world.reply();
    reply.key = hash_of("made of others");
    world.answer(reply);
    REQUIRE(world.heard.late.size() == 1);
    CHECK(world.heard.late[0].second.empty());
    CHECK(world.heard.late[0].first.key == key_of(request()));
}

TEST_CASE("answers are kept in files of their own, the oldest go first, and a damaged one is none", "[late]") {
    TemporaryFolder folder{"prove-late"};
    LateCache cache(folder.path() + "/late", 3);
    const std::vector<std::string> frames = {std::string(184, 'h'), std::string(64, 's'), "payload"};
    const Hash first = hash_of("1");
    cache.keep(first, frames);
    CHECK(cache.find(first) == frames);
    const std::string oldest = folder.path() + "/late/" + first.hex();
    std::filesystem::last_write_time(oldest, std::filesystem::last_write_time(oldest) - std::chrono::hours(1));
    for (const char* name : {"2", "3", "4"}) cache.keep(hash_of(name), frames);
    CHECK(list_folder(folder.path() + "/late").size() == 3);
    CHECK(cache.find(first).empty());
    CHECK(cache.find(hash_of("never")).empty());
    write_file_durably(folder.path() + "/late/" + hash_of("4").hex(), "short");
    CHECK(cache.find(hash_of("4")).empty());
}
