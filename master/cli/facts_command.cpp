// prove-cli facts: what targets say about themselves.
#include <CLI/CLI.hpp>

#include "master/cli/job_run.hpp"

namespace prove {

void add_facts(CommandLine& line) {
    struct Wanted {
        JobRun run;
        std::vector<std::string> names;
    };
    auto wanted = std::make_shared<Wanted>();
    wanted->run.wanted.operation = "facts";
    CLI::App& command = line.add(line.app(), "facts", "facts about targets, all or some",
                                 "  prove-cli facts web1\n  prove-cli facts 'web*' os.family net.addresses",
                                 [wanted](Invocation& invocation) {
                                     Value names = Value::array();
                                     for (const auto& name : wanted->names) names.push(name);
                                     wanted->run.wanted.options.set("names", std::move(names));
                                     const auto jobs = invocation.jobs();
                                     return run_job(invocation, *jobs, wanted->run);
                                 });
    command.add_option("EXPR", wanted->run.wanted.expression, "which targets: a target expression")->required();
    command.add_option("NAME", wanted->names, "facts to gather; all where none is named");
}

}  // namespace prove
