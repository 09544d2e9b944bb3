// Late states as they are written: which they are, and what of one is known before its results are (catalog.md,
// `late`).
#pragma once

#include <set>
#include <string>

#include "master/compile/draft.hpp"
#include "master/compile/state_keys.hpp"
#include "proto/error.hpp"

namespace prove {

// How the late states of a file are read.
struct LateStates {
    std::set<StateId> compiled;  // as what they are: their results are there; of the others only what they wait for
    bool marks = false;          // results of others were asked for, and stand in the text as marks
};

bool says_late(const Value& state);

// Of a late state whose results are not there yet: what it requires and notifies, and how it is asked for. What stands
// in its parts may be anything.
StateKeys read_waiting(const Value& state, const std::string& id, Diagnostics& diagnostics);

// A state that uses results which are not its own to use: it is not late, or does not require who gives them.
void check_marks(const Mapping::Member& state, const LateStates& late, Diagnostics& diagnostics);

}  // namespace prove
