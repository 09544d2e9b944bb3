// prove-cli component test: a component's own cases, without a master and without the catalog that it stands in.
#include <CLI/CLI.hpp>

#include "common/text/diff.hpp"
#include "common/text/text.hpp"
#include "master/cli/command_line.hpp"
#include "master/cli/component_cases.hpp"
#include "master/cli/component_source.hpp"
#include "proto/diagnostics_value.hpp"

namespace prove {

namespace {

// No other target is known to a case.
struct NoTargets final : TargetDirectory {
    Value facts_of(const TargetId&) const override { return {}; }
    std::string status_of(const TargetId&) const override { return "unknown"; }
};

Value list_of(const std::vector<std::string>& texts) {
    return Value(Value::List(texts.begin(), texts.end()));
}

std::string target_of(std::size_t index) {
    return "case-" + std::to_string(index + 1);
}

// A target for each case. Its variables are not the target's but those of the request: they have the case's places.
std::string targets_of(const std::vector<ComponentCase>& cases) {
    Value targets = Value::array();
    for (std::size_t i = 0; i < cases.size(); ++i) {
        Value target = Value::object();
        target.set("name", target_of(i));
        target.set("states", list_of(cases[i].states));
        target.set("roles", list_of(cases[i].roles));
        targets.push(std::move(target));
    }
    Value sections = Value::object();
    sections.set("targets", std::move(targets));
    return write_json(sections);
}

// What came of one case; it passed where nothing differs.
std::vector<CaseDifference> run_case(const ComponentCase& wanted, const TargetId& target, const Compiler& compiler) {
    CompileRequest request;
    request.target = target;
    request.facts = wanted.facts;
    request.variables = wanted.variables;
    try {
        const Compiled compiled = compiler.compile(request);
        if (wanted.expect) return differences(*wanted.expect, states_of(compiled, wanted.probes));
        return {{"error", wanted.position, join(wanted.errors, "\n"), "it compiles without one"}};
    } catch (const CatalogError& error) {
        std::string all;
        for (const Diagnostic& diagnostic : error.diagnostics().sorted())
            if (diagnostic.severity == Diagnostic::Severity::error) all += diagnostic.full_text() + "\n";
        if (wanted.expect) return {{"expect", wanted.position, "states", all}};
        std::vector<CaseDifference> missing;
        for (const std::string& text : wanted.errors)
            if (all.find(text) == std::string::npos) missing.push_back({"error", wanted.position, text, all});
        return missing;
    }
}

std::string indented(const std::string& text) {
    std::string result;
    for (const auto& line : split_lines(text)) result += "      " + escape_control_keep_lines(line) + "\n";
    return result;
}

void print(Console& console, const CaseDifference& difference) {
    std::string text = "    " + difference.what + "  (" + difference.position.text() + ")\n";
    if (difference.expected.find('\n') != std::string::npos && difference.found.find('\n') != std::string::npos)
        text += indented(unified_diff(difference.expected, difference.found, "expected and found"));
    else
        text += "      expected:\n" + indented("  " + replace_all(difference.expected, "\n", "\n  ")) + "      found:\n" +
                indented("  " + replace_all(difference.found, "\n", "\n  "));
    console.line(trim_end(text));
}

void report(Console& console, const ComponentCase& wanted, const std::vector<CaseDifference>& found) {
    if (!console.text()) {
        Value value = Value::object();
        value.set("case", wanted.name);
        value.set("position", wanted.position.text());
        value.set("passed", found.empty());
        Value list = Value::array();
        for (const auto& difference : found) list.push(to_value(difference));
        value.set("differences", std::move(list));
        return console.object(value);
    }
    if (found.empty()) {
        if (console.verbose()) console.line("  ok    " + escape_control(wanted.name));
        return;
    }
    console.line(console.coloured(Colour::red, "  FAILS ") + escape_control(wanted.name) + "  (" + wanted.position.text() + ")");
    for (const auto& difference : found) print(console, difference);
}

void print_all(Console& console, const Diagnostics& diagnostics) {
    for (const auto& diagnostic : diagnostics.sorted()) {
        if (console.text())
            console.line(escape_control_keep_lines(diagnostic.full_text()));
        else
            console.object(to_value(diagnostic));
    }
}

ExitCode run_cases(Invocation& invocation, const ComponentFolder& component, const std::vector<ComponentCase>& cases) {
    Console& console = invocation.console;
    const std::shared_ptr<const Catalog> catalog =
        Catalog::load_and_keep(component_source(component, targets_of(cases)), "");
    const FunctionRegistry functions = all_functions();
    const auto renderer = make_renderer(catalog, 1);
    const NoTargets nobody;
    const Compiler compiler(catalog, functions, *renderer, nobody);
    std::size_t failed = 0;
    for (std::size_t i = 0; i < cases.size(); ++i) {
        const auto found = run_case(cases[i], TargetId(target_of(i)), compiler);
        failed += found.empty() ? 0 : 1;
        report(console, cases[i], found);
    }
    if (console.text() && !console.quiet())
        console.line(component.name + ": " + counted(cases.size(), "case") + ", " +
                     (failed == 0 ? "all as expected" : std::to_string(failed) + " not as expected"));
    return failed == 0 ? ExitCode::well : ExitCode::target_failed;
}

ExitCode test(Invocation& invocation, const std::string& directory) {
    const ComponentFolder component = component_folder(directory);
    Diagnostics wrong;
    const auto cases = read_cases(component.folder, component.name, wrong);
    if (!wrong.has_errors() && cases.empty())
        throw Error(ErrorKind::usage, "component " + prove::quoted(component.name) + " has no cases; they stand in its tests/*.yml");
    try {
        if (!wrong.has_errors()) return run_cases(invocation, component, cases);
    } catch (const CatalogError& error) {
        wrong = error.diagnostics();
    }
    print_all(invocation.console, wrong);
    if (invocation.console.text() && !invocation.console.quiet())
        invocation.console.line(component.name + ": " + counted(wrong.error_count(), "error") + "; no case was run");
    return ExitCode::catalog;
}

}  // namespace

void add_component_commands(CommandLine& line) {
    CLI::App& component = line.add(line.app(), "component", "components that are shared",
                                   "  prove-cli component test components/webserver", nullptr);
    component.require_subcommand(1);
    auto directory = std::make_shared<std::string>(".");
    CLI::App& tests = line.add(component, "test", "run a component's own cases, its tests/*.yml",
                               "  prove-cli component test\n  prove-cli component test components/webserver\n"
                               "  prove-cli --verbose component test components/webserver",
                               [directory](Invocation& invocation) { return test(invocation, *directory); });
    tests.add_option("DIR", *directory, "the component's folder; the current one where it is left out");
}

}  // namespace prove
