// An agent without its master: it runs what it keeps, if that may be believed, and tells it later (S60, P21).
#include <catch2/catch.hpp>

#include "tests/unit/agent/daemon/scheduled_world.hpp"

using namespace prove;
using namespace prove::test;

TEST_CASE("S60 without a master for a minute the agent runs what it keeps by itself, and tells it when the master is back") {
    Scheduled world;
    world.lose_master();
    world.pass_to_slot();
    REQUIRE(world.starter.started.size() == 1);
    const auto order = world.starter.started[0];
    CHECK(order.own);
    CHECK(order.operation == "states");
    CHECK(states_body_from(order.body).mode == RunMode::apply);
    world.pass(minute);
    world.finish(order.job);
    CHECK(world.own_results().empty());
    world.master_is_back();
    REQUIRE(world.own_results().size() == 1);
    const auto result = world.own_results()[0];
    CHECK(result.job == order.job);
    CHECK(result.end == JobResult::End::done);
    CHECK(result.own->operation == "states");
    CHECK(result.own->mode == RunMode::apply);
    CHECK(result.own->scheduled == ScheduledSlot{"nightly", world.slot()});
    CHECK_THAT(result.own->why, Catch::StartsWith("run without the master: no connection to it for "));
    world.send(MessageType::stored, order.job, to_value(Stored{order.job}));
    world.pass(20 * minute);
    CHECK(world.own_results().size() == 1);
    CHECK(world.core->status().unsent == 0);
}

TEST_CASE("a master that comes back within the minute is asked, and nothing is run alone") {
    Scheduled world;
    world.pass(hour - world.clock.wall % hour - 10'000);
    world.lose_master();
    world.pass(20'000);
    world.master_is_back();
    world.settle();
    CHECK(world.starter.started.empty());
    CHECK(world.asked().size() == 1);
}

TEST_CASE("a slot that was run without the master is not run again by a job for it") {
    Scheduled world;
    world.pass_to_slot();
    world.answer(world.asked()[0].request, false, {}, job_number(2));
    world.lose_master();
    world.pass(2 * minute);
    REQUIRE(world.starter.started.size() == 1);
    world.finish(world.starter.started[0].job);
    world.admits.all = true;
    world.connect({job_number(2)});
    world.send(world.scheduled_command(job_number(2), world.slot()));
    CHECK(world.starter.times(job_number(2)) == 0);
    const auto results = world.received(MessageType::result);
    std::vector<std::string> reasons;
    for (const auto& body : results) reasons.push_back(job_result_from(body).reason);
    CHECK_THAT(reasons, Catch::VectorContains(
                            std::string("this run of 'nightly' was made here already, without the master")));
}

TEST_CASE("an agent's own runs are told one after the other, in their order, each until it is stored") {
    Scheduled world(hourly(SheetEntry::Run::cmd));
    world.lose_master();
    std::vector<JobId> made;
    for (int i = 0; i < 3; ++i) {
        world.pass_to_slot();
        REQUIRE(world.starter.started.size() == static_cast<std::size_t>(i + 1));
        made.push_back(world.starter.started.back().job);
        world.finish(made.back());
    }
    CHECK(world.starter.started[0].operation == "cmd");
    CHECK(world.starter.started[0].body.at("shell").text() == "date");
    world.boot();                                    // a restart forgets none of them
    world.admits.all = true;
    world.connect();
    const auto hello = hello_from(world.received(MessageType::hello).back());
    CHECK(hello.unfinished.empty());                 // the master has not heard of them
    for (const auto& id : made) {
        CHECK(world.own_results().back().job == id);
        world.pass(minute);
        CHECK(world.own_results().back().job == id);
        world.send(MessageType::stored, id, to_value(Stored{id}));
    }
    CHECK(world.core->status().unsent == 0);
}

TEST_CASE("P13 the times of a run are the master's, whatever this machine's clock says meanwhile") {
    Scheduled world;
    world.lose_master();
    world.pass_to_slot();
    const auto slot = world.slot();
    REQUIRE(world.starter.started.size() == 1);
    const auto wrong = GENERATE(-3 * hour, 3 * hour);
    world.clock.wall += wrong;
    auto result = world.result_for(world.starter.started[0].job);
    result.started_ms -= 10'000;
    world.pass(10'000);
    world.core->finished(result);
    world.settle();
    world.clock.wall -= wrong;
    world.master_is_back();
    REQUIRE(world.own_results().size() == 1);
    const auto told = world.own_results()[0];
    CHECK(told.started_ms == slot);
    CHECK(told.finished_ms == slot + 10'000);
}

TEST_CASE("a run without the master that a crash interrupted is told with the moment at which it began") {
    Scheduled world;
    world.lose_master();
    world.pass_to_slot();
    REQUIRE(world.starter.started.size() == 1);
    const auto began = world.clock.wall;
    world.pass(minute);
    world.boot();
    world.master_is_back();
    REQUIRE(world.own_results().size() == 1);
    CHECK(world.own_results()[0].end == JobResult::End::interrupted);
    CHECK(world.own_results()[0].started_ms == began);
    CHECK(world.own_results()[0].finished_ms >= began + minute);
}

TEST_CASE("S60 when its time is over the kept run is only planned, and it says so") {
    Scheduled world;
    world.lose_master();
    world.pass(kept_for_ms);
    world.starter = {};
    for (const auto& going : world.journal->jobs_in(AgentJournal::Job::State::accepted)) world.finish(going);
    world.pass_to_slot();
    REQUIRE(world.starter.started.size() == 1);
    CHECK(states_body_from(world.starter.started[0].body).mode == RunMode::plan);
    world.finish(world.starter.started[0].job);
    const auto* kept = world.journal->find(world.starter.started[0].job);
    CHECK_THAT(job_result_from(read_json(kept->message)).own->why, Catch::EndsWith("this is only a plan"));
}

TEST_CASE("P21 a kept run with any byte damaged is not run, and somebody is told") {
    Scheduled world;
    world.lose_master();
    const auto whole = *world.disk.read("staterun");
    // Header and signature closely, the payload here and there: each byte of it is under one hash.
    int tried = 0;
    for (std::size_t at = 0; at < whole.size(); at += at < 250 ? 5 : 37, ++tried) {
        world.disk.content("staterun") = whole;
        world.disk.content("staterun")[at] = static_cast<char>(whole[at] ^ 1);
        world.pass_to_slot();
        CHECK(world.starter.started.empty());
    }
    world.disk.content("staterun") = whole.substr(0, whole.size() - 1);
    world.pass_to_slot();
    world.disk.remove("staterun");
    world.pass_to_slot();
    CHECK(world.starter.started.empty());
    CHECK(world.core->status().unsent == static_cast<std::size_t>(tried + 2));
    world.master_is_back();
    CHECK(world.own_results().back().end == JobResult::End::refused);
    CHECK(world.own_results().back().reason ==
          "states kept here are damaged, or signed by a key that does not count any more, and there is no connection to "
          "the master: nothing was run");
}

TEST_CASE("P21 an older copy of the kept run that is put back is not run") {
    Scheduled world;
    const auto older = *world.disk.read("staterun");
    world.accept_apply(job_number(3), 8);
    world.disk.content("staterun") = older;
    world.starter = {};
    world.lose_master();
    world.pass_to_slot();
    CHECK(world.starter.started.empty());
    CHECK_THAT(world.last_note(), Catch::StartsWith("states kept here are older than the newest that came"));
}

TEST_CASE("P21 a kept run whose signer's key was revoked is not run, and neither are the schedules") {
    Scheduled world;
    auto keyset = world.master.document(2);
    const auto next = SigningKey::generate();
    keyset.online = {{next.public_key(), world.master.epoch + 1, 0, 1'900'000'000'000}};
    keyset.revoked.push_back(world.master.id());
    const auto frames = world.master.sign(world.master.header(MessageType::keyset, world.agent(), {}, world.clock.wall),
                                          world.master.signed_keyset(keyset));
    world.send(frames);
    CHECK(world.core->schedules_status().find("entries") == nullptr);
    world.lose_master();
    world.pass(3 * hour);
    CHECK(world.starter.started.empty());
    CHECK(world.core->status().unsent == 1);
}

TEST_CASE("P21 a sheet with any byte damaged, or an older one, is not gone by") {
    Scheduled world;
    const auto first = *world.disk.read("sheet");
    auto entry = hourly();
    entry.every_ms = 2 * hour;
    world.send_sheet(sheet_of({entry}));
    const auto second = *world.disk.read("sheet");
    world.lose_master();
    std::vector<std::string> wrong{first, second.substr(0, second.size() - 1), ""};
    for (std::size_t at = 0; at < second.size(); at += 29) {
        wrong.push_back(second);
        wrong.back()[at] = static_cast<char>(second[at] ^ 0x10);
    }
    for (const auto& bytes : wrong) {
        world.disk.content("sheet") = bytes;
        world.boot();
        CHECK(world.core->schedules_status().find("entries") == nullptr);
        world.pass(2 * hour);
        CHECK(world.starter.started.empty());
    }
    CHECK(world.core->status().unsent == 2);         // older, and damaged: each is said once
    world.disk.content("sheet") = second;
    world.boot();
    world.pass(2 * hour);
    CHECK(world.starter.started.size() == 1);
}

TEST_CASE("a damaged sheet is told once for each schedule, however often the agent starts, until something changes") {
    Scheduled world;
    auto other = hourly();
    other.name = "other";
    world.send_sheet(sheet_of({hourly(), other}));
    const auto whole = *world.disk.read("sheet");
    const auto damaged = whole.substr(0, whole.size() - 1);
    const auto start_with = [&](const std::string& bytes) {
        world.disk.content("sheet") = bytes;
        world.boot();
        world.pass(minute);
    };
    world.lose_master();
    for (int i = 0; i < 5; ++i) start_with(damaged);
    CHECK(world.core->status().unsent == 2);
    SECTION("it is whole again: what was due is run, and new damage is told") {
        start_with(whole);
        CHECK(world.core->status().unsent == 2);
        world.pass_to_slot();
        CHECK(world.starter.started.size() == 2);
        start_with(damaged);
        CHECK(world.own_jobs() == 6);                // two interrupted, and told twice more
        start_with(damaged);
        CHECK(world.own_jobs() == 6);
    }
    SECTION("the master's sheet comes, and is damaged before anything was run by it") {
        world.master_is_back();
        world.send_sheet(sheet_of({hourly(), other}));
        world.lose_master();
        start_with(damaged);
        CHECK(world.own_jobs() == 4);
    }
    SECTION("there is another reason") {
        world.disk.remove("sheet");
        world.boot();
        CHECK(world.core->status().unsent == 4);
    }
}

TEST_CASE("P21 a slot that is owed when its sheet is damaged is owed still when that is whole again") {
    Scheduled world(hourly(SheetEntry::Run::cmd));
    world.pass_to_slot();
    REQUIRE(world.asked().size() == 1);              // and there is no answer
    world.lose_master();
    const auto whole = *world.disk.read("sheet");
    world.disk.content("sheet") = whole.substr(1);
    world.boot();
    world.pass(minute);
    CHECK(world.starter.started.empty());
    world.disk.content("sheet") = whole;
    world.boot();
    world.pass(2 * minute);
    CHECK(world.starter.started.size() == 1);
}

TEST_CASE("a late state of an own run is the one that was kept, or nobody is asked and it is told at once") {
    Scheduled world;
    world.lose_master();
    world.pass_to_slot();
    REQUIRE(world.starter.started.size() == 1);
    LateRequest request;
    request.basis = "b";
    request.states.push_back({StateId("format"), Value::object()});
    world.core->ask_late(world.starter.started[0].job, request, {});
    REQUIRE(world.heard.late.size() == 1);
    CHECK(world.heard.late[0].first.error == "only the master can compile it, and this run is made without it");
    CHECK(world.count(MessageType::late_request) == 0);
}
