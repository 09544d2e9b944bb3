// prove-agent: makes this host what its master's catalog says.
#include <CLI/CLI.hpp>

#include <functional>
#include <iostream>

#include "agent/daemon/command_line.hpp"
#include "agent/daemon/daemon.hpp"
#include "common/manual/manual.hpp"
#include "common/manual/usage.hpp"
#include "proto/error.hpp"

using namespace prove;

namespace {

constexpr const char* default_config = "/etc/prove/agent.yml";

ManualPage page() {
    ManualPage page;
    page.name = "prove-agent";
    page.section = 8;
    page.description =
        "prove-agent keeps a connection to its master, takes jobs from it (states, commands, facts), and reports what "
        "it did. Without a subcommand it is the daemon, in the foreground.\n\n"
        "A machine becomes an agent by a join token, which `prove-cli keys token` makes, or by a master's pin and an "
        "operator who accepts its key.";
    page.exit_status = "0\tall well\n1\ta fault of Prove's own\n2\twrong usage, or wrong settings\n4\ta run failed\n"
                       "5\tthe master is not the one that was pinned\n9\tno prove-agent is running";
    page.files = "/etc/prove/agent.yml\tsettings\n/etc/prove/facts.d\tcustom facts\n"
                 "/var/lib/prove-agent\tkeys, journal, contents\n/run/prove-agent/status.sock\twhere status and run ask";
    page.see_also = "prove-cli(1), prove-master(8)";
    return page;
}

int exit_status(ErrorKind kind) {
    switch (kind) {
        case ErrorKind::usage:
        case ErrorKind::invalid:
        case ErrorKind::missing:
        case ErrorKind::refused: return 2;
        case ErrorKind::failed: return 4;
        case ErrorKind::unavailable: return 9;
        default: return 1;
    }
}

int run(int argc, char** argv) {
    CLI::App app("Makes this host what its master's catalog says", "prove-agent");
    std::string config = default_config;
    auto* config_option = app.add_option("--config", config, "settings file")->capture_default_str();
    app.set_version_flag("--version", "prove-agent " + prove_version());
    bool manual = false;
    app.add_flag("--generate-man", manual, "prints the manual page")->group("");
    app.require_subcommand(0, 1);
    app.footer("Examples:\n  prove-agent join prove-join-...\n  prove-agent status\n  prove-agent run --plan");

    const auto settings = [&] { return load_agent_settings(config, config_option->count() > 0); };
    std::function<int()> chosen = [&] { return run_daemon(settings()); };
    const auto add = [&](const char* name, const char* help, const char* example, std::function<int()> work) {
        CLI::App* command = app.add_subcommand(name, help);
        command->footer(std::string("Example:\n  ") + example);
        command->callback([&chosen, work = std::move(work)] { chosen = work; });
        return command;
    };
    std::string token;
    add("join", "enrols this machine by a join token, or pins its master", "prove-agent join prove-join-...",
        [&] { return run_join(settings(), token); })
        ->alias("enrol")
        ->add_option("token", token, "prove-join-... or prove-master-...")
        ->required();
    add("fingerprint", "shows the fingerprint of this agent's key", "prove-agent fingerprint",
        [&] { return run_fingerprint(settings()); });
    std::string output = "text";
    const auto with_output = [&](CLI::App* command) {
        command->add_option("--output", output, "text or json")->check(CLI::IsMember({"text", "json"}));
        return command;
    };
    with_output(add("status", "shows how the running agent stands", "prove-agent status --output json",
                    [&] { return run_status(settings(), output == "json"); }));
    bool plan = false;
    with_output(add("run", "runs this host's states now, as its master has them", "prove-agent run --plan",
                    [&] { return run_states(settings(), plan, output == "json"); }))
        ->add_flag("--plan", plan, "only says what would change");
    add("drain", "has the agent restart as soon as it is idle", "prove-agent drain", [&] { return run_drain(settings()); });
    add("reset", "forgets identity, journal and enrolment", "systemctl stop prove-agent; prove-agent reset",
        [&] { return run_reset(settings()); });

    if (const auto status = parse_command_line(app, argc, argv)) return *status;
    if (manual) {
        std::cout << man_page(app, page());
        return 0;
    }
    return chosen();
}

}  // namespace

int main(int argc, char** argv) {
    try {
        return run(argc, argv);
    } catch (const Error& error) {
        std::cerr << "prove-agent: " << error.full_text() << "\n";
        return exit_status(error.kind());
    } catch (const std::exception& error) {
        std::cerr << "prove-agent: a fault of its own: " << error.what() << "\n";
        return 1;
    }
}
