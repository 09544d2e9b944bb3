// prove-exec: the engine without an agent. It is copied to a host and started there by an executor, speaks with it
// through its standard input and output, and ends with them. Not for people.
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <optional>
#include <string>
#include <vector>

#include "agent/engine/ledger.hpp"
#include "agent/oneshot/one_shot.hpp"
#include "common/keys/secret.hpp"
#include "common/process/terminal.hpp"
#include "proto/error.hpp"

using namespace prove;

namespace {

constexpr int exit_well = 0, exit_fault = 1, exit_usage = 2;

int serve(const std::string& nonce) {
    // Who copied us here did it for itself alone; what we make is for the host.
    ::umask(022);
    ::signal(SIGPIPE, SIG_IGN);
    if (::chdir("/") != 0) return exit_fault;
    // Runs bring secrets. A user's own processes may look at each other anyway, and /proc/self would be closed to us.
    if (::geteuid() == 0) protect_process_memory();
    const SystemClock clock;
    PipeLink link(STDIN_FILENO, STDOUT_FILENO, clock);
    OneShot one_shot(link, clock, {host_ledger_folder()}, [] { ::_exit(exit_fault); });
    link.send_banner(banner(nonce, "ready"));
    one_shot.run();
    return exit_well;
}

// The line that comes for us, and not a byte of what comes after it for others.
std::optional<std::string> read_line() {
    std::string line;
    char c = 0;
    while (::read(STDIN_FILENO, &c, 1) == 1) {
        if (c == '\n') return line;
        line += c;
    }
    return std::nullopt;
}

// Something that asks for a password in a terminal, and then goes on with our pipe.
int serve_in_terminal(const std::string& nonce, const std::vector<std::string>& command) {
    return run_in_terminal(command, [&] {
        const SystemClock clock;
        PipeLink(STDIN_FILENO, STDOUT_FILENO, clock).send_banner(banner(nonce, "password"));
        return read_line();
    });
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 2) {
        std::fprintf(stderr, "prove-exec is started by prove-cli or prove-master, with a number for this start\n");
        return exit_usage;
    }
    try {
        if (argc > 2) return serve_in_terminal(argv[1], {argv + 2, argv + argc});
        return serve(argv[1]);
    } catch (const std::exception& fault) {
        std::fprintf(stderr, "prove-exec: %s\n", fault.what());
        return exit_fault;
    }
}
