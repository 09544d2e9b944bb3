// A program that has our terminal while it runs: an editor.
#pragma once

#include <string>
#include <vector>

namespace prove {

// Runs it with our standard streams, environment and folder, and waits for its end; Ctrl-C is meant for it, not for us
// meanwhile. Its exit code, or 128 and the signal that ended it. Throws Error where it cannot be started.
int run_in_foreground(const std::vector<std::string>& argv);

}  // namespace prove
