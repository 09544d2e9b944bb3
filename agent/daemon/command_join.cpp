// prove-agent join: enrols this machine by a token, or pins a master and leaves the rest to the daemon and an operator.
// Where the daemon runs already it is the one who does it.
#include <sys/stat.h>

#include <iostream>

#include "agent/daemon/command_line.hpp"
#include "agent/daemon/daemon.hpp"
#include "common/log/sinks.hpp"
#include "common/time/random.hpp"
#include "proto/crypto.hpp"

namespace prove {

namespace {

void ask_running_agent(const AgentSettings& settings, const std::string& text) {
    Value request = Value::object();
    request.set("do", "join");
    request.set("token", text);
    const Value reply = ask_agent(settings.status_socket(), request);
    if (const Value* name = reply.find("name"))
        std::cout << "accepted as " << name->text() << "\n";
    else
        std::cout << "the running prove-agent now waits for an operator to accept its key\n";
}

}  // namespace

int run_join(const AgentSettings& settings, const std::string& text) {
    const bool is_pin = text.starts_with("prove-master-");
    // A slip of the clipboard is told at once, and before anything is made.
    is_pin ? void(pin_from_text(text)) : void(token_from_text(text));
    ::umask(0077);
    const SystemClock clock;
    SystemRandom random;
    const Logger log(stderr_sink(clock, std::max(settings.log.level, LogLevel::warning)));
    IdentityStore store(settings.data, settings.machine_id);
    if (!FileLock::try_acquire(store.lock_file())) {
        ask_running_agent(settings, text);
        return 0;
    }
    Daemon daemon(settings, clock, random, log);
    const auto name = daemon.join(text);
    if (!name.empty()) {
        std::cout << "accepted as " << name << "\n";
        return 0;
    }
    std::cout << "the master is pinned; this agent's fingerprint is\n  " << daemon.fingerprint()
              << "\nStart prove-agent, and have an operator accept it: prove-cli keys accept\n";
    return 0;
}

}  // namespace prove
