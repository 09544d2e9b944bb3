// Late states as an agent asks for them: who gets one, who does not, and what a restart of the master changes.
#include <catch2/catch.hpp>

#include "tests/support/fake_agent.hpp"

using namespace prove;
using namespace prove::test;

namespace {

LateQuestion question(const JobId& job, const std::string& state = "format") {
    LateQuestion question{job, {}};
    question.request.basis = "b";
    question.request.states.push_back({StateId(state), Value::object()});
    return question;
}

struct Running {
    MasterWorld world;
    FakeAgent web1{world, "web1"}, web2{world, "web2"};
    JobId job;
    Running() {
        world.operations.state_runs = true;
        web1.hello();
        web2.hello();
        job = world.submit({"web1"});
        web1.accept(job);
        (void)web1.got();
        (void)web2.got();
    }
    void ask(FakeAgent& agent, const JobId& of) { agent.say(MessageType::late_request, to_value(question(of)), of); }
    std::optional<LateReply> answer(FakeAgent& agent) {
        const auto got = agent.last(MessageType::late_piece);
        if (!got) return std::nullopt;
        CHECK(got->header.sealed);
        return late_reply_from(read_json(got->plain, JsonLimits::state_run()));
    }
    bool serves(FakeAgent& agent, const std::string& bytes) {
        agent.say(MessageType::file_request,
                  to_value(FileRequest{job, hash_of(bytes), 0, static_cast<std::uint32_t>(bytes.size())}), job);
        const auto got = agent.last(MessageType::file_chunk);
        return got && file_chunk_from(got->plain).found;
    }
};

}  // namespace

TEST_CASE("S61 an agent that runs a job is sent its late state, sealed, and naming agent, job, state and index",
          "[late]") {
    Running running;
    running.ask(running.web1, running.job);
    const auto reply = running.answer(running.web1);
    REQUIRE(reply);
    CHECK(reply->cluster == running.world.cluster);
    CHECK(reply->agent == running.web1.key());
    CHECK(reply->job == running.job);
    CHECK(reply->state == StateId("format"));
    CHECK(reply->index == 0);
    CHECK(reply->key == key_of(question(running.job).request));
    CHECK(reply->run.at("for").text() == "web1");
}

TEST_CASE("S63 what a late state names may be asked for by its agent from then on, and by no other", "[late]") {
    Running running;
    running.world.operations.contents[hash_of("mine")] = std::make_shared<const std::string>("mine");
    running.world.operations.late_contents[hash_of("late")] = std::make_shared<const std::string>("late");
    CHECK_FALSE(running.serves(running.web1, "late"));
    running.ask(running.web1, running.job);
    CHECK(running.serves(running.web1, "late"));
    CHECK_FALSE(running.serves(running.web2, "late"));
}

TEST_CASE("S6 nobody is sent a late state of a job that is not his own, not running, or not there", "[late]") {
    Running running;
    SECTION("another agent's") {
        running.ask(running.web2, running.job);
        CHECK_FALSE(running.answer(running.web2));
        CHECK_FALSE(running.answer(running.web1));
    }
    SECTION("one that has ended") {
        running.web1.finish(running.job);
        running.ask(running.web1, running.job);
        CHECK_FALSE(running.answer(running.web1));
    }
    SECTION("none") {
        running.ask(running.web1, JobId(running.world.random.bytes<JobId::Raw>()));
        CHECK_FALSE(running.answer(running.web1));
    }
}

TEST_CASE("why a late state does not compile is told to its agent, and the job goes on", "[late]") {
    Running running;
    running.world.operations.broken = {"web1"};
    running.ask(running.web1, running.job);
    const auto reply = running.answer(running.web1);
    REQUIRE(reply);
    CHECK(reply->error == "it does not compile");
    CHECK(running.world.end_of(running.job, "web1") == "running");
}

TEST_CASE("one late state of a job is compiled at a time, however often it is asked for", "[late]") {
    Running running;
    running.world.prepare_at_once = false;
    for (int i = 0; i < 5; ++i) running.ask(running.web1, running.job);
    CHECK(running.world.pool.waiting.size() == 1);
    running.world.prepare_at_once = true;
    running.world.settle();
    CHECK(running.answer(running.web1));
}

TEST_CASE("an agent that asks without end is answered no more than 5 times a second", "[late]") {
    Running running;
    std::size_t answers = 0;
    for (int i = 0; i < 400; ++i) {
        running.ask(running.web1, running.job);
        answers += running.answer(running.web1) ? 1 : 0;
    }
    CHECK(answers == 200);
}

TEST_CASE("P1 a master that was killed while it was asked answers in its next life", "[late]") {
    Running running;
    running.world.operations.contents[hash_of("mine")] = std::make_shared<const std::string>("mine");
    running.world.operations.late_contents[hash_of("late")] = std::make_shared<const std::string>("late");
    running.world.prepare_at_once = false;
    running.ask(running.web1, running.job);
    running.world.prepare_at_once = true;
    SECTION("from the same catalog") {
        running.world.restart();
        running.web1.reconnect({running.job});
        (void)running.web1.got();
        running.ask(running.web1, running.job);
        REQUIRE(running.answer(running.web1));
        CHECK(running.serves(running.web1, "late"));
        CHECK(running.serves(running.web1, "mine"));  // what the run itself names, as before
    }
    SECTION("not from another one") {
        running.world.operations.changed = true;
        running.world.restart();
        running.web1.reconnect({running.job});
        (void)running.web1.got();
        running.ask(running.web1, running.job);
        const auto reply = running.answer(running.web1);
        REQUIRE(reply);
        CHECK(reply->error == "the catalog was changed while prove-master was down; run it again");
    }
}
