// prove-agent's command line: one file per subcommand. Each gives the process's exit status and may throw an Error,
// which main prints.
#pragma once

#include <string>

#include "agent/daemon/agent_settings.hpp"

namespace prove {

// The daemon itself, in the foreground.
int run_daemon(const AgentSettings& settings);
// `text`: a join token or a master's pin.
int run_join(const AgentSettings& settings, const std::string& text);
int run_fingerprint(const AgentSettings& settings);
int run_status(const AgentSettings& settings, bool as_json);
int run_states(const AgentSettings& settings, bool plan, bool as_json);
int run_drain(const AgentSettings& settings);
int run_reset(const AgentSettings& settings);

// Exit status of a master that is not the pinned one; systemd does not start the agent again (S25).
constexpr int exit_wrong_master = 5;

}  // namespace prove
