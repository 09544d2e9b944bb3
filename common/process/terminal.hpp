// A program with our own input, output and errors and a terminal besides: for those that take a password from a
// terminal and from nowhere else (doas, a sudo with requiretty).
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace prove {

// Runs it to its end and gives its exit code (128 + the signal that ended it). `answer` is called once, when what it
// shows on the terminal ends like a question, and gives what is typed. The terminal goes with us: then the program gets
// a SIGHUP. Throws Error where it cannot be started.
int run_in_terminal(const std::vector<std::string>& argv, const std::function<std::optional<std::string>()>& answer);

}  // namespace prove
