// Pauses of schedules as prove-cli asks for them and shows them: `pause`, `resume`, `pauses`, and what of them `schedules`,
// `targets` and a job that was started anyway tell.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "master/cli/command_line.hpp"
#include "proto/value.hpp"

namespace CLI {
class App;
}

namespace prove {

struct PauseWanted {
    std::string expression, schedule, lasts, why;
};
// --for and --why of a command that pauses.
void add_pause_options(CLI::App& command, PauseWanted& wanted);
ExitCode pause(Invocation& invocation, const PauseWanted& wanted);
ExitCode resume(Invocation& invocation, const std::string& expression, const std::string& schedule);

// "moving racks (alice, until 2026-11-23 10:15 UTC)" for each, joined; empty for null. Before it stands the schedule,
// if only one is paused; `with_targets`: the targets instead, for who asks about a schedule.
std::string pauses_cell(const Value* pauses, bool with_targets = false);
// Lines of those among /v1/pauses that hold any of these targets, after an empty one; nothing where none does.
void show_pauses_on(Console& console, const Value& pauses, const std::set<std::string>& targets);
// What is to be told to who starts something on targets that are paused.
void tell_of_pauses(Console& console, const Value& pauses);

}  // namespace prove
