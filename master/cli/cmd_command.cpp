// prove-cli cmd: runs a command on targets, with its output as it comes.
#include <CLI/CLI.hpp>

#include "common/text/duration.hpp"
#include "common/text/text.hpp"
#include "master/cli/job_run.hpp"

namespace prove {

namespace {

struct Wanted {
    JobRun run;
    std::vector<std::string> program;
    std::string shell, user, cwd, timeout;
    std::vector<std::string> env;
    bool yes = false;
};

Value options_of(const Wanted& wanted) {
    Value options = Value::object();
    if (wanted.shell.empty() == wanted.program.empty())
        throw Error(ErrorKind::usage, "what is to be run? give a program after '--', or a shell line with --shell");
    if (!wanted.shell.empty()) options.set("shell", wanted.shell);
    if (!wanted.program.empty()) {
        Value argv = Value::array();
        for (const auto& word : wanted.program) argv.push(word);
        options.set("argv", std::move(argv));
    }
    if (!wanted.user.empty()) options.set("user", wanted.user);
    if (!wanted.cwd.empty()) options.set("cwd", wanted.cwd);
    Value env = Value::object();
    for (const auto& pair : wanted.env) {
        const std::size_t equals = pair.find('=');
        if (equals == std::string::npos || equals == 0)
            throw Error(ErrorKind::usage, "--env wants NAME=VALUE, found " + prove::quoted(pair));
        env.set(pair.substr(0, equals), pair.substr(equals + 1));
    }
    if (!wanted.env.empty()) options.set("env", std::move(env));
    if (!wanted.timeout.empty()) {
        const auto duration = parse_duration(wanted.timeout);
        if (!duration || duration->count() == 0)
            throw Error(ErrorKind::usage, "--timeout wants " + std::string(duration_wanted()) + ", found " + prove::quoted(wanted.timeout));
        options.set("timeout_ms", static_cast<std::int64_t>(duration->count()));
    }
    return options;
}

}  // namespace

void add_cmd(CommandLine& line) {
    auto wanted = std::make_shared<Wanted>();
    wanted->run.wanted.operation = "cmd";
    CLI::App& command = line.add(
        line.app(), "cmd", "run a command on targets",
        "  prove-cli cmd 'web*' -- systemctl is-active nginx\n"
        "  prove-cli cmd db1 --user postgres --timeout 5m -- vacuumdb --all\n"
        "  prove-cli cmd '*' --yes --shell 'df -h / | tail -n 1'",
        [wanted](Invocation& invocation) {
            wanted->run.wanted.options = options_of(*wanted);
            const auto jobs = invocation.jobs();
            if (!confirm_reach(invocation, *jobs, wanted->run.wanted.expression, wanted->yes, "this command")) return ExitCode::cancelled;
            return run_job(invocation, *jobs, wanted->run);
        });
    command.add_option("EXPR", wanted->run.wanted.expression, "which targets: a target expression")->required();
    command.add_option("PROGRAM", wanted->program, "the program and its arguments, after '--'");
    command.add_option("--shell", wanted->shell, "a line for /bin/sh instead of a program")->type_name("TEXT");
    command.add_option("--user", wanted->user, "run as this user")->type_name("NAME");
    command.add_option("--cwd", wanted->cwd, "run in this directory")->type_name("DIR");
    command.add_option("--env", wanted->env, "add to the environment; may be given often")->type_name("NAME=VALUE")->allow_extra_args(false);
    command.add_option("--timeout", wanted->timeout, "end the command and all it started after this time (default 10m)")->type_name("TIME");
    command.add_flag("--detach", wanted->run.detach, "start the job, print its id, and go");
    command.add_flag("--yes,-y", wanted->yes, "do not ask when it reaches more than 20 targets");
}

}  // namespace prove
