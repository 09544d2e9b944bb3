// prove-cli schema: JSON Schemas of a catalog's files, for editors.
#include <CLI/CLI.hpp>

#include "common/text/text.hpp"
#include "master/cli/command_line.hpp"
#include "master/looking/json_schema.hpp"

namespace prove {

void add_schema(CommandLine& line) {
    auto name = std::make_shared<std::string>("states");
    CLI::App& command = line.add(line.app(), "schema", "a JSON Schema for editors, made from the functions",
                                 "  prove-cli schema > .vscode/prove-states.json\n"
                                 "  prove-cli schema targets > .vscode/prove-targets.json",
                                 [name](Invocation& invocation) {
                                     const Value schema = json_schema(*name, functions_of_the_language());
                                     if (invocation.console.text())
                                         invocation.console.line(trim_end(write_json_pretty(schema)));
                                     else
                                         invocation.console.object(schema);
                                     return ExitCode::well;
                                 });
    command.add_option("FILES", *name, "of which files: " + join_words(json_schema_names(), "or") + " (states)");
}

}  // namespace prove
