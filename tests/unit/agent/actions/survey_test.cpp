// What a survey takes for worth telling, and what it leaves out, on a host that is written down here.
#include <catch2/catch.hpp>

#include <map>

#include "agent/actions/survey.hpp"
#include "common/process/accounts.hpp"
#include "agent/host/dpkg_stanzas.hpp"
#include "proto/messages.hpp"

using namespace prove;
using Catch::Matchers::Contains;

namespace {

// Files by path; a path that others are below is a folder. Accounts are those of its passwd and group.
class WrittenHost : public HostReader {
  public:
    struct File {
        std::string content, link;
        unsigned mode = 0644;
    };
    std::map<std::string, File> files;
    std::map<std::string, UnitInfo> units;
    std::string md5sum_says;
    mutable std::vector<std::string> looked;

    std::optional<FileInfo> stat(const Path& path) const override {
        FileInfo info;
        const auto found = files.find(path.text());
        if (found != files.end()) {
            info.type = found->second.link.empty() ? FileInfo::Type::regular : FileInfo::Type::symlink;
            info.mode = found->second.mode;
            info.size = found->second.content.size();
            return info;
        }
        const auto below = files.lower_bound(path.text() + "/");
        if (below == files.end() || !below->first.starts_with(path.text() + "/")) return std::nullopt;
        info.type = FileInfo::Type::directory;
        info.mode = 0755;
        return info;
    }
    std::string read_file(const Path& path, std::size_t) const override { return files.at(path.text()).content; }
    Hash hash_file(const Path& path) const override { return hash_of(files.at(path.text()).content); }
    std::string read_link(const Path& path) const override { return files.at(path.text()).link; }
    std::vector<std::string> list_directory(const Path& path) const override {
        std::vector<std::string> names;
        for (auto entry = files.lower_bound(path.text() + "/"); entry != files.end() && entry->first.starts_with(path.text() + "/"); ++entry) {
            std::string name = entry->first.substr(path.text().size() + 1);
            name = name.substr(0, name.find('/'));
            if (names.empty() || names.back() != name) names.push_back(name);
        }
        return names;
    }
    std::optional<Path> first_link(const Path&) const override { return std::nullopt; }
    std::optional<UserInfo> user(const std::string& name) const override { return copy(accounts().user(name)); }
    std::optional<UserInfo> user(std::uint32_t uid) const override { return copy(accounts().user(uid)); }
    std::optional<GroupInfo> group(const std::string& name) const override { return copy(accounts().group(name)); }
    std::optional<GroupInfo> group(std::uint32_t gid) const override { return copy(accounts().group(gid)); }
    std::vector<std::string> groups_of(const std::string& name) const override { return accounts().groups_of(name); }
    std::optional<std::string> password_hash(const std::string&) const override { throw Error(ErrorKind::internal, "a password was asked for"); }
    PackageInfo package(const std::string&) const override { return {}; }
    UnitInfo unit(const std::string& name) const override {
        const auto found = units.find(name);
        return found == units.end() ? UnitInfo() : found->second;
    }
    CommandResult look(const Command& command) const override {
        looked = command.argv;
        CommandResult result;
        result.out = md5sum_says;
        return result;
    }
    std::vector<std::string> ask(const ProgramCall&) const override { return {}; }

  private:
    AccountFiles accounts() const {
        return AccountFiles::parse(files.at("/etc/passwd").content, files.at("/etc/group").content);
    }
    template <class Info>
    static std::optional<Info> copy(const Info* info) {
        return info == nullptr ? std::nullopt : std::optional(*info);
    }
};

UnitInfo unit(bool running, const std::string& state) {
    UnitInfo info;
    info.exists = true;
    info.active_state = running ? "active" : "inactive";
    info.unit_file_state = state;
    return info;
}

WrittenHost host() {
    WrittenHost result;
    result.files["/etc/passwd"].content =
        "root:x:0:0:root:/root:/bin/bash\nwww-data:x:33:33::/var/www:/usr/sbin/nologin\n"
        "anna:x:1000:1000:Anna:/home/anna:/bin/bash\nlost:x:1001:4711::/home/lost:/bin/sh\nnobody:x:65534:65534::/:/bin/false\n";
    result.files["/etc/group"].content = "root:x:0:\nwww-data:x:33:anna\nanna:x:1000:\nadmins:x:2000:anna\n";
    return result;
}

const char* dpkg_status =
    "Package: dpkg\nEssential: yes\nStatus: install ok installed\nArchitecture: amd64\n\n"
    "Package: nginx\nStatus: install ok installed\nPriority: optional\nArchitecture: all\n"
    "Conffiles:\n /etc/nginx/nginx.conf 00000000000000000000000000000001\n /etc/nginx/mime.types 00000000000000000000000000000002\n"
    " /etc/nginx/gone 00000000000000000000000000000003\n /etc/nginx/secret 00000000000000000000000000000005\n"
    " /etc/nginx/old 00000000000000000000000000000004 obsolete\n\n"
    "Package: libpcre3\nStatus: install ok installed\nPriority: optional\nArchitecture: amd64\n\n"
    "Package: libc6\nStatus: install ok installed\nPriority: optional\nArchitecture: i386\n\n"
    "Package: cron\nStatus: install ok installed\nPriority: important\nArchitecture: amd64\n\n"
    "Package: purged\nStatus: deinstall ok config-files\nPriority: optional\nArchitecture: amd64\n";
const char* extended_states = "Package: libpcre3\nArchitecture: amd64\nAuto-Installed: 1\n";

}  // namespace

TEST_CASE("a survey tells the packages that somebody chose: not what came along, not the base system", "[survey]") {
    WrittenHost machine = host();
    machine.files["/var/lib/dpkg/status"].content = dpkg_status;
    machine.files["/var/lib/apt/extended_states"].content = extended_states;
    CHECK(write_json(survey_packages(machine, {}).list) == R"(["libc6:i386","nginx"])");
}

TEST_CASE("packages that are named are told whoever chose them; where only others are named, none", "[survey]") {
    WrittenHost machine = host();
    machine.files["/var/lib/dpkg/status"].content = dpkg_status;
    machine.files["/var/lib/apt/extended_states"].content = extended_states;
    CHECK(write_json(survey_packages(machine, {.packages = {"lib*", "purged"}}).list) == R"(["libc6:i386","libpcre3"])");
    CHECK(survey_packages(machine, {.services = {"*"}}).list.list().empty());
    CHECK(survey_packages(host(), {}).list.list().empty());
}

TEST_CASE("a survey tells services that were enabled; systemd's own and templates are not among them", "[survey]") {
    WrittenHost machine = host();
    for (const char* name : {"nginx.service", "getty@tty1.service", "systemd-networkd.service", "gone.service", "once.service"})
        machine.files["/etc/systemd/system/multi-user.target.wants/" + std::string(name)].link = "/lib/systemd/system/x";
    machine.files["/lib/systemd/system/other.service"].content = "";
    machine.files["/lib/systemd/system/getty@.service"].content = "";
    machine.units["nginx.service"] = unit(true, "enabled");
    machine.units["once.service"] = unit(false, "enabled");
    machine.units["other.service"] = unit(false, "disabled");
    CHECK(write_json(survey_services(machine, {}).list) ==
          R"([{"name":"nginx","enabled":true,"running":true},{"name":"once","enabled":true,"running":false}])");
    CHECK(write_json(survey_services(machine, {.services = {"oth*"}}).list) ==
          R"([{"name":"other","enabled":false,"running":false}])");
}

TEST_CASE("a survey tells the accounts of people with the groups of their own, and never a password", "[survey]") {
    const Accounts accounts = survey_accounts(host(), {});
    CHECK(write_json(accounts.users.list) ==
          R"([{"name":"anna","uid":1000,"group":"anna","groups":["admins","www-data"],"home":"/home/anna","shell":"/bin/bash","comment":"Anna"}])");
    CHECK(write_json(accounts.groups.list) == R"([{"name":"admins","gid":2000},{"name":"anna","gid":1000}])");
    CHECK(accounts.users.notes == std::vector<std::string>{"user 'lost': its group 4711 has no name; left out"});
    CHECK(write_json(survey_accounts(host(), {.users = {"www*"}}).users.list) ==
          R"([{"name":"www-data","uid":33,"group":"www-data","home":"/var/www","shell":"/usr/sbin/nologin","system":true}])");
}

TEST_CASE("a survey tells configuration files that are no longer as their package brought them, but no secret ones", "[survey]") {
    WrittenHost machine = host();
    machine.files["/var/lib/dpkg/status"].content = dpkg_status;
    machine.files["/etc/nginx/nginx.conf"] = {"mine\n", "", 0640 | 04};
    machine.files["/etc/nginx/mime.types"].content = "as it was\n";
    machine.files["/etc/nginx/secret"] = {"key", "", 0600};
    const auto line = [](const char* digits, const char* path) { return std::string(digits) + "  " + path + '\0'; };
    machine.md5sum_says = line("000000000000000000000000000000ff", "/etc/nginx/nginx.conf") +
                          line("00000000000000000000000000000002", "/etc/nginx/mime.types") +
                          line("000000000000000000000000000000ff", "/etc/nginx/secret") + "noise";
    const Findings found = survey_files(machine, {}, 1'000);
    CHECK(write_json(found.list) ==
          R"([{"path":"/etc/nginx/nginx.conf","type":"file","base64":"bWluZQo=","user":"root","group":"root","mode":"0644"}])");
    CHECK(machine.looked == std::vector<std::string>{"md5sum", "--zero", "--", "/etc/nginx/mime.types", "/etc/nginx/nginx.conf",
                                                     "/etc/nginx/secret"});
    REQUIRE(found.notes.size() == 1);
    CHECK_THAT(found.notes[0], Contains("/etc/nginx/secret was changed, but not everybody may read it"));
}

TEST_CASE("a file that is named is told with what it is, a folder with all that is in it", "[survey]") {
    WrittenHost machine = host();
    machine.files["/srv/app/run.sh"] = {"#!\n", "", 0750};
    machine.files["/srv/app/current"].link = "releases/7";
    machine.files["/srv/app/huge"].content = std::string((512u << 10) + 1, 'x');
    const Findings found = survey_files(machine, {.files = {"/srv/app", "/srv/app/run.sh", "/srv/none"}}, 1u << 20);
    CHECK(write_json(found.list) ==
          R"([{"path":"/srv/app","type":"directory","user":"root","group":"root","mode":"0755"},)"
          R"({"path":"/srv/app/current","type":"symlink","target":"releases/7"},)"
          R"({"path":"/srv/app/run.sh","type":"file","base64":"IyEK","user":"root","group":"root","mode":"0750"}])");
    CHECK(found.notes == std::vector<std::string>{"/srv/app/huge: larger than 512 KiB; left out", "/srv/none: there is no such file; left out"});
    CHECK(survey_files(machine, {.files = {"/srv/app/run.sh"}}, 2).notes ==
          std::vector<std::string>{"/srv/app/run.sh: more than 2 MiB of files at once; left out"});
}

TEST_CASE("a folder with more than 500 things in it is cut, and says so", "[survey]") {
    WrittenHost machine = host();
    for (int i = 0; i < 510; ++i) machine.files["/srv/many/" + std::to_string(i)].content = "x";
    const Findings found = survey_files(machine, {.files = {"/srv/many"}}, 1u << 20);
    CHECK(found.list.list().size() == 500);
    CHECK(found.notes == std::vector<std::string>{"more than 500 files: 11 left out; name smaller folders"});
}

TEST_CASE("S46 a survey's body is taken as it is meant or not at all", "[survey]") {
    CHECK_THROWS_AS(survey_from(read_json(R"({"package": ["x"]})")), Error);
    CHECK_THROWS_AS(survey_from(read_json(R"({"packages": "x"})")), Error);
    CHECK_THROWS_AS(survey_from(read_json("[]")), Error);
    const Survey survey = survey_from(read_json(R"({"packages": ["a"], "files": ["/b"]})"));
    CHECK(write_json(to_value(survey)) == R"({"packages":["a"],"files":["/b"]})");
    CHECK_FALSE(survey.usual());
}

TEST_CASE("paragraphs of dpkg's files: fields that go on, blank lines, no end", "[survey]") {
    const std::string text = "A: 1\nB:\n x\n y\n\n\n\nnonsense\nC: z";
    const auto stanzas = dpkg_stanzas(text);
    REQUIRE(stanzas.size() == 2);
    CHECK(stanzas[0].field("A") == "1");
    CHECK(stanzas[0].field("B") == "x\n y");
    CHECK(stanzas[0].field("C").empty());
    CHECK(stanzas[1].field("C") == "z");
    CHECK(dpkg_stanzas(std::string_view()).empty());
    CHECK(dpkg_stanzas(std::string_view(" begins in the middle\n")).size() == 1);
}
