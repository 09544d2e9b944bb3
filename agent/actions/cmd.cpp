// cmd: one command, its output streamed while it runs. However it ends (its time, a cancellation), its whole process
// tree ends with it. It runs in a scope of its own, outside the agent's limits, and ends when the agent does: the job is
// then reported as interrupted.
#include "agent/actions/families.hpp"
#include "agent/host/scope.hpp"
#include "common/process/run.hpp"
#include "common/text/duration.hpp"

namespace prove {
namespace {

// As base64 it is just the 1 MiB that a text in a message may have, and two of them fit a result.
constexpr std::size_t kept_of_each_stream = 768u << 10;

Command command_of(const CmdBody& body, const ActionContext& context) {
    if (body.argv.empty() == body.shell.empty())
        throw Error(ErrorKind::invalid, "cmd wants a program with its arguments or a shell line, and not both");
    Command command;
    if (body.argv.empty())
        command = Command::shell(body.shell);
    else
        command.argv = body.argv;
    command.user = body.user;
    command.cwd = body.cwd;
    for (const auto& [name, value] : body.env) command.env[name] = value;
    if (!context.job.empty()) command.env["PROVE_JOB"] = context.job;
    command.input = body.input;
    command.timeout = std::chrono::milliseconds(body.timeout_ms);
    command.output_limit = kept_of_each_stream;
    return command;
}

ActionResult result_of(const CommandResult& outcome, const CmdBody& body) {
    CmdResultBody result;
    result.exit_code = outcome.exit_code;
    result.signal = outcome.signal;
    result.timed_out = outcome.timed_out;
    result.truncated = outcome.truncated;
    result.out = outcome.out;
    result.err = outcome.err;

    ActionResult action;
    action.body = to_value(result);
    if (outcome.cancelled) {
        action.end = JobResult::End::cancelled;
        action.reason = "cancelled while it ran";
    } else if (outcome.timed_out) {
        action.end = JobResult::End::failed;
        action.reason =
            "it did not end within " + show_duration(std::chrono::milliseconds(body.timeout_ms)) + " and was stopped";
    } else if (outcome.signal != 0) {
        action.end = JobResult::End::failed;
        action.reason = "ended by signal " + std::to_string(outcome.signal);
    } else if (outcome.exit_code != 0) {
        action.end = JobResult::End::failed;
        action.reason = "exit code " + std::to_string(outcome.exit_code);
    }
    return action;
}

class Cmd final : public Action {
  public:
    std::string name() const override { return "cmd"; }
    ActionResult run(const Value& value, const ActionContext& context) const override {
        const CmdBody body = cmd_body_from(value);
        const Command command = command_of(body, context);
        if (context.cancellation && context.cancellation->cancelled())
            throw Error(ErrorKind::cancelled, "cancelled before it started");
        CommandOptions options;
        options.cancellation = context.cancellation;
        options.output = [&](OutputStream stream, std::string_view bytes) { context.events.output("", stream, bytes); };
        if (runs_as_unit()) options.before_start = [](int pid) { enter_scope("cmd", pid); };
        return result_of(run_command(command, options), body);
    }
};

}  // namespace

std::unique_ptr<Action> make_cmd() {
    return std::make_unique<Cmd>();
}

}  // namespace prove
