// How all of it stands, for people: a line for each thing, and below what wants attention. Pure: what /v1/status tells in,
// lines out.
#pragma once

#include <string>
#include <vector>

#include "master/cli/report_text.hpp"

namespace prove {

std::vector<std::string> status_lines(const Value& status, std::int64_t now_ms, const Colouring& colour);

}  // namespace prove
