// One run of a seed: a master and its agents, some minutes of work under the faults that the seed has, then quiet, in
// which everything that was begun must end. See invariants.hpp for what is checked.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tests/support/simulator/agent_machine.hpp"
#include "tests/support/simulator/master_machine.hpp"

namespace prove::sim {

// What is built wrong on purpose, to see that it is found.
struct Mistakes {
    MasterMistakes master;
    bool agents_do_not_sync = false;
    bool agent_is_set_back = false;   // an agent's disk is put back to an older state
    std::optional<MessageType> lost;  // these never arrive at the master, and nobody is told
};

struct Options {
    std::uint64_t seed = 1;
    int agents = 4;
    std::int64_t faulty_ms = 150'000;
    std::int64_t quiet_ms = 120'000;
    std::int64_t work_every_ms = 7'000;  // at most so long between two things that are asked for
    std::int64_t longest_partition_ms = 70'000;
    std::int64_t schedule_every_ms = 0;  // what agents do by the clock while there are faults; 0: nothing
    std::vector<Fault> only;  // these faults and no others; empty: as the seed draws
    Mistakes mistakes;
    std::string invariant;  // the only one that counts, by its number; empty: all
    bool logs = false;      // the programs' own logs stand in the trace too
    bool to_stderr = false;
};

struct Report {
    std::string failure;  // empty where all held
    std::uint64_t hash = 0;
    std::string latest;  // the end of the trace
    Invariants::Counts counts;
    std::size_t agent_deaths = 0, master_deaths = 0;
};

Report run(const Options& options);

// Runs a seed. Where it fails it is run once more, with the programs' logs, for whoever looks for the cause.
Report run_and_explain(Options options);

}  // namespace prove::sim
