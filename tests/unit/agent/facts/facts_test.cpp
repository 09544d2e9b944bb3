// What a host says about itself, chosen by name, with custom facts; and conditions on facts.
#include <catch2/catch.hpp>

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "agent/facts/expression.hpp"
#include "agent/facts/facts.hpp"
#include "agent/facts/network.hpp"
#include "agent/host/linux_host.hpp"
#include "agent/host/null_reader.hpp"
#include "agent/host/overlay_host.hpp"
#include "common/files/files.hpp"
#include "common/yaml/yaml.hpp"

using namespace prove;
namespace fs = std::filesystem;

namespace {

// All names in a mapping of mappings, joined by dots; what is below net.interfaces is the machine's own.
void collect(const Value& value, const std::string& prefix, std::vector<std::string>& names) {
    for (const auto& member : value.mapping()) {
        const std::string name = prefix.empty() ? member.key : prefix + "." + member.key;
        if (member.value.is_mapping() && name != "net.interfaces")
            collect(member.value, name, names);
        else
            names.push_back(name);
    }
}

struct CustomFolder {
    fs::path folder = fs::path("/root") / ("prove-test-" + random_name());
    SystemClock clock;
    LinuxHost host{clock};

    CustomFolder() { fs::create_directory(folder); }
    ~CustomFolder() { fs::remove_all(folder); }
    void add(const std::string& name, const std::string& text, unsigned mode = 0644) {
        std::ofstream(folder / name) << text;
        REQUIRE(::chmod((folder / name).c_str(), mode) == 0);
    }
    Facts gather(std::vector<std::string> names = {"custom"}) {
        return gather_facts(host, {std::move(names), folder.string()});
    }
};

const std::string script = "#!/bin/sh\n";

}  // namespace

TEST_CASE("the facts of this machine are those that the list describes") {
    const SystemClock clock;
    LinuxHost host(clock);
    const Facts facts = gather_facts(host, {{}, "/nonexistent"});
    CHECK(facts.problems.empty());
    std::vector<std::string> names;
    collect(facts.values, "", names);
    for (const std::string& name : names) {
        INFO(name);
        const auto& known = fact_descriptions();
        CHECK(std::any_of(known.begin(), known.end(), [&](const FactDescription& fact) { return fact.name == name; }));
    }
    CHECK(facts.values.at("kernel").at("name").text() == "Linux");
    CHECK(facts.values.at("cpu").at("count").integer() >= 1);
    CHECK(facts.values.at("memory").at("total").integer() > 1'000'000);
}

TEST_CASE("facts are listed in the order of their names, each with its type and help") {
    const auto& facts = fact_descriptions();
    for (std::size_t i = 0; i < facts.size(); ++i) {
        CHECK_FALSE(facts[i].help.empty());
        CHECK_FALSE(facts[i].type.empty());
        if (i > 0) CHECK(facts[i - 1].name < facts[i].name);
    }
}

TEST_CASE("only the facts that were asked for are given") {
    NullReader nothing;
    OverlayHost host(nothing);
    host.edit_file(Path("/os-release"), "");
    host.make_directory(Path("/etc"), {}, false);
    host.edit_file(
        Path("/etc/os-release"),
        "# a comment\nID=ubuntu\nID_LIKE=\"debian\"\nVERSION_ID=\"22.04\"\nPRETTY_NAME='Ubuntu 22.04'\nbroken\n");
    const Facts facts = gather_facts(host, {{"os.family", "os.version"}, "/none"});
    CHECK(write_json(facts.values) == R"({"os":{"family":"debian","version":"22.04"}})");
    CHECK(write_json(gather_facts(host, {{"os.codename"}, "/none"}).values) == "{}");
    CHECK(gather_facts(host, {{"os"}, "/none"}).values.at("os").at("title").text() == "Ubuntu 22.04");
    CHECK_THROWS_WITH(gather_facts(host, {{"os.famly"}, "/none"}),
                      "there is no fact 'os.famly'; did you mean 'os.family'?");
}

TEST_CASE("a machine without the usual files has fewer facts and no failure") {
    NullReader nothing;
    const Facts facts = gather_facts(nothing, {{"os", "memory", "init", "host"}, "/none"});
    CHECK(facts.values.at("os").mapping().empty());
    CHECK(facts.values.at("host").find("machine_id") == nullptr);
}

TEST_CASE("the full name comes from /etc/hosts, and no name server is asked") {
    CHECK(fqdn_of("web1", "127.0.0.1 localhost\n127.0.1.1 web1.example.com web1 # x\n") == "web1.example.com");
    CHECK(fqdn_of("web1", "127.0.1.1 web11.example.com web11\n") == "web1");
    CHECK(fqdn_of("web1", "10.0.0.1 alias web1 web1.corp.example\n") == "web1.corp.example");
    CHECK(fqdn_of("web1.example.com", "") == "web1.example.com");
    CHECK(fqdn_of("web1", "# web1.example.com web1\n") == "web1");
}

TEST_CASE("custom facts are read from JSON and YAML, and programs are run") {
    if (::geteuid() != 0) return;
    CustomFolder custom;
    custom.add("site.json", R"({"name": "blog", "ports": [80, 443]})");
    custom.add("rack.yml", "row: 5\n");
    custom.add("dynamic", script + "echo '{\"uid\": '$(id -u)'}'\n", 0755);
    custom.add(".hidden", "x");
    custom.add("backup.json~", "x");
    const Facts facts = custom.gather();
    CHECK(facts.problems.empty());
    CHECK(write_json(facts.values) ==
          R"({"custom":{"dynamic":{"uid":0},"rack":{"row":5},"site":{"name":"blog","ports":[80,443]}}})");
    CHECK(write_json(custom.gather({"custom.site.name"}).values) == R"({"custom":{"site":{"name":"blog"}}})");
}

TEST_CASE("custom facts that a message could not hold are named, and never keep an agent from its master") {
    CustomFolder custom;
    custom.add("big.json", "\"" + std::string(40'000, 'x') + "\"");
    custom.add("deep.json", std::string(30, '[') + std::string(30, ']'));
    std::string keys;
    for (int i = 0; i < 1'001; ++i) keys += "k" + std::to_string(i) + ": 1\n";
    custom.add("wide.yml", keys);
    custom.add("good.json", "1");
    custom.add(std::string(200, 'n') + "\xff.json", "1");
    const Facts facts = custom.gather();
    CHECK(write_json(facts.values) == R"({"custom":{"good":1}})");
    CHECK(facts.problems.size() == 4);

    CustomFolder many;
    for (int i = 10; i < 30; ++i) many.add("f" + std::to_string(i) + ".json", "\"" + std::string(10'000, 'x') + "\"");
    const Facts some = many.gather();
    CHECK(some.values.find("custom")->mapping().size() == 13);
    CHECK(some.problems.size() == 7);
}

TEST_CASE("a custom fact that is wrong is named, and the others are there") {
    if (::geteuid() != 0) return;
    CustomFolder custom;
    custom.add("good.json", "1");
    custom.add("bad.json", "{\"a\": ");
    custom.add("fails", script + "exit 3\n", 0755);
    custom.add("prints", script + "echo no json\n", 0755);
    custom.add("neither.txt", "x");
    custom.add("good.yml", "2");
    fs::create_directory(custom.folder / "folder");
    const Facts facts = custom.gather();
    CHECK(facts.values.at("custom").at("good").integer() == 1);
    CHECK(facts.values.at("custom").mapping().size() == 1);
    REQUIRE(facts.problems.size() == 6);
    CHECK(std::any_of(facts.problems.begin(), facts.problems.end(), [](const std::string& text) {
        return text.find("fails': it ended with exit code 3") != std::string::npos;
    }));
}

TEST_CASE("S86 a custom fact that others can write is neither read nor run") {
    if (::geteuid() != 0) return;
    CustomFolder custom;
    const std::string trace = (custom.folder / "trace").string();
    custom.add("loose", script + "touch " + trace + "; echo 1\n", 0777);
    custom.add("theirs", script + "touch " + trace + "; echo 1\n", 0755);
    REQUIRE(::chown((custom.folder / "theirs").c_str(), 1234, 1234) == 0);
    custom.add("open.json", "1", 0666);
    const Facts facts = custom.gather();
    CHECK(facts.values.at("custom").mapping().empty());
    CHECK(facts.problems.size() == 3);
    CHECK_FALSE(exists(trace));
}

TEST_CASE("a condition on a fact compares texts, numbers, versions, lists and patterns") {
    const Value facts = read_yaml(
        "os: {family: debian, version: '12'}\ncpu: {count: 4}\nnet: {addresses: [10.0.0.5, fd00::1]}\ncustom: {role: "
        "db}\n",
        nullptr);
    for (const char* holds :
         {"os.family=debian", "os.family=deb*", "os.family!=redhat", "os.version>=12", "os.version<13", "os.version>9",
          "cpu.count=4", "cpu.count>3", "net.addresses=10.*", "custom.role=db", " os.family = debian "})
        CHECK(fact_holds(holds, facts));
    for (const char* fails :
         {"os.family=Debian", "os.family!=deb*", "os.version<12", "os.version>100", "cpu.count<4",
          "net.addresses=192.*", "custom.role=web", "custom.none=1", "custom.none!=1", "os.codename=x"})
        CHECK_FALSE(fact_holds(fails, facts));
}

TEST_CASE("of thousands of network interfaces those with addresses are kept, and no more than a greeting can carry",
          "[facts]") {
    std::map<std::string, NetworkInterface> many;
    for (int i = 0; i < 3'000; ++i) many["veth" + std::to_string(i)] = {"02:00:00:00:00:01", true, {}};
    many["wlan0"] = {"02:00:00:00:00:02", true, {"10.0.0.5"}};
    for (int i = 0; i < 100; ++i) {
        std::vector<std::string> addresses;
        for (int j = 0; j < 50; ++j) addresses.push_back("2001:db8:1111:2222:3333:4444:5555:" + std::to_string(i * 50 + j));
        many["br" + std::to_string(i)] = {"02:00:00:00:00:03", true, addresses};
    }
    const Value facts = interface_facts(many);
    CHECK(facts.at("interfaces").mapping().size() == 300);
    CHECK(facts.at("interfaces").find("wlan0") != nullptr);
    CHECK(facts.at("interfaces").find("br99") != nullptr);
    CHECK(facts.at("addresses").list().size() == 500);
    CHECK(write_json(facts).size() < 80'000);
}

TEST_CASE("a condition that is none, or asks for a fact that Prove does not have, is an error") {
    const Value facts = Value::object();
    for (const char* text : {"", "os.family", "=debian", "os.famly=debian", "nothing=1", "os.family=[a"})
        CHECK_THROWS_AS(fact_holds(text, facts), Error);
    CHECK_THROWS_WITH(check_fact_expression("os.famly=debian"),
                      "there is no fact 'os.famly'; did you mean 'os.family'?");
}
