// One target's report for people: what changed, failed, is unknown or was skipped, and why, without the target's name.
// Pure: a report in, lines out.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "master/cli/console.hpp"
#include "proto/outcome.hpp"

namespace prove {

using Colouring = std::function<std::string(Colour, std::string_view)>;

// Text filled up with spaces to a width in characters.
std::string padded(std::string text, std::size_t width);

// `verbose`: also what was right already, why states were skipped, and diffs in full.
std::vector<std::string> report_lines(const RunReport& report, bool verbose, const Colouring& colour);

// A unified diff as lines "12 |-old" and "12 |+new", with their line numbers, context left out.
std::vector<std::string> short_diff(const std::string& unified);

}  // namespace prove
