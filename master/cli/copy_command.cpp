// prove-cli copy: a file to targets, or from them. To targets it is a run of file.managed; from them the operation fetch.
#include <CLI/CLI.hpp>

#include "agent/functions/argument_forms.hpp"
#include "common/text/text.hpp"
#include "master/cli/copy_places.hpp"
#include "master/cli/job_run.hpp"
#include "master/compile/ad_hoc.hpp"

namespace prove {

namespace {

struct Wanted {
    JobRun run;
    std::string from, to, mode, user, group;
    bool make_dirs = false, plan = false, yes = false;
    // The first of the options that only count on the way to targets; "": none is given.
    std::string option_to_targets() const {
        const std::pair<const char*, bool> all[] = {
            {"--mode", !mode.empty()}, {"--user", !user.empty()},       {"--group", !group.empty()}, {"--make-dirs", make_dirs},
            {"--plan", plan},          {"--detach", run.detach},        {"--detailed-exit-code", run.detailed_exit_code}};
        for (const auto& [name, given] : all)
            if (given) return name;
        return "";
    }
};

std::string octal(unsigned mode) {
    std::string text = "0000";
    for (std::size_t i = 4; i-- > 1; mode >>= 3) text[i] = static_cast<char>('0' + (mode & 7));
    return text;
}

// No diff: a job keeps its report, and files may be secrets.
AdHocState state_of(const Wanted& wanted, const std::string& path, FileToCopy file) {
    AdHocState state;
    state.function = "file.managed";
    state.content = BlobRef{hash_of(file.bytes), file.bytes.size()};
    state.bytes = std::make_shared<const std::string>(std::move(file.bytes));
    const auto set = [&](const char* name, const std::string& value) {
        if (!value.empty()) state.arguments.set(name, value);
    };
    set("path", path);
    set("mode", wanted.mode.empty() ? octal(file.mode) : wanted.mode);
    set("user", wanted.user);
    set("group", wanted.group);
    set("make_dirs", wanted.make_dirs ? "true" : "");
    set("show_diff", "false");
    return state;
}

ExitCode copy_to(Invocation& invocation, Wanted& wanted, const CopyPlaces& places) {
    if (!wanted.mode.empty() && !is_octal_mode(wanted.mode))
        throw Error(ErrorKind::usage, "--mode is octal, such as 0644, not " + prove::quoted(wanted.mode));
    JobRun& run = wanted.run;
    const AdHocState state = state_of(wanted, places.to.path, read_file_to_copy(places.from.path));
    run.mode = wanted.plan ? RunMode::plan : RunMode::apply;
    run.wanted.operation = "states";
    run.wanted.expression = places.to.expression;
    run.wanted.content = state.bytes;
    run.wanted.options.set("mode", name_of(run.mode));
    run.wanted.options.set("state", to_value(state));
    const auto jobs = invocation.jobs();
    if (!wanted.plan && !confirm_reach(invocation, *jobs, run.wanted.expression, wanted.yes, "this change"))
        return ExitCode::cancelled;
    return run_job(invocation, *jobs, run);
}

ExitCode copy_from(Invocation& invocation, Wanted& wanted, const CopyPlaces& places) {
    if (const std::string option = wanted.option_to_targets(); !option.empty())
        throw Error(ErrorKind::usage, option + " is for files that go to targets");
    JobRun& run = wanted.run;
    run.wanted.operation = "fetch";
    run.wanted.expression = places.from.expression;
    run.wanted.options.set("path", places.from.path);
    const auto jobs = invocation.jobs();
    const auto files = std::make_shared<FetchedFiles>(places.to.path, jobs->count(run.wanted.expression));
    if (!confirm_reach(invocation, *jobs, run.wanted.expression, wanted.yes, "this copy")) return ExitCode::cancelled;
    run.receive = [files](const std::string& target, const Value& body) { return files->take(target, body); };
    return run_job(invocation, *jobs, run);
}

}  // namespace

void add_copy(CommandLine& line) {
    auto wanted = std::make_shared<Wanted>();
    CLI::App& command =
        line.add(line.app(), "copy", "a file to targets, or from them",
                 "  prove-cli copy ./motd 'web*:/etc/motd' --plan\n"
                 "  prove-cli copy ./app.conf web1:/etc/app/ --user app --mode 0640\n"
                 "  prove-cli copy web1:/etc/nginx/nginx.conf ./nginx.conf-of-web1\n"
                 "  prove-cli copy 'web*:/etc/hostname' ./hostnames/\n"
                 "  prove-cli --catalog ./catalog copy ./motd web1:/etc/motd",
                 [wanted](Invocation& invocation) {
                     const CopyPlaces places = copy_places_from(wanted->from, wanted->to);
                     return places.from.is_here() ? copy_to(invocation, *wanted, places) : copy_from(invocation, *wanted, places);
                 });
    command.add_option("SRC", wanted->from, "what is copied: a file here, or EXPR:PATH")->required();
    command.add_option("DST", wanted->to, "where to: EXPR:PATH, or a file or a folder here; one of the two is EXPR:PATH")
        ->required();
    command.add_option("--mode", wanted->mode, "of the file on targets; that of SRC where it is left out")->type_name("OCTAL");
    command.add_option("--user", wanted->user, "its owner on targets")->type_name("NAME");
    command.add_option("--group", wanted->group, "its group on targets")->type_name("NAME");
    command.add_flag("--make-dirs", wanted->make_dirs, "make the folders on its way that are missing on targets");
    command.add_flag("--plan", wanted->plan, "what would change on targets; nothing is touched");
    command.add_flag("--in-force", wanted->run.wanted.in_force,
                     "use the catalog in force also where what is on disk now is refused");
    command.add_flag("--detach", wanted->run.detach, "start the job, print its id, and go");
    command.add_flag("--detailed-exit-code", wanted->run.detailed_exit_code, "with --plan: exit with 6 when something would change");
    command.add_flag("--yes,-y", wanted->yes, "do not ask when it reaches more than 20 targets");
    command.footer(command.get_footer() +
                   "\n\nAt most 8 MiB go to targets, and 2 MiB come from one. Folders are not copied. Into a folder here (that is "
                   "there, or\nends in '/') each target's file comes by the target's name.");
}

}  // namespace prove
