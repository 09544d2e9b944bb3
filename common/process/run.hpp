// Running a command to its end: its output as it comes, its time limited, and nothing of it left when it was ended by
// us. Thread-safe: any number of threads may run commands at once; no signal handler, no child of others is touched.
#pragma once

#include <functional>

#include "common/process/cancel.hpp"
#include "common/process/command.hpp"

namespace prove {

struct CommandOptions {
    OutputSink output;                           // in the calling thread; may be empty
    const Cancellation* cancellation = nullptr;  // may be null
    // Called with the pid of a process whose children the command and all its children will be, before it starts: to
    // put it into a scope or cgroup of its own.
    std::function<void(int pid)> before_start;
    // Where we end meanwhile (a restart, a kill) the command goes on; otherwise it is ended with us.
    bool survives_us = false;
};

// The command gets the fixed environment and what it adds, no descriptor but 0 to 2, a session of its own. When its
// time is over or it is cancelled, everything that it started is ended: SIGTERM, after 1 s SIGKILL. When it ends by
// itself, what it left in the background stays, and is not waited for even if it keeps the output open (A8). Throws
// Error where it could not be started (missing, refused, invalid). A timeout of 0 means none.
CommandResult run_command(const Command& command, const CommandOptions& options = {});

}  // namespace prove
