// prove-cli: what operators work with.
#include "master/cli/command_line.hpp"

int main(int argc, char** argv) {
    prove::CommandLine line;
    prove::add_all_commands(line);
    return line.run(argc, argv);
}
