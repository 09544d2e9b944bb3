// prove-cli keys: agents that want to join, and deciding about them.
#include <CLI/CLI.hpp>

#include "common/text/duration.hpp"
#include "common/text/text.hpp"
#include "master/api/client.hpp"
#include "master/api/http.hpp"
#include "master/cli/command_line.hpp"
#include "master/cli/table.hpp"

namespace prove {

namespace {

ExitCode list(Invocation& invocation) {
    Console& console = invocation.console;
    const Value answer = ApiClient(invocation.socket()).get("/v1/keys");
    if (!console.text()) {
        for (const auto& row : answer.at("keys").list()) console.object(row);
        return ExitCode::well;
    }
    console.line("master  " + answer.at("master").text());
    console.line("");
    Table table({"NAME", "STATE", "FINGERPRINT", "SEEN", "FROM", "NOTE"});
    const std::int64_t now = now_ms();
    bool pending = false;
    for (const auto& row : answer.at("keys").list()) {
        const auto text = [&row](const char* key) { return row.find(key) == nullptr ? std::string() : row.find(key)->text(); };
        const Value* seen = row.find("last_seen_ms");
        pending = pending || text("state") == "pending";
        table.add({text("name"), text("state"), text("fingerprint"), ago(seen == nullptr ? 0 : seen->integer(), now), text("address"),
                   text("note")});
    }
    table.print(console);
    if (pending && !console.quiet()) {
        console.line("");
        console.line("Compare a pending key's fingerprint with what its machine shows (prove-agent fingerprint), then:");
        console.line("  prove-cli keys accept NAME");
    }
    return ExitCode::well;
}

ExitCode decided(Invocation& invocation, const Value& row, const std::string& what) {
    if (!invocation.console.text()) {
        invocation.console.object(row);
    } else {
        invocation.console.line(escape_control(row.at("name").text()) + "  " + row.at("fingerprint").text() + "  " + what);
    }
    return ExitCode::well;
}

void add_accept(CommandLine& line, CLI::App& keys) {
    struct Wanted {
        std::string which, name;
        bool replace = false;
    };
    auto wanted = std::make_shared<Wanted>();
    CLI::App& command = line.add(keys, "accept", "let an agent in",
                                 "  prove-cli keys accept web1\n  prove-cli keys accept 7k2m-9qxa --name web1\n"
                                 "  prove-cli keys accept web1 --replace        # a rebuilt machine: its old key is revoked",
                                 [wanted](Invocation& invocation) {
                                     Value body = Value::object();
                                     if (!wanted->name.empty()) body.set("name", wanted->name);
                                     if (wanted->replace) body.set("replace", true);
                                     return decided(invocation, ApiClient(invocation.socket()).post("/v1/keys/" + encode_path_part(wanted->which) + "/accept", body),
                                                    "accepted");
                                 });
    command.add_option("KEY", wanted->which, "a name or a fingerprint (or its beginning)")->required();
    command.add_option("--name", wanted->name, "the name it gets; else the one it asked for")->type_name("NAME");
    command.add_flag("--replace", wanted->replace, "revoke the accepted key that has this name now");
}

void add_decision(CommandLine& line, CLI::App& keys, const std::string& name, const std::string& help, const std::string& done) {
    auto which = std::make_shared<std::string>();
    CLI::App& command = line.add(keys, name, help, "  prove-cli keys " + name + " web1\n  prove-cli keys " + name + " 7k2m-9qxa",
                                 [which, name, done](Invocation& invocation) {
                                     return decided(invocation, ApiClient(invocation.socket()).post("/v1/keys/" + encode_path_part(*which) + "/" + name, Value::object()), done);
                                 });
    command.add_option("KEY", *which, "a name or a fingerprint (or its beginning)")->required();
}

void add_token(CommandLine& line, CLI::App& keys) {
    struct Wanted {
        std::string pattern, address, lifetime;
    };
    auto wanted = std::make_shared<Wanted>();
    CLI::App& command = line.add(
        keys, "token", "make a join token: one use, one hour",
        "  prove-cli keys token\n  prove-cli keys token --name 'web*' --valid 24h\n"
        "  ssh root@web1 prove-agent join $(prove-cli keys token --name web1)",
        [wanted](Invocation& invocation) {
            Value body = Value::object();
            if (!wanted->pattern.empty()) body.set("pattern", wanted->pattern);
            if (!wanted->address.empty()) body.set("address", wanted->address);
            if (!wanted->lifetime.empty()) {
                const auto lifetime = parse_duration(wanted->lifetime);
                if (!lifetime || lifetime->count() == 0)
                    throw Error(ErrorKind::usage, "--valid wants " + std::string(duration_wanted()) + ", found " + prove::quoted(wanted->lifetime));
                body.set("lifetime_ms", static_cast<std::int64_t>(lifetime->count()));
            }
            const Value made = ApiClient(invocation.socket()).post("/v1/tokens", body);
            if (!invocation.console.text()) {
                invocation.console.object(made);
            } else {
                invocation.console.line(made.at("token").text());
            }
            return ExitCode::well;
        });
    command.add_option("--name", wanted->pattern, "only for an agent of this name; a glob is allowed")->type_name("NAME");
    command.add_option("--address", wanted->address, "the master's address as the agent reaches it; default from the master's settings")
        ->type_name("HOST[:PORT]");
    command.add_option("--valid", wanted->lifetime, "how long, at most 24h (default 1h)")->type_name("TIME");
}

}  // namespace

void add_keys(CommandLine& line) {
    CLI::App& keys = line.add(line.app(), "keys", "agents' keys: list, accept, reject, revoke, and join tokens",
                              "  prove-cli keys list\n  prove-cli keys accept web1\n  prove-cli keys token --name web1", nullptr);
    keys.require_subcommand(1);
    line.add(keys, "list", "every key and how it stands", "  prove-cli keys list\n  prove-cli --output json keys list", list);
    add_accept(line, keys);
    add_decision(line, keys, "reject", "turn a pending agent away", "rejected");
    add_decision(line, keys, "revoke", "cut an accepted agent off, now and for good", "revoked");
    add_token(line, keys);
}

}  // namespace prove
