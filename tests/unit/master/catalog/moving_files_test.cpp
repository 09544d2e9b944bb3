// Catalogs whose files are moved, removed and replaced between their listing and their reading: each is an error of
// that file, or what was there; nobody reads elsewhere, waits, or gets half a catalog.
#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include <functional>

#include "master/catalog/source.hpp"
#include "tests/support/catalog_on_disk.hpp"

using namespace prove;
using Catch::Matchers::Contains;

namespace {

// A directory in which something happens right after it was listed.
class Moving final : public CatalogSource {
  public:
    Moving(const std::string& directory, std::function<void()> happens)
        : files_(files_of_directory(directory)), happens_(std::move(happens)) {}
    std::vector<TreeFile> list(Diagnostics& diagnostics) override {
        auto listed = files_->list(diagnostics);
        happens_();
        return listed;
    }
    std::optional<std::string> read(const std::string& path, std::size_t limit) override {
        return files_->read(path, limit);
    }
    bool changed(const std::vector<TreeFile>& listed) const override { return files_->changed(listed); }

  private:
    std::unique_ptr<CatalogSource> files_;
    std::function<void()> happens_;
};

struct Site {
    CatalogOnDisk disk{{"targets.yml", "targets: [{name: web1, states: [site]}]\n"},
                       {"states/site.plain.yml", "a: {fn: cmd.run, cmd: x}\n"},
                       {"files/motd", "hello"}};
    TemporaryFolder elsewhere{"elsewhere"};

    std::shared_ptr<const Catalog> load(std::function<void()> happens) {
        return Catalog::load_and_keep(std::make_unique<Moving>(disk.path(), std::move(happens)), elsewhere.path());
    }
    // What is wrong where that happens, without excerpts.
    std::string errors(std::function<void()> happens) {
        try {
            load(std::move(happens));
        } catch (const CatalogError& error) {
            std::string result;
            for (auto diagnostic : error.diagnostics().sorted()) {
                diagnostic.excerpt.clear();
                result += diagnostic.full_text() + "\n";
            }
            return result;
        }
        return "";
    }
    void replace_by_link(const std::string& path, const std::string& to) const {
        REQUIRE(::unlink(disk.path_of(path).c_str()) == 0);
        REQUIRE(::symlink(to.c_str(), disk.path_of(path).c_str()) == 0);
    }
};

}  // namespace

TEST_CASE("a file that vanishes while the catalog is read is an error of that file, and nothing is loaded",
          "[loader]") {
    for (const char* path : {"targets.yml", "states/site.plain.yml", "files/motd"}) {
        Site site;
        const std::string errors = site.errors([&] { site.disk.remove(path); });
        CHECK_THAT(errors, Contains(std::string(path) + ": vanished while the catalog was read"));
    }
}

TEST_CASE("a name whose file vanished is not called unknown too", "[loader]") {
    Site site;
    CHECK(site.errors([&] { site.disk.remove("states/site.plain.yml"); }) ==
          "states/site.plain.yml: vanished while the catalog was read; load it again\n");
}

TEST_CASE("a whole catalog that vanishes while it is read is told file by file", "[loader]") {
    Site site;
    const std::string errors = site.errors([&] {
        for (const char* path : {"targets.yml", "states/site.plain.yml", "files/motd"}) site.disk.remove(path);
    });
    CHECK(std::count(errors.begin(), errors.end(), '\n') == 3);
}

TEST_CASE("S83 a file that becomes a link out of the catalog while it is read is refused", "[loader]") {
    for (const char* path : {"targets.yml", "states/site.plain.yml", "files/motd"}) {
        Site site;
        const std::string secret = site.elsewhere.path() + "/secret";
        write_file_durably(secret, "targets: []\n", 0600);
        CHECK(site.errors([&] { site.replace_by_link(path, secret); }) ==
              std::string(path) + ": leads out of its folder by a link that was put there meanwhile\n");
    }
}

TEST_CASE("S83 a folder that becomes a link out of the catalog while it is read is refused", "[loader]") {
    Site site;
    make_folders(site.elsewhere.path() + "/states");
    write_file_durably(site.elsewhere.path() + "/states/site.plain.yml", "a: {fn: cmd.run, cmd: y}\n", 0644);
    const std::string states = site.disk.path_of("states");
    CHECK(site.errors([&] {
        REQUIRE(::rename(states.c_str(), (site.elsewhere.path() + "/old").c_str()) == 0);
        REQUIRE(::symlink((site.elsewhere.path() + "/states").c_str(), states.c_str()) == 0);
    }) == "states/site.plain.yml: leads out of its folder by a link that was put there meanwhile\n");
}

TEST_CASE("a file that becomes a pipe or a folder while it is read keeps nobody waiting", "[loader]") {
    Site site;
    const std::string path = site.disk.path_of("files/motd");
    CHECK(site.errors([&] {
        REQUIRE(::unlink(path.c_str()) == 0);
        REQUIRE(::mkfifo(path.c_str(), 0644) == 0);
    }) == "files/motd: is no file any more\n");
    Site other;
    CHECK(other.errors([&] {
        other.disk.remove("files/motd");
        make_folders(other.disk.path_of("files/motd"));
    }) == "files/motd: is no file any more\n");
}

TEST_CASE("a file that grows beyond its limit while it is read is refused by name", "[loader]") {
    Site site;
    const std::string errors =
        site.errors([&] { site.disk.write("states/site.plain.yml", std::string((1u << 20) + 1, '#')); });
    CHECK_THAT(errors, Contains("states/site.plain.yml: "));
}

TEST_CASE("a file that is cut short while it is read is read as it is then", "[loader]") {
    Site site;
    CHECK_THAT(site.errors([&] { site.disk.write("targets.yml", "targets: [{name: web1, sta"); }),
               Contains("targets.yml:1:"));
}

TEST_CASE("a file that is only moved within the catalog is the file that it was", "[loader]") {
    Site site;
    const auto catalog = site.load([&] {
        site.disk.write("files/other", "hello");
        site.replace_by_link("files/motd", "other");
    });
    REQUIRE(catalog->served_file("prove://motd") != nullptr);
    CHECK(catalog->read_served(*catalog->served_file("prove://motd")) == "hello");
}

TEST_CASE("S83 a served file that became a link out of the catalog after it was loaded is not handed out", "[loader]") {
    Site site;
    const auto catalog = site.disk.load();
    const std::string secret = site.elsewhere.path() + "/secret";
    write_file_durably(secret, "hello", 0600);  // even with the same content
    site.replace_by_link("files/motd", secret);
    CHECK_THROWS_WITH(catalog->read_served(*catalog->served_file("prove://motd")), Contains("leads out of its folder"));
}
