// What agents do by their own clocks, as their master hears of it.
#include <catch2/catch.hpp>

#include <limits>

#include "common/time/new_job.hpp"
#include "tests/support/fake_agent.hpp"
using namespace prove;
using namespace prove::test;

namespace {

JobResult own_result(MasterWorld& world, std::uint8_t number = 1) {
    JobResult result;
    JobId::Raw raw{};
    raw.bytes[0] = 0x6a;
    raw.bytes[15] = number;
    result.job = JobId(raw);
    result.started_ms = world.clock.wall_ms() - 60'000;
    result.finished_ms = world.clock.wall_ms() - 50'000;
    result.body = Value::object();
    result.own = OwnRun{"states", RunMode::apply, {"nightly", world.clock.wall_ms() - 90'000}, std::string(64, 'c'),
                        "no master since 02:00"};
    return result;
}

// Since it was asked last.
std::size_t confirmations(FakeAgent& agent, const JobId& job) {
    std::size_t count = 0;
    for (const auto& got : agent.got())
        if (got.header.type == MessageType::stored && stored_from(got.body()).job == job) ++count;
    return count;
}

}  // namespace

TEST_CASE("a run that an agent made without a master becomes a job of its schedule, once", "[own]") {
    MasterWorld world;
    FakeAgent web1(world, "web1");
    web1.hello();
    const auto result = own_result(world);
    web1.say(MessageType::result, to_value(result), result.job);
    const auto job = world.store.job(result.job);
    REQUIRE(job);
    CHECK(job->ended);
    CHECK(job->operation == "states");
    CHECK(job->options.at("mode").text() == "apply");
    CHECK(job->who == "schedule nightly");
    CHECK(job->from == "agent web1, by itself");
    CHECK(job->schedule == "nightly");
    CHECK(job->slot_ms == result.own->scheduled.due_ms);
    CHECK(job->created_ms == result.started_ms);
    const auto target = world.store.job_target(result.job, TargetId("web1"));
    REQUIRE(target);
    CHECK(target->phase == TargetPhase::ended);
    CHECK(target->reason.find("no master since 02:00") != std::string::npos);
    CHECK(world.store.result(result.job, TargetId("web1")));
    CHECK(world.event_kinds(result.job) == std::vector<std::string>{"accepted", "target_ended", "job_ended"});
    CHECK(confirmations(web1, result.job) == 1);

    web1.say(MessageType::result, to_value(result), result.job);
    CHECK(confirmations(web1, result.job) == 1);
    CHECK(world.event_kinds(result.job).size() == 3);
}

TEST_CASE("a target stands as its reports say, with a master and without, by the time when it ran", "[own][standing]") {
    MasterWorld world;
    FakeAgent web1(world, "web1");
    web1.hello();
    RunReport report;
    report.target = TargetId("web1");
    report.catalog = "c1";
    auto own = own_result(world);
    own.body.set("report", to_value(report));
    web1.say(MessageType::result, to_value(own), own.job);
    auto row = world.store.standing(TargetId("web1"));
    REQUIRE(row);
    CHECK(row->standing == Standing::converged);
    CHECK(row->since_ms == own.finished_ms);
    CHECK(row->job == own.job);
    CHECK(row->key == world.store.job_target(own.job, TargetId("web1"))->key);

    const auto job = world.submit({"web1"});
    web1.accept(job);
    JobResult result;
    result.job = job;
    result.end = JobResult::End::failed;
    report.end = RunReport::End::failed;
    result.body = Value::object();
    result.body.set("report", to_value(report));
    web1.say(MessageType::result, to_value(result), job);
    row = world.store.standing(TargetId("web1"));
    CHECK(row->standing == Standing::failed);
    CHECK(row->job == job);
    CHECK(row->since_ms == world.clock.wall_ms());
}

TEST_CASE("what an agent did alone and tells late does not undo what an apply has found since", "[own][standing]") {
    MasterWorld world;
    FakeAgent web1(world, "web1");
    web1.hello();
    RunReport report;
    report.target = TargetId("web1");
    const auto told = [&](const JobId& id, RunReport::End end, const std::optional<OwnRun>& own = {}) {
        JobResult result;
        result.job = id;
        result.own = own;
        result.started_ms = result.finished_ms = world.clock.wall_ms();
        report.end = end;
        result.end = end == RunReport::End::done ? JobResult::End::done : JobResult::End::failed;
        result.body = Value::object();
        result.body.set("report", to_value(report));
        web1.say(MessageType::result, to_value(result), id);
    };
    // Made an hour ago, by its id; a clock of the host's that is ahead does not make it newer.
    const auto alone = new_job_id(world.clock.wall_ms() - 3'600'000, world.random);
    auto own = *own_result(world).own;
    own.scheduled.due_ms = world.clock.wall_ms() - 3'600'000;
    const auto job = world.submit({"web1"});
    web1.accept(job);
    const bool held = GENERATE(false, true);  // also where the newer one is just being stored
    world.store.hold(held);
    told(job, RunReport::End::done);
    told(alone, RunReport::End::failed, own);
    world.store.hold(false);
    while (world.store.commit() > 0) world.settle();
    REQUIRE(world.store.job(alone));                  // its history has it
    CHECK(world.store.standing(TargetId("web1"))->standing == Standing::converged);
    CHECK(world.store.standing(TargetId("web1"))->job == job);
}

TEST_CASE("a late result of an older job does not undo what a newer one has found", "[results][standing]") {
    MasterWorld world;
    FakeAgent web1(world, "web1");
    web1.hello();
    const auto told = [&](const JobId& id, RunReport::End end) {
        JobResult result;
        result.job = id;
        result.started_ms = result.finished_ms = world.clock.wall_ms();
        RunReport report;
        report.target = TargetId("web1");
        report.end = end;
        result.body = Value::object();
        result.body.set("report", to_value(report));
        web1.say(MessageType::result, to_value(result), id);
    };
    const auto older = world.submit({"web1"});
    const bool accepted = GENERATE(true, false);
    if (accepted) web1.accept(older);
    web1.vanish();
    world.pass(600'000);
    // An agent that does not name what it had accepted has lost it; it finds it again.
    web1.reconnect(accepted ? std::vector<JobId>() : std::vector{older});
    REQUIRE(world.target(older, "web1").phase == TargetPhase::ended);
    const auto newer = world.submit({"web1"});
    web1.accept(newer);
    told(newer, RunReport::End::done);
    told(older, RunReport::End::failed);
    CHECK(world.target(older, "web1").late);
    CHECK(world.store.standing(TargetId("web1"))->standing == Standing::converged);
    CHECK(world.store.standing(TargetId("web1"))->job == newer);
}

TEST_CASE("a result that comes late says how its target stands as well", "[results][standing]") {
    MasterWorld world;
    FakeAgent web1(world, "web1");
    web1.hello();
    const auto job = world.submit({"web1"});
    web1.vanish();
    world.pass(70'000);
    REQUIRE(world.target(job, "web1").phase == TargetPhase::ended);
    web1.reconnect({job});
    JobResult result;
    result.job = job;
    RunReport report;
    report.target = TargetId("web1");
    result.body = Value::object();
    result.body.set("report", to_value(report));
    web1.say(MessageType::result, to_value(result), job);
    REQUIRE(world.store.standing(TargetId("web1")));
    CHECK(world.store.standing(TargetId("web1"))->job == job);
}

TEST_CASE("a run of its own whose details come in pieces is kept with them, and without them where they are gone", "[own]") {
    MasterWorld world;
    FakeAgent web1(world, "web1");
    web1.hello();
    const std::string body = R"({"padding":")" + std::string(300'000, 'x') + "\"}";
    for (const bool there : {true, false}) {
        auto result = own_result(world, there ? 1 : 2);
        result.body = Value();
        result.blob = BlobRef{hash_of(body), body.size()};
        web1.say(MessageType::result, to_value(result), result.job);
        CHECK_FALSE(world.store.job(result.job));
        for (std::size_t offset = 0; offset < body.size() && !world.store.job(result.job); offset += 256u << 10) {
            FileChunk chunk;
            chunk.found = there;
            chunk.job = result.job;
            chunk.hash = result.blob->hash;
            chunk.offset = offset;
            if (there) chunk.bytes = body.substr(offset, 256u << 10);
            web1.deliver(web1.incoming(make_envelope(web1.header_of(MessageType::file_chunk, result.job),
                                                     to_bytes(chunk), KeyEnvelopeSigner(web1.sign))));
        }
        REQUIRE(world.store.job(result.job));
        CHECK(world.store.result(result.job, TargetId("web1"))->body == (there ? body : "{}"));
        CHECK(confirmations(web1, result.job) == 1);
    }
}

TEST_CASE("S6 a run of its own that names another's job, or what no schedule runs, is not kept", "[own]") {
    MasterWorld world;
    FakeAgent web1(world, "web1"), web2(world, "web2");
    web1.hello();
    web2.hello();
    auto result = own_result(world);
    web1.say(MessageType::result, to_value(result), result.job);
    web2.say(MessageType::result, to_value(result), result.job);
    CHECK_FALSE(world.store.job_target(result.job, TargetId("web2")));
    CHECK(confirmations(web2, result.job) == 1);
    auto strange = own_result(world, 7);
    strange.own->operation = "fetch";
    web1.say(MessageType::result, to_value(strange), strange.job);
    CHECK_FALSE(world.store.job(strange.job));

    const auto asked = world.submit({"web1"});  // it runs: nobody may end it so
    auto other = own_result(world);
    other.job = asked;
    web2.say(MessageType::result, to_value(other), asked);
    CHECK_FALSE(world.store.job(asked)->ended);
}

TEST_CASE("S6 a run of its own of a time that has not come does not head the lists of everybody", "[own]") {
    MasterWorld world;
    FakeAgent web1(world, "web1");
    web1.hello();
    auto result = own_result(world);
    auto raw = result.job.raw();
    raw.bytes[0] = 0xf2;  // 2099: its clock is wrong, or it wants to be the first for 70 years
    result.job = JobId(raw);
    result.started_ms = result.finished_ms = 4'070'908'800'000;
    web1.say(MessageType::result, to_value(result), result.job);
    CHECK_FALSE(world.store.job(result.job));
    CHECK(confirmations(web1, result.job) == 1);
    auto runs = world.store.runs({TargetId("web1")});
    REQUIRE(runs.size() == 1);
    CHECK(runs[0].run.ended_ms == world.clock.wall_ms());
    const auto later = world.submit({"web1"});
    runs = world.store.runs({TargetId("web1")});
    REQUIRE(runs.size() == 2);
    CHECK(runs[0].job.id == later);
    // Told again it is the same run, also when its time has come.
    web1.say(MessageType::result, to_value(result), result.job);
    world.clock.wall = 4'070'908'800'000 + 1'000;
    web1.say(MessageType::result, to_value(result), result.job);
    CHECK(world.store.runs({TargetId("web1")}).size() == 2);
}

TEST_CASE("S6 what an agent says of a run of its own cannot fill a list, a terminal or the database", "[own]") {
    MasterWorld world;
    FakeAgent web1(world, "web1"), web2(world, "web2");
    web1.hello();
    web2.hello();
    for (const std::string name : {"nightly\x1b[2J", "two\nlines", "\xe2\x80\xae", "a/b", ""}) {
        auto result = own_result(world, 9);
        result.own->scheduled.schedule = name;
        web1.say(MessageType::result, to_value(result), result.job);
        CHECK_FALSE(world.store.job(result.job));
    }
    auto far = own_result(world, 8);
    far.own->scheduled.due_ms = std::numeric_limits<std::int64_t>::max();
    web1.say(MessageType::result, to_value(far), far.job);
    CHECK_FALSE(world.store.job(far.job));

    auto wordy = own_result(world);
    wordy.end = JobResult::End::failed;
    wordy.reason = std::string(60'000, 'x');
    web1.say(MessageType::result, to_value(wordy), wordy.job);
    CHECK(world.store.job_target(wordy.job, TargetId("web1"))->reason.size() == 4'000);

    std::size_t kept = 0;
    auto big = own_result(world);
    big.body.set("padding", Value(std::string(180'000, 'x')));
    for (int i = 0; i < 900; ++i) {
        world.clock.pass(Milliseconds(1'000));
        auto raw = big.job.raw();
        raw.bytes[12] = 1;
        raw.bytes[13] = static_cast<std::uint8_t>(i >> 8);
        raw.bytes[14] = static_cast<std::uint8_t>(i);
        big.job = JobId(raw);
        web1.say(MessageType::result, to_value(big), big.job);
        REQUIRE(world.store.job(big.job));
        kept += world.store.result(big.job, TargetId("web1"))->body.size();
    }
    CHECK(kept < 145u << 20);
    CHECK(kept > 128u << 20);
    CHECK(world.store.job_target(big.job, TargetId("web1"))->reason ==
          "no master since 02:00; its details are not kept: there were too many");
    // Another one's are.
    auto raw = big.job.raw();
    raw.bytes[12] = 2;
    big.job = JobId(raw);
    web2.say(MessageType::result, to_value(big), big.job);
    CHECK(world.store.result(big.job, TargetId("web2"))->body.size() > 180'000);
}

TEST_CASE("S38 pieces of results that an agent left in the middle are not kept for ever", "[own]") {
    MasterWorld world;
    FakeAgent web1(world, "web1");
    web1.hello();
    const std::string body = R"({"padding":")" + std::string(600'000, 'x') + "\"}";
    const auto begin = [&](JobResult result) {
        result.body = Value();
        result.blob = BlobRef{hash_of(body), body.size()};
        web1.say(MessageType::result, to_value(result), result.job);
        const auto asked = web1.last(MessageType::file_request);
        return asked ? file_request_from(asked->body()).offset : 0;
    };
    const auto give = [&](const JobId& job) {
        FileChunk chunk;
        chunk.found = true;
        chunk.job = job;
        chunk.hash = hash_of(body);
        chunk.bytes = body.substr(0, 256u << 10);
        web1.deliver(web1.incoming(make_envelope(web1.header_of(MessageType::file_chunk, job), to_bytes(chunk),
                                                 KeyEnvelopeSigner(web1.sign))));
    };
    const auto first = own_result(world, 1), second = own_result(world, 2);
    CHECK(begin(first) == 0);
    give(first.job);
    CHECK(begin(first) == 256u << 10);
    CHECK(begin(second) == 0);
    CHECK(begin(first) == 0);  // the other has taken its place
    give(first.job);
    web1.reconnect();
    CHECK(begin(first) == 0);
}

TEST_CASE("P2 a target whose agent dies in the middle of its result ends all the same", "[results]") {
    MasterWorld world;
    FakeAgent web1(world, "web1");
    web1.hello();
    const auto job = world.submit({"web1"});
    web1.accept(job);
    JobResult result;
    result.job = job;
    result.blob = BlobRef{hash_of("x"), 600'000};
    web1.say(MessageType::result, to_value(result), job);
    web1.vanish();
    world.dispatch().ended(web1.key(), Route{web1.route(), Channel::main});
    world.pass(8LL * 24 * 3'600'000);
    CHECK(world.target(job, "web1").phase == TargetPhase::ended);
}

TEST_CASE("P6 runs of its own that a full store cannot take are taken once there is space", "[own]") {
    MasterWorld world;
    FakeAgent web1(world, "web1");
    web1.hello();
    const auto result = own_result(world);
    world.store.fail_with(Error(ErrorKind::full, "no space"));
    web1.say(MessageType::result, to_value(result), result.job);
    CHECK(confirmations(web1, result.job) == 0);
    world.store.fail_with(std::nullopt);
    world.pass(5'000);
    web1.say(MessageType::result, to_value(result), result.job);
    CHECK(world.store.job(result.job));
    CHECK(confirmations(web1, result.job) >= 1);
}

TEST_CASE("an agent tells by which sheet it goes in its hello and its heartbeats, and is sent another", "[own]") {
    MasterWorld world;
    FakeAgent web1(world, "web1");
    std::vector<std::string> told;
    world.dispatch().on_sheet([&](const TargetId& agent, const std::string& held) { told.push_back(agent.text() + held); });
    ScheduleSheet sheet;
    sheet.target = TargetId("web1");
    world.dispatch().send_sheet(sheet);  // not connected: nothing happens
    web1.hello();
    CHECK(told == std::vector<std::string>{"web1"});
    Heartbeat beat;
    beat.time_ms = world.clock.wall_ms();
    beat.sheet = std::string(64, 'a');
    web1.say(MessageType::heartbeat, to_value(beat));
    CHECK(told.back() == "web1" + beat.sheet);
    CHECK_FALSE(web1.last(MessageType::schedules));
    world.dispatch().send_sheet(sheet);
    const auto got = web1.last(MessageType::schedules);
    REQUIRE(got);
    CHECK(schedule_sheet_from(got->body()) == sheet);
}
