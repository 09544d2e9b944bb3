// What `prove-cli drift` prints.
#include <catch2/catch.hpp>

#include "common/text/text.hpp"
#include "master/cli/drift_text.hpp"

using namespace prove;

namespace {

std::string plain(Colour, std::string_view text) {
    return std::string(text);
}

std::string shown(const std::string& json, bool verbose = false) {
    return join(drift_lines(read_json(json), "7d", 1'000'000'000, verbose, plain), "\n");
}

std::string target(const std::string& name, const std::string& standing) {
    return R"({"target":")" + name + R"(","standing":")" + standing + R"(","since_ms":996400000,"judged_ms":999700000})";
}

}  // namespace

TEST_CASE("drift is told once for all targets that have it, with what became of it", "[cli]") {
    CHECK(shown(R"({"counts":{"converged":2,"differs":1},"targets":[)" + target("web1", "converged") + "," +
                target("web2", "converged") + "," + target("db1", "differs") +
                R"(],"drift":[{"state":"motd","place":"site.yml:3:1","changes":[
            {"resource":"file /etc/motd","aspect":"content","before":"blake2b:a","after":"blake2b:b",
             "diff":"--- a\n+++ b\n@@ -1 +1 @@\n-by hand\n+hello\n"},
            {"resource":"file /etc/motd","aspect":"mode","before":"0600","after":"0644"}],
            "targets":[{"target":"web1","end":"mended","since_ms":1,"found_ms":999700000,"job":"j"},
                       {"target":"web2","end":"mended","since_ms":1,"found_ms":999700000,"job":"j"},
                       {"target":"db1","end":"open","since_ms":996400000,"found_ms":999700000,"job":"j"}]}],
            "unsteady":[{"state":"clock","targets":[{"target":"web1","changes":9,"applies":12}]}],
            "silent":[{"target":"db2","status":"disconnected","seen_ms":996400000},{"target":"db3","status":"pending"}]})") ==
          "3 targets: 1 differs, 2 converged\n"
          "drifted\n"
          "  ~ motd  site.yml:3:1\n"
          "      web1, web2: mended, found 5 min ago\n"
          "      db1: open, first found 1 h ago\n"
          "      file /etc/motd content\n"
          "        1 |-by hand\n"
          "        1 |+hello\n"
          "      file /etc/motd mode: 0600 -> 0644\n"
          "changing again and again\n"
          "  clock: web1 (in 9 of its last 12 runs)\n"
          "not heard from\n"
          "  db2: disconnected, last seen 1 h ago\n"
          "  db3: pending, never seen\n"
          "\n"
          "TARGET  STANDING   SINCE    LAST LOOKED AT\n"
          "web1    converged  1 h ago  5 min ago\n"
          "web2    converged  1 h ago  5 min ago\n"
          "db1     differs    1 h ago  5 min ago");
}

TEST_CASE("of many targets only those that are not converged are listed", "[cli]") {
    std::string targets = target("bad", "failed");
    for (int i = 0; i < 40; ++i) targets += "," + target("web" + std::to_string(i), "converged");
    const std::string json = R"({"counts":{"converged":40,"failed":1},"targets":[)" + targets +
                             R"(],"drift":[],"unsteady":[],"silent":[]})";
    CHECK(shown(json) ==
          "41 targets: 1 failed, 40 converged\nno drift was found in the last 7d\n\n"
          "TARGET  STANDING  SINCE    LAST LOOKED AT\nbad     failed    1 h ago  5 min ago");
    CHECK(split_lines(shown(json, true)).size() == 45);
}

TEST_CASE("S14 what a host named itself cannot move the cursor", "[cli][S14]") {
    const std::string text = shown(R"({"counts":{},"targets":[],"drift":[{"state":"a\u001b[2J","place":"","changes":[
        {"resource":"file /\u001b[1m","aspect":"content","diff":"@@ -1 +1 @@\n+\u001b[5m\n"}],"targets":[]}],"unsteady":[],"silent":[]})");
    CHECK(text.find('\x1b') == std::string::npos);
}
