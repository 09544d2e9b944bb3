// prove-agent without a subcommand: the daemon.
#include <malloc.h>
#include <sys/stat.h>

#include "agent/daemon/command_line.hpp"
#include "agent/daemon/daemon.hpp"
#include "common/keys/secret.hpp"
#include "common/log/sinks.hpp"
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
    const auto sink = settings.log_file.empty()
                          ? stderr_sink(clock, settings.log_level)
                          : std::make_shared<FileSink>(settings.log_file, clock, settings.log_level);
    Daemon daemon(settings, clock, random, Logger(sink));
    return daemon.run();
}

}  // namespace prove
