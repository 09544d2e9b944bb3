// Parsing a program's command line, and saying what is wrong with one: the same words for prove-cli, prove-agent and
// prove-master. What CLI11 would say of a stray word lists words back to front and names nothing that is near.
#pragma once

#include <optional>

namespace CLI {
class App;
}

namespace prove {

// The exit status where there is nothing more to do: 0 after --help and --version, 2 after wrong usage, of which
// standard error tells. Callbacks of the chosen commands have run otherwise.
std::optional<int> parse_command_line(CLI::App& app, int argc, char** argv);

}  // namespace prove
