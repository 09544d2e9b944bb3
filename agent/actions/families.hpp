// What all_actions.cpp lists, and what no one else needs.
#pragma once

#include <memory>

#include "agent/actions/action.hpp"

namespace prove {

std::unique_ptr<Action> make_ping();
std::unique_ptr<Action> make_facts();
std::unique_ptr<Action> make_cmd();
std::unique_ptr<Action> make_states();
std::unique_ptr<Action> make_survey();
std::unique_ptr<Action> make_fetch();

// The report's wire form within the limit: diffs go first, then outputs, then the parts of what changed nothing. What
// was cut is named in the report's notes.
Value within_limit(RunReport report, std::size_t limit);

}  // namespace prove
