// Schedules as agents meet them: the sheet that each goes by, and the jobs that it asks for.
#include "running_test.hpp"

using namespace prove;
using namespace prove::test;

namespace {

const std::map<std::string, std::string> scheduled_catalog = {
    {"targets.yml", "targets: [{name: web1}, {name: web2}, {name: db1}, {name: far1, executor: ssh}]"},
    {"groups.yml", "groups: [{name: all, glob: '*', states: [site]}]"},
    {"states/site.plain.yml", "hello:\n  - fn: file.managed\n    path: /etc/hello\n    content: hi\n"},
    {"schedules.yml",
     "schedules:\n"
     "  enforce: {targets: 'web* or far1', run: states apply, every: 30m, at_once: 1}\n"
     "  look: {targets: '*', run: states plan, every: 1h, expires: 10m}\n"
     "  clean: {targets: 'db1 or other1', run: cmd, cmd: 'rm -rf /var/tmp/x', cron: '0 3 * * *'}\n"
     "  closed: {targets: 'db1', run: states apply, every: 1h, until: '2030-01-01', windows: '00:00-00:01'}\n"}};

std::vector<std::string> names_of(const ScheduleSheet& sheet) {
    std::vector<std::string> names;
    for (const auto& entry : sheet.entries) names.push_back(entry.name);
    return names;
}

std::optional<ScheduleSheet> sheet_of(RunningWorld& running, FakeAgent& agent) {
    running.pump();
    const auto got = agent.last(MessageType::schedules);
    if (!got) return std::nullopt;
    return schedule_sheet_from(got->body());
}

std::optional<RunReply> ask(RunningWorld& running, FakeAgent& agent, const ScheduledSlot& slot,
                            RunMode mode = RunMode::apply, char request = 'a') {
    agent.say(MessageType::run_request, to_value(RunRequest{std::string(32, request), mode, slot}));
    running.pump();
    const auto got = agent.last(MessageType::run_reply);
    if (!got) return std::nullopt;
    return run_reply_from(got->body());
}

void beat(RunningWorld& running, FakeAgent& agent, const std::string& sheet) {
    Heartbeat heartbeat;
    heartbeat.time_ms = running.world.clock.wall_ms();
    heartbeat.sheet = sheet;
    agent.say(MessageType::heartbeat, to_value(heartbeat));
}

}  // namespace

TEST_CASE("an agent that connects is sent the schedules that mean it, and no others", "[schedules]") {
    RunningWorld running(scheduled_catalog);
    FakeAgent web1(running.world, "web1"), db1(running.world, "db1"), other1(running.world, "other1"),
        other2(running.world, "other2"), far1(running.world, "far1");
    web1.hello();
    auto sheet = sheet_of(running, web1);
    REQUIRE(sheet);
    CHECK(sheet->target == TargetId("web1"));
    CHECK(names_of(*sheet) == std::vector<std::string>{"enforce", "look"});
    db1.hello();
    CHECK(names_of(sheet_of(running, db1).value()) == std::vector<std::string>{"clean", "closed", "look"});
    // The catalog does not have it: it has no states, but commands may be for it.
    other1.hello();
    CHECK(names_of(sheet_of(running, other1).value()) == std::vector<std::string>{"clean"});
    other2.hello();
    CHECK_FALSE(sheet_of(running, other2));
    far1.hello();  // reached over ssh: the master keeps its clock
    CHECK_FALSE(sheet_of(running, far1));
}

TEST_CASE("an agent that goes by the right sheet is sent none, and by another one the right one", "[schedules]") {
    RunningWorld running(scheduled_catalog);
    FakeAgent web1(running.world, "web1");
    web1.hello();
    const auto sheet = sheet_of(running, web1).value();
    beat(running, web1, hash_of(sheet).hex());
    CHECK_FALSE(sheet_of(running, web1));
    beat(running, web1, std::string(64, 'a'));
    CHECK(sheet_of(running, web1) == sheet);
}

TEST_CASE("a new catalog reaches agents that are connected as soon as it is in force", "[schedules]") {
    RunningWorld running(scheduled_catalog);
    FakeAgent web1(running.world, "web1");
    web1.hello();
    const auto sheet = sheet_of(running, web1).value();
    beat(running, web1, hash_of(sheet).hex());
    CHECK_FALSE(sheet_of(running, web1));
    running.folder.write("schedules.yml", "schedules: {look: {targets: 'db*', run: states plan, every: 1h}}\n");
    running.world.clock.pass(Milliseconds(5'000));
    running.catalog.look([] {});
    const auto changed = sheet_of(running, web1);
    REQUIRE(changed);
    CHECK(changed->entries.empty());
}

TEST_CASE("an agent that has not told yet which sheet it was sent is sent the next one all the same", "[schedules]") {
    RunningWorld running(scheduled_catalog);
    FakeAgent web1(running.world, "web1");
    web1.hello();
    const auto first = sheet_of(running, web1).value();
    beat(running, web1, hash_of(first).hex());
    CHECK_FALSE(sheet_of(running, web1));
    const auto permit = running.permit(Permission::schedules_write);
    running.master.pause(permit, {"web1", "", "moving racks", 3'600'000}, [](const Answer<PauseView>&) {});
    CHECK(sheet_of(running, web1).value().pause);
    running.master.resume(permit, "web1", "", [](const Answer<PauseView>&) {});
    CHECK(sheet_of(running, web1) == first);
    // What was lost on the way it names with its next heartbeat.
    beat(running, web1, std::string(64, 'a'));
    CHECK(sheet_of(running, web1) == first);
}

TEST_CASE("an agent that was just sent its first sheet loses it with the catalog's last schedule", "[schedules]") {
    RunningWorld running(scheduled_catalog);
    FakeAgent web1(running.world, "web1");
    web1.hello();
    REQUIRE(sheet_of(running, web1));
    running.folder.write("schedules.yml", "schedules: {}\n");
    running.world.clock.pass(Milliseconds(5'000));
    running.catalog.look([] {});
    const auto changed = sheet_of(running, web1);
    REQUIRE(changed);
    CHECK(changed->entries.empty());
}

TEST_CASE("a pause is part of the sheet, for the host or for one schedule, and what is asked for is refused", "[schedules]") {
    RunningWorld running(scheduled_catalog);
    FakeAgent web1(running.world, "web1"), web2(running.world, "web2");
    web1.hello();
    web2.hello();
    const auto now = running.world.clock.wall_ms();
    write_and_wait(running.world.store,
                   {PauseRow{"", "web1", "disk swap", "alice", "socket uid 1000", now, now + 7'200'000},
                    PauseRow{"look", "web2", "noise", "bob", "socket uid 1000", now, now + 3'600'000}});
    beat(running, web1, "");
    const auto paused = sheet_of(running, web1).value();
    REQUIRE(paused.pause);
    CHECK(*paused.pause == SheetPause{"alice", "disk swap", now, now + 7'200'000});
    beat(running, web2, "");
    const auto sheet = sheet_of(running, web2).value();
    CHECK_FALSE(sheet.pause);
    CHECK_FALSE(sheet.entries[0].pause);
    REQUIRE(sheet.entries[1].pause);
    CHECK(sheet.entries[1].pause->why == "noise");
    CHECK(ask(running, web1, {"look", now})->error.find("disk swap") != std::string::npos);
    CHECK(ask(running, web2, {"look", now})->error.find("noise") != std::string::npos);
    CHECK(ask(running, web2, {"enforce", now})->error == "");
}

TEST_CASE("whoever is connected hears of a pause at once, and of its end", "[schedules]") {
    RunningWorld running(scheduled_catalog);
    FakeAgent web1(running.world, "web1");
    web1.hello();
    beat(running, web1, hash_of(sheet_of(running, web1).value()).hex());
    CHECK_FALSE(sheet_of(running, web1));
    PauseAsked asked;
    asked.expression = "web*";
    asked.why = "moving racks";
    asked.for_ms = 3'600'000;
    running.master.pause(running.permit(Permission::schedules_write), asked, [](Answer<PauseView>) {});
    const auto sheet = sheet_of(running, web1);
    REQUIRE(sheet);
    REQUIRE(sheet->pause);
    CHECK(sheet->pause->why == "moving racks");
    beat(running, web1, hash_of(*sheet).hex());
    running.master.resume(running.permit(Permission::schedules_write), "web*", "", [](Answer<PauseView>) {});
    CHECK_FALSE(sheet_of(running, web1).value().pause);
}

TEST_CASE("what a schedule says becomes a job of it for the agent that asks", "[schedules]") {
    RunningWorld running(scheduled_catalog);
    FakeAgent web1(running.world, "web1"), db1(running.world, "db1");
    web1.hello();
    db1.hello();
    running.pump();
    const auto now = running.world.clock.wall_ms();
    const auto reply = ask(running, web1, {"enforce", now - 1'000});
    REQUIRE(reply);
    const auto job = running.world.store.job(reply->job);
    REQUIRE(job);
    CHECK(job->operation == "states");
    CHECK(job->options.at("mode").text() == "apply");
    CHECK(job->expression == "web1");
    CHECK(job->who == "schedule enforce");
    CHECK(job->schedule == "enforce");
    CHECK(job->slot_ms == now - 1'000);
    const auto planned = ask(running, db1, {"look", now}, RunMode::apply);
    CHECK(running.world.store.job(planned->job)->options.at("mode").text() == "plan");
    const auto cleaned = ask(running, db1, {"clean", now});
    CHECK(running.world.store.job(cleaned->job)->operation == "cmd");
    CHECK(running.world.store.job(cleaned->job)->options.at("shell").text() == "rm -rf /var/tmp/x");
}

TEST_CASE("an apply is a plan outside the schedule's windows, whatever the agent's clock says", "[schedules]") {
    RunningWorld running(scheduled_catalog);
    FakeAgent db1(running.world, "db1");
    db1.hello();
    running.pump();
    running.world.clock.pass(
        Milliseconds(24 * 3'600'000 - running.world.clock.wall_ms() % (24 * 3'600'000) + 3'600'000));
    const auto reply = ask(running, db1, {"closed", running.world.clock.wall_ms()}, RunMode::apply);
    CHECK(running.world.store.job(reply->job)->options.at("mode").text() == "plan");
}

TEST_CASE("a command that a schedule had made carries its slot to the agent", "[schedules]") {
    RunningWorld running(scheduled_catalog);
    FakeAgent web1(running.world, "web1");
    web1.hello();
    running.pump();
    const auto reply = ask(running, web1, {"enforce", 4'000});
    web1.fetch(reply->job);
    running.pump();
    const auto command = web1.last(MessageType::staterun);
    REQUIRE(command);
    const auto opened = job_command_from(read_body(MessageType::staterun, command->plain));
    CHECK(opened.scheduled == ScheduledSlot{"enforce", 4'000});
    CHECK(states_body_from(opened.body).offline_until_ms > running.world.clock.wall_ms());
}

TEST_CASE("at most so many run at once: others are told to wait, and then get their job", "[schedules]") {
    RunningWorld running(scheduled_catalog);
    FakeAgent web1(running.world, "web1"), web2(running.world, "web2");
    web1.hello();
    web2.hello();
    running.pump();
    const auto first = ask(running, web1, {"enforce", 4'000});
    REQUIRE(first);
    CHECK_FALSE(first->job.is_zero());
    auto second = ask(running, web2, {"enforce", 4'000});
    CHECK(second->waits);
    second = ask(running, web2, {"enforce", 4'000});
    CHECK(second->waits);
    CHECK(ask(running, web1, {"enforce", 4'000})->job == first->job);  // asked again: the same job
    web1.accept(first->job);
    web1.finish(first->job);
    running.pump();
    const auto turn = web2.last(MessageType::run_reply);
    REQUIRE(turn);
    CHECK_FALSE(run_reply_from(turn->body()).job.is_zero());
    CHECK(running.world.store.jobs({}).size() == 2);
}

TEST_CASE("why a schedule's run is not made is told to the agent that asks", "[schedules]") {
    RunningWorld running(scheduled_catalog);
    FakeAgent web1(running.world, "web1");
    web1.hello();
    running.pump();
    const auto now = running.world.clock.wall_ms();
    CHECK(ask(running, web1, {"nightly", now})->error == "the catalog has no schedule 'nightly' any more");
    CHECK(ask(running, web1, {"clean", now})->error == "schedule 'clean' does not mean this target any more");
    CHECK(ask(running, web1, {"look", now - 5 * 3'600'000})->error ==
          "it could not begin within the time that the schedule gives it");
    CHECK(running.world.store.jobs({}).empty());
}

TEST_CASE("P20 what is in the way for now costs an agent no run: it is told nothing, and asks again", "[schedules]") {
    RunningWorld running(scheduled_catalog);
    FakeAgent web1(running.world, "web1");
    web1.hello();
    running.pump();
    const auto now = running.world.clock.wall_ms();
    running.world.store.fail_with(Error(ErrorKind::full, "no space"));
    CHECK_FALSE(ask(running, web1, {"enforce", now}));
    running.world.store.fail_with(std::nullopt);
    running.world.pass(5'000);
    const auto made = ask(running, web1, {"enforce", now});
    REQUIRE(made);
    CHECK_FALSE(made->job.is_zero());
    web1.accept(made->job);
    web1.finish(made->job);
    running.master.stop_taking();
    CHECK_FALSE(ask(running, web1, {"enforce", now + 1'800'000}));
}

TEST_CASE("P20 a master that has started with a catalog that is wrong leaves slots to be asked for again", "[schedules]") {
    const std::map<std::string, std::string> wrong = {{"targets.yml", "targets: [{name: web1}, {name: web1}]"}};
    RunningWorld running(wrong);
    FakeAgent web1(running.world, "web1");
    web1.hello();
    running.pump();
    const auto now = running.world.clock.wall_ms();
    // That it is wrong is no news: agents that are connected do not have it read again and again.
    beat(running, web1, "");
    running.pump();
    CHECK_FALSE(ask(running, web1, {"enforce", now}));
    for (const auto& [file, content] : scheduled_catalog) running.folder.write(file, content);
    running.world.pass(5'000);
    running.catalog.look([] {});
    const auto made = ask(running, web1, {"enforce", now});
    REQUIRE(made);
    CHECK_FALSE(made->job.is_zero());
}

TEST_CASE("A13 an agent that asks without end is not answered without end", "[schedules]") {
    RunningWorld running(scheduled_catalog);
    FakeAgent web1(running.world, "web1");
    web1.hello();
    running.pump();
    for (int i = 0; i < 300; ++i) ask(running, web1, {"enforce", i});
    CHECK(running.world.store.jobs({1000, {}, "", "", false}).size() <= 150);
}
