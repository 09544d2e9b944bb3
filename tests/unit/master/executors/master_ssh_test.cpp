// S87: what of ssh a catalog can choose, and what prove-master's own configuration fixes. With a script for ssh, and
// with the real ssh's reading of that configuration.
#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <set>
#include <thread>

#include "common/files/files.hpp"
#include "common/process/run.hpp"
#include "common/text/text.hpp"
#include "common/yaml/yaml.hpp"
#include "master/executors/master_ssh.hpp"
#include "master/executors/ssh_target.hpp"
#include "tests/support/engine_tests.hpp"

using namespace prove;

namespace {

Value yaml(const std::string& text) {
    return read_yaml(text, std::make_shared<const std::string>("t"));
}

// An ssh that writes down how it was called, and then says what it is told to.
struct MasterSide {
    MasterSide() {
        make_folders(ssh_folder(), 0700);
        says("exit 255");
    }
    std::string ssh_folder() const { return folder.path() + "/etc ssh"; }
    std::string config() const { return folder.path() + "/ssh_config"; }
    MasterSshSettings settings() const {
        return {ssh_folder(), config(), folder.path() + "/ssh", {load_exec_program("x86_64", PROVE_EXEC)}};
    }
    void says(const std::string& lines) {
        write_file_durably(folder.path() + "/ssh",
                           "#!/bin/sh\nfor word; do echo \"$word\"; done > " + folder.path() + "/argv\nenv > " +
                               folder.path() + "/env\n" + lines + "\n",
                           0755);
    }
    // Why no session was opened.
    std::string failure(const std::string& host, const std::string& ssh = "{}") {
        MasterSsh master(settings(), clock, random);
        try {
            master.open(host, yaml(ssh), JobId(), content, nullptr, cancellation);
        } catch (const Error& error) {
            kind = error.kind();
            return error.text();
        }
        return "";
    }
    std::vector<std::string> told(const char* name) { return split_lines(read_whole_file(folder.path() + name)); }

    TemporaryFolder folder;
    SystemClock clock;
    SystemRandom random;
    prove::testing::MemoryContent content;
    Cancellation cancellation;
    ErrorKind kind = ErrorKind::internal;
};

}  // namespace

TEST_CASE("S87 nothing that a catalog says of a target becomes an option, a command or a file of the master's ssh",
          "[ssh]") {
    for (const char* host : {"-oProxyCommand=x", "a b", "a'b", "a\"b", "$(id)", "a\nb", "a;b", "../x", "user@host"}) {
        MasterSide master;
        CHECK_FALSE(master.failure(host).empty());
        CHECK(master.kind == ErrorKind::invalid);
        CHECK_FALSE(exists(master.folder.path() + "/argv"));
    }
    for (const char* ssh : {"{user: -oProxyCommand=x}", "{user: '$(id)'}", "{port: '22 -v'}", "{options: [x]}",
                            "{proxy_command: x}", "{config: /tmp/x}", "{known_hosts: /tmp/x}"}) {
        MasterSide master;
        CHECK_FALSE(master.failure("web1", ssh).empty());
        CHECK_FALSE(exists(master.folder.path() + "/argv"));
    }
    MasterSide master;
    CHECK(master.failure("web1", "{identity_file: /root/.ssh/id_rsa}") ==
          "prove-master takes keys from " + master.ssh_folder() + " alone");
    CHECK_FALSE(exists(master.folder.path() + "/argv"));
}

TEST_CASE("S87 the master's ssh is called with its own configuration, and with nothing of its caller's environment",
          "[ssh]") {
    MasterSide master;
    ::setenv("SSH_AUTH_SOCK", "/tmp/agent", 1);
    ::setenv("SSH_ASKPASS", "/tmp/ask", 1);
    CHECK(master.failure("web1", "{user: deploy, port: 2222, become: sudo}").find("prove-exec did not start") == 0);
    ::unsetenv("SSH_AUTH_SOCK");
    ::unsetenv("SSH_ASKPASS");
    const auto argv = master.told("/argv");
    const auto after = [&](const std::string& option) {
        const auto found = std::find(argv.begin(), argv.end(), option);
        return found == argv.end() || found + 1 == argv.end() ? "" : *(found + 1);
    };
    CHECK(after("-F") == master.config());
    CHECK(after("-l") == "deploy");
    CHECK(after("-p") == "2222");
    CHECK(after("--") == "web1");
    CHECK(std::find(argv.begin(), argv.end(), "-i") == argv.end());
    CHECK(read_whole_file(master.config()) == master_ssh_config(master.ssh_folder()));
    std::set<std::string> names;
    for (const auto& line : master.told("/env")) names.insert(line.substr(0, line.find('=')));
    for (const char* name : {"SSH_AUTH_SOCK", "SSH_ASKPASS", "DISPLAY", "LD_PRELOAD"})
        CHECK_FALSE(names.contains(name));
    CHECK(names.contains("PATH"));
}

TEST_CASE(
    "S87 whatever the operators' own configuration says, host keys are strict, nobody is asked, nothing is forwarded",
    "[ssh]") {
    if (!exists("/usr/bin/ssh")) return;
    MasterSide master;
    write_file_durably(master.ssh_folder() + "/config",
                       "Host web1\n  HostName 10.0.0.7\n  Port 2222\n  User deploy\n  ProxyJump gate\n"
                       "Host *\n  StrictHostKeyChecking no\n  UserKnownHostsFile /dev/null\n  ForwardAgent yes\n"
                       "  BatchMode no\n  IdentityAgent /tmp/agent\n  PermitLocalCommand yes\n  UpdateHostKeys yes\n"
                       "  ControlMaster auto\n  ControlPath /tmp/x\n  PasswordAuthentication yes\n");
    write_file_durably(master.config(), master_ssh_config(master.ssh_folder()));
    Command command;
    command.argv = {"/usr/bin/ssh", "-G", "-F", master.config(), "--", "web1"};
    const auto done = run_command(command);
    INFO(done.out << done.err);
    std::set<std::string> said;
    for (const auto& line : split_lines(done.out)) said.insert(line);
    for (const char* line : {"hostname 10.0.0.7", "port 2222", "user deploy", "proxyjump gate",  // theirs to choose
                             "stricthostkeychecking true", "batchmode yes", "forwardagent no", "identityagent none",
                             "permitlocalcommand no", "updatehostkeys false", "controlmaster false",
                             "clearallforwardings yes", "identitiesonly yes", "globalknownhostsfile /dev/null",
                             "preferredauthentications publickey", "verifyhostkeydns false"})
        CHECK((said.contains(line) ? "" : line) == std::string());
    CHECK(said.contains("userknownhostsfile " + master.ssh_folder() + "/known_hosts"));
    CHECK(said.contains("identityfile " + master.ssh_folder() + "/id_ed25519"));
}

TEST_CASE("S86 a known_hosts or a configuration that others could write is not used", "[ssh]") {
    for (const char* name : {"/known_hosts", "/config"}) {
        MasterSide master;
        const std::string path = master.ssh_folder() + name;
        write_file_durably(path, "", 0600);
        ::chmod(path.c_str(), 0666);
        CHECK(master.failure("web1").find("may be written by others") != std::string::npos);
        CHECK(master.kind == ErrorKind::refused);
        CHECK_FALSE(exists(master.folder.path() + "/argv"));
        ::chmod(path.c_str(), 0644);
        CHECK(master.failure("web1").find("prove-exec did not start") == 0);
    }
}

TEST_CASE("S87 an unknown host key is refused with the commands that compare it and add it", "[ssh]") {
    MasterSide master;
    master.says(
        "echo 'No ED25519 host key is known for [10.0.0.7]:2222 and you have requested strict checking.' >&2\n"
        "echo 'Host key verification failed.' >&2; exit 255");
    const std::string file = master.ssh_folder() + "/known_hosts";
    CHECK(
        master.failure("web1") ==
        "the host's key is not known to prove-master. On the master: 'ssh-keyscan -p 2222 10.0.0.7 | ssh-keygen -lf -' "
        "shows its fingerprints; when they are those of the host (there: ssh-keygen -lf "
        "/etc/ssh/ssh_host_ed25519_key.pub), 'ssh-keyscan -p 2222 10.0.0.7 >> " +
            file + "'");
    CHECK(master.kind == ErrorKind::unavailable);
    // What a host could have put there is not made a command that an operator copies.
    master.says(
        "echo 'No ED25519 host key is known for x;reboot and you have requested strict checking.' >&2\n"
        "echo 'Host key verification failed.' >&2; exit 255");
    CHECK(master.failure("web1").find("'ssh-keyscan web1 | ssh-keygen -lf -'") != std::string::npos);
}

TEST_CASE("S87 a changed host key is refused, with what to do when it is right", "[ssh]") {
    MasterSide master;
    master.says(
        "echo '@ WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED! @' >&2\n"
        "echo 'Host key verification failed.' >&2; exit 255");
    CHECK(master.failure("web1", "{port: 2222}") ==
          "the host's key is not the one in " + master.ssh_folder() +
              "/known_hosts: either it was installed anew, or somebody stands between. When you know that it is right: "
              "ssh-keygen -R '[web1]:2222' -f " +
              master.ssh_folder() + "/known_hosts, then add the new one as for a new host");
}

TEST_CASE("where a host wants a password of prove-master, that is told, since nobody can be asked", "[ssh]") {
    MasterSide master;
    // The last word is the line for the login shell; its nonce makes the prompt.
    master.says(
        "for line; do :; done\nnonce=$(printf '%s' \"$line\" | sed 's/.*n=\\([0-9a-f]*\\);.*/\\1/' | head -n 1)\n"
        "printf 'PROVE:%s:password' \"$nonce\" >&2; sleep 5");
    CHECK(master.failure("web1", "{become: sudo}") ==
          "sudo asks for a password, and nobody can be asked in prove-master; let sudo not ask (NOPASSWD), or run this "
          "from a terminal: prove-cli --catalog DIR ...");
    master.says("echo 'deploy@web1: Permission denied (publickey).' >&2; exit 255");
    CHECK(master.failure("web1") ==
          "ssh was not let in: deploy@web1: Permission denied (publickey).; is the public key of " +
              master.ssh_folder() +
              " in authorized_keys of that user there? 'sudo -u prove ssh-keygen -t ed25519 -N \"\" -f " +
              master.ssh_folder() + "/id_ed25519' makes one");
}

TEST_CASE("P26 sessions that are being opened end at once when the master stops", "[ssh]") {
    MasterSide master;
    master.says("exec sleep 60");
    MasterSsh ssh(master.settings(), master.clock, master.random);
    std::thread stopper([&] {
        while (!exists(master.folder.path() + "/env")) std::this_thread::yield();
        ssh.cut();
    });
    const auto before = master.clock.boot_ms();
    CHECK_THROWS_AS(ssh.open("web1", Value(), JobId(), master.content, nullptr, master.cancellation), Error);
    stopper.join();
    CHECK(master.clock.boot_ms() - before < 10'000);
}
