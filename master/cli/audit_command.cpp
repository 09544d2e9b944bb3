// prove-cli audit: who did what, and whether the record of it is whole.
#include <CLI/CLI.hpp>

#include "common/text/text.hpp"
#include "master/api/client.hpp"
#include "master/cli/command_line.hpp"
#include "master/cli/table.hpp"

namespace prove {

namespace {

struct Wanted {
    std::uint64_t after = 0, before = 0;  // 0: not said
    std::size_t limit = 100;
};

ExitCode list(Invocation& invocation, const Wanted& wanted) {
    std::map<std::string, std::string> query = {{"limit", std::to_string(wanted.limit)}};
    if (wanted.after != 0) query["after"] = std::to_string(wanted.after);
    if (wanted.before != 0) query["before"] = std::to_string(wanted.before);
    const Value answer = ApiClient(invocation.socket()).get("/v1/audit", query);
    const auto& records = answer.at("records").list();
    Console& console = invocation.console;
    if (!console.text()) {
        for (const auto& row : records) console.object(row);
        return ExitCode::well;
    }
    Table table({"NUMBER", "WHEN", "WHO", "FROM", "WHAT", "DECISION", "ABOUT"});
    const std::int64_t now = now_ms();
    for (const auto& row : records) {
        const auto text = [&row](const char* key) {
            const Value* value = row.find(key);
            return value == nullptr || !value->is_text() ? std::string() : value->text();
        };
        std::string about = text("detail");
        if (about.empty()) about = text("job").substr(0, 10);
        table.add({std::to_string(row.at("number").integer()), ago(row.at("time_ms").integer(), now), text("who"), text("from"),
                   text("command"), text("decision"), about});
    }
    table.print(console);
    if (!records.empty() && records.front().at("number").integer() > 1 && wanted.after == 0 && !console.quiet())
        console.note("older ones: prove-cli audit list --before " + std::to_string(records.front().at("number").integer()));
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
    auto wanted = std::make_shared<Wanted>();
    CLI::App& lists = line.add(audit, "list", "the newest records, the last one last",
                               "  prove-cli audit list\n  prove-cli audit list --limit 20 --before 500\n  prove-cli audit list --after 500",
                               [wanted](Invocation& invocation) { return list(invocation, *wanted); });
    auto* before = lists.add_option("--before", wanted->before, "only records below this number, the newest of them");
    before->type_name("N");
    lists.add_option("--after", wanted->after, "only records above this number, the oldest of them")
        ->type_name("N")->excludes(before);
    lists.add_option("--limit", wanted->limit, "how many (default 100)")->check(CLI::Range(1, 1000))->type_name("N");
    line.add(audit, "verify", "recompute the chain of records and name the first bad one", "  prove-cli audit verify", verify);
}

}  // namespace prove
