// What may go to ssh's command line, and how it goes there.
#include <catch2/catch.hpp>

#include "common/yaml/yaml.hpp"
#include "master/executors/ssh_session.hpp"
#include "master/executors/ssh_target.hpp"
#include "proto/error.hpp"

using namespace prove;

namespace {

std::string refusal(const std::string& host, const std::string& ssh = "{}") {
    try {
        (void)ssh_target_from(host, read_yaml(ssh, std::make_shared<const std::string>("t")));
    } catch (const Error& error) {
        CHECK(error.kind() == ErrorKind::invalid);
        return error.text();
    }
    return "";
}

}  // namespace

TEST_CASE("S87 a host that could be an option, a command or two words never reaches ssh", "[ssh]") {
    for (const char* host : {"-oProxyCommand=x",
                             "-p22",
                             "",
                             "a b",
                             "a\tb",
                             "a\nb",
                             "a'b",
                             "a\"b",
                             "$(id)",
                             "`id`",
                             "a;b",
                             "a|b",
                             "a&b",
                             "a>b",
                             "user@host",
                             "ssh://host",
                             "a%b",
                             "a\\b",
                             "a/b",
                             "h\xc3\xb6st",
                             "a\x01"})
        CHECK_FALSE(refusal(host).empty());
    CHECK_FALSE(refusal(std::string("a\0b", 3)).empty());
    for (const char* host : {"web1", "web1.example.org", "10.0.0.1", "fe80::1", "a_b-c"}) CHECK(refusal(host).empty());
}

TEST_CASE("S87 neither can a user, a port or the path of a key", "[ssh]") {
    for (const char* ssh : {"{user: -oProxyCommand=x}", "{user: 'a b'}", "{user: '$(id)'}", "{user: 'a;b'}",
                            "{user: 'a@b'}", "{port: 0}", "{port: 65536}", "{port: '22 -v'}", "{identity_file: id_rsa}",
                            "{identity_file: -v}", "{identity_file: \"/a\\nb\"}", "{identity_file: '/a%h'}",
                            "{become: root}", "{become: 'sudo -u x'}", "{proxy_command: x}", "{options: [x]}"})
        CHECK_FALSE(refusal("web1", ssh).empty());
    CHECK(refusal("web1", "{user: deploy, port: 22, identity_file: ~/.ssh/my key, become: sudo}").empty());
}

TEST_CASE(
    "S87 the host stands behind '--', and nothing is given to ssh that its user did not configure or the catalog allow",
    "[ssh]") {
    SshTarget target;
    target.host = "web1";
    const std::vector<std::string> plain = ssh_arguments(target, "true");
    CHECK(std::vector<std::string>(plain.end() - 3, plain.end()) == std::vector<std::string>{"--", "web1", "true"});
    for (const std::string& argument : plain) {
        CHECK(argument.find("ProxyCommand") == std::string::npos);
        CHECK(argument.find("StrictHostKeyChecking") == std::string::npos);
    }
    target.user = "deploy";
    target.port = 2222;
    target.identity_file = "~/.ssh/key";
    const std::vector<std::string> all = ssh_arguments(target, "true");
    const auto at = std::find(all.begin(), all.end(), "-p");
    CHECK(std::vector<std::string>(at, all.end()) ==
          std::vector<std::string>{"-p", "2222", "-l", "deploy", "-i", "~/.ssh/key", "--", "web1", "true"});
}

TEST_CASE("what ssh says becomes what to do", "[ssh]") {
    SshTarget target;
    target.host = "web1";
    target.become = Become::sudo;
    const auto explained = [&](const char* errors) { return explain_ssh_errors(target, errors); };
    CHECK(explained(
              "No ED25519 host key is known for web1 and you have requested strict checking.\r\nHost key verification "
              "failed.\r\n") ==
          "the host's key is not known: connect once with 'ssh web1' and compare its fingerprint, or put it into "
          "~/.ssh/known_hosts");
    CHECK(explained("@ WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED! @\nOffending ED25519 key in "
                    "/home/a/.ssh/known_hosts:3\nHost key verification failed.\n") ==
          "the host's key is not the one that was seen before: either it was installed anew, or somebody stands "
          "between. When "
          "you know that it is right: ssh-keygen -R web1, then connect once with ssh (Offending ED25519 key in "
          "/home/a/.ssh/known_hosts:3)");
    CHECK(explained("deploy@web1: Permission denied (publickey,password).\r\n") ==
          "ssh was not let in: deploy@web1: Permission denied (publickey,password).; is the key in your agent (ssh-add "
          "-l), and "
          "the user right? passwords are not asked for");
    CHECK(explained("ssh: connect to host web1 port 22: Connection refused\r\n") ==
          "ssh: connect to host web1 port 22: Connection refused");
    CHECK(explained("Sorry, try again.\n") == "sudo did not take the password");
    CHECK(explained("deploy is not in the sudoers file.\n") == "sudo does not let this user become root there");
    CHECK(explained("sudo: sorry, you must have a tty to run sudo\n").find("sudo wants a terminal there") == 0);
    CHECK(explained("something else\n").empty());
}
