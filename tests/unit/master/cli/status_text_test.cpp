// How the whole looks to people; the cases are files of tests/golden/cli.
#include <catch2/catch.hpp>

#include <cstdlib>

#include "common/files/files.hpp"
#include "master/cli/status_text.hpp"
#include "tests/support/in_sources.hpp"

using namespace prove;

namespace {

constexpr std::int64_t now = 1'800'000'000'000;

std::string shown(const std::string& json) {
    std::string text;
    const auto plain = [](Colour, std::string_view words) { return std::string(words); };
    for (const auto& line : status_lines(read_json(json), now, plain)) text += line + "\n";
    return text;
}

void check_golden(const std::string& name, const std::string& text) {
    const std::string file = test::in_sources("/tests/golden/cli/") + name + ".txt";
    if (std::getenv("PROVE_ACCEPT") != nullptr) write_file_durably(file, text, 0644);
    INFO(name);
    CHECK(text == find_whole_file(file).value_or(""));
}

}  // namespace

TEST_CASE("where all is well, the status is six lines", "[cli][golden]") {
    check_golden("status_well", shown(R"({"version": "0.1.0", "started_ms": 1799740800000, "targets": {"connected": 118, "unknown": 0, "ssh": 2},
        "standings": {"converged": 119, "differs": 0}, "silent": [], "wrong_clocks": [], "keys_pending": 0, "keys_in_conflict": 0, "jobs": 0, "job_targets": {"preparing": 0, "waiting": 0, "running": 0},
        "catalog": {"directory": "/etc/prove/catalog", "hash": "3f2a91c0aabbccddeeff", "revision": "commit 1a2b3c4d5e6f of branch main",
                    "loaded_ms": 1799992800000, "targets": 120, "looked_at": 120, "compiled": 120, "problems": []},
        "runs": 5760, "runs_not_well": 0, "states_changed": 14, "states_drifted": 9, "not_well": [], "pauses": [], "database_bytes": 134217728})"));
}

TEST_CASE("what wants attention is named by the status, with the command that tells more", "[cli][golden]") {
    check_golden("status_attention", shown(R"({"version": "0.1.0", "started_ms": 1799999940000,
        "targets": {"connected": 3, "disconnected": 7}, "standings": {"converged": 6, "differs": 3}, "silent": [
            {"target": "a", "seen_ms": 1799999990000}, {"target": "b", "seen_ms": 1799990000000}, {"target": "c"},
            {"target": "d", "seen_ms": 1799999990000}, {"target": "e", "seen_ms": 1799999990000}, {"target": "f", "seen_ms": 1799999990000},
            {"target": "g", "seen_ms": 1799999999000}],
        "wrong_clocks": [{"target": "a", "ahead_ms": 10800000}, {"target": "b", "ahead_ms": -86400000}],
        "keys_pending": 1, "keys_in_conflict": 2, "jobs": 2, "job_targets": {"preparing": 0, "waiting": 40, "running": 3},
        "catalog": {"directory": "/etc/prove/catalog", "hash": "3f2a91c0aabbccddeeff", "loaded_ms": 1799992800000, "targets": 10,
                    "refused": true, "looked_at": 0, "compiled": 0, "problems": []},
        "runs": 12, "runs_not_well": 2, "states_changed": 1, "states_drifted": 0, "database_bytes": 134217728, "database_full": true,
        "pauses": [{"target": "role:web", "schedule": "nightly", "why": "moving racks", "who": "alice", "from": "x", "created_ms": 1,
            "until_ms": 1800003600000}],
        "not_well": [{"job": "01jd8zk4a90000000000000000", "operation": "states", "options": {"mode": "apply"}, "who": "schedule nightly",
            "from": "x", "created_ms": 1, "target": "web3", "phase": "ended", "end": "failed", "reason": "1 state failed",
            "ended_ms": 1799999980000},
            {"job": "01jd8zk4a80000000000000000", "operation": "cmd", "options": {"shell": "uptime"}, "who": "root", "from": "x",
            "created_ms": 1, "target": "web\u001b[2J4", "phase": "ended", "end": "unreachable", "reason": "not connected for 10 s\nlast seen 3 h ago",
            "ended_ms": 1799999970000}]})"));
}

TEST_CASE("without a catalog the status says so first", "[cli]") {
    const auto text = shown(R"({"version": "0.1.0", "started_ms": 1, "targets": {}, "standings": {}, "silent": [], "wrong_clocks": [], "keys_pending": 0, "keys_in_conflict": 0,
        "jobs": 0, "job_targets": {}, "catalog": {"directory": "/etc/prove/catalog", "looked_at": 0, "targets": 0, "compiled": 0, "problems": []},
        "runs": 0, "runs_not_well": 0, "states_changed": 0, "states_drifted": 0, "not_well": [], "pauses": [], "database_bytes": 1})");
    CHECK(text.find("none could be loaded yet from /etc/prove/catalog") != std::string::npos);
}
