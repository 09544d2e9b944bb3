// The options of inventories, as commands see them.
#include <catch2/catch.hpp>

#include <cstdlib>

#include "common/files/files.hpp"
#include "tests/unit/master/cli/captured.hpp"

using namespace prove;
using namespace prove::test;
using Catch::Matchers::Contains;

namespace {

struct Folder : TemporaryFolder {
    std::string write(const std::string& name, const std::string& text) const {
        write_file_durably(path() + "/" + name, text, 0644);
        return path() + "/" + name;
    }
};

std::string names_of(const Ran& ran) {
    std::string names;
    std::size_t at = 0;
    while ((at = ran.out.find("\"name\":\"", at)) != std::string::npos) {
        at += 8;
        names += ran.out.substr(at, ran.out.find('"', at) - at) + " ";
    }
    return names;
}

}  // namespace

TEST_CASE("an inventory's targets are shown without a catalog, and several inventories stand together", "[cli]") {
    const Folder folder;
    const auto roster = folder.write("roster", "web1: 192.0.2.1\n");
    const auto ini = folder.write("hosts.ini", "[db]\ndb[1:2]\n");
    CHECK(names_of(run({"--salt-roster", roster, "--ansible-inventory", ini, "--ssh-hosts", "lone", "-o", "json",
                        "targets"})) == "lone db1 db2 web1 ");
    CHECK(names_of(run({"--ansible-inventory", ini, "-o", "json", "targets", "group:db and not db1"})) == "db2 ");
}

TEST_CASE("--ssh-config alone means the user's own, also before and after a command", "[cli]") {
    const Folder home;
    make_folders(home.path() + "/.ssh");
    write_file_durably(home.path() + "/.ssh/config", "Host web1\n", 0600);
    const std::string before = std::getenv("HOME") == nullptr ? "" : std::getenv("HOME");
    ::setenv("HOME", home.path().c_str(), 1);
    const auto first = run({"--ssh-config", "-o", "json", "targets"}),
               second = run({"-o", "json", "--ssh-config", "targets"}),
               last = run({"-o", "json", "targets", "--ssh-config"});
    ::setenv("HOME", before.c_str(), 1);
    for (const auto* const ran : {&first, &second, &last}) {
        CHECK(names_of(*ran) == "web1 ");
        CHECK(ran->code == 0);
    }
    CHECK(names_of(run({"--ssh-config=" + home.path() + "/.ssh/config", "-o", "json", "targets"})) == "web1 ");
}

TEST_CASE("with an inventory there is no master, and states need a catalog", "[cli]") {
    const auto keys = run({"--ssh-hosts", "web1", "keys", "list"});
    CHECK(keys.code == 2);
    CHECK_THAT(keys.err, Contains("this command asks a master, and --ssh-hosts means working without one"));
    const auto both = run({"--ssh-hosts", "web1", "--master", "/run/x", "ping", "web1"});
    CHECK(both.code == 2);
    const auto plan = run({"--ssh-hosts", "web1", "states", "plan", "web1"});
    CHECK(plan.code == 2);
    CHECK_THAT(plan.err, Contains("which catalog? say --catalog DIR before the command"));
}

TEST_CASE(
    "what is wrong with an inventory is told with its line before anything is done, and what is left out is a note",
    "[cli]") {
    const Folder folder;
    const auto wrong = folder.write("roster", "web1:\n  passwd: x\n");
    const auto ran = run({"--salt-roster", wrong, "ping", "*"});
    CHECK(ran.code == 3);
    CHECK_THAT(ran.err, Contains(wrong + ":2:3: host web1: 'host' is missing") && Contains("'passwd' is not read") &&
                            Contains("2 errors; nothing was sent to any target"));
    const auto local = folder.write("hosts", "here ansible_connection=local ansible_remote_tmp=/x\n");
    const auto pinged = run({"--ansible-inventory", local, "ping", "here"});
    CHECK(pinged.code == 0);
    CHECK_THAT(pinged.out, Contains("here  answered"));
    CHECK_THAT(pinged.err, Contains("'ansible_remote_tmp' is Ansible's own affair and is left out"));
    CHECK(run({"--quiet", "--ansible-inventory", local, "ping", "here"}).code == 0);
}
