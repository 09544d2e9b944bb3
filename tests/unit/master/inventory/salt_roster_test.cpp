// --salt-roster: the hosts of a Salt roster.
#include <catch2/catch.hpp>

#include "tests/unit/master/inventory/reading.hpp"

using namespace prove;
using namespace prove::test;

namespace {

std::string roster(const std::string& text) {
    const InventoryFiles files;
    const auto inventory = read_salt_roster(files.write("roster", text));
    return targets_text(inventory) + files.problems(inventory);
}

}  // namespace

TEST_CASE("hosts of a roster are targets by SSH, as root where nobody else is named: so it is in Salt") {
    CHECK(roster("\xef\xbb\xbfweb1: 192.0.2.1\r\n"
                 "web2:\r\n"
                 "  host: web2.example.org\r\n"
                 "  user: deploy\r\n"
                 "  port: 2222\r\n"
                 "  sudo: yes\r\n"
                 "  priv: ~/.ssh/salt\r\n"
                 "web3: {host: 192.0.2.3, sudo: False, priv: agent-forwarding, sudo_user: root}\n") ==
          "web1 host=\"192.0.2.1\" ssh={\"user\":\"root\"}\n"
          "web2 host=\"web2.example.org\" ssh={\"user\":\"deploy\",\"port\":2222,\"become\":\"sudo\","
          "\"identity_file\":\"~/.ssh/salt\"}\n"
          "web3 host=\"192.0.2.3\" ssh={\"user\":\"root\"}\n");
    CHECK(roster("").empty());
}

TEST_CASE("what is Salt's own affair is left out with a warning") {
    CHECK(roster("web1:\n  host: 192.0.2.1\n  minion_opts: {log_level: debug}\n  timeout: 5\n") ==
          "web1 host=\"192.0.2.1\" ssh={\"user\":\"root\"}\n"
          "roster:3:3: warning: host web1: 'minion_opts' is Salt's own affair and is left out\n"
          "roster:4:3: warning: host web1: 'timeout' is Salt's own affair and is left out\n");
}

TEST_CASE("what would mean something else than in Salt is an error, and so is what is unknown") {
    CHECK(roster("web1:\n  host: 192.0.2.1\n  passwd: x\n  ssh_options: [a]\n  sudo_user: joe\n  prt: 22\n"
                 "web2: {user: joe}\nweb3: [a]\n-x: 192.0.2.1\n") ==
          "web1 host=\"192.0.2.1\" ssh={\"user\":\"root\"}\n"
          "roster:3:3: host web1: 'passwd' is not read: ssh is never given a password; let it have a key\n"
          "roster:4:3: host web1: 'ssh_options' is not read: options of ssh stand in ~/.ssh/config\n"
          "roster:5:14: host web1: 'sudo_user' is root or is left out, found 'joe'\n"
          "roster:6:3: host web1: unknown key 'prt'; did you mean 'port'?\n"
          "roster:7:7: host web2: 'host' is missing\n"
          "roster:8:7: host web3: expected a mapping, found a list\n"
          "roster:9:1: a host that becomes a target has letters, digits, '.', '_' and '-' in its name, begins and ends "
          "with a "
          "letter or digit and has no '..', found '-x'\n");
    CHECK(roster("[web1]\n") == "roster:1:1: a roster is a mapping such as 'web1: {host: 192.0.2.1}', found a list\n");
    CHECK_THAT(roster("web1: 192.0.2.1\nweb1: 192.0.2.2\n"), Catch::Contains("roster:2:1: "));
}

TEST_CASE("a roster that Salt would render or run is refused where that begins") {
    const std::string refused =
        "Salt would render or run this roster, and here it is read as it stands; write the result as plain YAML, and "
        "name "
        "that\n";
    CHECK(roster("web1:\n  host: {{ pillar.host }}\n") == "roster:2:9: " + refused);
    CHECK(roster("{% for i in range(3) %}\n") == "roster:1:1: " + refused);
    CHECK(roster("#!py\n") == "roster:1:1: " + refused);
}
