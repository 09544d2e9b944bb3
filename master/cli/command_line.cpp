// Parsing, global options, and turning whatever goes wrong into one message and an exit code.
#include "master/cli/command_line.hpp"

#include <cstdlib>

#include <CLI/CLI.hpp>

#include "common/config/settings.hpp"
#include "common/manual/usage.hpp"
#include "common/text/text.hpp"
#include "master/api/shapes.hpp"
#include "master/cli/job_source.hpp"
#include "master/cli/local_catalog.hpp"
#include "master/inventory/formats.hpp"
#include "master/inventory/inventory_text.hpp"

namespace prove {

namespace {

constexpr const char* default_socket = "/run/prove-master/api.sock";

OutputFormat format_of(const std::string& name) {
    if (name == "json") return OutputFormat::json;
    return name == "yaml" ? OutputFormat::yaml : OutputFormat::text;
}

// One error for people or for programs, on standard error.
void tell(const Error& error, const GlobalOptions& options) {
    if (options.output == "json") {
        Value value = Value::object();
        value.set("event", "error");
        value.set("kind", name_of(error.kind()));
        value.set("text", error.full_text());
        if (const auto* wrong = dynamic_cast<const CatalogError*>(&error)) value.set("diagnostics", to_value(wrong->diagnostics()));
        std::fprintf(stderr, "%s\n", write_json(value).c_str());
        return;
    }
    const auto* catalog = dynamic_cast<const CatalogError*>(&error);
    if (catalog == nullptr) {
        std::fprintf(stderr, "prove-cli: %s\n", escape_control_keep_lines(error.full_text()).c_str());
        return;
    }
    for (const auto& diagnostic : catalog->diagnostics().sorted())
        std::fprintf(stderr, "%s\n", escape_control_keep_lines(diagnostic.full_text()).c_str());
    std::fprintf(stderr, "%s; nothing was sent to any target\n", counted(catalog->diagnostics().error_count(), "error").c_str());
}

// The option that means working without a master; empty where none was given.
std::string given_for_here(const GlobalOptions& options) {
    if (!options.catalog.empty()) return "--catalog";
    for (const auto& [option, value] : options.inventories)
        if (!value.empty()) return "--" + option;
    return "";
}

std::vector<Inventory> read_inventories(const GlobalOptions& options) {
    std::vector<Inventory> inventories;
    for (const auto& format : inventory_formats())
        if (const auto given = options.inventories.find(format.option);
            given != options.inventories.end() && !given->second.empty())
            inventories.push_back(format.read(given->second));
    return inventories;
}

}  // namespace

std::string Invocation::socket() const {
    if (needs_no_master())
        throw Error(ErrorKind::usage, "this command asks a master, and " + given_for_here(options) + " means working without one");
    if (!options.master.empty()) return options.master;
    const std::string configured = configured_socket(options.config);
    return configured.empty() ? default_socket : configured;
}

std::unique_ptr<JobSource> Invocation::jobs() const {
    if (!needs_no_master()) return make_master_jobs(socket());
    auto inventories = read_inventories(options);
    for (const auto& inventory : inventories)
        for (const auto& problem : inventory.problems.sorted())
            if (problem.severity == Diagnostic::Severity::warning) console.note(escape_control_keep_lines(problem.full_text()));
    const auto config = options.inventories.find("ssh-config");
    // Its user's own is left to ssh, which reads that of the machine besides.
    const bool is_own = config == options.inventories.end() || config->second == user_ssh_config;
    return make_catalog_jobs({options.catalog, options.here, options.parallel, std::move(inventories),
                              is_own ? "" : with_home(config->second)});
}

CatalogPlace Invocation::place() const {
    return {needs_no_master() ? options.catalog : catalog(), read_inventories(options)};
}

bool Invocation::needs_no_master() const {
    return !given_for_here(options).empty();
}

std::string Invocation::catalog() const {
    if (options.catalog.empty()) throw Error(ErrorKind::usage, "which catalog? say --catalog DIR before the command");
    return options.catalog;
}

CommandLine::CommandLine() : app_(std::make_unique<CLI::App>("keeps fleets of Linux hosts as their catalog describes them")) {
    app_->name("prove-cli");
    app_->set_version_flag("--version", std::string("prove-cli ") + PROVE_VERSION);
    app_->require_subcommand(1);
    app_->fallthrough();   // so that the options above may also stand after the command
    auto* master = app_->add_option("--master", options_.master, "the master's API socket")->type_name("SOCKET");
    app_->add_option("--catalog", options_.catalog, "work on the catalog in DIR, without a master")->type_name("DIR")->excludes(master);
    for (const auto& format : inventory_formats()) {
        auto* const option = app_->add_option("--" + format.option, options_.inventories[format.option], format.help)
                                 ->type_name(format.argument)->excludes(master);
        if (!format.by_default.empty()) option->expected(0, 1)->default_str(format.by_default);
    }
    app_->add_flag("--here", options_.here, "with --catalog: this machine is the target, whatever it is called");
    app_->add_option("--parallel", options_.parallel, "with --catalog: at most N targets at once; default 20")
        ->check(CLI::Range(1, 100))->type_name("N");
    app_->add_option("--config", options_.config, "settings; default ~/.config/prove/cli.yml")->type_name("FILE");
    app_->add_option("--output,-o", options_.output, "text for people, json lines or yaml for programs")
        ->check(CLI::IsMember({"text", "json", "yaml"}))->type_name("text|json|yaml");
    app_->add_option("--color", options_.colour, "colours: auto (on terminals), always, never")
        ->check(CLI::IsMember({"auto", "always", "never"}))->type_name("WHEN");
    app_->add_flag("--quiet,-q", options_.quiet, "no summary, no progress");
    app_->add_flag("--verbose,-v", options_.verbose, "also what was right already, and what was skipped");
    app_->footer("Examples:\n"
                 "  prove-cli ping '*'\n"
                 "  prove-cli states plan 'web*'\n"
                 "  prove-cli --catalog ./catalog states apply $(hostname)\n"
                 "  prove-cli --ssh-hosts web1,deploy@web2:2222 cmd '*' -- uptime\n\n"
                 "Every command explains itself: prove-cli COMMAND --help");
}

CommandLine::~CommandLine() = default;

CLI::App& CommandLine::add(CLI::App& parent, const std::string& name, const std::string& help, const std::string& examples,
                           CommandAction action) {
    CLI::App* command = parent.add_subcommand(name, help);
    command->footer("Examples:\n" + examples);
    if (action) command->callback([this, action = std::move(action)] { chosen_ = action; });
    return *command;
}

int CommandLine::run(int argc, char** argv) {
    if (const auto status = parse_command_line(*app_, argc, argv)) return *status;
    try {
        Console console({format_of(options_.output), options_.colour, options_.quiet, options_.verbose});
        Invocation invocation{options_, console};
        return static_cast<int>(chosen_(invocation));
    } catch (const Error& error) {
        tell(error, options_);
        return static_cast<int>(exit_code_for(error.kind()));
    } catch (const std::exception& fault) {
        std::fprintf(stderr, "prove-cli: a fault of Prove's own: %s\n", fault.what());
        return static_cast<int>(ExitCode::fault);
    }
}

}  // namespace prove
