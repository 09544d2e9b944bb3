// The exit codes of prove-cli (docs/cli.md), and which one an error or a finished job gives.
#pragma once

#include "proto/error.hpp"

namespace prove {

enum class ExitCode {
    well = 0, fault = 1, usage = 2, catalog = 3, target_failed = 4, not_reached = 5, plan_has_changes = 6, cancelled = 7,
    stale_plan = 8, no_master = 9,
};

inline ExitCode exit_code_for(ErrorKind kind) {
    switch (kind) {
        case ErrorKind::usage:
        case ErrorKind::invalid:
        case ErrorKind::missing:
        case ErrorKind::refused: return ExitCode::usage;
        case ErrorKind::catalog: return ExitCode::catalog;
        case ErrorKind::unavailable: return ExitCode::no_master;
        case ErrorKind::cancelled: return ExitCode::cancelled;
        case ErrorKind::failed: return ExitCode::target_failed;
        case ErrorKind::internal:
        case ErrorKind::full:
        case ErrorKind::timeout:
        case ErrorKind::held: break;
    }
    return ExitCode::fault;
}

}  // namespace prove
