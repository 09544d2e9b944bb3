// Running a job and telling what becomes of it: output as it comes, a moving line, one outcome per target, a summary,
// and the exit code. Also re-attaches to a job that runs already (`jobs watch`).
#pragma once

#include <functional>
#include <string>

#include "master/cli/command_line.hpp"
#include "master/cli/job_source.hpp"
#include "proto/outcome.hpp"

namespace prove {

struct JobRun {
    JobWanted wanted;
    RunMode mode = RunMode::apply;            // of states jobs
    bool detach = false;                      // start it, print its id, and go
    bool detailed_exit_code = false;          // 6 where a plan found changes
    // What is done with a file that a target sent (fetch); gives what is told of it. An Error is that target's.
    std::function<Value(const std::string& target, const Value& body)> receive = {};
};

// Starts the job and follows it to its end.
ExitCode run_job(Invocation& invocation, JobSource& jobs, const JobRun& run);
// Follows a job that was started before.
ExitCode follow_job(Invocation& invocation, JobSource& jobs, const JobRun& run, const std::string& job, std::size_t targets);

// How a target's part in a job ended, and what it sent.
struct OneAnswer {
    std::string target, end, reason;
    Value body;  // null where it sent none
};
// For what is done with one target's answer instead of printing it. Waits for it; Ctrl-C cancels the job, and the answer
// is that of the cancelled one. Throws Error(usage) where the expression means several targets.
OneAnswer ask_one_target(Invocation& invocation, JobSource& jobs, const JobWanted& wanted);

// A change that would reach more than 20 targets asks, or wants --yes. False: it was declined.
// Throws Error(usage) with the count where nobody can be asked.
bool confirm_reach(Invocation& invocation, JobSource& jobs, const std::string& expression, bool yes, const std::string& what);

}  // namespace prove
