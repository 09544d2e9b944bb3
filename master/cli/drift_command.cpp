// prove-cli drift: how the fleet stands, what drifted where, and who has not been heard from.
#include <CLI/CLI.hpp>

#include <algorithm>

#include "common/text/duration.hpp"
#include "common/text/text.hpp"
#include "master/api/client.hpp"
#include "master/cli/command_line.hpp"
#include "master/cli/drift_text.hpp"
#include "master/cli/pausing.hpp"
#include "master/cli/table.hpp"

namespace prove {

namespace {

struct Wanted {
    std::string expression = "*";
    std::string since = "7d";
};

ExitCode show(Invocation& invocation, const Wanted& wanted) {
    Console& console = invocation.console;
    const auto since = parse_duration(wanted.since);
    if (!since)
        throw Error(ErrorKind::usage, "'--since' takes " + std::string(duration_wanted()) + ", not " + prove::quoted(wanted.since));
    const std::int64_t now = now_ms(), from = std::max<std::int64_t>(0, now - since->count());
    ApiClient client(invocation.socket());
    const Value answer = client.get("/v1/drift", {{"match", wanted.expression}, {"from_ms", std::to_string(from)}});
    const bool none = answer.at("targets").list().empty();
    if (none) console.note("no target matches " + prove::quoted(wanted.expression));
    if (!console.text()) {
        console.object(answer);
    } else if (!none) {
        const auto colour = [&console](Colour shade, std::string_view text) { return console.coloured(shade, text); };
        for (const std::string& line : drift_lines(answer, wanted.since, now, console.verbose(), colour)) console.line(line);
        std::set<std::string> names;
        for (const auto& target : answer.at("targets").list()) names.insert(target.at("target").text());
        show_pauses_on(console, client.get("/v1/pauses").at("pauses"), names);
    }
    return ExitCode::well;
}

}  // namespace

void add_drift(CommandLine& line) {
    auto wanted = std::make_shared<Wanted>();
    CLI::App& command = line.add(line.app(), "drift", "how targets stand, what drifted, and who was not heard from",
                                 "  prove-cli drift\n  prove-cli drift 'role:webserver' --since 1d",
                                 [wanted](Invocation& invocation) { return show(invocation, *wanted); });
    command.add_option("EXPR", wanted->expression, "which targets; all where it is left out");
    command.add_option("--since", wanted->since, "how far back drift is shown (default 7d)")->type_name("DURATION");
}

}  // namespace prove
