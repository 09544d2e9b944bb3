// What an operation's command asks for and what its result says, where that has a form of its own.
#include "proto/messages.hpp"

#include "proto/wire.hpp"
#include "proto/wire_ids.hpp"

namespace prove {

namespace {

constexpr std::uint64_t most_state_run_bytes = 8u << 20;  // security.md section 15

// A text that a system call takes as a C string.
std::string c_text(const Value& value, const char* what) {
    if (value.text().find('\0') != std::string::npos)
        throw Error(ErrorKind::invalid, std::string("a NUL character in ") + what);
    return value.text();
}

std::string c_text_field(Fields& fields, const char* key) {
    const Value* const found = fields.optional(key);
    return found != nullptr ? c_text(*found, key) : std::string();
}

}  // namespace

Value to_value(const CmdBody& body) {
    Value result = Value::object();
    if (!body.argv.empty()) result.set("argv", list_of_texts(body.argv));
    set_if(result, "shell", body.shell);
    set_if(result, "user", body.user);
    set_if(result, "cwd", body.cwd);
    if (!body.env.empty()) {
        Value env = Value::object();
        for (const auto& [name, text] : body.env) env.set(name, text);
        result.set("env", std::move(env));
    }
    result.set("timeout_ms", body.timeout_ms);
    if (!body.input.empty()) result.set("input", to_base64(body.input));
    return result;
}

CmdBody cmd_body_from(const Value& value) {
    Fields fields(value, "cmd");
    CmdBody result;
    if (const Value* const argv = fields.optional("argv"))
        for (const auto& word : argv->list()) result.argv.push_back(c_text(word, "argv"));
    result.shell = c_text_field(fields, "shell");
    if (result.argv.empty() == result.shell.empty())
        throw Error(ErrorKind::invalid, "cmd: exactly one of 'argv' and 'shell' is needed");
    if (!result.argv.empty() && result.argv[0].empty()) throw Error(ErrorKind::invalid, "cmd: an empty program name");
    result.user = c_text_field(fields, "user");
    result.cwd = c_text_field(fields, "cwd");
    if (const Value* const env = fields.optional("env")) {
        for (const auto& member : env->mapping()) {
            if (member.key.empty() || member.key.find('=') != std::string::npos)
                throw Error(ErrorKind::invalid, "cmd: malformed name of an environment variable");
            result.env.emplace_back(member.key, c_text(member.value, "env"));
        }
    }
    result.timeout_ms = static_cast<std::int64_t>(
        count_field(fields, "timeout_ms", any_count, static_cast<std::uint64_t>(result.timeout_ms)));
    if (const Value* const input = fields.optional("input")) result.input = from_base64(input->text());
    fields.end();
    return result;
}

Value to_value(const StatesBody& body) {
    Value result = Value::object();
    result.set("mode", name_of(body.mode));
    if (!body.run.is_null()) result.set("run", body.run);
    if (body.blob) result.set("blob", blob_value(*body.blob));
    if (body.offline_until_ms != 0) result.set("offline_until_ms", body.offline_until_ms);
    if (body.secrets.empty()) return result;
    Value secrets = Value::object();
    for (const auto& [mark, secret] : body.secrets) secrets.set(mark, secret);
    result.set("secrets", std::move(secrets));
    return result;
}

StatesBody states_body_from(const Value& value) {
    Fields fields(value, "states");
    StatesBody result;
    result.mode = enum_named(fields.text("mode"), {RunMode::plan, RunMode::apply}, "mode");
    if (const Value* const run = fields.optional("run")) result.run = run->mapping();
    if (const Value* const blob = fields.optional("blob")) result.blob = blob_from(*blob, most_state_run_bytes);
    if (const Value* const secrets = fields.optional("secrets"))
        for (const auto& member : secrets->mapping()) result.secrets.emplace(member.key, member.value.text());
    result.offline_until_ms = static_cast<std::int64_t>(count_field(fields, "offline_until_ms"));
    fields.end();
    if (result.run.is_null() == !result.blob.has_value())
        throw Error(ErrorKind::invalid, "states: exactly one of 'run' and 'blob' is needed");
    return result;
}

Value to_value(const FactsBody& body) {
    Value result = Value::object();
    if (!body.names.empty()) result.set("names", list_of_texts(body.names));
    return result;
}

FactsBody facts_body_from(const Value& value) {
    Fields fields(value, "facts");
    FactsBody result;
    if (const Value* const names = fields.optional("names"))
        for (const auto& name : names->list()) result.names.push_back(name_text(name, "name of a fact"));
    fields.end();
    return result;
}

Value to_value(const CmdResultBody& body) {
    Value result = Value::object();
    result.set("exit_code", body.exit_code);
    if (body.signal != 0) result.set("signal", body.signal);
    set_if(result, "timed_out", body.timed_out);
    set_if(result, "truncated", body.truncated);
    if (!body.out.empty()) result.set("out", to_base64(body.out));
    if (!body.err.empty()) result.set("err", to_base64(body.err));
    return result;
}

CmdResultBody cmd_result_body_from(const Value& value) {
    Fields fields(value, "cmd result");
    CmdResultBody result;
    // An exit code is 0 to 255 on Linux; -1 stands for a program that never started or was killed.
    const std::int64_t exit_code = fields.integer("exit_code");
    if (exit_code < -1 || exit_code > 255) throw Error(ErrorKind::invalid, "cmd result: exit_code out of range");
    result.exit_code = static_cast<int>(exit_code);
    result.signal = static_cast<int>(count_field(fields, "signal", 64));
    result.timed_out = fields.boolean("timed_out", false);
    result.truncated = fields.boolean("truncated", false);
    if (const Value* const out = fields.optional("out")) result.out = from_base64(out->text());
    if (const Value* const err = fields.optional("err")) result.err = from_base64(err->text());
    fields.end();
    return result;
}

}  // namespace prove
