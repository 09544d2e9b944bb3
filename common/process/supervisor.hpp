// The small process between us and a command that is run. It is the command's parent, and a "subreaper": whatever the
// command leaves behind, even after setsid or a double fork, becomes its child and can be found and ended (A7, A8).
//
// Why a process per command: a subreaper in the agent itself would mix the orphans of all commands that run at once and
// race for wait(); cgroups need delegation and are not everywhere; marks in the environment are lost by sudo and env
// -i. Why fork: the agent is a few MB. Measured here, all of run_command() with /bin/true takes 1.1 ms beside 0.7 ms
// for a bare vfork, exec and wait; the supervisor costs no exec and its pages stay shared.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <vector>

#include "common/files/fd.hpp"
#include "common/process/start.hpp"

namespace prove {

// What it reports, once.
struct SupervisorReport {
    enum class Kind : std::int32_t { start_failed, ended } kind = Kind::ended;
    std::int32_t stage = 0;  // start_failed: StartStage and errno
    std::int32_t error_number = 0;
    std::int32_t wait_status = 0;  // ended: as waitpid has it
    std::int32_t by_order = 0;     // ended: because we said so
    std::int32_t left = 0;         // ended by order: processes that withstood it
};

// What it is told, one byte each. The end of the connection means end_tree, unless the command is to survive us.
inline constexpr char supervisor_go = 'g';
inline constexpr char supervisor_end_tree = 'k';

struct SupervisorPlan {
    const PreparedStart* start = nullptr;
    int control = -1;           // its end of a SOCK_SEQPACKET pair
    int outputs[2] = {-1, -1};  // reading ends of the command's output, kept open if it is to survive us
    bool survives_us = false;
};

// The whole life of the supervisor, after a fork with all signals blocked: only system calls, no memory, no locks.
[[noreturn]] void supervise(const SupervisorPlan& plan) noexcept;

}  // namespace prove
