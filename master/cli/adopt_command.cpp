// prove-cli adopt: states for what a host has, so that a plan on it afterwards finds nothing to change.
#include <CLI/CLI.hpp>

#include "common/text/text.hpp"
#include "master/cli/adopted_catalog.hpp"
#include "master/cli/job_run.hpp"
#include "proto/survey.hpp"

namespace prove {

namespace {

struct Wanted {
    std::string expression, into;
    Survey survey;
};

ExitCode nothing_to_write(Console& console, const std::string& host) {
    console.note(escape_control(host) + ": nothing of that kind was found; nothing is written");
    return ExitCode::well;
}

void report(Console& console, const std::string& host, const std::string& directory, const CatalogFiles& files) {
    if (!console.text()) {
        Value value = Value::object();
        value.set("event", "adopted");
        value.set("target", host);
        value.set("directory", directory);
        Value names = Value::array();
        for (const auto& [name, file] : files) names.push(name);
        value.set("files", std::move(names));
        return console.object(value);
    }
    if (console.quiet()) return;
    for (const auto& [name, file] : files) console.line("  " + escape_control(directory + "/" + name));
}

ExitCode adopt(Invocation& invocation, const Wanted& wanted) {
    const std::string directory = !wanted.into.empty() ? wanted.into : invocation.options.catalog;
    if (directory.empty())
        throw Error(ErrorKind::usage, "say into which catalog the states go: --into DIR, such as /etc/prove/catalog");
    JobWanted job;
    job.operation = "survey";
    job.expression = wanted.expression;
    job.options = to_value(wanted.survey);
    const auto jobs = invocation.jobs();
    const OneAnswer answer = ask_one_target(invocation, *jobs, job);
    if (answer.end != "done") {
        invocation.console.note(escape_control(answer.target + "  " + answer.end + (answer.reason.empty() ? "" : ": " + answer.reason)));
        return answer.end == "failed" ? ExitCode::target_failed : ExitCode::not_reached;
    }
    if (const Value* notes = answer.body.find("notes"))
        for (const Value& note : notes->list()) invocation.console.note(escape_control(note.text()));
    const CatalogFiles files = adopted_catalog(answer.target, answer.body);
    if (files.empty()) return nothing_to_write(invocation.console, answer.target);
    write_catalog_files(directory, files);
    report(invocation.console, answer.target, directory, files);
    return ExitCode::well;
}

}  // namespace

void add_adopt(CommandLine& line) {
    auto wanted = std::make_shared<Wanted>();
    CLI::App& command =
        line.add(line.app(), "adopt", "write states for what a host has",
                 "  prove-cli adopt web1 --into /etc/prove/catalog\n  prove-cli --catalog ./catalog adopt web1 --package "
                 "'nginx*' --service nginx --file /etc/nginx",
                 [wanted](Invocation& invocation) { return adopt(invocation, *wanted); });
    command.add_option("TARGET", wanted->expression, "the host")->required();
    command.add_option("--into", wanted->into, "the catalog's folder; that of --catalog where it is left out")->type_name("DIR");
    const auto list = [&command](const char* name, std::vector<std::string>& into, const char* type, const char* help) {
        command.add_option(name, into, help)->type_name(type)->allow_extra_args(false);
    };
    list("--package", wanted->survey.packages, "GLOB", "installed packages of that name; may be given often");
    list("--service", wanted->survey.services, "GLOB", "services of that name; may be given often");
    list("--user", wanted->survey.users, "GLOB", "accounts of that name, and the groups that they need; may be given often");
    list("--file", wanted->survey.files, "PATH", "a file, a link, or a folder with all that is in it; may be given often");
    command.footer(command.get_footer() +
                   "\n\nWithout any of --package, --service, --user and --file: packages that were installed by hand, services "
                   "that were\nenabled, accounts of people, and configuration files that were changed since their package came.");
}

}  // namespace prove
