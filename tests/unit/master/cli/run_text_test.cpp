// How runs look to people: each case is a file of tests/golden/cli. PROVE_ACCEPT=1 writes them anew; then read the
// difference before you commit it.
#include <catch2/catch.hpp>

#include <cstdlib>

#include "common/files/files.hpp"
#include "common/text/text.hpp"
#include "tests/support/in_sources.hpp"
#include "tests/unit/master/cli/reports.hpp"

using namespace prove;
using namespace prove::test;

namespace {

std::string plain(Colour, std::string_view text) {
    return std::string(text);
}

std::string shown(const std::vector<TargetOutcome>& outcomes, RunMode mode = RunMode::apply, bool verbose = false) {
    std::string text;
    for (const auto& line : states_lines(outcomes, mode, verbose, plain)) text += line + "\n";
    return text + "\n" + states_summary(outcomes, mode) + "\n";
}

void check_golden(const std::string& name, const std::string& text) {
    const std::string file = test::in_sources("/tests/golden/cli/") + name + ".txt";
    if (std::getenv("PROVE_ACCEPT") != nullptr) write_file_durably(file, text, 0644);
    INFO(name);
    CHECK(text == find_whole_file(file).value_or(""));
}

std::vector<StateInvocation> vhost_and_reload() {
    return {state("vhost", 3, Outcome::changed, "file.managed", "/etc/nginx/sites-enabled/blog.conf",
                  {change("file /etc/nginx/sites-enabled/blog.conf", "content", "blake2b:1", "blake2b:2", tls_diff)}),
            notified(state("nginx_reload", 18, Outcome::changed, "service.reloaded", "nginx",
                           {event("unit nginx", "reload")}),
                     "vhost")};
}

}  // namespace

TEST_CASE("targets with the same outcome are one block, the others have their own", "[cli][golden]") {
    StateInvocation certificate =
        failed("certificate", 11, "cmd.run", "exit code 1", "request-certificate: no answer on port 80\n");
    check_golden(
        "grouped",
        shown({outcome("web1", report(vhost_and_reload(), 41, 1200)),
               outcome("web2", report(vhost_and_reload(), 41, 800)),
               outcome("web3", report({certificate, skipped("mail", 20, "certificate"),
                                       skipped("monitor", 21, "certificate"), skipped("index", 22, "certificate")},
                                      39)),
               outcome("web4", "unreachable", "not connected for 3 d"),
               outcome("web5", "unreachable", "not connected for 3 d")}));
}

TEST_CASE("many targets of one block are named up to eight", "[cli][golden]") {
    std::vector<TargetOutcome> all;
    for (int i = 1; i <= 12; ++i) all.push_back(outcome("web" + std::to_string(i), report({}, 4, 10 * i)));
    check_golden("many", shown(all));
}

TEST_CASE("a new file is told in a line, with its mode and owner, and then its content", "[cli][golden]") {
    const std::string file = "file /etc/motd";
    check_golden(
        "new_file",
        shown({outcome("web1",
                       report({
                           state("motd", 1, Outcome::changed, "file.managed", "/etc/motd",
                                 {change(file, "existence", "absent", "file"),
                                  change(file, "content", "absent", "blake2b:1",
                                         "--- /dev/null\n+++ /etc/motd\n@@ -0,0 +1,2 @@\n+hello\n+world\n"),
                                  change(file, "mode", "absent", "0644"), change(file, "owner", "absent", "deploy")}),
                           state("gone", 5, Outcome::changed, "file.absent", "/etc/issue",
                                 {change("file /etc/issue", "existence", "file", "absent")}),
                           state("mode", 7, Outcome::changed, "file.attributes", "/etc/x",
                                 {change("file /etc/x", "mode", "0600", "0644")}),
                           state("user", 9, Outcome::changed, "user.present", "deploy",
                                 {change("user deploy", "existence", "absent", "present"),
                                  change("user deploy", "shell", "absent", "/bin/bash")}),
                           state("tools", 11, Outcome::changed, "package.installed", "curl, jq",
                                 {change("package curl", "version", "absent", "7.88"),
                                  change("package jq", "version", "absent", "1.6")}),
                           state("key", 13, Outcome::changed, "file.managed", "/etc/key",
                                 {change("file /etc/key", "content", "blake2b:1", "blake2b:2")}),
                       }))}));
}

TEST_CASE("a long diff is cut to forty lines unless all of it is asked for", "[cli][golden]") {
    std::string diff = "--- a\n+++ b\n@@ -0,0 +1,60 @@\n";
    for (int i = 1; i <= 60; ++i) diff += "+line " + std::to_string(i) + "\n";
    const auto run = report({state("big", 1, Outcome::changed, "file.managed", "/etc/big",
                                   {change("file /etc/big", "content", "a", "b", diff)})});
    const std::string cut = shown({outcome("web1", run)});
    CHECK(cut.find("40 |+line 40\n        ... 20 more lines; --verbose shows them\n") != std::string::npos);
    CHECK(cut.find("line 41") == std::string::npos);
    CHECK(shown({outcome("web1", run)}, RunMode::apply, true).find("60 |+line 60") != std::string::npos);
}

TEST_CASE("a plan looks the same, with a question mark for what is unknown and what it hangs on", "[cli][golden]") {
    StateInvocation unknown = state("app", 9, Outcome::unknown, "service.running", "blog");
    unknown.reason = unknown.parts[0].reason = "depends on package blog, not installed yet";
    StateInvocation change_it = vhost_and_reload()[0];
    change_it.outcome = change_it.parts[0].outcome = Outcome::would_change;
    check_golden("plan", shown({outcome("web1", report({change_it, unknown}, 3)), outcome("web2", report({}, 7))},
                               RunMode::plan));
}

TEST_CASE("a plan that finds nothing says that there is nothing to do", "[cli][golden]") {
    check_golden("plan_nothing",
                 shown({outcome("web1", report({}, 7)), outcome("web2", report({}, 9))}, RunMode::plan));
}

TEST_CASE("a notification from an earlier run says who owes it", "[cli][golden]") {
    check_golden(
        "owed",
        shown({outcome("web1", report({notified(vhost_and_reload()[1], "vhost", StateInvocation::Why::owed)}, 2))}));
}

TEST_CASE("verbose also lists what was right and why states were skipped", "[cli][golden]") {
    StateInvocation held = skipped("once", 30, "");
    held.because_of = StateId();
    held.reason = "unless: {exists: /etc/done} holds";
    check_golden("verbose", shown({outcome("web1", report({held}, 2))}, RunMode::apply, true));
}

TEST_CASE("a failure that was rescued says by what, and its block that it was", "[cli][golden]") {
    StateInvocation migrated = failed("migrated", 7, "cmd.run", "exit code 1");
    migrated.rescued_by = StateId("deploy");
    StateInvocation block;
    block.state = StateId("deploy");
    block.position = at("states/site.yml", 3);
    block.outcome = Outcome::rescued;
    block.reason = "'migrated' failed";
    check_golden("rescued", shown({outcome("web1", report({migrated, skipped("announced", 8, "migrated"), block}, 2))}));
}

TEST_CASE("what is held says what it waits for, and a change that is drift says so", "[cli][golden]") {
    StateInvocation moved = state("motd", 2, Outcome::changed, "file.attributes", "/etc/motd",
                                  {change("file /etc/motd", "mode", "0600", "0644")});
    moved.cause = Cause::drift;
    StateInvocation intended = state("issue", 3, Outcome::changed, "file.attributes", "/etc/issue",
                                     {change("file /etc/issue", "mode", "0600", "0644")});
    intended.cause = Cause::intended;
    StateInvocation file = state("vhost", 4, Outcome::held, "file.managed", "/etc/vhost");
    file.reason = file.parts[0].reason = "its content is with the master, which cannot be reached";
    StateInvocation late;
    late.state = StateId("peers");
    late.position = at("states/site.yml", 9);
    late.outcome = Outcome::held;
    late.reason = "only the master can compile it";
    const RunReport run = report({moved, intended, file, skipped("reload", 5, "vhost"), late}, 2);
    check_golden("held", shown({outcome("web1", run)}));
    CHECK(states_summary({outcome("web1", report({file}, 2))}, RunMode::apply) == "1 target: 1 held");
}

TEST_CASE("a failed state shows what came after its first line, and the end of its output", "[cli][golden]") {
    std::string output;
    for (int i = 1; i <= 25; ++i) output += "line " + std::to_string(i) + "\n";
    StateInvocation half = failed("pool", 4, "cmd.run", "exit code 2\nafter 3 attempts", output);
    half.parts[0].changed = true;
    StateInvocation unproved = state("flag", 6, Outcome::unproved, "file.managed", "/etc/flag");
    unproved.reason = unproved.parts[0].reason = "a second look still wants the mode of /etc/flag";
    RunReport run = report({half, unproved});
    run.notes = {"a debt to 'x' was dropped: no state of that name any more"};
    check_golden("failed", shown({outcome("web1", run)}));
}

TEST_CASE("a run that was interrupted shows what it had done, and why it ended", "[cli][golden]") {
    RunReport run = report(vhost_and_reload());
    run.end = RunReport::End::interrupted;
    run.reason = "prove-agent ended during the run";
    TargetOutcome one = outcome("web1", run);
    one.end = "interrupted";
    check_golden("interrupted", shown({one}));
}

TEST_CASE("S14 control characters from a target never reach the terminal", "[cli][S14]") {
    const std::string evil =
        "\033]0;owned\007\r\x9b"
        "2J";
    StateInvocation invocation = failed("st\x1b[31mate", 1, "cmd.run", evil, evil + "\n" + evil);
    invocation.parts[0].subject = evil;
    invocation.parts[0].changes = {
        change("file " + evil, "content", "a", "b", "@@ -1 +1 @@\n-" + evil + "\n+" + evil + "\n"),
        change("file " + evil, "mode", evil, evil)};
    RunReport run = report({invocation});
    run.notes = {evil};
    TargetOutcome one = outcome("web1\x1b[2J", run);
    const std::string text = shown({one, outcome("web2", "refused", evil)});
    for (const char c : text) CHECK((c == '\n' || static_cast<unsigned char>(c) >= 0x20));
    CHECK(text.find('\x7f') == std::string::npos);
}

TEST_CASE("a short diff numbers removed lines as they were and added lines as they are", "[cli]") {
    CHECK(short_diff(tls_diff) == std::vector<std::string>{"3 |-    listen 80;", "3 |+    listen 443 ssl;",
                                                           "4 |+    ssl_certificate /etc/ssl/blog.pem;"});
    CHECK(short_diff("@@ -9,2 +9,3 @@\n a\n+b\n c\n@@ -99 +100 @@\n-x\n+y\n") ==
          std::vector<std::string>{" 10 |+b", " 99 |-x", "100 |+y"});
    CHECK(short_diff("binary: 10 bytes -> 20 bytes") == std::vector<std::string>{"binary: 10 bytes -> 20 bytes"});
    CHECK(short_diff("@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+a\n") ==
          std::vector<std::string>{"1 |-a", "\\ No newline at end of file", "1 |+a"});
    CHECK(short_diff("@@ -x").empty());
    CHECK(short_diff("").empty());
}

TEST_CASE("a summary names every end, each with its number", "[cli]") {
    CHECK(ends_summary({outcome("a", "done", ""), outcome("b", "unreachable", ""), outcome("c", "done", "")}) ==
          "3 targets: 2 done, 1 unreachable");
    CHECK(states_summary({outcome("a", report(vhost_and_reload())), outcome("b", report({}, 1)),
                          outcome("c", report({failed("x", 1, "cmd.run", "no")})), outcome("d", "expired", "")},
                         RunMode::apply) == "4 targets: 1 changed, 1 ok, 1 failed, 1 expired");
}
