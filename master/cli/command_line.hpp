// prove-cli's commands: each adds itself to the CLI11 tree with its options, help and example, and says what to do when
// it was chosen. all_commands.cpp is the one list. Help, man page and completion all come from that tree.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "master/cli/console.hpp"
#include "master/cli/exit_code.hpp"

namespace CLI {
class App;
}

namespace prove {

class JobSource;
struct CatalogPlace;

// What is said before the command.
struct GlobalOptions {
    // Of inventories by the names of their options; empty where one was not given.
    std::map<std::string, std::string> inventories;
    std::string master;           // path of the API's socket; empty: from the configuration, else the default
    std::string catalog;          // work on this catalog, without a master
    bool here = false;            // with --catalog: this machine is the target
    std::size_t parallel = 20;    // with --catalog: so many targets at once
    std::string config;           // empty: ~/.config/prove/cli.yml where it exists
    std::string output = "text";
    std::string colour = "auto";
    bool quiet = false;
    bool verbose = false;
};

// What a chosen command works with.
struct Invocation {
    const GlobalOptions& options;
    Console& console;
    // The socket to talk to; Error(usage) when --catalog was given, since then there is no master.
    std::string socket() const;
    // Through the master, or in this process with --catalog.
    std::unique_ptr<JobSource> jobs() const;
    // The catalog's directory; Error(usage) where --catalog is missing.
    std::string catalog() const;
    // The catalog with its inventories, or these alone; Error(usage) where neither was given.
    CatalogPlace place() const;
    // Whether a catalog or an inventory was named.
    bool needs_no_master() const;
};

using CommandAction = std::function<ExitCode(Invocation&)>;

class CommandLine {
 public:
    CommandLine();
    ~CommandLine();
    CLI::App& app() { return *app_; }
    // Adds a command below `parent`: its name, one line of help, and examples for its help text.
    CLI::App& add(CLI::App& parent, const std::string& name, const std::string& help, const std::string& examples,
                  CommandAction action);
    // Parses; Error(usage) is printed with a hint at --help. Gives the exit code of the process.
    int run(int argc, char** argv);

 private:
    std::unique_ptr<CLI::App> app_;
    GlobalOptions options_;
    CommandAction chosen_;
};

// The socket that the settings name (~/.config/prove/cli.yml, or `config`); empty where they name none.
std::string configured_socket(const std::string& config);
// Where the private key of catalogs' secrets is looked for: $PROVE_SECRET_KEY, the user's own, the master's.
std::string default_secret_key();
// A value from the command line, read as YAML reads it: 8080 is a number, true a boolean, [a, b] a list.
Value read_command_line_value(const std::string& text);
// --var NAME=VALUE: a value is read as YAML would read it; "a.b=1" reaches inside.
Value read_variables(const std::vector<std::string>& pairs);

void add_ping(CommandLine& line);
void add_facts(CommandLine& line);
void add_cmd(CommandLine& line);
void add_states(CommandLine& line);
void add_state(CommandLine& line);
void add_copy(CommandLine& line);
void add_targets(CommandLine& line);
void add_schedules(CommandLine& line);
void add_pauses(CommandLine& line);
void add_keys(CommandLine& line);
void add_jobs_commands(CommandLine& line);
void add_history(CommandLine& line);
void add_status(CommandLine& line);
void add_metrics(CommandLine& line);
void add_catalog_commands(CommandLine& line);
void add_variables(CommandLine& line);
void add_graph(CommandLine& line);
void add_diff(CommandLine& line);
void add_drift(CommandLine& line);
void add_component_commands(CommandLine& line);
void add_functions(CommandLine& line);
void add_schema(CommandLine& line);
void add_audit_commands(CommandLine& line);
void add_secret_commands(CommandLine& line);
void add_generate(CommandLine& line);
void add_init(CommandLine& line);
void add_adopt(CommandLine& line);
void add_all_commands(CommandLine& line);

}  // namespace prove
