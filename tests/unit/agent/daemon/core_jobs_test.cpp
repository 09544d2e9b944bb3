// The life of a job at an agent, from its announcement until its result is stored (S48 to S53, P1 to P4).
#include <catch2/catch.hpp>

#include "tests/unit/agent/daemon/world.hpp"

using namespace prove;
using namespace prove::test;

namespace {
const JobId job = job_number(1);

Announcement announcement_of(const JobId& id, Announcement::Kind kind = Announcement::Kind::job) {
    Announcement announcement;
    announcement.kind = kind;
    announcement.job = id;
    return announcement;
}
}  // namespace

TEST_CASE("an announced job is fetched, accepted, started, and its result sent until it is stored") {
    World world;
    world.connect();
    world.publish(MessageType::announcement, job, to_value(announcement_of(job)));
    REQUIRE(world.count(MessageType::fetch) == 1);
    world.send(world.command_frames(job));
    REQUIRE(world.starter.started.size() == 1);
    CHECK(world.starter.started[0].operation == "cmd");
    CHECK(world.starter.started[0].body.at("shell").text() == "true");
    CHECK_FALSE(accepted_from(world.received(MessageType::accepted).at(0)).refused);

    world.finish(job);
    REQUIRE(world.count(MessageType::result) == 1);
    const auto result = job_result_from(world.received(MessageType::result)[0]);
    CHECK(result.end == JobResult::End::done);
    CHECK(result.body.at("said").text() == "done");
    world.pass(35'000);
    CHECK(world.count(MessageType::result) == 3);    // after 10 s and 20 s more
    world.send(MessageType::stored, job, to_value(Stored{job}));
    world.pass(600'000);
    CHECK(world.count(MessageType::result) == 3);
    CHECK(world.core->status().unsent == 0);
}

TEST_CASE("a ping announcement carries all there is, and is answered without a fetch") {
    World world;
    world.connect();
    world.publish(MessageType::announcement, job, to_value(announcement_of(job, Announcement::Kind::ping)));
    CHECK(world.count(MessageType::fetch) == 0);
    REQUIRE(world.starter.started.size() == 1);
    CHECK(world.starter.started[0].operation == "ping");
}

TEST_CASE("a fetch that is not answered is repeated with doubling delay") {
    World world;
    world.connect();
    world.publish(MessageType::announcement, job, to_value(announcement_of(job)));
    world.publish(MessageType::announcement, job, to_value(announcement_of(job)));
    CHECK(world.count(MessageType::fetch) == 1);
    world.pass(31'000);
    CHECK(world.count(MessageType::fetch) == 3);
}

TEST_CASE("jobs that the welcome calls pending are fetched") {
    World world;
    world.connect({job, job_number(2)});
    CHECK(world.count(MessageType::fetch) == 2);
}

TEST_CASE("S50 a job that is known is never started again: not at once, not after a restart, a crash or a clock set back") {
    World world;
    world.connect();
    const auto floor = world.master.sequence;
    const auto frames = world.command_frames(job);
    world.send(frames);
    REQUIRE(world.starter.times(job) == 1);
    world.send(frames);
    CHECK(world.starter.times(job) == 1);
    CHECK(world.count(MessageType::accepted) == 2);  // the master is told again that it runs
    world.finish(job);
    world.send(frames);
    CHECK(world.starter.times(job) == 1);
    CHECK(world.count(MessageType::result) == 2);

    world.boot();
    world.connect({}, floor);
    world.send(frames);
    CHECK(world.starter.times(job) == 0);
    world.clock.wall -= 24 * 3'600'000;
    world.boot();
    world.connect({}, floor);
    world.send(frames);
    CHECK(world.starter.times(job) == 0);
}

TEST_CASE("S50 sequences at or below low water are refused, and low water rises with what is purged") {
    World world;
    world.connect();
    const auto old = world.command_frames(job_number(9));    // has a lower sequence than the next
    const auto frames = world.command_frames(job);
    world.send(frames);
    world.finish(job);
    world.send(MessageType::stored, job, to_value(Stored{job}));
    world.journal->purge(world.clock.wall + 3'600'000 + 25LL * 3'600'000);
    CHECK(world.journal->find(job) == nullptr);
    CHECK(world.journal->low_water(world.master.id()) == 103);
    world.send(frames);
    world.send(old);
    CHECK(world.starter.started.size() == 1);
    CHECK(world.refused(Refusal::replay) == 2);
}

TEST_CASE("P14 jobs of before the welcome's floor are refused, so that a restored snapshot runs nothing again") {
    World world;
    const auto frames = world.command_frames(job);
    world.connect({}, 1'000);
    world.send(frames);
    CHECK(world.starter.started.empty());
    CHECK(world.refused(Refusal::replay) == 1);
}

TEST_CASE("S51 the record of acceptance is durable before the job starts and before the master hears of it") {
    World world;
    world.connect();
    bool synced = false;
    world.disk.before = [&](const std::string& call) {
        if (call != "sync journal") return;
        synced = true;
        CHECK(world.starter.started.empty());
        CHECK(world.count(MessageType::accepted) == 0);
    };
    world.send(world.command_frames(job));
    CHECK(synced);
    CHECK(world.starter.started.size() == 1);
}

TEST_CASE("S51 a result is durable before it is sent") {
    World world;
    world.connect();
    world.send(world.command_frames(job));
    world.disk.before = [&](const std::string& call) {
        if (call == "sync journal") CHECK(world.count(MessageType::result) == 0);
    };
    world.finish(job);
    CHECK(world.count(MessageType::result) == 1);
}

TEST_CASE("S52 what ran when the agent was killed is reported interrupted and does not start again") {
    World world;
    world.connect();
    const auto frames = world.command_frames(job);
    world.send(frames);
    world.boot();
    world.connect({job});
    CHECK(world.starter.started.empty());
    REQUIRE(world.count(MessageType::result) == 1);
    const auto result = job_result_from(world.received(MessageType::result)[0]);
    CHECK(result.end == JobResult::End::interrupted);
    CHECK_FALSE(result.reason.empty());
    CHECK(world.count(MessageType::fetch) == 0);
}

TEST_CASE("P3 a result that the master did not confirm is sent after a restart and after every reconnection") {
    World world;
    world.connect();
    world.send(world.command_frames(job));
    world.finish(job);
    world.boot();
    world.connect();
    CHECK(world.count(MessageType::result) == 2);
    world.network.cut(world.curve);
    world.connect();
    CHECK(world.count(MessageType::result) == 3);
    world.send(MessageType::stored, job, to_value(Stored{job}));
    world.boot();
    world.connect();
    CHECK(world.count(MessageType::result) <= 4);    // `stored` may be lost in a crash: then it is sent once more
}

TEST_CASE("S53 a run of states of an older or equal generation is refused, a newer one is taken") {
    World world;
    world.connect();
    world.send(world.command_frames(job_number(1), "states", 5));
    world.send(world.command_frames(job_number(2), "states", 5));
    world.send(world.command_frames(job_number(3), "states", 4));
    world.send(world.command_frames(job_number(4), "states", 6));
    REQUIRE(world.starter.started.size() == 2);
    CHECK(world.starter.started[1].job == job_number(4));
    const auto results = world.received(MessageType::result);
    REQUIRE(results.size() == 2);
    CHECK(job_result_from(results[0]).end == JobResult::End::refused);
    CHECK_THAT(job_result_from(results[0]).reason, Catch::Contains("newer run"));
    world.boot();
    world.connect();
    world.send(world.command_frames(job_number(5), "states", 6));
    CHECK(world.starter.started.empty());
}

TEST_CASE("S60 the signed bytes of an accepted apply are kept") {
    World world;
    world.connect();
    const auto frames = world.command_frames(job, "states", 1);
    world.send(frames);
    CHECK(world.disk.read("staterun") == frames.header + frames.signature + frames.payload);
}

TEST_CASE("S61 sealed content that names another agent, job or cluster, or was sealed for another, is not run") {
    World world;
    world.connect();
    auto other_agent = world.command_for(job);
    other_agent.agent = KeyId();
    world.send(world.command_frames(other_agent));
    auto other_cluster = world.command_for(job);
    other_cluster.cluster = ClusterId();
    world.send(world.command_frames(other_cluster));

    auto header = world.master.header(MessageType::command, world.agent(), job, world.clock.wall);
    header.sealed = true;
    world.send(world.master.sign(header, sealed_command(world.command_for(job_number(2)), world.seal_key.public_key())));
    header.sequence = ++world.master.sequence;
    world.send(world.master.sign(header, sealed_command(world.command_for(job), SealKey::generate().public_key())));
    CHECK(world.starter.started.empty());
    CHECK(world.journal->size() == 0);
}

TEST_CASE("an operation that the agent does not have, or has no room for, is refused by name") {
    World world;
    world.connect();
    world.send(world.command_frames(job_number(1), "unheard of"));
    world.starter.full = "too many jobs are waiting here";
    world.send(world.command_frames(job_number(2)));
    CHECK(world.starter.started.empty());
    const auto results = world.received(MessageType::result);
    REQUIRE(results.size() == 2);
    CHECK(job_result_from(results[0]).reason == "no such operation");
    CHECK(job_result_from(results[1]).reason == "too many jobs are waiting here");
}

TEST_CASE("states come in envelopes of their own type, and nothing else does") {
    World world;
    world.connect();
    auto header = world.master.header(MessageType::command, world.agent(), job, world.clock.wall);
    header.sealed = true;
    world.send(world.master.sign(header, sealed_command(world.command_for(job, "states", 1), world.seal_key.public_key())));
    CHECK(world.starter.started.empty());
    CHECK_THAT(job_result_from(world.received(MessageType::result).at(0)).reason, Catch::Contains("wrong type"));
}

TEST_CASE("P23 a cancel reaches what runs, and what has not come is not run when it comes") {
    World world;
    world.connect();
    world.send(world.command_frames(job));
    world.send(MessageType::cancel, job, to_value(Cancel{job, "alice"}));
    REQUIRE(world.starter.cancelled.size() == 1);
    CHECK(world.starter.cancelled[0].second == "cancelled by alice");

    const JobId late = job_number(2);
    world.send(MessageType::cancel, late, to_value(Cancel{late, "alice"}));
    world.send(world.command_frames(late));
    CHECK(world.starter.times(late) == 0);
    CHECK(job_result_from(world.received(MessageType::result).at(0)).end == JobResult::End::cancelled);
}

TEST_CASE("a job gets until its expiry to begin, by the boot clock") {
    World world;
    world.connect();
    world.send(world.command_frames(job));
    REQUIRE(world.starter.started.size() == 1);
    CHECK(world.starter.started[0].start_by_boot_ms == world.clock.boot + 3'600'000);
}

TEST_CASE("S64 a result over 256 KiB stays here, is named by its hash and handed out in chunks") {
    World world;
    world.connect();
    world.send(world.command_frames(job));
    const std::string big(300'000, 'x');
    world.core->finished(world.result_for(job, big));
    world.settle();
    const auto result = job_result_from(world.received(MessageType::result).at(0));
    REQUIRE(result.blob);
    CHECK(result.body.is_null());

    const auto ask = [&](const FileRequest& request) {
        world.inbox.clear();
        world.send(MessageType::file_request, request.job, to_value(request));
        REQUIRE(world.inbox.size() == 1);
        return file_chunk_from(world.inbox[0].frames[2]);
    };
    const auto first = ask({job, result.blob->hash, 0, 262'144});
    const auto second = ask({job, result.blob->hash, 262'144, 262'144});
    CHECK(hash_of(first.bytes + second.bytes) == result.blob->hash);
    CHECK(read_json(first.bytes + second.bytes).at("said").text() == big);
    CHECK_FALSE(ask({job, hash_of("other"), 0, 100}).found);
    CHECK_FALSE(ask({job_number(2), result.blob->hash, 0, 100}).found);
    CHECK_FALSE(ask({job, result.blob->hash, result.blob->size, 100}).found);

    world.boot();
    world.connect();
    CHECK(ask({job, result.blob->hash, 0, 262'144}).found);
    world.send(MessageType::stored, job, to_value(Stored{job}));
    CHECK_FALSE(ask({job, result.blob->hash, 0, 100}).found);
}

TEST_CASE("details that are damaged here are given up, and the result says that it is not known how it went") {
    World world;
    world.connect();
    world.send(world.command_frames(job));
    world.core->finished(world.result_for(job, std::string(300'000, 'x')));
    world.settle();
    const auto first = job_result_from(world.received(MessageType::result).back());
    REQUIRE(first.blob);
    const auto file = "result-" + job.text();
    const auto size = world.disk.read(file)->size();
    SECTION("changed") {
        world.disk.truncate(file, 0);
        world.disk.append(file, std::string(size, 'y'));
    }
    SECTION("cut") { world.disk.truncate(file, size / 2); }
    SECTION("gone") { world.disk.remove(file); }
    const auto ask = [&] {
        world.send(MessageType::file_request, job, to_value(FileRequest{job, first.blob->hash, 0, 262'144}));
    };
    ask();
    CHECK(world.count(MessageType::result) == 2);
    const auto again = job_result_from(world.received(MessageType::result).back());
    CHECK_FALSE(again.blob);
    CHECK(again.end == JobResult::End::failed);
    CHECK(again.reason == "it ran to its end, how is not known; the details were dropped: their file is damaged");
    world.send(MessageType::stored, job, to_value(Stored{job}));
    CHECK(world.core->status().unsent == 0);
}

TEST_CASE("A10 an agent that drains takes no new job, finishes those it has, and is then idle") {
    World world;
    world.connect();
    world.send(world.command_frames(job));
    world.core->drain("restarting when idle");
    CHECK_FALSE(world.core->idle());
    world.publish(MessageType::announcement, job_number(2), to_value(announcement_of(job_number(2))));
    world.send(world.command_frames(job_number(3)));
    CHECK(world.count(MessageType::fetch) == 0);
    CHECK(world.starter.started.size() == 1);
    CHECK(world.journal->find(job_number(3)) == nullptr);    // it stays pending at the master
    world.finish(job);
    CHECK(world.core->idle());
    CHECK(world.count(MessageType::result) == 1);
}

TEST_CASE("an agent may ask for a run of its own states, and hears which job that became") {
    World world;
    const std::string request(32, 'a');
    CHECK_FALSE(world.core->request_run(request, RunMode::plan));
    world.connect();
    CHECK(world.core->request_run(request, RunMode::plan));
    world.settle();
    CHECK(run_request_from(world.received(MessageType::run_request).at(0)).mode == RunMode::plan);
    world.send(MessageType::run_reply, {}, to_value(RunReply{request, job, ""}));
    REQUIRE(world.heard.answers.size() == 1);
    CHECK(world.heard.answers[0].job == job);
}
