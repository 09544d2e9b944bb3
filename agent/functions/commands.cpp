// cmd.run changes something by a command of the user's; with `creates` it is proved by that path. cmd.read only looks,
// each time, for the sake of its outputs.
#include <algorithm>

#include "agent/functions/families.hpp"

namespace prove {

namespace {

Command command_from(const Arguments& args) {
    Command command = args.command("cmd");
    command.user = args.optional_text("user").value_or("");
    command.cwd = args.optional_text("cwd").value_or("");
    command.env = args.text_map("env");
    return command;
}

// What a command wrote and how it ended, as outputs; a text that was cut is none.
Value outputs_of(CommandResult result) {
    if (result.truncated) throw Error(ErrorKind::full, "it wrote more than 1 MiB, the most that an output may be");
    if (!result.out.empty() && result.out.back() == '\n') result.out.pop_back();
    Value outputs = Value::object();
    outputs.set("stdout", std::move(result.out));
    outputs.set("stderr", std::move(result.err));
    outputs.set("exit_code", result.exit_code);
    return outputs;
}

// Null where it was made already, or writes more than an output may be: nothing of it can be named then.
Value run(const Arguments& args, Host& host) {
    const auto creates = args.optional_path("creates");
    if (creates && host.stat(*creates)) return Value();
    Command command = command_from(args);
    command.group = args.optional_text("group").value_or("");
    command.input = args.optional_text("stdin").value_or("");
    command.umask = args.mode("umask");
    // The command's text is not repeated in errors: it may hold what should not be shown.
    const CommandResult result = host.run(command, creates);
    if (result.cancelled) throw Error(ErrorKind::cancelled, "the command was cancelled");
    if (result.timed_out) throw Error(ErrorKind::timeout, "the command did not end in time and was stopped");
    if (result.signal != 0)
        throw Error(ErrorKind::failed, "the command was ended by signal " + std::to_string(result.signal));
    const auto codes = args.integers("success_codes");
    if (std::find(codes.begin(), codes.end(), result.exit_code) == codes.end())
        throw Error(ErrorKind::failed, "the command failed with exit code " + std::to_string(result.exit_code));
    if (creates && !host.stat(*creates))
        throw Error(ErrorKind::failed,
                    "the command succeeded but did not make '" + creates->text() + "', which 'creates' promises");
    return result.truncated ? Value() : outputs_of(result);
}

Value read_outputs(const Arguments& args, const HostReader& host) {
    CommandResult result = host.look(command_from(args));
    if (result.cancelled) throw Error(ErrorKind::cancelled, "the command was cancelled");
    if (result.timed_out) throw Error(ErrorKind::timeout, "the command did not end in time and was stopped");
    return outputs_of(std::move(result));
}

std::vector<ArgumentProblem> check_command(const Arguments& args) {
    const Command command = args.command("cmd");
    if (command.argv.front().empty()) return {{"cmd", "the program's name is empty"}};
    if (args.has("cwd") && args.text("cwd").rfind('/', 0) != 0) return {{"cwd", "expected an absolute path"}};
    return {};
}

Argument cmd_argument() {
    return {.name = "cmd",
            .type = ArgumentType::command,
            .required = true,
            .help = "a text is a line for the shell, a list is a program and its arguments"};
}
Argument user_argument() {
    return {.name = "user", .type = ArgumentType::text, .help = "the user that runs it; otherwise whoever runs Prove"};
}
Argument cwd_argument() {
    return {.name = "cwd", .type = ArgumentType::path, .help = "the folder to run it in; otherwise /"};
}
Argument env_argument() {
    return {.name = "env", .type = ArgumentType::text_map, .help = "variables added to its environment"};
}

std::vector<Output> command_outputs(const std::string& unless) {
    return {{.name = "stdout",
             .type = ArgumentType::text,
             .help = "what it wrote, without the last newline",
             .unless_argument = unless},
            {.name = "stderr",
             .type = ArgumentType::text,
             .help = "what it wrote to standard error",
             .unless_argument = unless},
            {.name = "exit_code",
             .type = ArgumentType::integer,
             .help = unless.empty() ? "its exit code, which may be any" : "its exit code, one of 'success_codes'",
             .unless_argument = unless}};
}

FunctionSchema run_schema() {
    return {
        .name = "cmd.run",
        .summary = "run a command that changes the host",
        .changed = "it ran; with 'creates' it does not run where that path exists",
        .nature = FunctionSchema::Nature::event,
        .proved_if = "creates",
        .arguments =
            {cmd_argument(),
             {.name = "creates",
              .type = ArgumentType::path,
              .help = "what the command makes; it does not run where this exists"},
             user_argument(),
             {.name = "group", .type = ArgumentType::text, .help = "the group that it runs with; otherwise the user's"},
             cwd_argument(),
             env_argument(),
             {.name = "umask", .type = ArgumentType::mode, .help = "its umask, a quoted octal text such as \"077\""},
             {.name = "stdin", .type = ArgumentType::text, .help = "what it reads on standard input"},
             {.name = "success_codes",
              .type = ArgumentType::integer_list,
              .fallback = Value(Value::List{Value(0)}),
              .help = "the exit codes that mean success"}},
        .outputs = command_outputs("creates"),
        .example =
            "fn: cmd.run\n"
            "cmd: [openssl, dhparam, -out, /etc/ssl/dhparam.pem, \"2048\"]\n"
            "creates: /etc/ssl/dhparam.pem\n",
    };
}

FunctionSchema read_schema() {
    return {
        .name = "cmd.read",
        .summary = "run a command that only looks, for its outputs",
        .changed = "never",
        .arguments = {cmd_argument(), user_argument(), cwd_argument(), env_argument()},
        .outputs = command_outputs(""),
        .example =
            "fn: cmd.read\n"
            "cmd: [hostname, --fqdn]\n",
    };
}

}  // namespace

void register_commands(FunctionRegistry& registry) {
    registry.add({.schema = run_schema(),
                  .converge = [](const Arguments& args, Host& host) { run(args, host); },
                  .act = run,
                  .subject = "cmd",
                  .check = check_command});
    registry.add({.schema = read_schema(),
                  .converge = [](const Arguments&, Host&) {},
                  .read_outputs = read_outputs,
                  .subject = "cmd",
                  .check = check_command});
}

}  // namespace prove
