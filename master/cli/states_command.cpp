// prove-cli states plan and states apply.
#include <CLI/CLI.hpp>

#include "common/text/text.hpp"
#include "master/cli/job_run.hpp"

namespace prove {

namespace {

struct Wanted {
    JobRun run;
    std::vector<std::string> states, tags, skip_tags, variables;
    bool yes = false;
};

void add(CommandLine& line, CLI::App& parent, RunMode mode) {
    auto wanted = std::make_shared<Wanted>();
    wanted->run.wanted.operation = "states";
    wanted->run.mode = mode;
    const bool plan = mode == RunMode::plan;
    CLI::App& command = line.add(
        parent, plan ? "plan" : "apply", plan ? "what would change; nothing is touched" : "make it so",
        plan ? "  prove-cli states plan 'web*'\n  prove-cli states plan web1 --state vhost --detailed-exit-code\n"
               "  prove-cli --catalog ./catalog states plan web1"
             : "  prove-cli states apply 'web*'\n  prove-cli states apply web1 --state nginx_reload --var site.port=8080\n"
               "  prove-cli --catalog ./catalog states apply web1",
        [wanted, mode](Invocation& invocation) {
            if (invocation.needs_no_master()) (void)invocation.catalog();  // targets alone have no states
            Value& options = wanted->run.wanted.options;
            options.set("mode", name_of(mode));
            const auto choose = [&](const char* name, const std::vector<std::string>& chosen) {
                if (!chosen.empty()) options.set(name, Value(Value::List(chosen.begin(), chosen.end())));
            };
            choose("states", wanted->states);
            choose("tags", wanted->tags);
            choose("skip_tags", wanted->skip_tags);
            if (!wanted->variables.empty()) options.set("variables", read_variables(wanted->variables));
            const auto jobs = invocation.jobs();
            if (mode == RunMode::apply &&
                !confirm_reach(invocation, *jobs, wanted->run.wanted.expression, wanted->yes, "this change"))
                return ExitCode::cancelled;
            return run_job(invocation, *jobs, wanted->run);
        });
    command.add_option("EXPR", wanted->run.wanted.expression, "which targets: a target expression")->required();
    command.add_option("--state", wanted->states, "only this state (an id or a glob), what it requires and notifies; may be given often")
        ->type_name("ID")->allow_extra_args(false);
    command.add_option("--tags", wanted->tags, "only states with this tag, what they require and notify; may be given often")
        ->type_name("TAG")->allow_extra_args(false);
    command.add_option("--skip-tags", wanted->skip_tags, "but none with this tag; may be given often")
        ->type_name("TAG")->allow_extra_args(false);
    command.add_option("--var", wanted->variables, "set a variable above all others; may be given often")
        ->type_name("NAME=VALUE")->allow_extra_args(false);
    command.add_flag("--in-force", wanted->run.wanted.in_force,
                     "use the catalog in force also where what is on disk now is refused");
    command.add_flag("--detach", wanted->run.detach, "start the job, print its id, and go");
    if (plan) {
        command.add_flag("--detailed-exit-code", wanted->run.detailed_exit_code, "exit with 6 when something would change");
    } else {
        command.add_flag("--yes,-y", wanted->yes, "do not ask when it reaches more than 20 targets");
    }
}

}  // namespace

void add_states(CommandLine& line) {
    CLI::App& states = line.add(line.app(), "states", "what targets should look like: plan it, apply it",
                                "  prove-cli states plan 'web*'\n  prove-cli states apply 'web*'", nullptr);
    states.require_subcommand(1);
    add(line, states, RunMode::plan);
    add(line, states, RunMode::apply);
}

}  // namespace prove
