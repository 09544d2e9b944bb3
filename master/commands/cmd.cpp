// cmd: runs a program or a shell line on every target.
#include "master/commands/command.hpp"

namespace prove {

namespace {

constexpr std::size_t most_bytes = 48u << 10;  // what a command's envelope takes, less what is around it

class CmdCommand final : public MasterCommand {
  public:
    std::string operation() const override { return "cmd"; }
    Value checked(const Value& options) const override {
        return as_usage([&] {
            CmdBody body = read(options);
            if (body.argv.empty() == body.shell.empty())
                throw Error(ErrorKind::usage,
                            "cmd wants a program with its arguments, or a shell line; one of the two");
            if (!body.argv.empty() && body.argv.front().empty())
                throw Error(ErrorKind::usage, "the program's name is empty");
            if (body.timeout_ms <= 0) throw Error(ErrorKind::usage, "timeout must be more than 0");
            auto value = to_value(body);
            if (write_json(value).size() > most_bytes)
                throw Error(ErrorKind::usage,
                            "the command with its input is larger than 48 KiB; put what is large into "
                            "a file");
            return value;
        });
    }
    Permission permission(const Value&) const override { return Permission::cmd; }
    Prepared prepare(const PrepareFrom& from) const override {
        Prepared prepared;
        prepared.body = to_value(cmd_body_from(from.options));
        return prepared;
    }
    Judged judge(const Value& options, const JobResult& result, const Value& body) const override;

  private:
    // As the API takes it: env is a mapping, and everything but the command itself may be left out.
    static CmdBody read(const Value& options) {
        Fields fields(options, "cmd");
        CmdBody body;
        body.argv = fields.texts("argv");
        body.shell = fields.text("shell", "");
        body.user = fields.text("user", "");
        body.cwd = fields.text("cwd", "");
        if (const auto* env = fields.optional("env"))
            for (const auto& member : env->mapping()) body.env.emplace_back(member.key, member.value.text());
        body.timeout_ms = fields.integer("timeout_ms", body.timeout_ms);
        body.input = fields.text("input", "");
        fields.end();
        return body;
    }
};

Judged CmdCommand::judge(const Value&, const JobResult& result, const Value& body) const {
    auto judged = judge_plainly(result);
    if (!body.is_mapping() || body.find("exit_code") == nullptr) return judged;
    const auto ended = cmd_result_body_from(body);
    judged.summary = Value::object();
    judged.summary.set("exit_code", Value(ended.exit_code));
    const bool well = ended.exit_code == 0 && ended.signal == 0 && !ended.timed_out;
    // A command that failed is a target that failed, whatever its agent calls it.
    if (judged.end == TargetEnd::done && !well) judged.end = TargetEnd::failed;
    if (judged.end != TargetEnd::failed || !judged.reason.empty()) return judged;
    if (ended.timed_out)
        judged.reason = "not done within its time";
    else if (ended.signal != 0)
        judged.reason = "ended by signal " + std::to_string(ended.signal);
    else
        judged.reason = "exit code " + std::to_string(ended.exit_code);
    return judged;
}

}  // namespace

std::unique_ptr<MasterCommand> cmd_command() {
    return std::make_unique<CmdCommand>();
}

}  // namespace prove
