// Looking at a catalog: check, compile, variables, catalog status.
#include <CLI/CLI.hpp>

#include "common/text/text.hpp"
#include "master/api/client.hpp"
#include "master/api/shapes.hpp"
#include "master/cli/command_line.hpp"
#include "master/cli/local_catalog.hpp"
#include "master/cli/table.hpp"

namespace prove {

namespace {

void print(Console& console, const Diagnostic& diagnostic) {
    if (!console.text()) return console.object(to_value(diagnostic));
    console.line(escape_control_keep_lines(diagnostic.full_text()));
}

// Loads the catalog and compiles it for every target that is asked for; every error of all of them once.
ExitCode check(Invocation& invocation, const std::string& expression) {
    Console& console = invocation.console;
    Diagnostics all;
    std::size_t targets = 0;
    try {
        LocalCatalog local(invocation.catalog());
        for (const auto& warning : local.catalog().warnings()) all.add(warning);
        const bool none = local.catalog().targets().empty();
        for (const auto& name : none ? std::vector<std::string>() : local.matching(expression)) {
            ++targets;
            try {
                CompileRequest request;
                request.target = TargetId(name);
                request.facts = local.facts();
                for (const auto& warning : local.compiler().compile(request).run->warnings) all.add(warning);
            } catch (const CatalogError& error) {
                all.append(error.diagnostics());
            }
        }
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
    LocalCatalog local(invocation.catalog());
    CompileRequest request;
    request.target = TargetId(local.matching(target).front());
    request.facts = local.facts();
    const Value run = to_value(*local.compiler().compile(request).run);
    if (invocation.console.format() == OutputFormat::yaml) {
        invocation.console.object(run);
    } else if (invocation.console.format() == OutputFormat::json) {
        invocation.console.object(run);
    } else {
        invocation.console.line(trim_end(write_json_pretty(run)));
    }
    return ExitCode::well;
}

// The start of a value, on one line.
std::string brief(const Value& value) {
    const std::string text = escape_control(write_json(value));
    return text.size() > 40 ? text.substr(0, 37) + "..." : text;
}

void print(Console& console, const ExplainedVariable& variable) {
    if (!console.text()) return console.object(to_value(variable));
    console.line(escape_control(join(variable.path, ".")));
    for (const auto& setting : variable.settings) {
        const std::string place = setting.position.text();
        std::string effect = name_of(setting.effect);
        effect.resize(8, ' ');  // as wide as "replaced"
        console.line("  " + effect + "  " + brief(setting.value) + "  " + setting.rule +
                     (place.empty() ? "" : "  " + place));
    }
}

// Every layer that set the key, or one below it; the highest first.
ExitCode explain(Invocation& invocation, const std::string& target, const std::vector<std::string>& key) {
    LocalCatalog local(invocation.catalog());
    const TargetId id(local.matching(target).front());
    bool found = key.empty();
    std::vector<std::string> names;
    for (const auto& variable : local.compiler().explain(id, local.facts())) {
        names.push_back(join(variable.path, "."));
        if (variable.path.size() < key.size() || !std::equal(key.begin(), key.end(), variable.path.begin())) continue;
        found = true;
        print(invocation.console, variable);
    }
    if (!found) {
        const std::string near = nearest(join(key, "."), names);
        throw Error(ErrorKind::missing,
                    "no layer of target " + prove::quoted(id.text()) + " sets " + prove::quoted(join(key, ".")) +
                        (near.empty() ? "" : "; did you mean " + prove::quoted(near) + "?"));
    }
    return ExitCode::well;
}

ExitCode variables(Invocation& invocation, const std::string& target, const std::string& key) {
    LocalCatalog local(invocation.catalog());
    const TargetId id(local.matching(target).front());
    const Value all = local.compiler().variables_of(id, local.facts());
    const Value* found = &all;
    for (const auto& part : key.empty() ? std::vector<std::string>() : split(key, '.')) {
        const Value* next = found->is_mapping() ? found->find(part) : nullptr;
        if (next == nullptr) throw Error(ErrorKind::missing, "target " + prove::quoted(id.text()) + " has no variable " + prove::quoted(key));
        found = next;
    }
    if (!invocation.console.text()) {
        invocation.console.object(*found);
    } else {
        invocation.console.line(trim_end(write_yaml(*found)));
    }
    return ExitCode::well;
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
    const Value* hash = status.find("hash");
    const Value* loaded = status.find("loaded_ms");
    console.line("catalog " + status.at("directory").text());
    console.line(hash == nullptr ? "  none could be loaded yet"
                                 : "  in force: " + hash->text().substr(0, 16) + ", loaded " + ago(loaded->integer(), now_ms()) + ", " +
                                       counted(static_cast<std::size_t>(status.at("targets").integer()), "target"));
    for (const auto& problem : problems.sorted()) print(console, problem);
    const auto errors = counted(problems.error_count(), "error");
    const auto compiled = counted(static_cast<std::size_t>(status.at("compiled").integer()), "target");
    if (status.find("refused") != nullptr)
        console.line(errors + " in what is on disk now; it is not used");
    else if (status.find("checking") != nullptr)
        console.line(errors + " so far; its states are being compiled for every target, by now for " + compiled);
    else if (hash != nullptr)
        console.line(errors + "; compiled for " + compiled + " that were ever seen" +
                     (problems.has_errors() ? "; states jobs fail for those that have the errors" : ""));
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

    auto key = std::make_shared<std::string>();
    auto why = std::make_shared<bool>(false);
    CLI::App& vars = line.add(
        line.app(), "variables", "the variables that a target's templates see, and where they come from",
        "  prove-cli --catalog . variables web1\n  prove-cli --catalog . variables web1 site.port --explain",
        [target, key, why](Invocation& invocation) {
            if (!*why) return variables(invocation, *target, *key);
            return explain(invocation, *target, key->empty() ? std::vector<std::string>() : split(*key, '.'));
        });
    vars.add_option("TARGET", *target, "a target's name")->required();
    vars.add_option("KEY", *key, "only this one; a dot reaches inside");
    vars.add_flag("--explain", *why, "show every layer that set it, with its place, the one that wins first");

    CLI::App& catalog = line.add(line.app(), "catalog", "which catalog the master has in force",
                                 "  prove-cli catalog status\n  prove-cli catalog reload", nullptr);
    catalog.require_subcommand(1);
    line.add(catalog, "status", "the snapshot in force, and what is wrong with a newer one", "  prove-cli catalog status",
             [](Invocation& invocation) { return status(invocation, false); });
    line.add(catalog, "reload", "look at the disk now instead of in a moment", "  prove-cli catalog reload",
             [](Invocation& invocation) { return status(invocation, true); });
}

}  // namespace prove
