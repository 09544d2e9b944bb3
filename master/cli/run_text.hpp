// How finished targets look to people (docs/cli.md): targets with the same outcome are one block, `ok` parts are
// counted and not listed, every line that names a state names its place in the catalog. Pure: outcomes in, lines out.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "master/cli/report_text.hpp"
#include "proto/outcome.hpp"

namespace prove {

// How one target of a job ended, with the body of its result where it has one.
struct TargetOutcome {
    std::string target;
    std::string end;  // "done", "failed", "unreachable" ...
    std::string reason;
    std::string cause;  // "catalog", "report" or empty
    Value body;         // null, or the result's body
    std::chrono::milliseconds duration{0};
};

// The blocks of a states job, in order of their first target's name.
std::vector<std::string> states_lines(const std::vector<TargetOutcome>& outcomes, RunMode mode, bool verbose,
                                      const Colouring& colour);
// "3 targets: 2 changed, 1 failed".
std::string states_summary(const std::vector<TargetOutcome>& outcomes, RunMode mode);
// "3 targets: 2 done, 1 unreachable", for the other operations.
std::string ends_summary(const std::vector<TargetOutcome>& outcomes);

}  // namespace prove
