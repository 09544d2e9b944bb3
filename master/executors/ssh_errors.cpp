// What ssh, sudo, su and doas write when they refuse, and what a person can do about it.
#include <algorithm>
#include <array>

#include "common/text/ssh_rules.hpp"
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

// Where ssh looks a host's key up: "web1", or "[web1]:2222".
struct KnownAs {
    std::string host, port;
    std::string shown() const { return port.empty() ? host : "'[" + host + "]:" + port + "'"; }
};

KnownAs known_as(const SshTarget& target, const std::string& errors) {
    KnownAs known{target.host, target.port && *target.port != 22 ? std::to_string(*target.port) : ""};
    // With the catalog's name standing for another in ssh's own configuration, only ssh knows: "No ED25519 host key is
    // known for [10.0.0.7]:2222 and you have requested strict checking."
    constexpr std::string_view before = "host key is known for ", after = " and you";
    const std::string line = line_with(errors, before);
    if (line.empty() || line.find(after) == std::string::npos) return known;
    const std::size_t begin = line.find(before) + before.size();
    std::string name = line.substr(begin, line.find(after) - begin);
    std::string port;
    if (const std::size_t end = name.find("]:"); name.starts_with("[") && end != std::string::npos) {
        port = name.substr(end + 2);
        name = name.substr(1, end - 1);
    }
    const bool is_number = std::all_of(port.begin(), port.end(), [](char c) { return c >= '0' && c <= '9'; });
    return is_ssh_name(name) && is_number ? KnownAs{name, port} : known;
}

// Of prove-master, whose operator has a shell as root on its host.
std::string explain_host_key_to_operator(const SshTarget& target, const std::string& errors,
                                         const std::string& folder) {
    const std::string file = folder + "/known_hosts";
    const KnownAs known = known_as(target, errors);
    if (has(errors, "REMOTE HOST IDENTIFICATION HAS CHANGED"))
        return "the host's key is not the one in " + file +
               ": either it was installed anew, or somebody stands between. When you know that it is right: "
               "ssh-keygen -R " +
               known.shown() + " -f " + file + ", then add the new one as for a new host";
    const std::string scan = "ssh-keyscan " + (known.port.empty() ? "" : "-p " + known.port + " ") + known.host;
    return "the host's key is not known to prove-master. On the master: '" + scan +
           " | ssh-keygen -lf -' shows its fingerprints; when they are those of the host (there: ssh-keygen -lf "
           "/etc/ssh/ssh_host_ed25519_key.pub), '" +
           scan + " >> " + file + "'";
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

std::string explain_ssh_errors(const SshTarget& target, const std::string& raw, const std::string& folder) {
    const std::string errors = to_utf8_lossy(raw);
    if (auto explained = explain_host_key(target, errors); !explained.empty())
        return folder.empty() ? explained : explain_host_key_to_operator(target, errors, folder);
    if (auto explained = explain_become(target, errors); !explained.empty()) return explained;
    if (has(errors, "Permission denied ("))
        return "ssh was not let in: " + line_with(errors, "Permission denied (") +
               (folder.empty()
                    ? "; is the key in your agent (ssh-add -l), and the user right? passwords are not asked for"
                    : "; is the public key of " + folder +
                          " in authorized_keys of that user there? 'sudo -u prove "
                          "ssh-keygen -t ed25519 -N \"\" -f " +
                          folder + "/id_ed25519' makes one");
    for (const char* known :
         {"Could not resolve hostname", "Connection refused", "Connection timed out", "No route to host",
          "Network is unreachable", "Connection closed by", "Connection reset by", "kex_exchange_identification"})
        if (has(errors, known)) return line_with(errors, known);
    return "";
}

}  // namespace prove
