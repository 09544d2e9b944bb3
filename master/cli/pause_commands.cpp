// prove-cli pause, resume and pauses: schedules leave some targets alone for a while.
#include <CLI/CLI.hpp>

#include <algorithm>
#include <utility>

#include "common/text/duration.hpp"
#include "common/text/text.hpp"
#include "master/api/client.hpp"
#include "master/cli/pausing.hpp"
#include "master/cli/table.hpp"
#include "master/commands/master.hpp"

namespace prove {

namespace {

constexpr std::size_t names_shown = 8;

std::string names_text(const Value& targets) {
    std::vector<std::string> names;
    for (const auto& name : targets.list()) {
        if (names.size() == names_shown) {
            names.push_back("... (" + std::to_string(targets.list().size()) + ")");
            break;
        }
        names.push_back(name.text());
    }
    return names.empty() ? "nobody at this moment" : join(names, ", ");
}

ExitCode list(Invocation& invocation) {
    Console& console = invocation.console;
    const Value answer = ApiClient(invocation.socket()).get("/v1/pauses");
    const auto& pauses = answer.at("pauses").list();
    if (!console.text()) {
        for (const auto& pause : pauses) console.object(pause);
        return ExitCode::well;
    }
    if (pauses.empty()) {
        console.note("nothing is paused");
        return ExitCode::well;
    }
    Table table({"TARGETS", "SCHEDULE", "UNTIL", "WHO", "WHY", "HOLDS"});
    for (const auto& shape : pauses) {
        const auto row = pause_from(shape);
        table.add({row.expression, row.schedule.empty() ? "all" : row.schedule, show_moment(row.until_ms), row.who, row.why,
                   names_text(shape.at("targets"))});
    }
    table.print(console);
    return ExitCode::well;
}

void add_schedule_option(CLI::App& command, std::string& schedule) {
    command.add_option("--schedule", schedule, "only what this schedule begins; default: all of them")->type_name("NAME");
}

}  // namespace

std::string pauses_cell(const Value* pauses, bool with_targets) {
    std::vector<std::string> cells;
    if (pauses != nullptr)
        for (const auto& shape : pauses->list()) {
            const auto row = pause_from(shape);
            const std::string& what = with_targets ? row.expression : row.schedule;
            cells.push_back((what.empty() ? "" : what + ": ") + row.why + " (" + row.who + ", until " +
                            show_moment(row.until_ms) + ")");
        }
    return join(cells, "; ");
}

void show_pauses_on(Console& console, const Value& pauses, const std::set<std::string>& targets) {
    bool any = false;
    for (const auto& shape : pauses.list()) {
        const auto& names = shape.at("targets").list();
        if (std::none_of(names.begin(), names.end(), [&](const Value& name) { return targets.contains(name.text()); })) continue;
        if (!std::exchange(any, true)) console.line("");
        console.line(escape_control(sentence_of(pause_from(shape))));
    }
}

void tell_of_pauses(Console& console, const Value& pauses) {
    if (pauses.is_null()) return;
    for (const auto& shape : pauses.list())
        console.note(escape_control(sentence_of(pause_from(shape))) + "\n  it holds what schedules begin on " +
                     escape_control(names_text(shape.at("targets"))) + "; what you asked for goes on");
}

void add_pause_options(CLI::App& command, PauseWanted& wanted) {
    command.add_option("--for", wanted.lasts, "how long: 30m, 2h, 3d; then it ends by itself")->type_name("TIME")->required();
    command.add_option("--why", wanted.why, "for whoever finds it")->type_name("TEXT")->required();
}

ExitCode pause(Invocation& invocation, const PauseWanted& wanted) {
    const auto lasts = parse_duration(wanted.lasts);
    if (!lasts || lasts->count() == 0)
        throw Error(ErrorKind::usage, "--for wants " + std::string(duration_wanted()) + ", found " + prove::quoted(wanted.lasts));
    Value body = Value::object();
    body.set("target", wanted.expression);
    if (!wanted.schedule.empty()) body.set("schedule", wanted.schedule);
    body.set("why", wanted.why);
    body.set("for_ms", static_cast<std::int64_t>(lasts->count()));
    const Value made = ApiClient(invocation.socket()).post("/v1/pauses", body);
    if (!invocation.console.text()) {
        invocation.console.object(made);
        return ExitCode::well;
    }
    invocation.console.line(escape_control(sentence_of(pause_from(made))));
    invocation.console.line("  holds " + escape_control(names_text(made.at("targets"))));
    return ExitCode::well;
}

ExitCode resume(Invocation& invocation, const std::string& expression, const std::string& schedule) {
    Value body = Value::object();
    body.set("target", expression);
    if (!schedule.empty()) body.set("schedule", schedule);
    const Value ended = ApiClient(invocation.socket()).post("/v1/pauses/resume", body);
    if (!invocation.console.text()) {
        invocation.console.object(ended);
        return ExitCode::well;
    }
    const auto row = pause_from(ended);
    invocation.console.line(escape_control(prove::quoted(row.expression) + " goes on" + (row.schedule.empty() ? "" : " with schedule " + row.schedule) +
                                           "; it was paused by " + row.who + ": " + row.why));
    return ExitCode::well;
}

void add_pauses(CommandLine& line) {
    auto wanted = std::make_shared<PauseWanted>();
    CLI::App& pauses = line.add(line.app(), "pause", "schedules leave some targets alone, for a reason and a time",
                                "  prove-cli pause web1 --for 2h --why 'moving it to another rack'\n"
                                "  prove-cli pause 'role:db' --for 3d --why upgrade --schedule nightly",
                                [wanted](Invocation& invocation) { return pause(invocation, *wanted); });
    pauses.add_option("EXPR", wanted->expression, "which targets: a target expression, evaluated anew whenever a run is due")->required();
    add_pause_options(pauses, *wanted);
    add_schedule_option(pauses, wanted->schedule);

    auto ended = std::make_shared<PauseWanted>();
    CLI::App& resumes = line.add(line.app(), "resume", "end a pause before its time",
                                 "  prove-cli resume web1\n  prove-cli resume 'role:db' --schedule nightly",
                                 [ended](Invocation& invocation) { return resume(invocation, ended->expression, ended->schedule); });
    resumes.add_option("EXPR", ended->expression, "what was paused, as it was written")->required();
    add_schedule_option(resumes, ended->schedule);

    line.add(line.app(), "pauses", "what is paused, until when, by whom and why", "  prove-cli pauses\n  prove-cli --output json pauses", list);
}

}  // namespace prove
