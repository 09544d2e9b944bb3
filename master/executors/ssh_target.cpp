// Rules and arguments for ssh. See the header.
#include "master/executors/ssh_target.hpp"

#include "common/text/ssh_rules.hpp"
#include "common/text/text.hpp"
#include "proto/error.hpp"

namespace prove {

namespace {

Become become_from(const std::string& name) {
    for (const Become become : {Become::sudo, Become::su, Become::doas})
        if (name == name_of(become)) return become;
    throw Error(ErrorKind::invalid, "'become' is sudo, su or doas, found " + quoted(name));
}

}  // namespace

const char* name_of(Become become) {
    switch (become) {
        case Become::none:
            return "none";
        case Become::sudo:
            return "sudo";
        case Become::su:
            return "su";
        case Become::doas:
            return "doas";
    }
    return "none";
}

SshTarget ssh_target_from(const std::string& host, const Value& ssh) {
    SshTarget target;
    target.host = host;
    if (!is_ssh_name(host)) throw Error(ErrorKind::invalid, quoted(host) + " is no host that ssh may be given");
    if (ssh.is_null()) return target;
    Fields fields(ssh, "ssh");
    target.user = fields.text("user", "");
    if (!target.user.empty() && !is_ssh_name(target.user))
        throw Error(ErrorKind::invalid, quoted(target.user) + " is no user that ssh may be given");
    if (const Value* port = fields.optional("port")) {
        if (!port->is_integer() || port->integer() < 1 || port->integer() > 65'535)
            throw Error(ErrorKind::invalid, "a port is a number from 1 to 65535");
        target.port = static_cast<int>(port->integer());
    }
    target.identity_file = fields.text("identity_file", "");
    if (!target.identity_file.empty() && !is_ssh_key_path(target.identity_file))
        throw Error(ErrorKind::invalid, quoted(target.identity_file) + " is no path of a key that ssh may be given");
    if (const Value* become = fields.optional("become")) target.become = become_from(become->text());
    fields.end();
    return target;
}

std::vector<std::string> ssh_arguments(const SshTarget& target, const std::string& command, const std::string& config) {
    // No terminal, nothing forwarded that the user's configuration forwards for people, nobody asked: each host of many
    // would ask for itself. A host that stops answering shows after 30 s.
    std::vector<std::string> arguments = {"ssh",
                                          "-T",
                                          "-x",
                                          "-oBatchMode=yes",
                                          "-oClearAllForwardings=yes",
                                          "-oRemoteCommand=none",
                                          "-oLogLevel=INFO",  // QUIET would hide why it failed
                                          "-oConnectTimeout=20",
                                          "-oServerAliveInterval=10",
                                          "-oServerAliveCountMax=3"};
    if (!config.empty()) arguments.insert(arguments.end(), {"-F", config});
    if (target.port) arguments.insert(arguments.end(), {"-p", std::to_string(*target.port)});
    if (!target.user.empty()) arguments.insert(arguments.end(), {"-l", target.user});
    if (!target.identity_file.empty()) arguments.insert(arguments.end(), {"-i", target.identity_file});
    arguments.insert(arguments.end(), {"--", target.host, command});
    return arguments;
}

}  // namespace prove
