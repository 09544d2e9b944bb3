// Programs that came with the run: a component's own functions. One is run from memory, told its verb and arguments as
// JSON on standard input, and answers with JSON on standard output; what it says on standard error is shown. Nothing of
// the answer is taken on trust: its size, its form and its fields are checked, and a message about it names the program.
#pragma once

#include <string>
#include <vector>

#include "agent/host/commands.hpp"

namespace prove {

struct ProgramAnswer {
    bool changed = false;
    std::vector<std::string> changes;
};
// What the program of this name answered to a verb. Throws Error(failed), naming both, for its own error and for what
// is no answer.
ProgramAnswer read_program_answer(const std::string& text, const std::string& name, const char* verb);

// What the program says it would change, a line for each; empty: nothing. Throws Error where it fails, does not end in
// its time, or answers anything that is no answer.
std::vector<std::string> plan_program(const Commands& commands, const ProgramCall& call);
// `scope`: as for Commands::run. Throws the same.
void apply_program(const Commands& commands, const ProgramCall& call, const std::string& scope);

// The lines as they are recorded. Of a sensitive part the program's own words are left out: they may hold anything.
std::vector<Change> changes_of(const ProgramCall& call, const std::vector<std::string>& lines, bool sensitive);

}  // namespace prove
