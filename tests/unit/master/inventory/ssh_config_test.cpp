// --ssh-config: the hosts that an ssh configuration names, as ssh_config(5) has it.
#include <catch2/catch.hpp>

#include <cstdlib>

#include "tests/unit/master/inventory/reading.hpp"

using namespace prove;
using namespace prove::test;

namespace {

std::string hosts_of(const std::string& text) {
    const InventoryFiles files;
    const auto inventory = read_ssh_config(files.write("config", text));
    return targets_text(inventory) + files.problems(inventory);
}

}  // namespace

TEST_CASE("targets are the words of Host lines that are no patterns; how they are reached is ssh's business") {
    CHECK(hosts_of("# Host no\n"
                   "Host *\n    ServerAliveInterval 5\n"
                   "Host web1 \"web2\" !web9 db* web? # web8\n    HostName 10.0.0.1\n    User deploy\n"
                   "\tHOST=Mail.example.org\n"
                   "host = web3\r\n"
                   "Match host web4\n"
                   "HostName web5\n") == "web1\nweb2\nmail.example.org host=\"Mail.example.org\"\nweb3\n");
}

TEST_CASE("a host named in several places is one target") {
    CHECK(hosts_of("Host web1 web1\nHost web1\n") == "web1\n");
}

TEST_CASE("what cannot be a target is left out with a warning, since the file was not written for Prove") {
    CHECK(
        hosts_of("Host -x a/b web1\nHost WEB1\n") ==
        "web1\n"
        "config:1:6: warning: is no target: a host that becomes a target has letters, digits, '.', '_' and '-' in its "
        "name, begins and ends with a letter or digit and has no '..', found '-x'\n"
        "config:1:9: warning: is no target: a host that becomes a target has letters, digits, '.', '_' and '-' in its "
        "name, begins and ends with a letter or digit and has no '..', found 'a/b'\n"
        "config:2:6: warning: is no target: it differs from 'web1' by capital letters alone\n");
}

TEST_CASE("included files are read, sorted, where ssh reads them for every host") {
    const InventoryFiles files;
    files.write("d/2.conf", "Host two\n");
    files.write("d/1.conf", "Host one\nHost other\n  User x\n");
    const auto path =
        files.write("config", "Include " + files.path() + "/d/*.conf " + files.path() + "/none\n" +
                                  "Host main\n  Include " + files.path() + "/d/2.conf\n" + "Host *\n  Include %h\n");
    const auto inventory = read_ssh_config(path);
    CHECK(targets_text(inventory) == "one\nother\ntwo\nmain\n");
    CHECK(files.problems(inventory) ==
          "config:3:11: warning: the hosts of 'd/2.conf' are left out: ssh includes it for the hosts of the line above "
          "alone; "
          "let it stand before every 'Host'\n"
          "config:5:11: warning: the hosts of '%h' are left out: only ssh knows what '%' and '$' are there\n");
}

TEST_CASE("a file that includes itself ends where ssh ends") {
    const InventoryFiles files;
    const auto path = files.path() + "/config";
    files.write("config", "Host web1\nHost *\nInclude " + path + "\n");
    const auto inventory = read_ssh_config(path);
    CHECK(targets_text(inventory) == "web1\n");
    CHECK(files.problems(inventory) ==
          "config:3:9: files are included 16 deep here, and ssh goes no deeper; does one include itself?\n");
}

TEST_CASE("a file that includes itself many times over ends soon, too") {
    const InventoryFiles files;
    const auto path = files.path() + "/config";
    files.write("config", "Include " + path + " " + path + " " + path + "\n");
    CHECK_THAT(files.problems(read_ssh_config(path)), Catch::Contains("more than 1000 files are included"));
}

TEST_CASE("slips are told: a quote that is not closed, a file that is none, a folder") {
    CHECK(hosts_of("Host \"web1\nHost web2\n") == "web2\nconfig:1:1: a quote is not closed in this line\n");
    CHECK(hosts_of(std::string("Host web1\n\0", 11)) != "web1\n");
    const InventoryFiles files;
    CHECK_THROWS_WITH(read_ssh_config(files.path()), Catch::EndsWith("is a folder; name a file of it"));
    CHECK_THROWS_WITH(read_ssh_config(files.path() + "/none"), Catch::EndsWith("no such file or directory"));
}
