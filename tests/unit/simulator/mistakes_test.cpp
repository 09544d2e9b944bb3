// Does the simulator notice? Each test builds one thing wrong on purpose, and the invariant that forbids it must say so
// within a few seeds (reliability.md, P37). The same seeds hold without the mistake: simulation_test.cpp shows it.
#include <catch2/catch.hpp>

#include "tests/support/simulator/simulation.hpp"

using namespace prove;
using namespace prove::sim;

namespace {

// What is said first within some seeds; empty where nobody noticed.
std::string first_failure(Options options, std::uint64_t seeds = 25) {
    for (options.seed = 1; options.seed <= seeds; ++options.seed)
        if (const auto report = run(options); !report.failure.empty()) return report.failure;
    return "";
}

Catch::StdString::ContainsMatcher says(const std::string& number) {
    return Catch::Contains(" ms: " + number + ": ");
}

}  // namespace

TEST_CASE("P37 an agent that acts before its record is synced is found") {
    Options options;
    options.only = {Fault::agent_loses_power, Fault::reset, Fault::master_killed};
    REQUIRE(first_failure(options, 5).empty());
    options.mistakes.agents_do_not_sync = true;
    const auto failure = first_failure(options);
    INFO(failure);
    // It forgets what it said, does a job twice, counts from the start again, or looks like another machine.
    CHECK_THAT(failure, says("1") || says("2") || says("4") || says("5") || says("10"));
}

TEST_CASE("P37 S50 a job that is done twice after a loss of power is found") {
    Options options;
    options.only = {Fault::agent_loses_power};
    options.mistakes.lost = MessageType::accepted;  // or the master would know better than to send it again
    options.invariant = "1";
    REQUIRE(first_failure(options, 5).empty());
    options.mistakes.agents_do_not_sync = true;
    CHECK_THAT(first_failure(options), says("1"));
}

TEST_CASE("P37 a master that acknowledges a job before it is durable is found") {
    Options options;
    options.only = {Fault::master_killed};
    options.mistakes.master.acknowledges_early = true;
    CHECK_THAT(first_failure(options), says("2"));
}

TEST_CASE("P37 a command that is made for others than it meant is found") {
    Options options;
    options.only = {Fault::reset};
    options.mistakes.master.sends_to_another = true;
    CHECK_THAT(first_failure(options), says("3"));
}

TEST_CASE(
    "P37 a disk that is put back to an older state is found: its numbers come again, and the master sees a copy") {
    Options options;
    options.only = {Fault::agent_killed};
    options.mistakes.agent_is_set_back = true;
    CHECK_THAT(first_failure(options), says("2") || says("4") || says("5") || says("10"));
}

TEST_CASE("P37 a revoked key that is still believed is found") {
    Options options;
    options.only = {Fault::revocation};
    options.mistakes.master.keeps_revoked_keys = true;
    CHECK_THAT(first_failure(options), says("7"));
}

TEST_CASE("P37 a master that forgets its jobs when it starts again is found") {
    Options options;
    options.only = {Fault::master_killed};
    options.mistakes.master.forgets_jobs = true;
    CHECK_THAT(first_failure(options), says("10"));
}

TEST_CASE("P37 results that never arrive are found") {
    Options options;
    options.only = {Fault::reset};
    options.mistakes.lost = MessageType::result;
    CHECK_THAT(first_failure(options), says("10") || says("P3"));
}

TEST_CASE("P37 a late state that is compiled of other results than were told is found") {
    Options options;
    options.only = {Fault::reset};
    REQUIRE(first_failure(options, 2).empty());
    options.mistakes.master.confuses_pieces = true;
    CHECK_THAT(first_failure(options, 5), says("11"));
}
