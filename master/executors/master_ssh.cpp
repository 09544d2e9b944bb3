// The configuration, and what is checked before each session.
#include "master/executors/master_ssh.hpp"

#include "common/files/files.hpp"
#include "common/text/ssh_rules.hpp"
#include "common/text/text.hpp"
#include "master/executors/ssh_target.hpp"

namespace prove {

namespace {

// In the way of whatever a configuration below may say: host keys are ours alone and known before, nobody is asked,
// nothing is forwarded, nothing of the host is believed, no agent and no other key than the folder's is used. It stands
// in a file and not on the command line, so that an ssh that ssh starts for a jump host has it too.
constexpr const char* rules[] = {
    "IgnoreUnknown KnownHostsCommand",  // before OpenSSH 8.5
    "BatchMode yes",
    "StrictHostKeyChecking yes",
    "GlobalKnownHostsFile /dev/null",
    "KnownHostsCommand none",
    "VerifyHostKeyDNS no",
    "UpdateHostKeys no",
    "NoHostAuthenticationForLocalhost no",
    "PreferredAuthentications publickey",
    "IdentitiesOnly yes",
    "IdentityAgent none",
    "AddKeysToAgent no",
    "ForwardAgent no",
    "ForwardX11 no",
    "ClearAllForwardings yes",
    "PermitLocalCommand no",
    "ControlMaster no",
    "ControlPath none",
};

constexpr const char* keys[] = {"id_ed25519", "id_ecdsa", "id_rsa"};

}  // namespace

std::string master_ssh_config(const std::string& folder) {
    std::string text = "# Written by prove-master. Settings of your own, for jump hosts, say, go into " + folder +
                       "/config.\nHost *\n";
    for (const char* rule : rules) text += std::string("    ") + rule + "\n";
    text += "    UserKnownHostsFile \"" + folder + "/known_hosts\"\n";
    for (const char* key : keys) text += "    IdentityFile \"" + folder + "/" + key + "\"\n";
    return text + "Include \"" + folder + "/config\"\n";
}

MasterSsh::MasterSsh(MasterSshSettings settings, const Clock& clock, Random& random)
    : settings_(std::move(settings)), clock_(clock), random_(random) {}

// Made when it is needed first: a master that has no such targets needs no ssh and no prove-exec.
const SshTools& MasterSsh::tools() {
    const std::lock_guard lock(mutex_);
    if (tools_) return *tools_;
    SshTools tools;
    tools.programs = settings_.programs.empty() ? find_exec_programs() : settings_.programs;
    tools.env = {{"PATH", "/usr/sbin:/usr/bin:/sbin:/bin"}, {"LC_ALL", "C"}};
    tools.ssh = settings_.ssh;
    tools.config = settings_.config;
    tools.folder = settings_.folder;
    tools.cut = &cut_;
    const std::string wanted = master_ssh_config(settings_.folder);
    if (find_whole_file(settings_.config) != wanted) write_file_durably(settings_.config, wanted);
    tools_ = std::move(tools);
    return *tools_;
}

// Whoever can write there decides whom the master takes for a host, and what ssh starts (S86).
void MasterSsh::check_folder() const {
    for (const char* name : {"config", "known_hosts"})
        if (const std::string path = settings_.folder + "/" + name; exists(path)) check_trusted_file(path);
}

std::unique_ptr<Session> MasterSsh::open(const std::string& host, const Value& ssh, const JobId& job,
                                         ContentSource& content, LateSource* late, const Cancellation& cancellation) {
    SshTarget target = ssh_target_from(host, ssh);
    if (!target.identity_file.empty())
        throw Error(ErrorKind::refused, "prove-master takes keys from " + settings_.folder + " alone");
    check_folder();
    auto session =
        std::make_unique<SshSession>(std::move(target), tools(), clock_, random_, content, late, cancellation);
    session->speak_of(job);
    return session;
}

}  // namespace prove
