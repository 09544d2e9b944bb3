// What ssh, sudo, su and doas write when they refuse, and what a person can do about it.
#include <array>

#include "common/text/text.hpp"
#include "common/text/utf8.hpp"
#include "master/executors/ssh_session.hpp"

namespace prove {

namespace {

bool has(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

// The line with this in it.
std::string line_with(const std::string& text, std::string_view part) {
    for (const std::string& line : split_lines(text))
        if (has(line, part)) return std::string(trim(line));
    return "";
}

std::string explain_host_key(const SshTarget& target, const std::string& errors) {
    if (has(errors, "REMOTE HOST IDENTIFICATION HAS CHANGED")) {
        const std::string place = line_with(errors, "Offending ");
        return "the host's key is not the one that was seen before: either it was installed anew, or somebody stands "
               "between. "
               "When you know that it is right: ssh-keygen -R " +
               target.host + ", then connect once with ssh" + (place.empty() ? "" : " (" + place + ")");
    }
    if (has(errors, "Host key verification failed") || has(errors, "host key is known for"))
        return "the host's key is not known: connect once with 'ssh " + target.host +
               "' and compare its fingerprint, or put it into ~/.ssh/known_hosts";
    return "";
}

std::string explain_become(const SshTarget& target, const std::string& errors) {
    const std::string become = name_of(target.become);
    if (has(errors, "is not in the sudoers file") || has(errors, "is not allowed to execute") ||
        has(errors, "may not run sudo") || has(errors, "doas: Operation not permitted"))
        return become + " does not let this user become root there";
    if (has(errors, "incorrect password attempt") || has(errors, "Sorry, try again") ||
        has(errors, "su: Authentication failure") || has(errors, "su: incorrect password") ||
        has(errors, "doas: Authentication failed"))
        return become + " did not take the password";
    if (has(errors, "you must have a tty") || has(errors, "must be run from a terminal"))
        return become +
               " wants a terminal there (requiretty), and none is given: a pipe is spoken through; change that in its "
               "settings";
    if (has(errors, "a password is required")) return become + " asks for a password";
    return "";
}

}  // namespace

std::string explain_ssh_errors(const SshTarget& target, const std::string& raw) {
    const std::string errors = to_utf8_lossy(raw);
    if (auto explained = explain_host_key(target, errors); !explained.empty()) return explained;
    if (auto explained = explain_become(target, errors); !explained.empty()) return explained;
    if (has(errors, "Permission denied ("))
        return "ssh was not let in: " + line_with(errors, "Permission denied (") +
               "; is the key in your agent (ssh-add -l), and the user right? passwords are not asked for";
    for (const char* known :
         {"Could not resolve hostname", "Connection refused", "Connection timed out", "No route to host",
          "Network is unreachable", "Connection closed by", "Connection reset by", "kex_exchange_identification"})
        if (has(errors, known)) return line_with(errors, known);
    return "";
}

}  // namespace prove
