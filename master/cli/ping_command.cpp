// prove-cli ping: who answers, and how fast.
#include <CLI/CLI.hpp>

#include "master/cli/job_run.hpp"

namespace prove {

void add_ping(CommandLine& line) {
    auto run = std::make_shared<JobRun>();
    run->wanted.operation = "ping";
    CLI::App& command = line.add(line.app(), "ping", "who answers, and how fast",
                                 "  prove-cli ping '*'\n  prove-cli ping 'web*,db1'", [run](Invocation& invocation) {
                                     const auto jobs = invocation.jobs();
                                     return run_job(invocation, *jobs, *run);
                                 });
    command.add_option("EXPR", run->wanted.expression, "which targets: a target expression")->required();
}

}  // namespace prove
