// prove-cli state: one state function from the command line.
#include <CLI/CLI.hpp>

#include "common/text/text.hpp"
#include "master/cli/job_run.hpp"
#include "master/compile/ad_hoc.hpp"

namespace prove {

namespace {

struct Wanted {
    JobRun run;
    std::string function;
    std::vector<std::string> words, variables;
    bool plan = false, yes = false;
};

// What they mean is told by the function's schema, which whoever compiles it knows: it may be of a component.
Value read_words(const std::vector<std::string>& words) {
    Value arguments = Value::object();
    for (std::size_t i = 0; i < words.size(); ++i) {
        const std::string place = "argument " + std::to_string(i + 1) + ": ";
        const std::size_t equals = words[i].find('=');
        if (equals == std::string::npos || equals == 0)
            throw Error(ErrorKind::usage, place + "arguments are written NAME=VALUE, found " + prove::quoted(words[i]));
        const std::string name = words[i].substr(0, equals);
        if (arguments.find(name) != nullptr) throw Error(ErrorKind::usage, place + prove::quoted(name) + " is given twice");
        arguments.set(name, words[i].substr(equals + 1));
    }
    return arguments;
}

ExitCode run(Invocation& invocation, Wanted& wanted) {
    JobRun& run = wanted.run;
    run.mode = wanted.plan ? RunMode::plan : RunMode::apply;
    AdHocState state;
    state.function = wanted.function;
    state.arguments = read_words(wanted.words);
    run.wanted.options.set("mode", name_of(run.mode));
    run.wanted.options.set("state", to_value(state));
    if (!wanted.variables.empty()) run.wanted.options.set("variables", read_variables(wanted.variables));
    const auto jobs = invocation.jobs();
    if (!wanted.plan && !confirm_reach(invocation, *jobs, run.wanted.expression, wanted.yes, "this change"))
        return ExitCode::cancelled;
    return run_job(invocation, *jobs, run);
}

}  // namespace

void add_state(CommandLine& line) {
    auto wanted = std::make_shared<Wanted>();
    wanted->run.wanted.operation = "states";
    CLI::App& command =
        line.add(line.app(), "state", "one state function, without a state file",
                 "  prove-cli state web1 file.managed path=/etc/motd content='hello' mode=0644 --plan\n"
                 "  prove-cli state 'web*' package.installed package=[nginx,curl]\n"
                 "  prove-cli state web1 service.running service=nginx\n"
                 "  prove-cli --catalog ./catalog state web1 file.managed path=/etc/app.conf source=prove://app.conf",
                 [wanted](Invocation& invocation) { return run(invocation, *wanted); });
    command.add_option("EXPR", wanted->run.wanted.expression, "which targets: a target expression")->required();
    command.add_option("FUNCTION", wanted->function, "a state function, such as file.managed; see 'prove-cli functions'")
        ->required();
    command.add_option("NAME=VALUE", wanted->words, "its arguments, and onlyif, unless, timeout, retry, verify, sensitive");
    command.add_flag("--plan", wanted->plan, "what would change; nothing is touched");
    command.add_option("--var", wanted->variables, "set a variable for the templates that it uses; may be given often")
        ->type_name("NAME=VALUE")->allow_extra_args(false);
    command.add_flag("--in-force", wanted->run.wanted.in_force,
                     "use the catalog in force also where what is on disk now is refused");
    command.add_flag("--detach", wanted->run.detach, "start the job, print its id, and go");
    command.add_flag("--detailed-exit-code", wanted->run.detailed_exit_code, "with --plan: exit with 6 when something would change");
    command.add_flag("--yes,-y", wanted->yes, "do not ask when it reaches more than 20 targets");
}

}  // namespace prove
