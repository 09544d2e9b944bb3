// The files that a host is read from: dpkg's database, accounts, apt's words. Also broken ones.
#include <catch2/catch.hpp>

#include <fstream>

#include "common/process/accounts.hpp"
#include "agent/host/apt.hpp"
#include "agent/host/dpkg_status.hpp"
#include "common/files/files.hpp"

using namespace prove;

namespace {

std::string stanza(const std::string& name, const std::string& status, const std::string& version,
                   const std::string& architecture = "amd64") {
    return "Package: " + name + "\nStatus: " + status + "\nArchitecture: " + architecture + "\nVersion: " + version +
           "\nDescription: x\n Package: not-a-package\n more\n\n";
}

const std::string installed = "install ok installed";

}  // namespace

TEST_CASE("dpkg's states are told apart") {
    DpkgStatus status;
    status.merge(stanza("dpkg", installed, "1.21") + stanza("curl", installed, "7.88") +
                 stanza("old", "deinstall ok config-files", "1") + stanza("half", "install ok half-configured", "2") +
                 stanza("held", "hold ok installed", "3") + stanza("trig", "install ok triggers-pending", "4"));
    CHECK(status.package("curl").state == PackageInfo::State::installed);
    CHECK(status.package("curl").version == "7.88");
    CHECK(status.package("old").state == PackageInfo::State::config_files);
    CHECK(status.package("half").state == PackageInfo::State::broken);
    CHECK(status.package("held").held);
    CHECK(status.package("trig").state == PackageInfo::State::installed);
    CHECK(status.package("gone").state == PackageInfo::State::absent);
    CHECK(status.package("not-a-package").state == PackageInfo::State::absent);
    CHECK(status.has_half_configured());
}

TEST_CASE("a package of a foreign architecture is another package") {
    DpkgStatus status;
    status.merge(stanza("dpkg", installed, "1") + stanza("libc6", installed, "2", "i386") +
                 stanza("doc", installed, "3", "all"));
    CHECK(status.package("libc6").state == PackageInfo::State::absent);
    CHECK(status.package("libc6:i386").version == "2");
    CHECK(status.package("doc").version == "3");
    CHECK(status.package("dpkg:amd64").version == "1");
    CHECK(status.package("dpkg:native").version == "1");
}

TEST_CASE("what dpkg has not merged yet counts, and names that it is still writing do not") {
    const TemporaryFolder folder;
    write_file_durably(folder.path() + "/status", stanza("curl", installed, "1"));
    make_folders(folder.path() + "/updates");
    write_file_durably(folder.path() + "/updates/0001", stanza("curl", "install ok unpacked", "2"));
    write_file_durably(folder.path() + "/updates/tmp.i", stanza("curl", installed, "9"));
    const auto status = DpkgStatus::read(folder.path());
    CHECK(status.package("curl").version == "2");
    CHECK(status.package("curl").state == PackageInfo::State::broken);
    CHECK(DpkgStatus::read(folder.path() + "/none").package("curl").state == PackageInfo::State::absent);
}

TEST_CASE("a database that is cut short or malformed gives what it says and no crash") {
    const std::string whole = stanza("curl", installed, "7.88");
    for (std::size_t size = 0; size <= whole.size(); ++size) {
        DpkgStatus status;
        status.merge(std::string_view(whole).substr(0, size));
        CHECK((status.package("curl").version.empty() ||
               std::string("7.88").rfind(status.package("curl").version, 0) == 0));
    }
    DpkgStatus status;
    status.merge("Package: x\nStatus: what\n\n\n\nPackage:\nStatus: install ok installed\n");
    CHECK(status.package("x").state == PackageInfo::State::absent);
}

TEST_CASE("the difference of two looks is what a transaction did") {
    DpkgStatus before, after;
    before.merge(stanza("aa", installed, "1") + stanza("bb", installed, "1") + stanza("dd", installed, "1"));
    after.merge(stanza("aa", installed, "2") + stanza("bb", installed, "1") + stanza("cc", installed, "1") +
                stanza("dd", "deinstall ok config-files", "1"));
    const auto differences = before.differences(after);
    REQUIRE(differences.size() == 3);
    CHECK(differences[0].name == "aa");
    CHECK(differences[0].after.version == "2");
    CHECK(differences[1].name == "cc");
    CHECK(differences[1].before.state == PackageInfo::State::absent);
    CHECK(differences[2].after.state == PackageInfo::State::config_files);
}

TEST_CASE("accounts are read from their files, and lines that are none are passed over") {
    const auto accounts = AccountFiles::parse(
        "root:x:0:0:root:/root:/bin/bash\nann:x:1000:1000:Ann,,,:/home/ann:/bin/sh\ntoor:x:0:0::/root:/bin/sh\n"
        "broken:x:12\n+nis::::::\nbad:x:abc:0::/:/bin/sh\nlong:x:99999999999:0::/:/bin/sh\nann:x:5:5:again:/:/\n",
        "root:x:0:\nann:x:1000:\nsudo:x:27:ann,bob\nadm:x:4:ann\nbroken:x\n");
    REQUIRE(accounts.user("ann") != nullptr);
    CHECK(accounts.user("ann")->comment == "Ann,,,");
    CHECK(accounts.user(0u)->name == "root");
    CHECK(accounts.user(1000u)->name == "ann");
    for (const char* name : {"broken", "+nis", "bad", "long"}) CHECK(accounts.user(name) == nullptr);
    CHECK(accounts.group(27u)->members == std::vector<std::string>{"ann", "bob"});
    CHECK(accounts.groups_of("ann") == std::vector<std::string>{"adm", "sudo"});
    CHECK(accounts.groups_of("nobody").empty());
}

TEST_CASE("a user's hash is found in a shadow file, and nobody else's") {
    const std::string shadow = "root:*:19000:0:99999:7:::\nann:$6$a$b:19000::::::\nann2:x\nlast:";
    CHECK(shadow_hash(shadow, "ann") == "$6$a$b");
    CHECK(shadow_hash(shadow, "root") == "*");
    CHECK(shadow_hash(shadow, "last")->empty());
    CHECK_FALSE(shadow_hash(shadow, "an"));
    CHECK_FALSE(shadow_hash("", "ann"));
}

TEST_CASE("what apt-get would remove is read from its simulation") {
    CHECK(simulated_removals(
              "Reading package lists...\nRemv b [1.0] [a:amd64 ]\nRemv a:amd64 [1]\nPurg a:amd64 [1]\nInst c\n") ==
          std::vector<std::string>{"b", "a"});
    CHECK(simulated_removals("").empty());
    CHECK(simulated_removals("Remv").empty());
}
