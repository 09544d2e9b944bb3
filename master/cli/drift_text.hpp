// How a fleet stands, for people: the answer of GET /v1/drift as lines. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "master/cli/report_text.hpp"
#include "proto/value.hpp"

namespace prove {

// `since`: how far back the answer tells of drift, as it was typed. Targets that are converged are listed where there are
// few, or with `verbose`.
std::vector<std::string> drift_lines(const Value& answer, const std::string& since, std::int64_t now_ms, bool verbose,
                                     const Colouring& colour);

}  // namespace prove
