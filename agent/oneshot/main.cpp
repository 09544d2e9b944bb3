// prove-exec: the engine without an agent. It is copied to a host and started there by an executor, speaks with it through
// its standard input and output, and ends with them. Not for people.
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>

#include "agent/engine/ledger.hpp"
#include "agent/oneshot/one_shot.hpp"
#include "proto/error.hpp"

using namespace prove;

namespace {

constexpr int exit_well = 0, exit_fault = 1, exit_usage = 2;

int serve(const std::string& nonce) {
    // Who copied us here did it for itself alone; what we make is for the host.
    ::umask(022);
    ::signal(SIGPIPE, SIG_IGN);
    if (::chdir("/") != 0) return exit_fault;
    const SystemClock clock;
    PipeLink link(STDIN_FILENO, STDOUT_FILENO, clock);
    OneShot one_shot(link, clock, {host_ledger_folder()}, [] { ::_exit(exit_fault); });
    link.send_banner(banner(nonce, "ready"));
    one_shot.run();
    return exit_well;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 2) {
        std::fprintf(stderr, "prove-exec is started by prove-cli or prove-master, with a number for this start\n");
        return exit_usage;
    }
    try {
        return serve(argv[1]);
    } catch (const std::exception& fault) {
        std::fprintf(stderr, "prove-exec: %s\n", fault.what());
        return exit_fault;
    }
}
