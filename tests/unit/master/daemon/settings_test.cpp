// master.yml: what it may say, where its folders are, and that everything wrong in it is said at once.
#include "master/daemon/settings.hpp"

#include <catch2/catch.hpp>

#include "common/files/files.hpp"
#include "common/text/text.hpp"
#include "tests/support/in_sources.hpp"

using namespace prove;

namespace {

std::string complaint(const std::string& text) {
    try {
        master_settings_from_text(text, "/etc/prove/master.yml");
    } catch (const Error& error) {
        CHECK(error.kind() == ErrorKind::invalid);
        return error.full_text();
    }
    return "nothing was thrown";
}

}  // namespace

TEST_CASE("everything in master.yml has a default", "[settings]") {
    const auto settings = master_settings_from_text("", "/etc/prove/master.yml");
    CHECK(settings.catalog == "/etc/prove/catalog");
    CHECK(settings.database() == "/var/lib/prove-master/prove.db");
    CHECK(settings.socket() == "/run/prove-master/api.sock");
    CHECK(settings.administrators == std::vector<std::string>{"prove"});
    CHECK(settings.log.level == LogLevel::info);
    CHECK(settings.log.file.empty());
}

TEST_CASE("the log is set in master.yml as it is in agent.yml", "[settings]") {
    const auto settings = master_settings_from_text("log: {level: debug, file: master.log}", "/etc/prove/master.yml");
    CHECK(settings.log.level == LogLevel::debug);
    CHECK(settings.log.file == "/etc/prove/master.log");
    CHECK(complaint("log: {level: loud}") ==
          "/etc/prove/master.yml:1:14: level: expected debug, info, warning or error, found 'loud'");
}

TEST_CASE("a file for metrics is written only where master.yml names one", "[settings]") {
    CHECK(master_settings_from_text("", "/etc/prove/master.yml").metrics_file.empty());
    CHECK(master_settings_from_text("metrics_file: m.prom", "/etc/prove/master.yml").metrics_file == "/etc/prove/m.prom");
}

TEST_CASE("relative folders of master.yml are meant from its own folder", "[settings]") {
    const auto settings =
        master_settings_from_text("catalog: catalog\ndata: ../lib\nruntime: ./run\n", "/srv/site/master.yml");
    CHECK(settings.catalog == "/srv/site/catalog");
    CHECK(settings.data == "/srv/lib");
    CHECK(settings.runtime == "/srv/site/run");
}

TEST_CASE("P32 everything wrong in master.yml is said at once, each with its place", "[settings]") {
    CHECK(complaint("adress: x\nports: {main: 0}\nadministrators: [root, no-such-group]\nsocket_group: nor-this\n") ==
          "/etc/prove/master.yml:1:1: unknown setting 'adress', did you mean 'address'?\n"
          "/etc/prove/master.yml:2:15: main: 0 is below the least, 1\n"
          "/etc/prove/master.yml:3:24: administrators: this machine has no group 'no-such-group'; addgroup makes one\n"
          "/etc/prove/master.yml:4:15: socket_group: this machine has no group 'nor-this'; addgroup makes one");
}

TEST_CASE("S8 administrators may be left out, or be nobody", "[settings]") {
    CHECK(master_settings_from_text("administrators: []", "m.yml").administrators.empty());
    CHECK(master_settings_from_text("administrators: root", "m.yml").administrators ==
          std::vector<std::string>{"root"});
}

TEST_CASE("the settings that the package shows are taken when they are uncommented", "[settings]") {
    std::string shown;
    for (const auto& line : split_lines(read_whole_file(test::in_sources("/packaging/etc/master.yml"), 1 << 16))) {
        const auto colon = line.find(": ");
        if (line.starts_with("# ") && colon != std::string::npos && line.find(' ', 2) > colon)
            shown += line.substr(2) + "\n";
    }
    INFO(shown);
    const auto settings = master_settings_from_text(shown, "master.yml");
    CHECK(settings.advertise == "master.example.com");
    CHECK(settings.log.level == LogLevel::info);
}

TEST_CASE("S87 where ssh's files are and how many sessions there are is set in master.yml, and nothing else of ssh",
          "[settings]") {
    const auto fallback = master_settings_from_text("", "/etc/prove/master.yml");
    CHECK(fallback.ssh_folder == "/etc/prove/ssh");
    CHECK(fallback.ssh_sessions == 20);
    CHECK(fallback.ssh_config() == "/var/lib/prove-master/ssh_config");
    const auto settings = master_settings_from_text("ssh: {folder: keys of ssh, sessions: 5}", "/srv/site/master.yml");
    CHECK(settings.ssh_folder == "/srv/site/keys of ssh");
    CHECK(settings.ssh_sessions == 5);
    CHECK(complaint("ssh: {sessions: 0}") == "/etc/prove/master.yml:1:17: sessions: 0 is below the least, 1");
    CHECK(complaint("ssh: {sessions: 101}").find("101 is above the most, 100") != std::string::npos);
    CHECK(complaint("ssh: {proxy_command: x}").find("unknown setting") != std::string::npos);
    for (const char* folder : {"'/etc/%h'", "\"/etc/a\\nb\"", "'/etc/a\"b'"})
        CHECK(complaint(std::string("ssh: {folder: ") + folder + "}").find("is no folder that ssh may be given") !=
              std::string::npos);
}
