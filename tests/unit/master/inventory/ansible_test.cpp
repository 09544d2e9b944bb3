// --ansible-inventory: read as Ansible reads it. tests/golden/ansible/NAME.json is what `ansible-inventory -i NAME.ini
// --list` of ansible-core 2.14 says.
#include <catch2/catch.hpp>

#include <functional>
#include <set>

#include "tests/support/in_sources.hpp"
#include "tests/unit/master/inventory/reading.hpp"

using namespace prove;
using namespace prove::test;

namespace {

// What is a variable for states, of what Ansible says of a host.
Value without_ansibles_own(const Value& variables) {
    Value result = Value::object();
    for (const auto& member : variables.mapping())
        if (!member.key.starts_with("ansible_")) result.set(member.key, member.value);
    return result;
}

std::set<std::string> groups_by_ansible(const Value& list, const std::string& host) {
    std::set<std::string> groups;
    const std::function<bool(const std::string&)> has = [&](const std::string& group) {
        const Value* const said = list.find(group);
        bool found = false;
        if (const Value* const hosts = said == nullptr ? nullptr : said->find("hosts"))
            for (const auto& one : hosts->list()) found = found || one.text() == host;
        if (const Value* const children = said == nullptr ? nullptr : said->find("children"))
            for (const auto& child : children->list()) found = has(child.text()) || found;
        if (found) groups.insert(group);
        return found;
    };
    has("all");
    return groups;
}

void compare(const std::string& name, const std::string& suffix) {
    const auto file = in_sources("/tests/golden/ansible/" + name);
    const auto list = read_json(find_whole_file(file + ".json").value_or(""));
    const auto catalog = Catalog::load("", {read_ansible_inventory(file + suffix)});
    const auto& hosts = list.at("_meta").at("hostvars").mapping();
    CHECK(catalog->targets().size() == hosts.size());
    for (const auto& host : hosts) {
        INFO(host.key);
        const auto resolved = catalog->resolve(TargetId(host.key), {});
        CHECK(std::set<std::string>(resolved.groups.begin(), resolved.groups.end()) ==
              groups_by_ansible(list, host.key));
        Value merged = Value::object();
        for (const auto& layer : resolved.layers) merge_variables(merged, layer.variables);
        CHECK(merged == without_ansibles_own(host.value));
    }
}

std::string read(const std::string& name, const std::string& text) {
    const InventoryFiles files;
    const auto inventory = read_ansible_inventory(files.write(name, text));
    return targets_text(inventory) + files.problems(inventory);
}

}  // namespace

TEST_CASE("an inventory in INI gives the hosts, groups and variables that Ansible gives", "[golden]") {
    compare("shop", ".ini");
}

TEST_CASE("an inventory in YAML gives the hosts, groups and variables that Ansible gives", "[golden]") {
    compare("office", ".yml");
}

TEST_CASE("targets are reached as Ansible would reach them, by what stands nearest to the host") {
    CHECK(read("hosts",
               "[web]\n"
               "web1 ansible_host=192.0.2.1 ansible_port=2222 ansible_become_method=doas\n"
               "web2 ansible_ssh_user=joe ansible_become=no\n"
               "Web3:22 ansible_connection=local\n"
               "[web:vars]\n"
               "ansible_user=deploy\n"
               "ansible_become=yes\n"
               "ansible_ssh_private_key_file=~/.ssh/web\n"
               "ansible_python_interpreter=/usr/bin/python3\n"
               "site=blog\n") ==
          "web1 host=\"192.0.2.1\" "
          "ssh={\"user\":\"deploy\",\"port\":2222,\"identity_file\":\"~/.ssh/web\",\"become\":\"doas\"}\n"
          "web2 ssh={\"user\":\"deploy\",\"identity_file\":\"~/.ssh/web\"}\n"
          "web3 host=\"Web3\" local\n"
          "hosts:7:16: warning: host Web3: 'ansible_become' is left out for this machine: what needs root there is "
          "started as "
          "root\n");
}

TEST_CASE("each value has its place in the inventory, for errors and for 'variables --explain'") {
    const InventoryFiles files;
    const auto catalog = Catalog::load(
        "", {read_ansible_inventory(files.write("h.ini", "[w]\nweb1 x=1 mode=0644\n[w:vars]\ny = [2]\n"))});
    const auto layers = catalog->resolve(TargetId("web1"), {}).layers;
    REQUIRE(layers.size() == 2);
    CHECK(layers[0].rule == "group w");
    CHECK(files.shown(layers[0].variables.mapping().member("y")->key_position.text()) == "h.ini:4:1");
    CHECK(files.shown(layers[0].variables.at("y").position().text()) == "h.ini:4:5");
    CHECK(files.shown(layers[1].variables.at("mode").position().text()) == "h.ini:2:15");
}

TEST_CASE("what Ansible would render is an error, since here nobody does") {
    CHECK(read("h.ini", "web1 url=\"http://{{ inventory_hostname }}/\"\n") ==
          "web1 variables={\"url\":\"http://{{ inventory_hostname }}/\"}\n"
          "h.ini:1:10: host web1: the text 'http://{{ inventory_hostname }}/' is for Ansible to render, and here an "
          "inventory "
          "is read as it stands; write the value, or let it be a variable of the catalog\n");
    CHECK_THAT(read("h.yml", "all: {vars: {a: [{b: '{% if x %}'}]}}\n"),
               Catch::Contains("h.yml:1:22: group all: the text"));
}

TEST_CASE("programs, plugins and vaults are refused, with what to do instead") {
    const InventoryFiles files;
    const auto problems = [&](const std::string& name, const std::string& text) {
        return replace_all(files.problems(read_ansible_inventory(files.write(name, text))), files.path() + "/", "");
    };
    CHECK(problems("h", "#!/bin/sh\n") ==
          "h:1:1: is a program, and none is run for an inventory; let 'ansible-inventory -i h --list --yaml' write out "
          "what it "
          "says, and name that file\n");
    CHECK(problems("v.yml", "$ANSIBLE_VAULT;1.1;AES256\n62313365\n") ==
          "v.yml:1:1: is encrypted by ansible-vault, which Prove does not read; let 'ansible-inventory -i v.yml --list "
          "--yaml' "
          "write out what it says, and name that file\n");
    CHECK(problems("p.yml", "plugin: aws_ec2\nregions: [x]\n") ==
          "p.yml:1:1: this asks a plugin of Ansible for its hosts, and none is run; let 'ansible-inventory -i p.yml "
          "--list "
          "--yaml' write out what it says, and name that file\n");
    CHECK(problems("s.yml", "all:\n  vars:\n    x: !vault |\n      $ANSIBLE_VAULT;1.1\n") ==
          "s.yml:3:8: is encrypted by ansible-vault, which Prove does not read; 'prove-cli secret encrypt' makes a "
          "secret of a "
          "catalog\n");
}

TEST_CASE("S87 options of ssh, passwords and words that are no hosts do not come through an inventory") {
    CHECK(
        read("h.ini",
             "-oProxyCommand=x\n"
             "web1 ansible_host=-x ansible_ssh_common_args='-o ProxyCommand=x' ansible_password=x\n"
             "web2 ansible_port=99999 ansible_become=perhaps ansible_connection=docker\n"
             "web3 ansible_become=1 ansible_become_user=joe ansible_become_password=x ansible_nonsense=1\n"
             "web4 ansible_become=1 ansible_become_method=runas\n") ==
        "web1 host=\"-x\"\nweb2\nweb3\nweb4\n"
        "h.ini:1:1: a host that becomes a target has letters, digits, '.', '_' and '-' in its name, begins and ends "
        "with a "
        "letter or digit and has no '..', found '-oProxyCommand=x'\n"
        "h.ini:2:22: host web1: 'ansible_ssh_common_args' is not read: options of ssh stand in ~/.ssh/config\n"
        "h.ini:2:66: host web1: 'ansible_password' is not read: ssh is never given a password; let it have a key\n"
        "h.ini:3:19: host web2: 'ansible_port' is a number from 1 to 65535, found the integer 99999\n"
        "h.ini:3:40: host web2: 'ansible_become' is true or false, found the text 'perhaps'\n"
        "h.ini:3:67: host web2: 'ansible_connection' is ssh or local: others cannot be used, found the text 'docker'\n"
        "h.ini:4:43: host web3: 'ansible_become_user' is root or is left out, found the text 'joe'\n"
        "h.ini:4:47: warning: host web3: 'ansible_become_password' is left out: a password is asked for where a host "
        "wants "
        "one\n"
        "h.ini:4:73: warning: host web3: 'ansible_nonsense' is Ansible's own affair and is left out\n"
        "h.ini:5:45: host web4: 'ansible_become_method' is sudo, su or doas, found the text 'runas'\n");
    const InventoryFiles files;
    CHECK_THROWS_WITH(Catalog::load("", {read_ansible_inventory(files.write("h", "web1 ansible_host=-x\n"))}),
                      Catch::Contains("a host has letters"));
}

TEST_CASE("slips in INI are told where they stand") {
    CHECK(read("h.ini",
               "\xef\xbb\xbf[we b]\r\n"
               "[web:var]\r\n"
               "\tx\r\n"
               "[web]\r\n"
               "web1 \"x=1\r\n"
               "web2 x\r\n"
               "web[3:1] web[1:\r\n"
               "web[a:5]\r\n"
               "web7:\r\n"
               "[web:vars]\r\n"
               "x\r\n"
               "a-b=1\r\n"
               "[wbe:vars]\r\n"
               "[web:children]\r\n"
               "none two\r\n"
               "Web2\r\n") ==
          "web2\n"
          "h.ini:1:1: a section is [NAME], [NAME:vars] or [NAME:children] without blanks in it, found '[we b]'\n"
          "h.ini:2:6: a section's kind is hosts, vars or children, found 'var'\n"
          "h.ini:5:1: a quote is not closed in this line, or '\\' stands at its end\n"
          "h.ini:6:6: behind a host stand variables as NAME=VALUE, found 'x'\n"
          "h.ini:7:1: the range '[3:1]' ends before it begins\n"
          "h.ini:7:10: behind a host stand variables as NAME=VALUE, found 'web[1:'\n"
          "h.ini:8:1: the range '[a:5]' goes from one number or one letter to another\n"
          "h.ini:9:1: after the ':' of 'web7:' stands a port\n"
          "h.ini:11:1: a variable is NAME=VALUE, found 'x'\n"
          "h.ini:12:1: group web: a variable's name has letters, digits and '_', found 'a-b'\n"
          "h.ini:13:2: there is no group 'wbe'; did you mean 'web'?\n"
          "h.ini:15:1: here stands the name of a group, found 'none two'\n"
          "h.ini:16:1: there is no group 'Web2'\n");
}

TEST_CASE("slips in YAML are told where they stand") {
    CHECK(read("h.yml",
               "all:\n"
               "  host: {web1: {}}\n"
               "  hosts: {web2: 5, web3: }\n"
               "  children: [web]\n"
               "web: text\n") ==
          "web2\nweb3\n"
          "h.yml:2:3: group all: unknown key 'host'; did you mean 'hosts'?\n"
          "h.yml:3:17: group all: a host's value is a mapping of variables, found the integer 5\n"
          "h.yml:4:13: group all: 'children' is a mapping, found a list\n"
          "h.yml:5:6: group web: expected a mapping, found the text 'text'\n");
    CHECK(read("h.yml", "- web1\n") ==
          "h.yml:1:1: an inventory is a mapping of groups such as 'all: {hosts: {web1: {}}}', found a list\n");
    CHECK_THAT(read("h.yml", "all:\n\thosts:\n"), Catch::Contains("h.yml:2:1: "));
    CHECK_THAT(read("h.yml", "all: {}\nall: {}\n"), Catch::Contains("h.yml:2:1: "));
}

TEST_CASE("which form it is, its suffix says, or else its first line") {
    CHECK(read("hosts", "# x\nall:\n  hosts: {web1: {}}\n") == "web1\n");
    CHECK(read("hosts", "---\nall: {hosts: {web1: {}}}\n") == "web1\n");
    CHECK(read("hosts.json", "{\"all\": {\"hosts\": {\"web1\": {\"x\": 1}}}}") == "web1 variables={\"x\":1}\n");
    CHECK(read("hosts", "web1 x=1\n") == "web1 variables={\"x\":1}\n");
    CHECK_THAT(read("hosts.ini", "---\nall:\n"),
               Catch::StartsWith("hosts.ini:1:1: this is no line of INI; does the file hold YAML?"));
    CHECK(read("hosts", "").empty());
}

TEST_CASE("groups that are children of each other are an error that names the circle") {
    CHECK(read("h.ini", "[a:children]\nb\n[b:children]\nc\n[c:children]\na\n[x:children]\na\n") ==
          "h.ini:2:1: group a: groups are children of each other in a circle: 'a' > 'b' > 'c' > 'a'\n");
    CHECK(read("h.ini", "[a:children]\na\n") ==
          "h.ini:2:1: group a: groups are children of each other in a circle: 'a' > 'a'\n");
    CHECK_THAT(read("h.yml", "web: {children: {all: {}}}\n"), Catch::Contains("in a circle"));
}

TEST_CASE("a hostile inventory costs little and ends in one error") {
    CHECK_THAT(read("h.ini", "web[1:1000000000]\n"), Catch::Contains("makes more than 100000 hosts"));
    CHECK_THAT(read("h.ini", "web[1:9999]-[1:9999]-[1:9999]\n"), Catch::Contains("makes more than 100000 hosts"));
    CHECK_THAT(read("h.ini", "web[0:9223372036854775807:9223372036854775807]\n"),
               Catch::Contains("web9223372036854775807\n"));
    CHECK_THAT(read("h.ini", "web[1:100000]\nmail[1:2]\n"),
               Catch::Contains("h.ini:2:1: there are more than 100000 hosts"));
    std::string chain;
    for (int i = 0; i < 19'000; ++i) chain += "[g" + std::to_string(i) + ":children]\ng" + std::to_string(i + 1) + "\n";
    CHECK_THAT(read("h.ini", chain + "[g19000]\nweb[1:1000]\n"), Catch::Contains("more than 4000000 hosts together"));
    std::string deep;
    for (int i = 0; i < 1'000; ++i) deep += "{g: {children: ";
    CHECK_THAT(read("h.yml", deep), Catch::Contains("h.yml:1:"));
    const InventoryFiles files;
    const auto large = files.write("large", std::string((8u << 20) + 1, '\n'));
    CHECK_THROWS_WITH(read_ansible_inventory(large),
                      Catch::EndsWith("is larger than 8 MiB, too large for an inventory"));
    CHECK_THAT(read("h.ini", "web1 x=\xff\n"), Catch::StartsWith("h.ini:1:8: "));
}

TEST_CASE("an inventory that is damaged anywhere is read or refused, and nothing else happens") {
    std::uint32_t chance = 7;
    const auto random = [&chance](std::size_t below) {
        chance = chance * 1'664'525 + 1'013'904'223;
        return static_cast<std::size_t>(chance >> 8) % below;
    };
    const std::string marks = "[]:={}'\"#,-\\ \t\n0a!*|>";
    for (const auto& [name, suffix] : {std::pair("shop", ".ini"), std::pair("office", ".yml")}) {
        const auto right =
            find_whole_file(in_sources("/tests/golden/ansible/" + std::string(name) + suffix)).value_or("");
        for (int i = 0; i < 400; ++i) {
            auto text = right;
            for (std::size_t slips = 1 + random(4); slips > 0; --slips) {
                const auto at = random(text.size());
                const auto way = random(3);
                if (way == 0) text.erase(at, 1 + random(8));
                if (way == 1) text.insert(at, 1, marks[random(marks.size())]);
                if (way == 2) text[at] = marks[random(marks.size())];
            }
            const InventoryFiles files;
            const auto inventory = read_ansible_inventory(files.write("damaged" + std::string(suffix), text));
            try {
                const auto catalog = Catalog::load("", {inventory});
                CHECK(catalog->targets().size() == inventory.targets.list().size());
            } catch (const CatalogError& error) {
                for (const auto& problem : error.diagnostics().all()) CHECK(problem.position.known());
            }
        }
    }
}

TEST_CASE("variables in folders beside it are not read, and that is told") {
    const InventoryFiles files;
    files.write("group_vars/all.yml", "x: 1\n");
    CHECK(files.problems(read_ansible_inventory(files.write("hosts", "web1\n"))) ==
          "hosts:1:1: warning: the variables of 'group_vars' beside it are not read; let 'ansible-inventory -i hosts "
          "--list "
          "--yaml' write out what it says, and name that file\n");
}
