// Running commands for a LinuxHost. See the header.
#include "agent/host/commands.hpp"

#include <algorithm>

#include "agent/host/scope.hpp"
#include "common/text/text.hpp"
#include "common/text/utf8.hpp"

namespace prove {

std::chrono::milliseconds Commands::time_left(std::chrono::milliseconds most) const {
    const std::int64_t deadline = recorder_.part().deadline_boot_ms;
    if (deadline == 0) return most;
    return std::clamp(std::chrono::milliseconds(deadline - clock_.boot_ms()), std::chrono::milliseconds(0), most);
}

void Commands::check_time() const {
    const PartContext& part = recorder_.part();
    if (part.cancellation != nullptr && part.cancellation->cancelled())
        throw Error(ErrorKind::cancelled, "cancelled: " + part.cancellation->reason());
    if (part.deadline_boot_ms != 0 && clock_.boot_ms() >= part.deadline_boot_ms)
        throw Error(ErrorKind::timeout, "it was not done in its time");
}

void Commands::show(const std::string& text) const {
    if (recorder_.part().output) recorder_.part().output(OutputStream::out, text);
}

CommandResult Commands::run(Command command, Show show, const std::string& scope) const {
    check_time();
    // The part's time counts; a command's own default is for commands that are no part's.
    if (recorder_.part().deadline_boot_ms != 0)
        command.timeout = std::max(time_left(std::chrono::milliseconds::max()), std::chrono::milliseconds(1));
    CommandOptions options;
    if (show == Show::output) options.output = recorder_.part().output;
    options.cancellation = recorder_.part().cancellation;
    if (!scope.empty()) {
        options.survives_us = true;
        options.before_start = [&scope](int pid) { enter_scope(scope, pid); };
    }
    return run_command(command, options);
}

void Commands::act(const std::vector<std::string>& argv, const std::string& what, const std::string& input) const {
    Command command;
    command.argv = argv;
    command.input = input;
    const CommandResult result = run(command, Show::output);
    if (result.cancelled) throw Error(ErrorKind::cancelled, what + " was cancelled");
    if (result.timed_out) throw Error(ErrorKind::timeout, what + " did not end in time");
    if (!result.succeeded()) throw Error(ErrorKind::failed, what + " failed: " + last_words(result));
}

std::string last_words(const CommandResult& result) {
    for (const std::string* stream : {&result.err, &result.out}) {
        const auto lines = split_lines(*stream);
        for (auto line = lines.rbegin(); line != lines.rend(); ++line) {
            const std::string_view words = trim(*line);
            if (!words.empty()) return to_utf8_lossy(utf8_prefix(words, 300));
        }
    }
    return "exit code " + std::to_string(result.exit_code) + ", and it said nothing";
}

}  // namespace prove
