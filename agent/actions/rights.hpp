// What a run would need root for, found out by planning it: an apply by somebody else says so before anything is done.
#pragma once

#include <functional>
#include <string>

#include "proto/outcome.hpp"
#include "proto/state_run.hpp"

namespace prove {

// What this process may do on this machine, as far as file systems say. Replaced by tests.
struct Rights {
    std::function<bool(const std::string& folder)> may_write_in;
    std::function<bool(const std::string& path)> owns;
    std::string user;  // its name, or its number
};
Rights rights_of_this_process();

// A sentence with every state that cannot be made so by this user, with its place and why, and with what to do; empty
// where all of them can. `plan` is the report of a plan of `run`.
std::string what_needs_root(const StateRun& run, const RunReport& plan, const Rights& rights);

}  // namespace prove
