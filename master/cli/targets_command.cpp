// prove-cli targets: who is there, how reached, connected since, last run.
#include <CLI/CLI.hpp>

#include "common/text/duration.hpp"
#include "common/text/text.hpp"
#include "master/api/client.hpp"
#include "master/cli/command_line.hpp"
#include "master/cli/local_catalog.hpp"
#include "master/cli/pausing.hpp"
#include "master/cli/table.hpp"

namespace prove {

namespace {

std::string last_run(const Value& row, std::int64_t now) {
    const Value* last = row.find("last_run");
    if (last == nullptr) return "never";
    const Value* end = last->find("end");
    const Value* ended = last->find("ended_ms");
    return (end == nullptr ? std::string("running") : end->text()) + (ended == nullptr ? "" : ", " + ago(ended->integer(), now));
}

// A host that is reached over ssh is connected to while a job needs it only.
std::string status_shown(const Value& row, std::int64_t now) {
    const Value* seen = row.find("seen_ms");
    const std::string& status = row.at("status").text();
    return status == "ssh" && seen != nullptr ? "ssh, seen " + ago(seen->integer(), now) : status;
}

ExitCode show(Invocation& invocation, const std::string& expression) {
    Console& console = invocation.console;
    const Value rows = invocation.needs_no_master()
                           ? local_targets(invocation.place(), expression)
                           : ApiClient(invocation.socket()).get("/v1/targets", {{"match", expression}, {"limit", "20000"}}).at("targets");
    if (rows.list().empty()) console.note("no target matches " + prove::quoted(expression));
    if (!console.text()) {
        for (const auto& row : rows.list()) console.object(row);
        return ExitCode::well;
    }
    if (rows.list().empty()) return ExitCode::well;
    const std::int64_t now = now_ms();
    Table paused({"PAUSED", "WHY"}), clocks({"TARGET", "ITS CLOCK IS"});
    Table table({"TARGET", "REACHED BY", "STATUS", "SINCE", "LAST RUN", "GROUPS", "ROLES"});
    const auto texts = [](const Value& list) {
        std::vector<std::string> result;
        for (const auto& item : list.list()) result.push_back(item.text());
        return join(result, ",");
    };
    for (const auto& row : rows.list()) {
        const Value* executor = row.find("executor");
        const Value* since = row.find("connected_ms");
        table.add({row.at("name").text(), executor == nullptr ? "not in the catalog" : executor->text(),
                   status_shown(row, now), since == nullptr ? "" : ago(since->integer(), now), last_run(row, now),
                   texts(row.at("groups")), texts(row.at("roles"))});
        if (const std::string why = pauses_cell(row.find("pauses")); !why.empty()) paused.add({row.at("name").text(), why});
        if (const Value* ahead = row.find("clock_ahead_ms"))
            clocks.add({row.at("name").text(), show_clock_difference(ahead->integer())});
    }
    table.print(console);
    for (const Table* more : {&paused, &clocks}) {
        if (more->empty()) continue;
        console.line("");
        more->print(console);
    }
    return ExitCode::well;
}

}  // namespace

void add_targets(CommandLine& line) {
    auto expression = std::make_shared<std::string>("*");
    CLI::App& command = line.add(line.app(), "targets", "who is there, how reached, connected since, last run",
                                 "  prove-cli targets\n  prove-cli targets 'role:webserver and not web3'",
                                 [expression](Invocation& invocation) { return show(invocation, *expression); });
    command.add_option("EXPR", *expression, "which targets; all where it is left out");
}

}  // namespace prove
