// prove-cli generate: the man page and the completion script, for packages.
#include <CLI/CLI.hpp>

#include "common/manual/manual.hpp"
#include "master/cli/command_line.hpp"
#include "master/cli/function_reference.hpp"

namespace prove {

namespace {

ManualPage page() {
    ManualPage page;
    page.name = "prove-cli";
    page.description =
        "prove-cli talks to the master on this machine, over its Unix socket. With --catalog it needs no master: it loads "
        "the catalog itself and works on this machine.\n\n"
        "EXPR chooses targets: names and globs (web*,db1), /regex/, role:webserver, group:web, fact:os.family=debian, "
        "var:site=blog, executor:agent, status:connected, joined by and, or, not and parentheses. '*' means all, and is never implied.";
    page.exit_status =
        "0\tall well\n1\ta fault of Prove's own\n2\twrong usage\n3\tan error in the catalog\n4\ta target failed\n"
        "5\ta target was not reached\n6\ta plan found changes (with --detailed-exit-code)\n7\tcancelled, or detached\n"
        "8\tthe plan is stale\n9\tno master answers";
    page.files = "/run/prove-master/api.sock\tthe master's socket\n~/.config/prove/cli.yml\tsettings: `master: SOCKET`";
    page.see_also = "prove-master(8), prove-agent(8)";
    return page;
}

}  // namespace

void add_generate(CommandLine& line) {
    CLI::App& generate = line.add(line.app(), "generate", "the manual page, the completion script, and reference pages",
                                  "  prove-cli generate man > prove-cli.1\n  source <(prove-cli generate completion)", nullptr);
    generate.require_subcommand(1);
    line.add(generate, "man", "the manual page", "  prove-cli generate man | man -l -", [&line](Invocation& invocation) {
        invocation.console.raw(man_page(line.app(), page()), false);
        return ExitCode::well;
    });
    line.add(generate, "commands", "the reference of commands in docs/commands.md", "  prove-cli generate commands > docs/commands.md",
             [&line](Invocation& invocation) {
                 invocation.console.raw("# Commands of prove-cli\n\nGenerated from its own help by `prove-cli generate commands`; "
                                        "[cli.md](cli.md) tells how they behave.\n" + markdown_reference(line.app()), false);
                 return ExitCode::well;
             });
    line.add(generate, "facts", "the reference of facts in docs/facts.md", "  prove-cli generate facts > docs/facts.md",
             [](Invocation& invocation) {
                 invocation.console.raw(facts_markdown(fact_descriptions()), false);
                 return ExitCode::well;
             });
    line.add(generate, "completion", "the completion script for bash", "  source <(prove-cli generate completion)",
             [&line](Invocation& invocation) {
                 invocation.console.raw(bash_completion(line.app(), "prove-cli"), false);
                 return ExitCode::well;
             });
}

}  // namespace prove
