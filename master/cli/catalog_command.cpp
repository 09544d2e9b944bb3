// Looking at a catalog: check, compile, catalog status.
#include <CLI/CLI.hpp>

#include "common/text/text.hpp"
#include "master/api/client.hpp"
#include "master/api/shapes.hpp"
#include "master/cli/command_line.hpp"
#include "master/cli/local_catalog.hpp"
#include "master/cli/table.hpp"
#include "master/compile/secret_values.hpp"
#include "master/looking/catalog_lints.hpp"

namespace prove {

namespace {

void print(Console& console, const Diagnostic& diagnostic) {
    if (!console.text()) return console.object(to_value(diagnostic));
    console.line(escape_control_keep_lines(diagnostic.full_text()));
}

// Compiles for one target; what is wrong is gathered, and its states and variables are looked at with all others'.
void check_target(LocalCatalog& local, const std::string& name, CatalogLints* lints, Diagnostics& all) {
    CompileRequest request;
    request.target = TargetId(name);
    request.facts = local.facts();
    try {
        const auto run = local.compiler().compile(request).run;
        for (const auto& warning : run->warnings) all.add(warning);
        if (lints == nullptr) return;
        lints->add_run(*run);
        lints->add_variables(local.compiler().seen_variables(request).explained);
    } catch (const CatalogError& error) {
        all.append(error.diagnostics());
    }
}

// Loads the catalog and compiles it for every target that is asked for; every error of all of them once.
ExitCode check(Invocation& invocation, const std::string& expression) {
    Console& console = invocation.console;
    Diagnostics all;
    std::size_t targets = 0;
    try {
        LocalCatalog local(invocation.place());
        for (const auto& warning : local.catalog().warnings()) all.add(warning);
        const bool none = local.catalog().targets().empty();
        const auto names = none ? std::vector<std::string>() : local.matching(expression);
        targets = names.size();
        CatalogLints lints(local.catalog());
        const bool whole = !none && targets == local.catalog().targets().size();
        for (const auto& name : names) check_target(local, name, whole ? &lints : nullptr, all);
        // What an erroneous state file asks for is not known.
        if (whole && !all.has_errors()) all.append(lints.found());
    } catch (const CatalogError& error) {
        all.append(error.diagnostics());
    }
    for (const auto& diagnostic : all.sorted()) print(console, diagnostic);
    const std::size_t errors = all.error_count(), warnings = all.sorted().size() - errors;
    if (console.text() && !console.quiet())
        console.line(counted(errors, "error") + ", " + counted(warnings, "warning") + "; compiled for " + counted(targets, "target"));
    return errors > 0 ? ExitCode::catalog : ExitCode::well;
}

ExitCode compile(Invocation& invocation, const std::string& target) {
    LocalCatalog local(invocation.place());
    CompileRequest request;
    request.target = TargetId(local.one(target));
    request.facts = local.facts();
    const Value run = shown_run(*local.compiler().compile(request).run, local.functions());
    if (invocation.console.format() == OutputFormat::yaml) {
        invocation.console.object(run);
    } else if (invocation.console.format() == OutputFormat::json) {
        invocation.console.object(run);
    } else {
        invocation.console.line(trim_end(write_json_pretty(run)));
    }
    return ExitCode::well;
}

std::size_t number(const Value& status, const char* name) {
    return static_cast<std::size_t>(status.at(name).integer());
}

void print_in_force(Console& console, const Value& status) {
    console.line("catalog " + status.at("directory").text());
    const Value* hash = status.find("hash");
    if (hash == nullptr) return console.line("  none could be loaded yet");
    const Value* revision = status.find("revision");
    console.line("  in force: " + hash->text().substr(0, 16) + ", loaded " + ago(status.at("loaded_ms").integer(), now_ms()) +
                 ", " + counted(number(status, "targets"), "target"));
    if (revision != nullptr) console.line("  " + escape_control(revision->text()) + "; what is not committed is not in it");
}

// After how many errors there are.
std::string rest_of_status(const Value& status, bool has_errors) {
    const bool checking = status.find("checking") != nullptr;
    const std::string progress = std::to_string(number(status, "looked_at")) + " of " + counted(number(status, "targets"), "target") + " looked at";
    const std::string compiled = counted(number(status, "compiled"), "target");
    const std::string so_far = checking ? " so far" : "";
    if (status.find("refused") != nullptr)
        return so_far + " in what is on disk now; it is refused, and " +
               (status.find("hash") == nullptr ? "none is in force yet" : "the one in force stays") + (checking ? "; " + progress : "");
    if (const Value* next = status.find("next"))
        return " so far; " + next->text().substr(0, 16) + " is being checked to take its place: " + progress;
    if (checking) return " so far; its states are being compiled: " + progress;
    if (status.find("hash") == nullptr) return "";
    return "; compiled for " + compiled + " that were ever seen" + (has_errors ? "; states jobs fail for those that have the errors" : "");
}

ExitCode status(Invocation& invocation, bool reload) {
    ApiClient client(invocation.socket());
    const Value status = reload ? client.post("/v1/catalog/reload", Value::object()) : client.get("/v1/catalog");
    Console& console = invocation.console;
    const Diagnostics problems = diagnostics_from(status.at("problems"));
    if (!console.text()) {
        console.object(status);
        return problems.has_errors() ? ExitCode::catalog : ExitCode::well;
    }
    print_in_force(console, status);
    for (const auto& problem : problems.sorted()) print(console, problem);
    console.line(counted(problems.error_count(), "error") + rest_of_status(status, problems.has_errors()));
    return problems.has_errors() ? ExitCode::catalog : ExitCode::well;
}

}  // namespace

void add_catalog_commands(CommandLine& line) {
    auto expression = std::make_shared<std::string>("*");
    CLI::App& checks = line.add(line.app(), "check", "find everything that is wrong with a catalog",
                                "  prove-cli --catalog /etc/prove/catalog check\n  prove-cli --catalog . check 'web*'",
                                [expression](Invocation& invocation) { return check(invocation, *expression); });
    checks.add_option("EXPR", *expression, "compile for these targets; all where it is left out");

    auto target = std::make_shared<std::string>();
    CLI::App& compiles = line.add(line.app(), "compile", "the StateRun of a target, as it would be sent",
                                  "  prove-cli --catalog . compile web1\n  prove-cli --catalog . --output yaml compile web1",
                                  [target](Invocation& invocation) { return compile(invocation, *target); });
    compiles.add_option("TARGET", *target, "a target's name")->required();

    CLI::App& catalog = line.add(line.app(), "catalog", "which catalog the master has in force",
                                 "  prove-cli catalog status\n  prove-cli catalog reload", nullptr);
    catalog.require_subcommand(1);
    line.add(catalog, "status", "the snapshot in force, and what is wrong with a newer one", "  prove-cli catalog status",
             [](Invocation& invocation) { return status(invocation, false); });
    line.add(catalog, "reload", "look at the disk now instead of in a moment", "  prove-cli catalog reload",
             [](Invocation& invocation) { return status(invocation, true); });
}

}  // namespace prove
