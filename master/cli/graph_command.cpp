// prove-cli graph: the states of a target and what joins them, as text, DOT or SVG.
#include <CLI/CLI.hpp>

#include "common/text/text.hpp"
#include "master/api/client.hpp"
#include "master/cli/command_line.hpp"
#include "master/cli/local_catalog.hpp"
#include "master/looking/run_graph.hpp"

namespace prove {

namespace {

RunGraph graph_here(const CatalogPlace& place, const std::string& target) {
    LocalCatalog local(place);
    CompileRequest request;
    request.target = TargetId(local.one(target));
    request.facts = local.facts();
    return graph_of(*local.compiler().compile(request).run);
}

RunGraph graph_of_master(const std::string& socket, const std::string& target) {
    if (!is_target_name(target))
        throw Error(ErrorKind::usage, prove::quoted(target) + " is no target's name; 'graph' looks at one target");
    return run_graph_from(ApiClient(socket).get("/v1/targets/" + target + "/graph"));
}

ExitCode show(Invocation& invocation, const std::string& target, const std::string& format) {
    Console& console = invocation.console;
    if (!console.text() && !format.empty())
        throw Error(ErrorKind::usage, "'--format' is a form of text; '--output json' gives states and edges as data");
    const RunGraph graph = invocation.needs_no_master() ? graph_here(invocation.place(), target)
                                                        : graph_of_master(invocation.socket(), target);
    if (!console.text())
        console.object(to_value(graph));
    else if (format == "dot")
        console.raw(graph_dot(graph, target), false);
    else if (format == "svg")
        console.raw(graph_svg(graph_dot(graph, target)), false);
    else
        console.raw(graph_text(graph), false);
    return ExitCode::well;
}

}  // namespace

void add_graph(CommandLine& line) {
    auto target = std::make_shared<std::string>(), format = std::make_shared<std::string>();
    CLI::App& command = line.add(
        line.app(), "graph", "the states of a target, and what they require and notify",
        "  prove-cli graph web1\n  prove-cli --catalog . graph web1\n  prove-cli --catalog . graph web1 --format svg > web1.svg",
        [target, format](Invocation& invocation) { return show(invocation, *target, *format); });
    command.add_option("TARGET", *target, "a target's name")->required();
    command.add_option("--format", *format, "text, dot (for Graphviz), or svg (drawn by Graphviz)")
        ->check(CLI::IsMember({"text", "dot", "svg"}));
}

}  // namespace prove
