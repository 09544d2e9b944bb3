// Schedules over whole clusters: agents that keep the clock while everything fails (P10, P20).
#include <catch2/catch.hpp>

#include "tests/support/simulator/simulation.hpp"

using namespace prove;
using namespace prove::sim;

namespace {

struct Sum {
    std::size_t slots = 0, own_runs = 0, deaths = 0;
};

Sum play(Options options, std::uint64_t seeds) {
    Sum sum;
    for (options.seed = 1; options.seed <= seeds; ++options.seed) {
        const auto report = run_and_explain(options);
        INFO("seed " << options.seed << ": " << report.failure << "\n" << report.latest);
        CHECK(report.failure.empty());
        if (!report.failure.empty()) break;
        sum.slots += report.counts.slots;
        sum.own_runs += report.counts.own_runs;
        sum.deaths += report.agent_deaths;
    }
    return sum;
}

}  // namespace

TEST_CASE("P20 no slot is run twice or skipped at the end, whatever fails, with the master and without it") {
    Options options;
    options.schedule_every_ms = 25'000;
    options.work_every_ms = 20'000;
    options.only = {Fault::agent_killed, Fault::agent_loses_power, Fault::agent_disk_crash, Fault::agent_send_crash,
                    Fault::agent_disk_full, Fault::agent_clock_jumps, Fault::master_killed, Fault::master_send_crash,
                    Fault::reset, Fault::partition, Fault::half_open, Fault::queue_full, Fault::duplicates};
    options.faulty_ms = 300'000;
    options.longest_partition_ms = 250'000;
    const auto sum = play(options, 60);
    CHECK(sum.slots > 60 * 4 * 5);
    CHECK(sum.own_runs > 30);
    CHECK(sum.deaths > 60);
}

TEST_CASE("P10 away from its master for hours an agent does what is due, and tells it all when the master is back") {
    Options options;
    options.agents = 3;
    options.schedule_every_ms = 600'000;
    options.faulty_ms = 24LL * 3'600'000;
    options.quiet_ms = 900'000;
    options.work_every_ms = 1'200'000;
    options.only = {Fault::partition};
    options.longest_partition_ms = 5LL * 3'600'000;
    const auto sum = play(options, 2);
    // 144 slots in a day. One that fell due in the last minute before the master was gone, or back, may have been one with
    // the next.
    CHECK(sum.slots >= 2 * 3 * 140);
    CHECK(sum.slots <= 2 * 3 * 144);
    CHECK(sum.own_runs > 2 * 3 * 30);
}
