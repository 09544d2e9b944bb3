// Who of a schedule's targets may begin, and who waits.
#include <catch2/catch.hpp>

#include "master/commands/schedule_gate.hpp"

using namespace prove;

namespace {

const TargetId web1("web1"), web2("web2"), web3("web3");
const ScheduledSlot first{"nightly", 1'000}, second{"nightly", 2'000};

JobId job(std::uint8_t number) {
    JobId::Raw raw{};
    raw.bytes[15] = number;
    return JobId(raw);
}

struct Gate : ScheduleGate {
    std::vector<std::string> begun;
    bool enter(const ScheduledSlot& slot, const TargetId& target, std::int64_t at_once) {
        return ScheduleGate::enter(slot, target, at_once, [this, target] { begun.push_back(target.text()); });
    }
    void turn() {
        for (const auto& one : take_turns()) one();
    }
};

}  // namespace

TEST_CASE("at most so many targets of a schedule run at once; the next begins when one has ended, in order", "[gate]") {
    Gate gate;
    CHECK(gate.enter(first, web1, 1));
    CHECK_FALSE(gate.enter(first, web2, 1));
    CHECK_FALSE(gate.enter(first, web3, 1));
    CHECK(gate.running("nightly") == 1);
    CHECK(gate.waiting("nightly") == 2);
    gate.became(first, web1, job(1));
    gate.turn();
    CHECK(gate.begun.empty());
    CHECK(gate.ended(job(1)));
    CHECK_FALSE(gate.ended(job(1)));
    gate.turn();
    CHECK(gate.begun == std::vector<std::string>{"web2"});
    gate.failed(first, web2);
    gate.turn();
    CHECK(gate.begun == std::vector<std::string>{"web2", "web3"});
}

TEST_CASE("who asks again while it waits keeps its place, and nobody goes past those who wait", "[gate]") {
    Gate gate;
    CHECK(gate.enter(first, web1, 1));
    CHECK_FALSE(gate.enter(first, web2, 1));
    CHECK_FALSE(gate.enter(first, web3, 1));
    CHECK_FALSE(gate.enter(first, web2, 1));
    CHECK(gate.waiting("nightly") == 2);
    gate.failed(first, web1);
    CHECK_FALSE(gate.enter(second, web1, 1));
    gate.turn();
    CHECK(gate.begun == std::vector<std::string>{"web2"});
}

TEST_CASE("the job of a slot is known while it runs, and of no other slot", "[gate]") {
    Gate gate;
    CHECK_FALSE(gate.job_of(first, web1));
    CHECK(gate.enter(first, web1, 0));
    CHECK(gate.job_of(first, web1) == JobId());
    gate.became(first, web1, job(1));
    CHECK(gate.job_of(first, web1) == job(1));
    CHECK(gate.knows(job(1)));
    CHECK_FALSE(gate.job_of(second, web1));
    CHECK_FALSE(gate.enter(second, web1, 0));  // one run of a target at a time
    gate.ended(job(1));
    gate.turn();
    CHECK(gate.begun == std::vector<std::string>{"web1"});
    CHECK(gate.job_of(second, web1) == JobId());
}

TEST_CASE("without a bound all begin, and schedules do not wait for each other", "[gate]") {
    Gate gate;
    CHECK(gate.enter(first, web1, 0));
    CHECK(gate.enter(first, web2, 0));
    CHECK(gate.enter({"hourly", 1'000}, web1, 1));
    CHECK(gate.running("nightly") == 2);
    CHECK(gate.running("unknown") == 0);
}
