// How the targets of a fleet stand, together: who is converged and since when, what drifted with identical drift as one,
// which states change again and again, and who has not been heard from. Pure; what GET /v1/drift answers.
#pragma once

#include "master/commands/choose.hpp"

namespace prove {

// Of these targets; `standings` may hold others too. Drift that was found before `from_ms` is left out.
Value fleet_standing(const std::vector<TargetList::Contact>& targets,
                     const std::vector<StandingRow>& standings, std::int64_t from_ms);

}  // namespace prove
