// See ssh.hpp.
#include "master/executors/ssh.hpp"

#include <unistd.h>

namespace prove {

SshTools user_ssh_tools(AskPassword ask_password) {
    SshTools tools;
    tools.programs = find_exec_programs();
    tools.ask_password = std::move(ask_password);
    // The user's agent, home, locale: as if ssh had been called by hand.
    for (char** variable = ::environ; *variable != nullptr; ++variable) {
        const std::string text = *variable;
        const std::size_t equals = text.find('=');
        if (equals != std::string::npos && equals != 0) tools.env[text.substr(0, equals)] = text.substr(equals + 1);
    }
    return tools;
}

}  // namespace prove
