// The runs of one target for people: what each did, and why; those that had nothing to do, one after the other, are one
// line. Pure: runs as the API tells them in, lines out.
#pragma once

#include <string>
#include <vector>

#include "master/cli/report_text.hpp"

namespace prove {

// `runs`: the newest first. `all`: none is folded away.
std::vector<std::string> history_lines(const Value& runs, std::int64_t now_ms, bool all, const Colouring& colour);

}  // namespace prove
