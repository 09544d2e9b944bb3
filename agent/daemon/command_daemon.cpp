// prove-agent without a subcommand: the daemon.
#include <malloc.h>
#include <sys/stat.h>

#include "agent/daemon/command_line.hpp"
#include "agent/daemon/daemon.hpp"
#include "common/keys/secret.hpp"
#include "common/time/random.hpp"

namespace prove {

int run_daemon(const AgentSettings& settings) {
    // Few arenas and early trimming: an idle agent is to be small (A15), and never does much at once.
    ::mallopt(M_ARENA_MAX, 2);
    ::mallopt(M_TRIM_THRESHOLD, 256 << 10);
    ::umask(0077);
    protect_process_memory();
    ControlServer::block_signals();
    const SystemClock clock;
    SystemRandom random;
    Daemon daemon(settings, clock, random, Logger(make_sink(settings.log, clock)));
    return daemon.run();
}

}  // namespace prove
