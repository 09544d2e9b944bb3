// prove-cli functions: the state functions and their arguments, from their own schemas; also as the reference in docs/.
#include <CLI/CLI.hpp>

#include "agent/functions/registry.hpp"
#include "common/text/text.hpp"
#include "master/cli/command_line.hpp"
#include "master/cli/function_reference.hpp"
#include "master/cli/table.hpp"

namespace prove {

namespace {

ExitCode list(Console& console, const FunctionRegistry& registry) {
    Table table({"FUNCTION", "WHAT IT DOES"});
    for (const auto& name : registry.names()) {
        const FunctionSchema& schema = registry.find(name)->schema;
        if (console.text()) {
            table.add({name, schema.summary});
        } else {
            console.object(to_value(schema));
        }
    }
    if (console.text()) table.print(console);
    return ExitCode::well;
}

ExitCode show(Console& console, const FunctionRegistry& registry, const std::string& name) {
    const Function* function = registry.find(name);
    if (function == nullptr) {
        const std::string near = nearest(name, registry.names());
        throw Error(ErrorKind::usage, "there is no state function " + prove::quoted(name) +
                                          (near.empty() ? "; 'prove-cli functions' lists them" : "; did you mean " + prove::quoted(near) + "?"));
    }
    if (!console.text()) {
        console.object(to_value(function->schema));
        return ExitCode::well;
    }
    console.line(trim_end(function_text(function->schema)));
    return ExitCode::well;
}

}  // namespace

void add_functions(CommandLine& line) {
    struct Wanted {
        std::string name;
        bool markdown = false;
    };
    auto wanted = std::make_shared<Wanted>();
    CLI::App& command = line.add(line.app(), "functions", "the state functions and their arguments",
                                 "  prove-cli functions\n  prove-cli functions file.managed", [wanted](Invocation& invocation) {
                                     const FunctionRegistry registry = functions_of_the_language();
                                     if (wanted->markdown) {
                                         invocation.console.raw(functions_markdown(registry), false);
                                         return ExitCode::well;
                                     }
                                     return wanted->name.empty() ? list(invocation.console, registry)
                                                                 : show(invocation.console, registry, wanted->name);
                                 });
    command.add_option("NAME", wanted->name, "one function, with its arguments and an example");
    command.add_flag("--markdown", wanted->markdown, "all of them, as the reference in docs/functions.md");
}

}  // namespace prove
