// How a target stands, told from one report of its states after the other: whether it is converged and since when, what
// drifted last, and which states change again and again. Pure; the row that comes out replaces the one before it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "master/store/records.hpp"
#include "proto/outcome.hpp"

namespace prove {

struct JudgedRun {
    TargetId target;
    KeyId key;
    JobId job;
    std::int64_t time_ms = 0;   // when it ended
    std::int64_t begun_ms = 0;  // by which runs are put in order, whenever they are told
};

// `whole`: the run was of all that the catalog has for the target; only such a one says how it stands. In the row's
// `found`:
//   drift    {since_ms, job, end, states: [{state, place, end, changes: [{resource, aspect, before, after, diff}]}], more}
//            of the latest run that found any. `end` is "open" (nothing was done about it), "mended" (by a run) or "gone"
//            (a later run did not find it any more). since_ms: the first run, one after another, that found the very same
//   recent   {STATE: "d.c.."}: what the last applies did with states that changed without being told to; newest last.
//            d drift, c changed though the catalog was the same, . nothing or what was intended
//   applied  the catalog of the last apply
//   begun_ms when the whole run that was judged last began: one that began before it and is told after it changes nothing
StandingRow standing_after(const std::optional<StandingRow>& before, const JudgedRun& run, const RunReport& report,
                           bool whole);

// A state that changed in at least three of the last twelve applies, though nothing else was wanted of it.
struct UnsteadyState {
    std::string state;
    int changes = 0;
    int applies = 0;
};
std::vector<UnsteadyState> unsteady_states(const StandingRow& row);

}  // namespace prove
