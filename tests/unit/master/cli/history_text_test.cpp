// How the runs of a target look to people; the cases are files of tests/golden/cli.
#include <catch2/catch.hpp>

#include <cstdlib>

#include "common/files/files.hpp"
#include "master/cli/history_text.hpp"
#include "tests/support/in_sources.hpp"

using namespace prove;

namespace {

constexpr std::int64_t now = 1'800'000'000'000, minute = 60'000;

std::string plain(Colour, std::string_view text) {
    return std::string(text);
}

Value run(const std::string& job, std::int64_t minutes_ago, const std::string& more) {
    Value value = read_json(R"({"operation": "states", "options": {"mode": "apply"}, "who": "root", "from": "socket uid 0",
        "target": "web1", "phase": "ended", "end": "done", "created_ms": 1, "accepted_ms": 2})");
    const Value others = read_json("{" + more + "}");
    for (const auto& member : others.mapping()) value.set(member.key, member.value);
    value.set("job", job + "0000000000000000");
    value.set("ended_ms", now - minutes_ago * minute);
    return value;
}

const std::string nothing = R"("summary": {"mode": "apply", "ok": 43}, "schedule": "nightly", "who": "schedule nightly")";

std::string shown(std::vector<Value> runs, bool all = false) {
    std::string text;
    for (const auto& line : history_lines(Value(Value::List(runs.begin(), runs.end())), now, all, plain)) text += line + "\n";
    return text;
}

void check_golden(const std::string& name, const std::string& text) {
    const std::string file = test::in_sources("/tests/golden/cli/") + name + ".txt";
    if (std::getenv("PROVE_ACCEPT") != nullptr) write_file_durably(file, text, 0644);
    INFO(name);
    CHECK(text == find_whole_file(file).value_or(""));
}

}  // namespace

TEST_CASE("history names what changed and failed in each run, and why", "[cli][golden]") {
    check_golden("history", shown({
        run("01jd8zk4a9", 3, R"("schedule": "nightly", "who": "schedule nightly", "summary": {"mode": "apply", "ok": 40,
            "changed": 2, "states": [
            {"state": "vhost", "outcome": "changed", "cause": "drift", "about": "file.managed /etc/nginx/blog.conf", "place": "states/site.yml:3"},
            {"state": "motd", "outcome": "changed", "cause": "intended", "about": "file.managed /etc/motd", "place": "states/site.yml:9"}]})"),
        run("01jd8zk4a8", 33, R"("end": "failed", "reason": "1 state failed", "cause": "report", "summary": {"mode": "apply", "failed": 1,
            "skipped": 3, "ok": 39, "more_states": 2, "states": [
            {"state": "certificate", "outcome": "failed", "about": "cmd.run request-certificate", "place": "states/site.yml:11"}]})"),
        run("01jd8zk4a7", 63, R"("end": "unreachable", "reason": "not connected for 10 s\nlast seen 3 h ago")"),
        run("01jd8zk4a6", 93, R"("options": {"mode": "plan"}, "summary": {"mode": "plan", "ok": 40, "would_change": 1, "unknown": 1,
            "states": [{"state": "app", "outcome": "unknown", "about": "service.running app", "place": "states/app.yml:1"}]})"),
        run("01jd8zk4a5", 123, R"("operation": "cmd", "options": {"shell": "systemctl restart a-service-with-a-very-long-name-indeed"},
            "summary": {"exit_code": 0})"),
    }));
}

TEST_CASE("runs that had nothing to do, one after the other, are one line of history", "[cli][golden]") {
    check_golden("history_folded", shown({run("01jd8zk4a9", 3, nothing), run("01jd8zk4a8", 33, nothing), run("01jd8zk4a7", 63, nothing),
                                          run("01jd8zk4a6", 93, R"("summary": {"mode": "apply", "ok": 42, "changed": 1})"),
                                          run("01jd8zk4a5", 123, nothing), run("01jd8zk4a4", 153, nothing)}));
}

TEST_CASE("with all of them asked for, no run of history is folded away", "[cli]") {
    const auto text = shown({run("01jd8zk4a9", 3, nothing), run("01jd8zk4a8", 33, nothing), run("01jd8zk4a7", 63, nothing)}, true);
    for (const auto* job : {"01jd8zk4a9", "01jd8zk4a8", "01jd8zk4a7"}) CHECK(text.find(job) != std::string::npos);
}

TEST_CASE("a run that goes on is told with how far it is", "[cli]") {
    Value running = run("01jd8zk4a9", 0, "");
    running = read_json(R"({"job": "01jd8zk4a90000000000000000", "operation": "states", "options": {"mode": "apply"}, "who": "root",
        "from": "x", "created_ms": 1799999940000, "target": "web1", "phase": "running", "accepted_ms": 1799999940000})");
    const auto text = shown({running});
    CHECK(text.find("1 min ago") != std::string::npos);
    CHECK(text.find("running") != std::string::npos);
}

TEST_CASE("S14 what a host said is escaped in its history", "[cli]") {
    const auto text = shown({run("01jd8zk4a9", 3, R"("reason": "\u001b[2Jgone", "end": "failed", "summary": {"failed": 1,
        "states": [{"state": "a\u001b[31m", "outcome": "failed", "about": "cmd.run \u0007", "place": "x"}]})")});
    CHECK(text.find('\x1b') == std::string::npos);
    CHECK(text.find('\x07') == std::string::npos);
}
