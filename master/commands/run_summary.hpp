// What is kept of a run beside its report: small enough to stand in a list of runs, and said by the event with which its
// target ended. docs/openapi.yml describes it.
#pragma once

#include "proto/outcome.hpp"
#include "proto/value.hpp"

namespace prove {

// {"mode": "apply", "ok": 41, "changed": 2, "intended": 1, "drift": 1, ..., "states": [{"state", "outcome", "cause",
// "about", "place"}], "more_states": 3}: counts that are not zero, and the first states that a person would ask for: those
// that failed, then those that changed, would, or were held.
Value summary_of(const RunReport& report);

}  // namespace prove
