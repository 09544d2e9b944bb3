// prove-cli diff for one target: what differs between two runs, and what of it is shown.
#include <catch2/catch.hpp>

#include "master/looking/run_diff.hpp"
#include "tests/unit/master/looking/looking.hpp"

using namespace prove;
using namespace prove::test;
using Catch::Matchers::Contains;

namespace {

RunDiff diff(const std::string& before, const std::string& after) {
    const Version old(before), fresh(after);
    return diff_runs(old.compile(), fresh.compile(), fresh.functions());
}

std::string text(const std::string& before, const std::string& after) {
    return diff_text(diff(before, after));
}

}  // namespace

TEST_CASE("equal catalogs make no difference, wherever their states are written", "[diff]") {
    const std::string states = "a: {fn: file.managed, path: /a, content: x}\nb: {fn: cmd.run, cmd: x, requires: [a]}\n";
    CHECK(diff(states, states).empty());
    CHECK(diff(states, "# a comment\n\n" + states).empty());
}

TEST_CASE("states that came and went are told with what they do", "[diff]") {
    CHECK(text("a: {fn: cmd.run, cmd: one}\n", "b: [{fn: cmd.run, cmd: two}, {fn: file.absent, path: /srv/b}]\n") ==
          "  + b  states/site.yml:1:1  cmd.run two, file.absent /srv/b\n"
          "  - a  states/site.yml:1:1  cmd.run one\n");
}

TEST_CASE("an argument that changed is told with both values, one that came or went with its own", "[diff]") {
    CHECK(text("a: {fn: file.managed, path: /a, content: x, mode: \"0644\", user: root}\n",
               "a: {fn: file.managed, path: /a, content: x, mode: \"0600\", group: adm}\n") ==
          "  ~ a  states/site.yml:1:1  file.managed /a\n"
          "      file.managed: user: no longer root\n"
          "      file.managed: mode: 0644 -> 0600\n"
          "      file.managed: group: now adm\n");
}

TEST_CASE("a file's content is told as a diff", "[diff]") {
    CHECK(text("a: {fn: file.managed, path: /a, content: \"one\\ntwo\\n\"}\n",
               "a: {fn: file.managed, path: /a, content: \"one\\n2\\n\"}\n") ==
          "  ~ a  states/site.yml:1:1  file.managed /a\n"
          "      file.managed: content\n"
          "        @@ -1,2 +1,2 @@\n"
          "         one\n"
          "        -two\n"
          "        +2\n");
}

TEST_CASE("a command of several lines is told as a diff", "[diff]") {
    CHECK_THAT(text("a: {fn: cmd.run, cmd: \"one\\ntwo\\n\"}\n", "a: {fn: cmd.run, cmd: \"one\\n2\\n\"}\n"),
               Contains("-two") && Contains("+2"));
}

TEST_CASE("requirements, notifications, conditions and flags are told in the words of the catalog", "[diff]") {
    const std::string result = text(
        "a: {fn: cmd.run, cmd: x}\nb: {fn: cmd.run, cmd: x, requires: [a], unless: {exists: /b}}\n"
        "c: {fn: cmd.run, cmd: x, lazy: true}\n",
        "a: {fn: cmd.run, cmd: x, notify: [c], timeout: 5s, retry: {attempts: 3}}\nb: {fn: cmd.run, cmd: x, unless: [{exists: /c}, test -e /d]}\n"
        "c: {fn: cmd.run, cmd: x, lazy: true, defer: true}\n");
    CHECK_THAT(result, Contains("cmd.run: notify: now [\"c\"]"));
    CHECK_THAT(result, Contains("cmd.run: timeout: now 5000ms"));
    CHECK_THAT(result, Contains("requires: no longer [\"a\"]"));
    CHECK_THAT(result, Contains("unless: {\"exists\":\"/b\"} -> [{\"exists\":\"/c\"},\"test -e /d\"]"));
    CHECK_THAT(result, Contains("defer: now true"));
}

TEST_CASE("the parts of a state are told by their numbers, its probes by their names", "[diff]") {
    CHECK_THAT(text("a: [{fn: cmd.run, cmd: x}, {fn: cmd.run, cmd: y}]\n", "a: [{fn: cmd.run, cmd: x}, {fn: cmd.run, cmd: z}]\n"),
               Contains("part 2, cmd.run: cmd: y -> z"));
    const std::string probed = "a:\n  probe: {cert: {exists: /c}}\n  parts: [{fn: cmd.run, cmd: \"${'s' if probe.cert else 'p'}\"}]\n";
    std::string other = probed;
    other.replace(other.find("'s'"), 3, "'t'");
    CHECK_THAT(text(probed, other), Contains("when cert: cmd.run: cmd: s -> t") && !Contains("when not cert"));
}

TEST_CASE("of states in another order the fewest are told", "[diff]") {
    const auto list = [](const std::string& ids) {
        std::string result;
        for (const char id : ids) result += std::string(1, id) + ": {fn: cmd.run, cmd: x}\n";
        return result;
    };
    CHECK(text(list("abcde"), list("bcdea")) == "  ~ a  states/site.yml:5:1  stands after e now\n");
    CHECK(text(list("abc"), list("cab")) == "  ~ c  states/site.yml:1:1  stands first now\n");
    CHECK(diff(list("abc"), list("axbc")).states.size() == 1);
}

TEST_CASE("options of the run that changed are told", "[diff]") {
    const auto with = [](const std::string& options) {
        return Version({{"states/site.yml", "a: {fn: cmd.run, cmd: x}\n"}, {"prove.yml", "options: " + options + "\n"}});
    };
    const Version before = with("{verify: true}"), after = with("{verify: false, parallelism: 4}");
    CHECK(diff_text(diff_runs(before.compile(), after.compile(), after.functions())) ==
          "  ~ option verify: true -> false\n  ~ option parallelism: 1 -> 4\n");
}

TEST_CASE("S62 what is sensitive is said to differ and never shown, in text and as data", "[diff]") {
    const std::string form = "a: {fn: file.managed, path: /a, content: \"canary-%\\nx\\n\", sensitive: true}\n"
                             "b: {fn: cmd.run, cmd: \"echo canary-%\", sensitive: true, onlyif: \"test canary-%\"}\n"
                             "c: {fn: user.present, name: app, password_hash: \"$6$canary$%\"}\n";
    std::string one = form, two = form;
    for (auto at = one.find('%'); at != std::string::npos; at = one.find('%')) one[at] = '1';
    for (auto at = two.find('%'); at != std::string::npos; at = two.find('%')) two[at] = '2';
    const RunDiff result = diff(one, two);
    REQUIRE(result.states.size() == 3);
    CHECK_THAT(diff_text(result), Contains("differs (sensitive)") && !Contains("canary"));
    CHECK_THAT(write_json(to_value(result)), Contains("\"hidden\":true") && !Contains("canary"));
    const std::string hash = hash_of("canary-2\nx\n").hex().substr(0, 12);
    CHECK_THAT(write_json(to_value(result)), !Contains(hash));  // a short secret could be guessed from it
}

TEST_CASE("S62 what was sensitive before or is now is not shown from either side", "[diff]") {
    const std::string open = "a: {fn: cmd.run, cmd: canary-1}\n", hidden = "a: {fn: cmd.run, cmd: canary-2, sensitive: true}\n";
    CHECK_THAT(text(open, hidden), !Contains("canary-2") && !Contains("cmd: canary-1"));
    CHECK_THAT(text(hidden, open), !Contains("canary-2"));
    CHECK_THAT(text("z: {fn: cmd.run, cmd: x}\n", hidden), Contains("+ a") && !Contains("canary"));
}

TEST_CASE("S14 control characters of a catalog do not reach the terminal", "[diff]") {
    CHECK(text("a: {fn: cmd.run, cmd: x}\n", "a: {fn: cmd.run, cmd: \"\\e[31mx\"}\n").find('\x1b') == std::string::npos);
}
