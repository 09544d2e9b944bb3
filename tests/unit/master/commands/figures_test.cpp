// What a running master tells of itself: runs of a target, all of it in one look, and figures for Prometheus.
#include "running_test.hpp"

using namespace prove;
using namespace prove::test;

namespace {

const std::map<std::string, std::string> small_catalog = {
    {"targets.yml",
     "targets:\n  - {name: web1, states: [site]}\n  - {name: web2, states: [site]}\n"
     "  - {name: old1, executor: ssh, states: [site]}\n"},
    {"states/site.plain.yml", "motd:\n  - fn: file.managed\n    path: /etc/motd\n    content: hello\n"},
};

std::string metrics_of(RunningWorld& running) {
    std::string text;
    running.master.metrics(running.permit(Permission::targets_read), [&](Answer<std::string> answer) {
        if (answer.value) text = "\n" + *answer.value;
    });
    running.pump();
    return text;
}

bool has(const std::string& metrics, const std::string& line) {
    return metrics.find("\n" + line + "\n") != std::string::npos;
}

Overview overview_of(RunningWorld& running) {
    std::optional<Overview> view;
    running.master.overview(running.permit(Permission::targets_read), [&](Answer<Overview> answer) { view = answer.value; });
    running.pump();
    REQUIRE(view);
    return *view;
}

// A ping that this agent has answered.
JobId answered_ping(RunningWorld& running, FakeAgent& agent) {
    CHECK(running.submit("ping", agent.name()) == "");
    agent.fetch(running.made.id);
    agent.accept(running.made.id);
    agent.finish(running.made.id);
    running.world.settle();
    return running.made.id;
}

std::vector<RunRow> runs_of(RunningWorld& running, const std::string& target) {
    RunFilter filter;
    filter.target = TargetId(target);
    return running.master.runs(running.permit(Permission::jobs_read), filter);
}

}  // namespace

TEST_CASE("the runs of a target are those that it was meant by", "[master]") {
    RunningWorld running(small_catalog);
    FakeAgent web1(running.world, "web1");
    web1.hello();
    const auto job = answered_ping(running, web1);
    const auto runs = runs_of(running, "web1");
    REQUIRE(runs.size() == 1);
    CHECK(runs.front().job.id == job);
    CHECK(runs.front().run.end == TargetEnd::done);
    CHECK(runs_of(running, "web2").empty());
    const auto permit = running.permit(Permission::jobs_read);
    CHECK(running.master.run(permit, job, TargetId("web1"))->run == runs.front().run);
    CHECK_FALSE(running.master.run(permit, job, TargetId("web2")));
}

TEST_CASE("S76 runs of a target that nobody knows are an error with the nearest name, and no pattern is a name", "[master]") {
    RunningWorld running(small_catalog);
    CHECK_THROWS_WITH(runs_of(running, "wbe1"), "there is no target 'wbe1'; did you mean 'web1'?");
    CHECK_THROWS_WITH(runs_of(running, "web*"), "'web*' is not the name of one target");
}

TEST_CASE("runs of a target that is not known any more are told all the same", "[master]") {
    RunningWorld running(small_catalog);
    JobRow job;
    job.id = JobId::from_text("01jd8zk4000000000000000000").value();
    job.operation = "states";
    JobTargetRow run;
    run.job = job.id;
    run.target = TargetId("gone");
    write_and_wait(running.world.store, {job, run});
    CHECK(runs_of(running, "gone").size() == 1);
}

TEST_CASE("metrics count targets by how they are reached and stand, and say when each was last heard of", "[master][metrics]") {
    RunningWorld running(small_catalog);
    FakeAgent web1(running.world, "web1");
    FakeAgent asking(running.world, "web3", KeyState::pending);
    web1.hello();
    const auto text = metrics_of(running);
    CHECK(has(text, R"(prove_targets{executor="agent",status="connected"} 1)"));
    CHECK(has(text, R"(prove_targets{executor="agent",status="unknown"} 1)"));
    CHECK(has(text, R"(prove_targets{executor="ssh",status="ssh"} 1)"));
    CHECK(has(text, R"(prove_keys{state="pending"} 1)"));
    CHECK(text.find("\nprove_target_last_seen_timestamp_seconds{target=\"web1\"} ") != std::string::npos);
    CHECK(text.find("_seconds{target=\"web2\"}") == std::string::npos);
}

TEST_CASE("metrics count what goes on now, and what has ended", "[master][metrics]") {
    RunningWorld running(small_catalog);
    FakeAgent web1(running.world, "web1");
    web1.hello();
    answered_ping(running, web1);
    CHECK(running.submit("ping", "web1") == "");
    const auto text = metrics_of(running);
    CHECK(has(text, "prove_jobs_active 1"));
    CHECK(has(text, R"(prove_job_targets{phase="waiting"} 1)"));
    CHECK(has(text, R"(prove_runs_total{operation="ping",mode="",by="operator",end="done"} 1)"));
    CHECK(has(text, R"(prove_run_duration_seconds_count{operation="ping"} 1)"));
    CHECK(has(text, "prove_catalog_errors 0"));
}

TEST_CASE("the status has who is away, what waits for an operator, and what did not end well", "[master]") {
    RunningWorld running(small_catalog);
    FakeAgent web1(running.world, "web1"), web2(running.world, "web2");
    FakeAgent asking(running.world, "web3", KeyState::pending);
    web1.hello();
    answered_ping(running, web1);
    CHECK(running.submit("ping", "web2") == "");
    running.world.pass(20'000);
    const auto view = overview_of(running);
    CHECK(view.targets.at("connected") == 1);
    CHECK(view.targets.at("disconnected") == 1);
    REQUIRE(view.silent.size() == 1);
    CHECK(view.silent.begin()->first == "web2");
    CHECK(view.keys_pending == 1);
    CHECK(view.jobs == 0);
    CHECK(view.since_start.runs == 2);
    CHECK(view.since_start.not_well == 1);
    REQUIRE(view.not_well.size() == 1);
    CHECK(view.not_well.front().run.target == TargetId("web2"));
    CHECK(view.not_well.front().run.end == TargetEnd::unreachable);
}

TEST_CASE("who is gone is in no list of how targets stand, and after a day forgotten", "[master]") {
    RunningWorld running(small_catalog);
    FakeAgent left(running.world, "left1", KeyState::revoked), extra(running.world, "extra1");
    auto& store = running.world.store;
    const auto now = running.world.clock.wall_ms();
    const auto standing = [&](const char* name) {
        StandingRow row;
        row.target = TargetId(name);
        row.standing = Standing::differs;
        row.judged_ms = row.since_ms = row.drift_ms = now;
        return row;
    };
    SlotRow slot;
    slot.schedule = "nightly";
    slot.target = TargetId("taken-out");
    slot.taken_ms = now;
    write_and_wait(store, {standing("web1"), standing("extra1"), standing("left1"), slot});
    JobRow job;
    job.id = running.world.submit({"web1"});
    running.world.pass(70'000);                      // unreachable
    auto failed = store.job_targets(job.id).front();
    failed.target = TargetId("left1");
    write_and_wait(store, {failed});

    const auto drift = running.master.drift(running.permit(Permission::jobs_read), "*", 0);
    CHECK(write_json(drift).find("left1") == std::string::npos);
    CHECK(has(metrics_of(running), R"(prove_standings{standing="differs"} 2)"));
    const auto view = overview_of(running);
    REQUIRE(view.not_well.size() == 1);
    CHECK(view.not_well.front().run.target == TargetId("web1"));

    const auto look = [&] {
        running.master.forget_gone();
        running.pump();
    };
    look();
    CHECK(store.standing(TargetId("left1")));        // it may have been a mistake
    CHECK(store.slots("nightly").size() == 1);
    running.world.clock.pass(Milliseconds(25 * 3'600'000));
    look();
    CHECK_FALSE(store.standing(TargetId("left1")));
    CHECK(store.slots("nightly").empty());
    CHECK(store.standing(TargetId("web1")));
    CHECK(store.standing(TargetId("extra1")));       // in no catalog, and its key counts
}

TEST_CASE("P13 targets, status and metrics have the clock of an agent's machine where it is wrong, until it is put right", "[master]") {
    RunningWorld running(small_catalog);
    FakeAgent web1(running.world, "web1"), web2(running.world, "web2");
    web1.hello();
    web2.hello();
    const auto beat = [&](std::int64_t ahead_ms) {
        Heartbeat heartbeat;
        heartbeat.time_ms = running.world.clock.wall_ms() + ahead_ms;
        web2.say(MessageType::heartbeat, to_value(heartbeat));
    };
    beat(299'000);
    CHECK(overview_of(running).wrong_clocks.empty());
    CHECK(has(metrics_of(running), R"(prove_target_clock_ahead_seconds{target="web2"} 299)"));
    beat(-3 * 3'600'000);
    CHECK(overview_of(running).wrong_clocks == std::map<std::string, std::int64_t>{{"web2", -3 * 3'600'000}});
    const auto rows = running.master.targets(running.permit(Permission::targets_read), "*");
    CHECK(rows[1].clock_ahead_ms == 0);
    CHECK(rows[2].clock_ahead_ms == -3 * 3'600'000);
    CHECK(has(metrics_of(running), R"(prove_target_clock_ahead_seconds{target="web2"} -10800)"));
    // A hello goes by the master's time, so a new connection says nothing else.
    web2.reconnect();
    CHECK(overview_of(running).wrong_clocks.size() == 1);
    beat(0);
    CHECK(overview_of(running).wrong_clocks.empty());
    // One that has never heard the master's time says hello by its own.
    web1.clock_ahead_ms = 3'600'000;
    web1.reconnect();
    CHECK(overview_of(running).wrong_clocks == std::map<std::string, std::int64_t>{{"web1", 3'600'000}});
    web1.vanish();
    running.world.pass(200'000);
    CHECK(overview_of(running).wrong_clocks.empty());
}

TEST_CASE("the status has the pauses that hold something now, and no others", "[master]") {
    RunningWorld running(small_catalog);
    PauseRow over, now;
    over.expression = "web1";
    over.until_ms = running.world.clock.wall_ms();
    now.expression = "role:web";
    now.until_ms = over.until_ms + 1;
    write_and_wait(running.world.store, {over, now});
    const auto view = overview_of(running);
    REQUIRE(view.pauses.size() == 1);
    CHECK(view.pauses.front().expression == "role:web");
    CHECK(has(metrics_of(running), "prove_pauses 1"));
}

TEST_CASE("S4 metrics and the status take a permit for looking at targets", "[master]") {
    RunningWorld running(small_catalog);
    const auto other = running.permit(Permission::jobs_read);
    CHECK_THROWS_AS(running.master.metrics(other, [](const auto&) {}), Error);
    CHECK_THROWS_AS(running.master.overview(other, [](const auto&) {}), Error);
    CHECK_THROWS_AS(runs_of(running, ""), Error);
}
