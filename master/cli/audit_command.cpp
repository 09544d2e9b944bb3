// prove-cli audit: who did what, and whether the record of it is whole.
#include <CLI/CLI.hpp>

#include "common/text/text.hpp"
#include "master/api/client.hpp"
#include "master/cli/command_line.hpp"
#include "master/cli/table.hpp"

namespace prove {

namespace {

ExitCode list(Invocation& invocation, std::uint64_t after, std::size_t limit) {
    const Value answer = ApiClient(invocation.socket()).get("/v1/audit", {{"after", std::to_string(after)}, {"limit", std::to_string(limit)}});
    Table table({"NUMBER", "WHEN", "WHO", "FROM", "WHAT", "DECISION", "ABOUT"});
    const std::int64_t now = now_ms();
    for (const auto& row : answer.at("records").list()) {
        if (!invocation.console.text()) {
            invocation.console.object(row);
            continue;
        }
        const auto text = [&row](const char* key) { return row.find(key) == nullptr || !row.find(key)->is_text() ? std::string() : row.find(key)->text(); };
        std::string about = text("detail");
        if (about.empty()) about = text("job").substr(0, 10);
        table.add({std::to_string(row.at("number").integer()), ago(row.at("time_ms").integer(), now), text("who"), text("from"),
                   text("command"), text("decision"), about});
    }
    if (invocation.console.text()) table.print(invocation.console);
    return ExitCode::well;
}

ExitCode verify(Invocation& invocation) {
    const Value answer = ApiClient(invocation.socket()).get("/v1/audit/check");
    const Value* bad = answer.find("first_bad");
    if (!invocation.console.text()) {
        invocation.console.object(answer);
    } else if (bad != nullptr) {
        invocation.console.line("record " + std::to_string(bad->integer()) + " is not what was written; everything from it on is in doubt");
    } else {
        invocation.console.line(std::to_string(answer.at("records").integer()) + " records, all as they were written; head " + answer.at("head").text());
    }
    return bad != nullptr ? ExitCode::fault : ExitCode::well;
}

}  // namespace

void add_audit_commands(CommandLine& line) {
    CLI::App& audit = line.add(line.app(), "audit", "who did what, and whether the record is whole",
                               "  prove-cli audit list\n  prove-cli audit verify", nullptr);
    audit.require_subcommand(1);
    struct Wanted {
        std::uint64_t after = 0;
        std::size_t limit = 100;
    };
    auto wanted = std::make_shared<Wanted>();
    CLI::App& lists = line.add(audit, "list", "the records, oldest first", "  prove-cli audit list\n  prove-cli audit list --after 500",
                               [wanted](Invocation& invocation) { return list(invocation, wanted->after, wanted->limit); });
    lists.add_option("--after", wanted->after, "only records above this number")->type_name("N");
    lists.add_option("--limit", wanted->limit, "how many (default 100)")->check(CLI::Range(1, 1000))->type_name("N");
    line.add(audit, "verify", "recompute the chain of records and name the first bad one", "  prove-cli audit verify", verify);
}

}  // namespace prove
