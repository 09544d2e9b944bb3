// Loading a catalog: where things stand, what they are called, what is left out, what is refused. Messages and their
// places are in tests/golden/catalogs; here is what no repository can hold, and what loading gives when it is right.
#include <catch2/catch.hpp>

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "master/catalog/component.hpp"
#include "tests/support/catalog_on_disk.hpp"

using namespace prove;
using Names = std::vector<std::string>;

TEST_CASE("an empty directory is a catalog without targets", "[loader]") {
    const auto catalog = CatalogOnDisk{}.load();
    CHECK(catalog->targets().empty());
    CHECK(catalog->state_file_names().empty());
    CHECK(catalog->warnings().empty());
}

TEST_CASE("a directory that is not there is an error of its own kind", "[loader]") {
    try {
        Catalog::load("/nowhere/catalog");
        FAIL("loaded");
    } catch (const Error& error) {
        CHECK(error.kind() == ErrorKind::missing);
        CHECK(error.text() == "cannot open the catalog '/nowhere/catalog': no such file or directory");
    }
    CatalogOnDisk disk{{"prove.yml", ""}};
    CHECK_THROWS_AS(Catalog::load(disk.path_of("prove.yml")), Error);
}

TEST_CASE("a state file is called by its path without its suffixes", "[loader]") {
    const CatalogOnDisk disk{{"states/site.yml", "a: []"},        {"states/web/vhost.yml.mako", "a: []"},
                             {"states/plain.plain.yml", "a: []"}, {"states/data.json", "{}"},
                             {"states/v1.2.json.mako", "{}"},     {"states/long.yaml", "a: []"}};
    const auto catalog = disk.load();
    CHECK(catalog->state_file_names() == Names{"data", "long", "plain", "site", "v1.2", "web/vhost"});
    CHECK(catalog->state_file("site")->format == FileFormat::mako_yaml);
    CHECK(catalog->state_file("web/vhost")->format == FileFormat::mako_yaml);
    CHECK(catalog->state_file("plain")->format == FileFormat::plain_yaml);
    CHECK(catalog->state_file("data")->format == FileFormat::json);
    CHECK(catalog->state_file("v1.2")->format == FileFormat::mako_json);
    CHECK(*catalog->state_file("web/vhost")->path == "states/web/vhost.yml.mako");
    CHECK(catalog->state_file("site")->text == "a: []");
    CHECK(catalog->state_file("site")->hash == hash_of("a: []"));
    CHECK(catalog->state_file("nothing") == nullptr);
}

TEST_CASE("with renderer: plain a .yml is never a template, a .yml.mako always", "[loader]") {
    const CatalogOnDisk disk{{"prove.yml", "options: {renderer: plain}"},
                             {"states/a.yml", "a: []"},
                             {"states/b.yml.mako", "b: []"},
                             {"states/c.json.mako", "{}"},
                             {"states/d.json", "{}"}};
    const auto catalog = disk.load();
    CHECK(catalog->state_file("a")->format == FileFormat::plain_yaml);
    CHECK(catalog->state_file("b")->format == FileFormat::mako_yaml);
    CHECK(catalog->state_file("c")->format == FileFormat::mako_json);
    CHECK(catalog->state_file("d")->format == FileFormat::json);
}

TEST_CASE("within a component, states.yml is called as the component, and the rest stands below its name", "[loader]") {
    const CatalogOnDisk disk{{"components/nginx/states.yml", "a: []"},
                             {"components/nginx/files/nginx.conf", "conf"},
                             {"components/mail/states/queue.yml", "b: []"},
                             {"components/mail/variables.yml", "port: 25"},
                             {"components/mail/templates/macros.mako", "x"},
                             {"components/mail/component.yml", "name: mail\nversion: '1.2'\ndescription: post"},
                             {"components/mail/roles.yml", "roles: {mailer: {components: [mail]}}"},
                             {"files/motd", "hello"}};
    const auto catalog = disk.load();
    CHECK(catalog->state_file_names() == Names{"mail/queue", "nginx"});
    CHECK(catalog->state_file("mail/queue")->component == "mail");
    CHECK(catalog->served_urls() == Names{"prove://motd", "prove://nginx/nginx.conf"});
    CHECK(catalog->component("mail")->defaults->text == "port: 25");
    CHECK(catalog->component("nginx")->defaults == nullptr);
    CHECK(catalog->component("gone") == nullptr);
    CHECK(catalog->source_file("components/mail/templates/macros.mako")->text == "x");
}

TEST_CASE("a served file has the hash of its content and is read when asked for", "[loader]") {
    const std::string binary("\x00\xff\x7f", 3);
    const CatalogOnDisk disk{{"files/deep/logo.png", binary}, {"files/.bashrc", "x"}, {"files/README.md", "r"}};
    const auto catalog = disk.load();
    CHECK(catalog->served_urls() == Names{"prove://.bashrc", "prove://README.md", "prove://deep/logo.png"});
    const auto* const logo = catalog->served_file("prove://deep/logo.png");
    REQUIRE(logo != nullptr);
    CHECK(logo->size == 3);
    CHECK(logo->hash == hash_of(binary));
    CHECK(catalog->read_served(*logo) == binary);
    CHECK(catalog->served_file("prove://gone") == nullptr);
}

TEST_CASE("a served file that is no longer what was loaded is never handed out", "[loader]") {
    CatalogOnDisk disk{{"files/a", "one"}};
    const auto catalog = disk.load();
    disk.write("files/a", "two");
    CHECK_THROWS_WITH(catalog->read_served(*catalog->served_file("prove://a")),
                      "changed since the catalog was loaded; try again");
    disk.remove("files/a");
    CHECK_THROWS_WITH(catalog->read_served(*catalog->served_file("prove://a")),
                      "vanished since the catalog was loaded; try again");
}

TEST_CASE("hidden files, backups of editors and READMEs are no part of a catalog", "[loader]") {
    const CatalogOnDisk disk{{".git/config", "x"},
                             {"states/.site.yml.swp", "x"},
                             {"states/site.yml~", "x"},
                             {"states/README.md", "x"},
                             {"README", "x"},
                             {"Makefile", "x"},
                             {"states/site.yml", "a: []"}};
    CHECK(disk.load()->state_file_names() == Names{"site"});
}

TEST_CASE("sections are read in a fixed order: prove.yml, X.yml, then X.d by name", "[loader]") {
    const CatalogOnDisk disk{{"targets.d/20.yml", "targets: [{name: d}]"},
                             {"targets.d/10.json", R"({"targets": [{"name": "c"}]})"},
                             {"targets.yml", "targets: [{name: b}]"},
                             {"prove.yml", "targets: [{name: a}]"}};
    Names names;
    const auto catalog = disk.load();
    for (const auto& target : catalog->targets()) names.push_back(target.id.text());
    CHECK(names == Names{"a", "b", "c", "d"});
}

TEST_CASE("a section may be empty", "[loader]") {
    const CatalogOnDisk disk{{"targets.yml", ""}, {"groups.yml", "groups:\n"}, {"roles.yml", "# nothing yet\n"}};
    CHECK(disk.load()->targets().empty());
}

TEST_CASE("the hash depends on names and contents of all files, and on nothing else", "[loader]") {
    CatalogOnDisk one{{"states/a.yml", "a: []"}, {"files/x", "1"}};
    const CatalogOnDisk same{{"files/x", "1"}, {"states/a.yml", "a: []"}, {"states/.hidden", "z"}};
    const auto hash = one.load()->hash();
    CHECK(hash == same.load()->hash());
    one.write("files/x", "2");
    CHECK(hash != one.load()->hash());
    const CatalogOnDisk renamed{{"states/b.yml", "a: []"}, {"files/x", "1"}};
    CHECK(hash != renamed.load()->hash());
}

TEST_CASE("a changed, new, removed or renamed file is seen without reading any", "[loader]") {
    CatalogOnDisk disk{{"states/a.yml", "a: []"}, {"files/x", "1"}};
    const auto catalog = disk.load();
    CHECK_FALSE(catalog->changed_on_disk());
    SECTION("same size, other content") {
        disk.write("files/x", "2");
    }
    SECTION("a new file") {
        disk.write("states/b.yml", "b: []");
    }
    SECTION("a removed file") {
        disk.remove("files/x");
    }
    SECTION("a renamed file") {
        REQUIRE(::rename(disk.path_of("files/x").c_str(), disk.path_of("files/y").c_str()) == 0);
    }
    CHECK(catalog->changed_on_disk());
}

TEST_CASE("a catalog that is switched by renaming a link is seen as changed", "[loader]") {
    const CatalogOnDisk one{{"targets.yml", "targets: [{name: a}]"}}, two{{"targets.yml", "targets: [{name: b}]"}};
    const TemporaryFolder folder("switch");
    const auto link = folder.path() + "/catalog";
    REQUIRE(::symlink(one.path().c_str(), link.c_str()) == 0);
    const auto catalog = Catalog::load(link);
    CHECK(catalog->target(TargetId("a")) != nullptr);
    CHECK_FALSE(catalog->changed_on_disk());
    REQUIRE(::symlink(two.path().c_str(), (link + ".new").c_str()) == 0);
    REQUIRE(::rename((link + ".new").c_str(), link.c_str()) == 0);
    CHECK(catalog->changed_on_disk());
}

TEST_CASE("pipes and sockets in a catalog are refused without being opened", "[loader]") {
    const CatalogOnDisk disk{{"states/a.yml", "a: []"}};
    REQUIRE(::mkfifo(disk.path_of("states/b.yml").c_str(), 0600) == 0);
    CHECK(disk.errors() == "states/b.yml: is neither a file nor a folder; a catalog holds nothing else\n");
}

TEST_CASE("names with control characters or other than UTF-8 are refused and shown safely", "[loader]") {
    const CatalogOnDisk disk{{"files/a\x1b[2Jb", "x"}, {"files/c\xff", "x"}, {"files/new\nline", "x"}};
    const auto errors = disk.errors();
    CHECK(errors.find('\x1b') == std::string::npos);
    CHECK(errors.find("files/a\\x1b[2Jb: the name is not UTF-8 without control characters") != std::string::npos);
    CHECK(std::count(errors.begin(), errors.end(), '\n') == 3);
}

TEST_CASE("a file that is too large for what it is, is refused by name and limit", "[loader]") {
    const CatalogOnDisk disk{{"states/a.yml", std::string((1u << 20) + 1, '#')},
                             {"files/big", std::string(2u << 20, 'x')}};
    CHECK(disk.errors() == "states/a.yml: is larger than 1 MiB; split it up\n");
}

TEST_CASE("folders nested too deep are refused", "[loader]") {
    std::string path = "files";
    for (int i = 0; i < 40; ++i) path += "/d";
    const CatalogOnDisk disk{{path + "/x", "1"}};
    CHECK(disk.errors().find("folders are nested deeper than 32") != std::string::npos);
}

TEST_CASE("line_of gives the user's line of every text of the catalog", "[loader]") {
    const CatalogOnDisk disk{{"targets.yml", "targets:\n  - name: web1\n"}, {"states/a.yml", "one\ntwo: []\n"}};
    const auto catalog = disk.load();
    CHECK(catalog->line_of("targets.yml", 2) == "  - name: web1");
    CHECK(catalog->line_of("states/a.yml", 2) == "two: []");
    CHECK(catalog->line_of("states/a.yml", 9).empty());
    CHECK(catalog->line_of("gone.yml", 1).empty());
}

TEST_CASE("a wrong section hides no error of another", "[loader]") {
    const CatalogOnDisk disk{{"targets.yml", "targets: [{name: a, colour: red}]"},
                             {"groups.yml", "groups: 5"},
                             {"roles.yml", "roles: {web: {states: [gone]}}"},
                             {"states/b.txt", "x"}};
    const auto errors = disk.errors();
    CHECK(std::count(errors.begin(), errors.end(), '\n') == 4);
}
