// A catalog from a commit, with a real repository.
#include <catch2/catch.hpp>

#include <sys/stat.h>
#include <unistd.h>

#include "common/process/run.hpp"
#include "master/catalog/component.hpp"
#include "master/catalog/source.hpp"
#include "tests/support/catalog_on_disk.hpp"

using namespace prove;
using Catch::Matchers::Contains;

namespace {

struct Repository {
    CatalogOnDisk disk{{"targets.yml", "targets: [{name: web1, states: [site]}]\n"},
                       {"states/site.yml", "one: []\n"},
                       {"files/motd", "hello\n"}};

    Repository() {
        git({"init", "--quiet", "--initial-branch=main"});
        commit();
    }
    void git(std::vector<std::string> arguments) const {
        Command command;
        command.argv = {"git", "-c", "user.name=x", "-c", "user.email=x@y", "-c", "commit.gpgsign=false"};
        command.argv.insert(command.argv.end(), arguments.begin(), arguments.end());
        command.cwd = disk.path();
        const auto result = run_command(command);
        INFO(result.err);
        REQUIRE(result.exit_code == 0);
    }
    void commit() const {
        git({"add", "--all"});
        git({"commit", "--quiet", "--message", "x"});
    }
    std::shared_ptr<const Catalog> load() const { return Catalog::load_and_keep(commit_of_directory(disk.path()), ""); }
    std::string errors() const {
        try {
            load();
        } catch (const CatalogError& error) {
            std::string text;
            for (const auto& diagnostic : error.diagnostics().sorted()) text += diagnostic.full_text() + "\n";
            return text;
        }
        return "";
    }
};

}  // namespace

TEST_CASE("a catalog in Git is what is committed: what is only written is not in it", "[git]") {
    Repository repository;
    repository.disk.write("states/site.yml", "two: []\n");
    repository.disk.write("states/new.yml", "half writ");
    repository.disk.write("targets.yml", "targets: [");
    const auto catalog = repository.load();
    CHECK(catalog->state_file("site")->text == "one: []\n");
    CHECK(catalog->state_file("new") == nullptr);
    CHECK_FALSE(catalog->changed_on_disk());
    CHECK_THAT(catalog->revision(), Contains("commit ") && Contains(" of branch main"));
}

TEST_CASE("a commit, and a checkout of another branch, change a catalog in Git", "[git]") {
    Repository repository;
    const auto first = repository.load();
    repository.disk.write("states/site.yml", "two: []\n");
    CHECK_FALSE(first->changed_on_disk());
    repository.commit();
    CHECK(first->changed_on_disk());
    const auto second = repository.load();
    CHECK(second->hash() != first->hash());
    CHECK(second->state_file("site")->text == "two: []\n");

    repository.git({"checkout", "--quiet", "-b", "trial"});
    CHECK_FALSE(second->changed_on_disk());  // the same commit by another name
    repository.git({"checkout", "--quiet", "HEAD~1"});
    CHECK(second->changed_on_disk());
    CHECK(repository.load()->hash() == first->hash());
    CHECK_THAT(repository.load()->revision(), !Contains("branch"));
}

TEST_CASE("the same files have the same hash as a commit and as files", "[git]") {
    Repository repository;
    repository.disk.write("files/.hidden", "is served\n");
    repository.disk.write("states/site.yml~", "an editor's\n");
    repository.commit();
    CHECK(repository.load()->hash() == repository.disk.load()->hash());
}

TEST_CASE("files of a commit are served though they are gone from the work tree", "[git]") {
    Repository repository;
    const auto catalog = repository.load();
    repository.disk.remove("files/motd");
    CHECK(catalog->read_served(*catalog->served_file("prove://motd")) == "hello\n");
    CHECK(repository.load()->read_served(*catalog->served_file("prove://motd")) == "hello\n");
}

TEST_CASE("links in a commit are followed within it, and others are refused", "[git]") {
    Repository repository;
    REQUIRE(::symlink("site.yml", repository.disk.path_of("states/same.yml").c_str()) == 0);
    repository.commit();
    CHECK(repository.load()->state_file("same")->text == "one: []\n");
    REQUIRE(::symlink("../../etc/passwd", repository.disk.path_of("states/out.yml").c_str()) == 0);
    REQUIRE(::symlink("gone.yml", repository.disk.path_of("states/nowhere.yml").c_str()) == 0);
    REQUIRE(::symlink("/etc/passwd", repository.disk.path_of("states/root.yml").c_str()) == 0);
    repository.commit();
    const auto errors = repository.errors();
    CHECK_THAT(errors, Contains("states/out.yml: is a link that leads out of the catalog; put the file itself here"));
    CHECK_THAT(errors, Contains("states/root.yml: is a link that leads out of the catalog"));
    CHECK_THAT(errors, Contains("states/nowhere.yml: is a link that leads to no file of this commit"));
}

TEST_CASE("a function's mode is the one that is committed", "[git]") {
    Repository repository;
    repository.disk.write("components/web/functions/vhost", "#!/bin/sh\n");
    const auto function = repository.disk.path_of("components/web/functions/vhost");
    REQUIRE(::chmod(function.c_str(), 0644) == 0);
    repository.commit();
    CHECK_THAT(repository.errors(), Contains("components/web/functions/vhost: is not executable; chmod +x makes it so"));
    REQUIRE(::chmod(function.c_str(), 0755) == 0);
    repository.commit();
    CHECK(repository.load()->component("web")->functions.count("vhost") == 1);
}

TEST_CASE("S79 nothing of a repository's own configuration is run", "[git]") {
    Repository repository;
    for (const char* key : {"core.fsmonitor", "filter.x.smudge", "filter.x.clean", "diff.x.textconv", "core.sshCommand"})
        repository.git({"config", key, "touch " + repository.disk.path() + "/.git/ran"});
    repository.disk.write(".gitattributes", "* filter=x diff=x\n");
    repository.git({"-c", "filter.x.clean=cat", "-c", "core.fsmonitor=false", "add", "--all"});
    repository.git({"-c", "filter.x.clean=cat", "-c", "core.fsmonitor=false", "commit", "--quiet", "--message", "x"});
    remove_file(repository.disk.path() + "/.git/ran");
    CHECK(repository.load()->state_file("site")->text == "one: []\n");
    CHECK_FALSE(repository.load()->changed_on_disk());
    CHECK_FALSE(exists(repository.disk.path() + "/.git/ran"));
}

TEST_CASE("a work tree without a commit, and a directory that is none, are told so", "[git]") {
    CatalogOnDisk disk{{"targets.yml", ""}};
    CHECK_FALSE(is_git_work_tree(disk.path()));
    CHECK_THROWS_WITH(commit_of_directory(disk.path()), Contains("is no Git work tree; 'catalog_from: files'"));
    Command command;
    command.argv = {"git", "init", "--quiet"};
    command.cwd = disk.path();
    REQUIRE(run_command(command).succeeded());
    CHECK(is_git_work_tree(disk.path()));
    CHECK_THROWS_WITH(commit_of_directory(disk.path()), Contains("is a Git work tree without a commit; commit it"));
}
