// prove-cli schedules: what runs by itself, when and where; having it done now; pausing it.
#include <CLI/CLI.hpp>

#include "common/text/duration.hpp"
#include "common/text/text.hpp"
#include "master/api/client.hpp"
#include "master/api/http.hpp"
#include "master/cli/job_run.hpp"
#include "master/cli/local_catalog.hpp"
#include "master/cli/pausing.hpp"
#include "master/cli/table.hpp"
#include "master/catalog/schedule_shapes.hpp"

namespace prove {

namespace {

std::string text_of(const Value& shape, const char* key) {
    const Value* value = shape.find(key);
    return value == nullptr ? std::string() : value->text();
}
std::int64_t number_of(const Value& shape, const char* key) {
    const Value* value = shape.find(key);
    return value == nullptr ? 0 : value->integer();
}
std::string moment_of(const Value& shape, const char* key, const char* absent) {
    const auto ms = number_of(shape, key);
    return ms == 0 ? absent : show_moment(ms);
}
std::string duration_of(const Value& shape, const char* key) {
    return show_duration(std::chrono::milliseconds(number_of(shape, key)));
}

// "states apply", "cmd uptime".
std::string run_text(const Value& shape) {
    const Value* command = shape.find("command");
    if (command == nullptr) return shape.at("run").text();
    if (const Value* shell = command->find("shell")) return "cmd " + shell->text();
    std::vector<std::string> words;
    for (const auto& word : command->at("argv").list()) words.push_back(word.text());
    return "cmd " + join(words, " ");
}

// All that bounds it but its times.
std::string limits_text(const Value& shape) {
    std::vector<std::string> limits, windows;
    for (const auto& window : shape.at("windows").list()) windows.push_back(window.text());
    if (!windows.empty())
        limits.push_back((shape.at("run").text() == "cmd" ? "only within " : "changes only within ") + join(windows, ", ") + " (" +
                         shape.at("timezone").text() + ")");
    if (number_of(shape, "at_once") != 0) limits.push_back("at most " + counted(static_cast<std::size_t>(number_of(shape, "at_once")), "target") + " at once");
    if (number_of(shape, "expires_ms") != 0) limits.push_back("given up after " + duration_of(shape, "expires_ms"));
    if (number_of(shape, "until_ms") != 0) limits.push_back("until " + moment_of(shape, "until_ms", ""));
    return join(limits, "; ");
}

// What is known of schedules without a master: all but who was paused and what ran last.
Value local_schedules(const Invocation& invocation) {
    const LocalCatalog local(invocation.place());
    Value list = Value::array();
    for (const auto& schedule : local.catalog().schedules()) list.push(shape_of(schedule));
    return list;
}

// The same of one, with when its targets begin.
Value local_schedule(const Invocation& invocation, const std::string& name) {
    LocalCatalog local(invocation.place());
    const ScheduleDefinition& schedule = schedule_named(local.catalog().schedules(), name);
    Value on = Value::array();
    for (const auto& target : local.found(schedule.expression))
        on.push(shape_of(schedule, target, local.catalog().target(TargetId(target))->executor == "ssh", now_ms()));
    Value shape = shape_of(schedule);
    shape.set("targets", on.list().size());
    shape.set("on", std::move(on));
    return shape;
}

ExitCode list(Invocation& invocation) {
    Console& console = invocation.console;
    const bool local = invocation.needs_no_master();
    const Value schedules = local ? local_schedules(invocation) : ApiClient(invocation.socket()).get("/v1/schedules").at("schedules");
    if (!console.text()) {
        for (const auto& shape : schedules.list()) console.object(shape);
        return ExitCode::well;
    }
    if (schedules.list().empty()) {
        console.note("the catalog has no schedules");
        return ExitCode::well;
    }
    Table table(local ? std::vector<std::string>{"SCHEDULE", "RUNS", "ON", "WHEN"}
                      : std::vector<std::string>{"SCHEDULE", "RUNS", "ON", "WHEN", "TARGETS", "NEXT", "PAUSED"});
    for (const auto& shape : schedules.list()) {
        std::vector<std::string> row = {shape.at("name").text(), run_text(shape), shape.at("target").text(), shape.at("times").text()};
        if (!local) {
            row.push_back(std::to_string(shape.at("targets").integer()));
            row.push_back(moment_of(shape, "next_ms", "never"));
            row.push_back(pauses_cell(shape.find("pauses"), true));
        }
        table.add(std::move(row));
    }
    table.print(console);
    return ExitCode::well;
}

// "done, of 2026-11-23 03:00 UTC (job 01jd8zk4)" or why there was none.
std::string last_text(const Value* last) {
    if (last == nullptr) return "never";
    const std::string of = ", of " + show_moment(last->at("due_ms").integer());
    if (const Value* note = last->find("note")) return note->text() + of;
    const Value* job = last->find("job");
    const Value* end = last->find("end");
    return (end == nullptr ? std::string("running") : end->text()) + of + (job == nullptr ? "" : " (job " + job->text().substr(0, 10) + ")");
}

ExitCode show(Invocation& invocation, const std::string& name) {
    Console& console = invocation.console;
    const bool local = invocation.needs_no_master();
    const Value shape = local ? local_schedule(invocation, name)
                              : ApiClient(invocation.socket()).get("/v1/schedules/" + encode_path_part(name));
    if (!console.text()) {
        console.object(shape);
        return ExitCode::well;
    }
    console.line(escape_control(name + "  " + run_text(shape) + " on " + shape.at("target").text()) + "  (" +
                 escape_control(shape.at("place").text()) + ")");
    if (const auto about = text_of(shape, "description"); !about.empty()) console.line("  " + escape_control(about));
    console.line("  " + escape_control(shape.at("times").text()));
    if (const auto limits = limits_text(shape); !limits.empty()) console.line("  " + escape_control(limits));
    console.line("");
    std::vector<std::string> heading = {"TARGET", "CLOCK OF", "BEGINS AFTER", "NEXT"};
    if (!local) heading.insert(heading.end(), {"LAST", "PAUSED"});
    Table table(heading);
    for (const auto& row : shape.at("on").list()) {
        std::vector<std::string> cells = {row.at("target").text(), row.at("clock").text(), duration_of(row, "delay_ms"),
                                          moment_of(row, "next_ms", "never")};
        if (!local) cells.insert(cells.end(), {last_text(row.find("last")), pauses_cell(row.find("pauses"))});
        table.add(std::move(cells));
    }
    if (table.empty()) console.note("it means no target at this moment");
    if (!table.empty()) table.print(console);
    return ExitCode::well;
}

struct RunWanted {
    std::string name, expression;
    bool all = false, yes = false;
    JobRun run;
};

// What the schedule would have done, as a job of who asks for it: at once, and whatever its windows and pauses say.
ExitCode run_now(Invocation& invocation, RunWanted& wanted) {
    const Value shape = ApiClient(invocation.socket()).get("/v1/schedules/" + encode_path_part(wanted.name));
    const std::string kind = shape.at("run").text();
    JobRun& run = wanted.run;
    run.wanted.operation = kind == "cmd" ? "cmd" : "states";
    run.mode = kind == "states plan" ? RunMode::plan : RunMode::apply;
    if (kind == "cmd")
        run.wanted.options = shape.at("command");
    else
        run.wanted.options.set("mode", name_of(run.mode));
    const std::string targets = shape.at("target").text();
    run.wanted.expression = wanted.expression.empty() ? targets : "(" + targets + ") and (" + wanted.expression + ")";
    const auto jobs = invocation.jobs();
    const auto most = static_cast<std::size_t>(number_of(shape, "at_once"));
    if (const std::size_t count = most == 0 || wanted.all ? 0 : jobs->count(run.wanted.expression); count > most)
        throw Error(ErrorKind::usage, "schedule " + prove::quoted(wanted.name) + " runs on at most " + counted(most, "target") +
                                          " at once, and this means " + std::to_string(count) +
                                          "; say which ones with EXPR, or --all-at-once");
    if (kind != "states plan" && !confirm_reach(invocation, *jobs, run.wanted.expression, wanted.yes, "this run")) return ExitCode::cancelled;
    return run_job(invocation, *jobs, run);
}

void add_run(CommandLine& line, CLI::App& schedules) {
    auto wanted = std::make_shared<RunWanted>();
    CLI::App& command = line.add(schedules, "run", "do now what a schedule does",
                                 "  prove-cli schedules run nightly\n  prove-cli schedules run nightly 'web*' --yes",
                                 [wanted](Invocation& invocation) { return run_now(invocation, *wanted); });
    command.add_option("NAME", wanted->name, "a schedule of the catalog")->required();
    command.add_option("EXPR", wanted->expression, "which of its targets; all where it is left out");
    command.add_flag("--all-at-once", wanted->all, "also where the schedule's at_once allows fewer");
    command.add_flag("--yes,-y", wanted->yes, "do not ask when it reaches more than 20 targets");
    command.add_flag("--detach", wanted->run.detach, "start the job, print its id, and go");
}

void add_hands(CommandLine& line, CLI::App& schedules) {
    auto paused = std::make_shared<PauseWanted>(PauseWanted{"*", "", "", ""});
    CLI::App& pauses = line.add(schedules, "pause", "a schedule begins nothing, for a reason and a time",
                                "  prove-cli schedules pause nightly --for 3d --why holidays\n"
                                "  prove-cli schedules pause nightly 'web*' --for 2h --why 'release in progress'",
                                [paused](Invocation& invocation) { return pause(invocation, *paused); });
    auto resumed = std::make_shared<PauseWanted>(PauseWanted{"*", "", "", ""});
    CLI::App& resumes = line.add(schedules, "resume", "end the pause of a schedule",
                                 "  prove-cli schedules resume nightly\n  prove-cli schedules resume nightly 'web*'",
                                 [resumed](Invocation& invocation) { return resume(invocation, resumed->expression, resumed->schedule); });
    pauses.add_option("NAME", paused->schedule, "a schedule of the catalog")->required();
    pauses.add_option("EXPR", paused->expression, "on which targets; all where it is left out");
    add_pause_options(pauses, *paused);
    resumes.add_option("NAME", resumed->schedule, "a schedule of the catalog")->required();
    resumes.add_option("EXPR", resumed->expression, "where it was paused, as it was written; all where it is left out");
}

}  // namespace

void add_schedules(CommandLine& line) {
    CLI::App& schedules = line.add(line.app(), "schedules", "what runs by itself: list, show, run, pause, resume",
                                   "  prove-cli schedules list\n  prove-cli schedules show nightly", nullptr);
    schedules.require_subcommand(1);
    line.add(schedules, "list", "every schedule, its times, and when it begins next",
             "  prove-cli schedules list\n  prove-cli --catalog ./catalog schedules list", list);
    auto name = std::make_shared<std::string>();
    CLI::App& shows = line.add(schedules, "show", "a schedule, and how each of its targets stands", "  prove-cli schedules show nightly",
                               [name](Invocation& invocation) { return show(invocation, *name); });
    shows.add_option("NAME", *name, "a schedule of the catalog")->required();
    add_run(line, schedules);
    add_hands(line, schedules);
}

}  // namespace prove
