// --ssh-hosts: hosts named on the command line, and how inventories become part of a catalog.
#include <catch2/catch.hpp>

#include "tests/support/catalog_folder.hpp"
#include "tests/unit/master/inventory/reading.hpp"

using namespace prove;
using namespace prove::test;

namespace {

std::string why_refused(const std::string& directory, const std::vector<Inventory>& inventories) {
    try {
        Catalog::load(directory, inventories);
    } catch (const CatalogError& error) {
        std::string text;
        for (const auto& diagnostic : error.diagnostics().sorted()) text += diagnostic.full_text() + "\n";
        return text;
    }
    return "";
}

}  // namespace

TEST_CASE("hosts of the command line are targets by SSH, each perhaps with a user and a port") {
    const auto inventory = read_ssh_hosts("web1, deploy@Web2.example.org:2222,10.0.0.7");
    CHECK(targets_text(inventory) ==
          "web1\n"
          "web2.example.org host=\"Web2.example.org\" ssh={\"user\":\"deploy\",\"port\":2222}\n"
          "10.0.0.7\n");
    CHECK(inventory.problems.all().empty());
}

TEST_CASE("S87 what is no host, user or port is an error at its place, and nothing of it reaches ssh") {
    CHECK(
        why_refused("", {read_ssh_hosts("-oProxyCommand=x,a b,x/y,b@c:99999,d:,,[::1]:22,web1")}) ==
        "--ssh-hosts:1:1: a host that becomes a target has letters, digits, '.', '_' and '-' in its name, begins and "
        "ends "
        "with a letter or digit and has no '..', found '-oProxyCommand=x'\n"
        "      1 | -oProxyCommand=x,a b,x/y,b@c:99999,d:,,[::1]:22,web1\n"
        "        | ^~~~~~~~~~~~~~~~\n"
        "--ssh-hosts:1:18: a host that becomes a target has letters, digits, '.', '_' and '-' in its name, begins and "
        "ends "
        "with a letter or digit and has no '..', found 'a b'\n"
        "      1 | -oProxyCommand=x,a b,x/y,b@c:99999,d:,,[::1]:22,web1\n"
        "        |                  ^\n"
        "--ssh-hosts:1:22: a host that becomes a target has letters, digits, '.', '_' and '-' in its name, begins and "
        "ends "
        "with a letter or digit and has no '..', found 'x/y'\n"
        "      1 | -oProxyCommand=x,a b,x/y,b@c:99999,d:,,[::1]:22,web1\n"
        "        |                      ^~~\n"
        "--ssh-hosts:1:30: a port is a number from 1 to 65535, found '99999'\n"
        "      1 | -oProxyCommand=x,a b,x/y,b@c:99999,d:,,[::1]:22,web1\n"
        "        |                              ^~~~~\n"
        "--ssh-hosts:1:38: a port is a number from 1 to 65535, found ''\n"
        "      1 | -oProxyCommand=x,a b,x/y,b@c:99999,d:,,[::1]:22,web1\n"
        "        |                                      ^\n"
        "--ssh-hosts:1:39: a host is missing: hosts are separated by one comma, as in web1,web2\n"
        "      1 | -oProxyCommand=x,a b,x/y,b@c:99999,d:,,[::1]:22,web1\n"
        "        |                                       ^\n"
        "--ssh-hosts:1:40: an address of IPv6 cannot be a target's name; give the host a name in ~/.ssh/config, found "
        "'[::1]:22'\n"
        "      1 | -oProxyCommand=x,a b,x/y,b@c:99999,d:,,[::1]:22,web1\n"
        "        |                                        ^\n");
    CHECK_THAT(
        why_refused("", {read_ssh_hosts("-lroot@web1,$(id)@web2")}),
        Catch::Contains("--ssh-hosts:1:1: target web1: ssh: a user has letters, digits, '.', '_', ':' and '-' and does "
                        "not begin with '-', found '-lroot'") &&
            Catch::Contains("--ssh-hosts:1:13: target web2: ssh: a user has letters"));
}

TEST_CASE("a host named twice is an error with both places") {
    CHECK_THAT(why_refused("", {read_ssh_hosts("web1,root@web1")}),
               Catch::StartsWith(
                   "--ssh-hosts:1:11: target web1: there is a target of this name already, at --ssh-hosts:1:1\n"));
}

TEST_CASE("an inventory stands beside a catalog's targets, and its groups before the catalog's") {
    const CatalogFolder folder(
        {{"prove.yml", "variables: {port: 80}\n"},
         {"targets.yml", "targets: [{name: db1}]\n"},
         {"groups.yml", "groups:\n  - {name: sites, match: 'group:web', variables: {port: 8080}}\n"}});
    const InventoryFiles files;
    const auto inventory = read_ansible_inventory(files.write("hosts", "[web]\nweb1\n"));
    const auto catalog = Catalog::load(folder.path(), {inventory, read_ssh_hosts("lone")});
    REQUIRE(catalog->targets().size() == 3);
    CHECK(catalog->targets()[0].id.text() == "db1");
    const auto resolved = catalog->resolve(TargetId("web1"), {});
    CHECK(resolved.groups == std::vector<std::string>{"all", "web", "sites"});
    CHECK(resolved.target->executor == "ssh");
    CHECK(catalog->target(TargetId("lone"))->position.text() == "--ssh-hosts:1:1");
    CHECK(catalog->line_of("--ssh-hosts", 1) == "lone");
    CHECK(catalog->hash() != Catalog::load(folder.path(), {inventory, read_ssh_hosts("other")})->hash());
}

TEST_CASE("a host that the catalog has as a target, too, is an error with both places") {
    const CatalogFolder folder(std::map<std::string, std::string>{{"targets.yml", "targets:\n  - name: web1\n"}});
    CHECK(why_refused(folder.path(), {read_ssh_hosts("web1")}) ==
          "--ssh-hosts:1:1: target web1: there is a target of this name already, at targets.yml:2:11\n"
          "      1 | web1\n        | ^~~~\n");
}

TEST_CASE("of ssh's own hosts the catalog's are its own: that file was not written for it") {
    const CatalogFolder folder(std::map<std::string, std::string>{
        {"targets.yml", "targets:\n  - {name: web1, executor: ssh, host: 10.0.0.1}\n"}});
    const InventoryFiles files;
    const auto catalog = Catalog::load(folder.path(), {read_ssh_config(files.write("config", "Host web1 web2\n"))});
    REQUIRE(catalog->targets().size() == 2);
    CHECK(catalog->target(TargetId("web1"))->host == "10.0.0.1");
}

TEST_CASE("without a catalog there are the inventory's targets and nothing else") {
    const auto catalog = Catalog::load("", {read_ssh_hosts("web1")});
    CHECK(catalog->targets().size() == 1);
    CHECK(catalog->state_file_names().empty());
    CHECK_FALSE(catalog->changed_on_disk());
}
