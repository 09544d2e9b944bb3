// What is kept of jobs for those who ask later.
#include <catch2/catch.hpp>

#include "tests/support/fake_agent.hpp"

using namespace prove;
using namespace prove::test;

TEST_CASE("A13 of what a schedule began the events of states are not kept; what a command prints is", "[dispatch]") {
    MasterWorld world;
    world.schedule = "nightly";
    FakeAgent web1(world, "web1");
    web1.hello();
    const auto job = world.submit({"web1"});
    web1.accept(job);
    JobEvent begins;
    begins.job = job;
    begins.number = 1;
    begins.kind = JobEvent::Kind::state_started;
    begins.state = "motd";
    web1.say(MessageType::event, to_value(begins), job);
    web1.output(job, "one");
    web1.finish(job);
    CHECK(world.event_kinds(job) == std::vector<std::string>{"accepted", "output", "target_ended", "job_ended"});
}

TEST_CASE("an ended job carries how many of its targets ended how", "[dispatch]") {
    MasterWorld world;
    FakeAgent web1(world, "web1"), web2(world, "web2"), web3(world, "web3");
    for (auto* const agent : {&web1, &web2, &web3}) agent->hello();
    const auto job = world.submit({"web1", "web2", "web3"});
    for (auto* const agent : {&web1, &web2, &web3}) agent->accept(job);
    web1.finish(job);
    web2.finish(job, JobResult::End::failed);
    CHECK(world.store.job(job)->ends.empty());
    web3.finish(job);
    CHECK(world.store.job(job)->ends == std::map<TargetEnd, std::size_t>{{TargetEnd::done, 2}, {TargetEnd::failed, 1}});
    CHECK(world.dispatch().counts().totals().runs == 3);
    CHECK(world.dispatch().counts().totals().not_well == 1);
}
