// prove-cli jobs: every job, with how each of its targets ended; watch re-attaches.
#include <CLI/CLI.hpp>

#include "common/text/duration.hpp"
#include "common/text/text.hpp"
#include "master/api/client.hpp"
#include "master/api/http.hpp"
#include "master/cli/job_run.hpp"
#include "master/cli/job_text.hpp"
#include "master/cli/table.hpp"

namespace prove {

namespace {

std::string ends_text(const Value& job) {
    std::vector<std::string> parts;
    for (const auto& member : job.at("ends").mapping()) parts.push_back(std::to_string(member.value.integer()) + " " + member.key);
    if (!job.at("ended").boolean()) parts.push_back("running");
    return join(parts, ", ");
}

ExitCode list(Invocation& invocation, std::size_t limit, bool active, bool scheduled) {
    Console& console = invocation.console;
    std::map<std::string, std::string> query = {{"limit", std::to_string(limit)}};
    if (active) query["active"] = "true";
    if (!scheduled) query["scheduled"] = "false";
    const Value answer = ApiClient(invocation.socket()).get("/v1/jobs", query);
    const std::int64_t now = now_ms();
    Table table({"JOB", "WHEN", "WHO", "WHAT", "ON", "ENDS"});
    for (const auto& job : answer.at("jobs").list()) {
        if (!console.text()) {
            console.object(job);
            continue;
        }
        std::string what = job_text(job);
        if (what.size() > 40) what = what.substr(0, 37) + "...";
        table.add({job.at("job").text().substr(0, 10), ago(job.at("created_ms").integer(), now), job.at("who").text(), what,
                   job.at("target").text(), ends_text(job)});
    }
    if (console.text()) table.print(console);
    return ExitCode::well;
}

// What a job was, for following it or showing its end as when it ran.
struct Found {
    std::string id;
    JobRun run;
    std::size_t targets = 0;
};

Found find(ApiClient& client, const std::string& text) {
    const Value job = client.get("/v1/jobs/" + encode_path_part(text));
    Found found;
    found.id = job.at("job").text();
    found.run.wanted.operation = job.at("operation").text();
    found.run.wanted.expression = job.at("target").text();
    found.run.wanted.options = job.at("options");
    if (const Value* mode = job.at("options").find("mode")) found.run.mode = mode->text() == "plan" ? RunMode::plan : RunMode::apply;
    found.targets = static_cast<std::size_t>(job.at("targets").integer());
    return found;
}

ExitCode show(Invocation& invocation, const std::string& text) {
    ApiClient client(invocation.socket());
    Console& console = invocation.console;
    const Value job = client.get("/v1/jobs/" + encode_path_part(text));
    if (!console.text()) {
        console.object(job);
    } else {
        console.line("job " + job.at("job").text());
        console.line("  " + escape_control(job_text(job)) + " on " + escape_control(job.at("target").text()) + ", by " +
                     escape_control(job.at("who").text()) + " (" + escape_control(job.at("from").text()) + "), " +
                     ago(job.at("created_ms").integer(), now_ms()));
        if (const Value* catalog = job.find("catalog")) console.line("  catalog " + catalog->text().substr(0, 16));
        console.line("");
    }
    if (!job.at("ended").boolean()) {
        if (console.text()) {
            Table table({"TARGET", "PHASE", "END", "REASON"});
            for (const auto& row : job.at("targets_ends").list()) {
                const auto member = [&row](const char* key) { return row.find(key) == nullptr ? std::string() : row.find(key)->text(); };
                table.add({member("target"), member("phase"), member("end"), member("reason")});
            }
            table.print(console);
            console.line("");
            console.line("still running; follow it: prove-cli jobs watch " + job.at("job").text().substr(0, 10));
        }
        return ExitCode::well;
    }
    const Found found = find(client, text);
    const auto jobs = make_master_jobs(invocation.socket());
    return follow_job(invocation, *jobs, found.run, found.id, found.targets);
}

ExitCode watch(Invocation& invocation, const std::string& text) {
    ApiClient client(invocation.socket());
    const Found found = find(client, text);
    const auto jobs = make_master_jobs(invocation.socket());
    return follow_job(invocation, *jobs, found.run, found.id, found.targets);
}

ExitCode cancel(Invocation& invocation, const std::string& text, const std::string& target) {
    Value body = Value::object();
    if (!target.empty()) body.set("target", target);
    const Value answer = ApiClient(invocation.socket()).post("/v1/jobs/" + encode_path_part(text) + "/cancel", body);
    if (!invocation.console.text()) {
        invocation.console.object(answer);
    } else {
        invocation.console.line("cancelling job " + answer.at("job").text().substr(0, 10) +
                                "; see how it ends: prove-cli jobs watch " + answer.at("job").text().substr(0, 10));
    }
    return ExitCode::well;
}

}  // namespace

void add_jobs_commands(CommandLine& line) {
    CLI::App& jobs = line.add(line.app(), "jobs", "every job, with how each of its targets ended",
                              "  prove-cli jobs list\n  prove-cli jobs show 01jd8zk4", nullptr);
    jobs.require_subcommand(1);

    struct Listed {
        std::size_t limit = 20;
        bool active = false, scheduled = false;
    };
    auto listed = std::make_shared<Listed>();
    CLI::App& lists = line.add(jobs, "list", "the newest jobs", "  prove-cli jobs list\n  prove-cli jobs list --active",
                               [listed](Invocation& invocation) { return list(invocation, listed->limit, listed->active, listed->scheduled); });
    lists.add_option("--limit", listed->limit, "how many (default 20)")->check(CLI::Range(1, 1000))->type_name("N");
    lists.add_flag("--active", listed->active, "only those that have not ended");
    lists.add_flag("--scheduled", listed->scheduled, "also those that schedules began");

    auto job = std::make_shared<std::string>();
    auto target = std::make_shared<std::string>();
    const auto add_job = [&](const std::string& name, const std::string& help, auto action) -> CLI::App& {
        CLI::App& command = line.add(jobs, name, help, "  prove-cli jobs " + name + " 01jd8zk4",
                                     [job, target, action](Invocation& invocation) { return action(invocation, *job, *target); });
        command.add_option("JOB", *job, "a job's id, or the beginning of it")->required();
        return command;
    };
    add_job("show", "a job and how its targets ended", [](Invocation& i, const std::string& j, const std::string&) { return show(i, j); });
    add_job("watch", "follow a job that runs", [](Invocation& i, const std::string& j, const std::string&) { return watch(i, j); });
    CLI::App& cancels = add_job("cancel", "stop a job: what has not begun never will, what runs is ended",
                                [](Invocation& i, const std::string& j, const std::string& t) { return cancel(i, j, t); });
    cancels.add_option("--target", *target, "only on this target")->type_name("NAME");
}

}  // namespace prove
