// prove-cli init: a catalog to begin with.
#include <CLI/CLI.hpp>

#include <unistd.h>

#include "common/text/text.hpp"
#include "master/cli/catalog_writing.hpp"
#include "master/cli/command_line.hpp"
#include "proto/ids.hpp"

namespace prove {

namespace {

constexpr const char* prove_yml = R"(# A catalog of Prove: what hosts should look like. The language is explained in docs/catalog.md.
#
#   targets.yml   the hosts
#   groups.yml    sets of hosts, by name or by what they are
#   roles.yml     what a host is for: states and variables under a name
#   variables/    values for states and templates
#   states/       what should be true of a host
#   files/        what states take from prove://

# How targets are reached unless they say otherwise: agent, ssh or local.
#options:
#  executor: ssh

# Variables that every target has; groups, roles and targets may set them anew.
variables:
  greeting: Kept by Prove
)";

constexpr const char* groups_yml = R"(# Sets of targets. What a group brings - states, roles, variables - its targets have.
groups:
  - name: debian
    match: fact:os.family=debian
    variables: {greeting: "Kept by Prove, on Debian"}
)";

constexpr const char* motd_yml = R"(# A state: an id, and what should be true. `prove-cli functions` lists what there is.
motd:
  - fn: file.managed
    path: /etc/motd
    source: prove://motd.mako
    mode: "0644"
)";

constexpr const char* motd_mako = R"(${vars.greeting}
${target.name}, ${facts.os.name} ${facts.os.version}
)";

std::string name_of_this_machine() {
    char name[256] = {};
    if (::gethostname(name, sizeof name - 1) != 0) return "here";
    try {
        return TargetId(name).text();
    } catch (const Error&) {  // a machine may be called what no target may be
        return "here";
    }
}

CatalogFiles first_catalog() {
    const std::string host = name_of_this_machine();
    return {{"prove.yml", {prove_yml}},
            {"groups.yml", {groups_yml}},
            {"targets.yml",
             {std::string("# The hosts. This one is this machine; others are reached by an agent, or by `executor: ssh`.\ntargets:\n") +
              "  - name: " + host + "\n    executor: local\n    states: [motd]\n"}},
            {"states/motd.yml", {motd_yml}},
            {"files/motd.mako", {motd_mako}}};
}

ExitCode init(Invocation& invocation, const std::string& directory) {
    const CatalogFiles files = first_catalog();
    write_catalog_files(directory, files);
    Console& console = invocation.console;
    if (!console.text()) {
        Value value = Value::object();
        value.set("event", "catalog");
        value.set("directory", directory);
        Value names = Value::array();
        for (const auto& [name, file] : files) names.push(name);
        value.set("files", std::move(names));
        console.object(value);
        return ExitCode::well;
    }
    if (console.quiet()) return ExitCode::well;
    for (const auto& [name, file] : files) console.line("  " + directory + "/" + name);
    const std::string catalog = "prove-cli --catalog " + shell_quoted(directory);
    console.line("\nnext:");
    console.line("  " + catalog + " check");
    console.line("  " + catalog + " states plan '*'");
    return ExitCode::well;
}

}  // namespace

void add_init(CommandLine& line) {
    auto directory = std::make_shared<std::string>(".");
    CLI::App& command = line.add(line.app(), "init", "start a catalog: files, comments, an example state",
                                 "  prove-cli init\n  prove-cli init ./catalog",
                                 [directory](Invocation& invocation) { return init(invocation, *directory); });
    command.add_option("DIR", *directory, "where; the current folder where it is left out");
}

}  // namespace prove
