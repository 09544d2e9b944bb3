// prove-cli history: the runs of one target, what changed in each and why; one of them with its diffs.
#include <CLI/CLI.hpp>

#include "common/text/text.hpp"
#include "common/text/utf8.hpp"
#include "master/api/client.hpp"
#include "master/api/http.hpp"
#include "master/cli/command_line.hpp"
#include "master/cli/history_text.hpp"
#include "master/cli/pausing.hpp"
#include "master/cli/run_text.hpp"
#include "master/cli/table.hpp"
#include "proto/diagnostics_value.hpp"
#include "proto/messages.hpp"

namespace prove {

namespace {

struct Asked {
    std::string target, run;
    std::size_t limit = 50;
    bool changes = false, all = false;
};

Colouring colouring_of(const Console& console) {
    return [&console](Colour colour, std::string_view text) { return console.coloured(colour, text); };
}

// What holds schedules on it now. Of a target that is not known any more there is nothing to be told.
std::string paused(ApiClient& client, const std::string& target) {
    try {
        const Value targets = client.get("/v1/targets", {{"match", target}}).at("targets");
        return targets.list().empty() ? "" : pauses_cell(targets.list().front().find("pauses"));
    } catch (const Error& error) {
        if (error.kind() == ErrorKind::usage) return "";
        throw;
    }
}

ExitCode list(Invocation& invocation, const Asked& asked) {
    Console& console = invocation.console;
    ApiClient client(invocation.socket());
    std::map<std::string, std::string> query = {{"target", asked.target}, {"limit", std::to_string(asked.limit)}};
    if (asked.changes) query["notable"] = "true";
    const Value runs = client.get("/v1/runs", query).at("runs");
    if (!console.text()) {
        for (const auto& run : runs.list()) console.object(run);
        return ExitCode::well;
    }
    if (const auto why = paused(client, asked.target); !why.empty()) console.note(escape_control("paused: " + why));
    if (runs.list().empty()) {
        console.note("no run of " + asked.target + (asked.changes ? " changed anything or failed" : " is known"));
        return ExitCode::well;
    }
    for (const auto& line : history_lines(runs, now_ms(), asked.all, colouring_of(console))) console.line(line);
    console.note("one of them with its diffs: prove-cli history " + asked.target + " " +
                 runs.list().front().at("job").text().substr(0, 10));
    return ExitCode::well;
}

// What a command printed.
void show_output(Console& console, const Value& result, const char* stream) {
    const Value* printed = result.is_mapping() ? result.find(stream) : nullptr;
    if (printed == nullptr || !printed->is_text()) return;
    for (const auto& line : split_lines(to_utf8_lossy(from_base64(printed->text()))))
        console.raw(escape_control_keep_lines(line) + "\n", std::string_view(stream) == "err");
}

// As it was shown when it ended, but of this target alone.
ExitCode show(Invocation& invocation, const Asked& asked) {
    Console& console = invocation.console;
    ApiClient client(invocation.socket());
    const Value run = client.get("/v1/runs/" + encode_path_part(asked.run) + "/" + encode_path_part(asked.target));
    if (!console.text()) {
        console.object(run);
        return ExitCode::well;
    }
    const auto text = [&run](const char* key) { return run.find(key) == nullptr ? std::string() : run.find(key)->text(); };
    TargetOutcome outcome;
    outcome.target = asked.target;
    outcome.end = text("end").empty() ? text("phase") : text("end");
    outcome.reason = text("reason");
    outcome.cause = text("cause");
    if (const Value* result = run.find("result")) outcome.body = *result;
    for (const auto& line : history_lines(Value(Value::List{run}), now_ms(), true, colouring_of(console))) console.line(line);
    console.line("");
    const Value* const wrong = outcome.body.is_mapping() ? outcome.body.find("diagnostics") : nullptr;
    if (wrong != nullptr) {
        const Diagnostics diagnostics = diagnostics_from(*wrong);
        for (const auto& diagnostic : diagnostics.sorted())
            console.line(escape_control_keep_lines(diagnostic.full_text()));
        return ExitCode::well;
    }
    const Value* mode = run.at("options").find("mode");
    const bool plan = mode != nullptr && mode->text() == "plan";
    for (const auto& line :
         states_lines({outcome}, plan ? RunMode::plan : RunMode::apply, console.verbose(), colouring_of(console)))
        console.line(line);
    show_output(console, outcome.body, "out");
    show_output(console, outcome.body, "err");
    return ExitCode::well;
}

}  // namespace

void add_history(CommandLine& line) {
    auto asked = std::make_shared<Asked>();
    CLI::App& command = line.add(line.app(), "history", "the runs of one target: what changed, and why",
                                 "  prove-cli history web1\n  prove-cli history web1 --changes\n"
                                 "  prove-cli history web1 01jd8zk4",
                                 [asked](Invocation& invocation) {
                                     return asked->run.empty() ? list(invocation, *asked) : show(invocation, *asked);
                                 });
    command.add_option("TARGET", asked->target, "its name")->required();
    command.add_option("RUN", asked->run, "one of its runs, by its job's id or the beginning of it: with its diffs");
    command.add_option("--limit", asked->limit, "so many of the newest (default 50)")->check(CLI::Range(1, 1000))->type_name("N");
    command.add_flag("--changes", asked->changes, "only those that changed something, would, or did not end well");
    command.add_flag("--all", asked->all, "also those that had nothing to do, each in a line of its own");
}

}  // namespace prove
