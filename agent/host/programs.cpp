// Asking and telling programs. See the header.
#include "agent/host/programs.hpp"

#include "common/text/text.hpp"
#include "common/text/utf8.hpp"

namespace prove {

namespace {

constexpr std::size_t largest_answer = 1u << 20;
constexpr std::size_t most_changes = 1'000;
constexpr std::size_t longest_change = 500;

// "'webserver.vhost', told to plan," begins each message.
std::string called(const std::string& name, const char* verb) {
    return quoted(name) + ", told to " + verb + ",";
}

std::string one_line(const std::string& text) {
    return escape_control(to_utf8_lossy(utf8_prefix(text, longest_change)));
}

std::vector<std::string> read_changes(Fields& fields) {
    std::vector<std::string> changes = fields.texts("changes");
    if (changes.size() > most_changes)
        throw Error(ErrorKind::invalid, "'changes' has more than " + std::to_string(most_changes) + " lines");
    for (std::string& change : changes) change = one_line(change);
    return changes;
}

// How it ended, before its answer is looked at.
void check_end(const CommandResult& result, const ProgramCall& call, const char* verb) {
    const std::string who = called(call.name, verb);
    if (result.cancelled) throw Error(ErrorKind::cancelled, who + " was cancelled");
    if (result.timed_out) throw Error(ErrorKind::timeout, who + " did not end in time and was stopped");
    if (result.signal != 0)
        throw Error(ErrorKind::failed, who + " was ended by signal " + std::to_string(result.signal));
    if (result.exit_code != 0) {
        CommandResult said = result;
        said.out.clear();  // an answer, not words for people
        throw Error(ErrorKind::failed, who + " ended with exit code " + std::to_string(result.exit_code) +
                                           (trim(said.err).empty() ? "" : ": " + last_words(said)));
    }
    if (result.out.size() >= largest_answer)
        throw Error(ErrorKind::full, who + " answered with more than 1 MiB, the most that an answer may be");
    if (trim(result.out).empty()) throw Error(ErrorKind::failed, who + " gave no answer on standard output");
}

ProgramAnswer tell(const Commands& commands, const ProgramCall& call, const char* verb, const std::string& scope) {
    Value request = Value::object();
    request.set("verb", verb);
    request.set("args", call.arguments);
    Command command;
    command.argv = {call.name};
    command.program = std::make_shared<const std::string>(call.program.bytes());
    command.input = write_json(request) + "\n";
    command.output_limit = largest_answer;
    const CommandResult result = commands.run(command, Commands::Show::nothing, scope);
    if (!result.err.empty()) commands.show(result.err);
    check_end(result, call, verb);
    return read_program_answer(result.out, call.name, verb);
}

}  // namespace

ProgramAnswer read_program_answer(const std::string& text, const std::string& name, const char* verb) {
    try {
        const Value value = read_json(text);
        Fields fields(value, "the answer");
        const Value* error = fields.optional("error");
        const std::string failure = error == nullptr ? "" : error->text();
        ProgramAnswer answer;
        answer.changes = read_changes(fields);
        // Told to apply, it need not say again what it does: whether it did is looked at.
        const bool is_plan = std::string_view(verb) == "plan" && error == nullptr;
        answer.changed = is_plan ? fields.required("changed").boolean() : fields.boolean("changed", true);
        fields.end();
        if (error != nullptr) throw Error(ErrorKind::failed, called(name, verb) + " failed: " + one_line(failure));
        if (!answer.changed && !answer.changes.empty())
            throw Error(ErrorKind::invalid, "'changed' is false, but 'changes' has lines");
        return answer;
    } catch (const Error& wrong) {
        if (wrong.kind() == ErrorKind::failed) throw;
        throw Error(ErrorKind::failed,
                    called(name, verb) + " gave an answer that is none: " + wrong.text() +
                        "; it is {\"changed\": true|false, \"changes\": [\"a line\", ...]} or {\"error\": \"why\"}");
    }
}

std::vector<std::string> plan_program(const Commands& commands, const ProgramCall& call) {
    ProgramAnswer answer = tell(commands, call, "plan", "");
    if (answer.changed && answer.changes.empty()) answer.changes.push_back("changed");
    return answer.changes;
}

void apply_program(const Commands& commands, const ProgramCall& call, const std::string& scope) {
    (void)tell(commands, call, "apply", scope);
}

std::vector<Change> changes_of(const ProgramCall& call, const std::vector<std::string>& lines, bool sensitive) {
    std::vector<Change> changes;
    for (const std::string& line : lines) {
        Change change;
        change.resource = call.name;
        change.aspect = sensitive ? "changed" : line;
        change.after = "done";  // the program compared, in its own words: there is no before to show
        changes.push_back(std::move(change));
        if (sensitive) break;
    }
    return changes;
}

}  // namespace prove
