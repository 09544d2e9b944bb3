// prove-master: the command line of the master daemon. What it is made of stands in house.cpp.
#include <sys/stat.h>

#include <cstdio>

#include <CLI/CLI.hpp>

#include "common/keys/secret.hpp"
#include "common/manual/manual.hpp"
#include "common/manual/usage.hpp"
#include "master/daemon/house.hpp"
#include "master/keys/master_keys.hpp"

namespace {

constexpr const char* default_config = "/etc/prove/master.yml";

prove::ManualPage manual() {
    prove::ManualPage page;
    page.name = "prove-master";
    page.section = 8;
    page.description =
        "prove-master compiles the catalog, sends each accepted agent its signed and sealed commands, and keeps every "
        "job, result and key in one database. Operators talk to it with prove-cli(1).\n\n"
        "It runs in the foreground until SIGTERM. The first start makes the cluster's keys, as prove-master init does.";
    page.files =
        "/etc/prove/master.yml\tsettings\n/etc/prove/catalog\tthe catalog\n"
        "/var/lib/prove-master\tdatabase and keys; without the keys every agent has to be enrolled again\n"
        "/run/prove-master/api.sock\twhere prove-cli talks to it";
    page.see_also = "prove-cli(1), prove-agent(8)";
    page.exit_status = "0\tstopped as asked\n1\ta fault, or it could not start\n2\twrong usage, or wrong settings";
    return page;
}

int exit_status(prove::ErrorKind kind) {
    switch (kind) {
        case prove::ErrorKind::usage:
        case prove::ErrorKind::invalid:
        case prove::ErrorKind::missing:
        case prove::ErrorKind::refused:
            return 2;
        default:
            return 1;
    }
}

int init(const prove::MasterSettings& settings) {
    prove::init_master(settings);
    const prove::SystemClock clock;
    const auto keys = prove::MasterKeys::load(settings.keys(), clock);
    std::printf("made the keys of a new cluster in %s\nfingerprint: %s\n", settings.keys().c_str(),
                keys.fingerprint().c_str());
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app("The Prove master: compiles the catalog and commands the agents.", "prove-master");
    std::string config = default_config;
    bool version = false, generate_man = false;
    app.add_option("--config", config, "settings file")->capture_default_str();
    app.add_flag("--version", version, "print the version and exit");
    app.add_flag("--generate-man", generate_man, "print the manual page")->group("");
    auto* const init_command = app.add_subcommand("init", "make the keys of a new cluster and print their fingerprint");
    auto* const pin_command = app.add_subcommand("pin", "print what agents pin this master by (pin: in agent.yml)");
    app.footer(
        "Examples:\n  prove-master                                the settings of /etc/prove/master.yml\n"
        "  prove-master --config ./master.yml          as a normal user, with folders of its own\n"
        "  prove-master --config ./master.yml init\n"
        "  prove-master pin                            for agents that join without a token");
    if (const auto status = prove::parse_command_line(app, argc, argv)) return *status;
    if (version) return std::printf("prove-master %s\n", PROVE_VERSION) > 0 ? 0 : 1;
    if (generate_man) return std::printf("%s", prove::man_page(app, manual()).c_str()) > 0 ? 0 : 1;
    try {
        ::umask(0077);  // S94
        prove::protect_process_memory();
        const auto settings = prove::load_master_settings(config, app.count("--config") > 0);
        if (*init_command) return init(settings);
        if (*pin_command)
            return std::printf("%s\n", prove::to_text(prove::pin_of_master(settings)).c_str()) > 0 ? 0 : 1;
        return prove::House(settings, PROVE_VERSION).run() ? 0 : 1;
    } catch (const prove::Error& error) {
        std::fprintf(stderr, "prove-master: %s\n", error.full_text().c_str());
        return exit_status(error.kind());
    } catch (const std::exception& error) {
        std::fprintf(stderr, "prove-master: %s\n", error.what());
        return 1;
    }
}
