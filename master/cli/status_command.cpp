// prove-cli status: how all of it stands, in one look. And metrics, the same for Prometheus.
#include "common/text/text.hpp"
#include "master/api/client.hpp"
#include "master/cli/command_line.hpp"
#include "master/cli/status_text.hpp"
#include "master/cli/table.hpp"

#include <CLI/CLI.hpp>

namespace prove {

namespace {

ExitCode show(Invocation& invocation) {
    Console& console = invocation.console;
    const Value status = ApiClient(invocation.socket()).get("/v1/status");
    if (!console.text()) {
        console.object(status);
        return ExitCode::well;
    }
    const auto colour = [&console](Colour shade, std::string_view text) { return console.coloured(shade, text); };
    for (const auto& line : status_lines(status, now_ms(), colour)) console.line(line);
    return ExitCode::well;
}

}  // namespace

void add_status(CommandLine& line) {
    line.add(line.app(), "status", "how all of it stands: targets, catalog, jobs, and what did not end well",
             "  prove-cli status\n  prove-cli --output json status", show);
}

void add_metrics(CommandLine& line) {
    line.add(line.app(), "metrics", "the master's figures, as Prometheus reads them",
             "  prove-cli metrics\n  prove-cli metrics > /var/lib/prometheus/node-exporter/prove.prom",
             [](Invocation& invocation) {
                 const auto text = ApiClient(invocation.socket()).get_text("/metrics");
                 for (const auto& one : split_lines(text)) invocation.console.line(one);
                 return ExitCode::well;
             });
}

}  // namespace prove
