// prove-cli init and adopt: what they write is a catalog that loads, checks and means what was found.
#include <catch2/catch.hpp>

#include <sys/stat.h>

#include "common/files/files.hpp"
#include "common/text/text.hpp"
#include "master/cli/adopted_catalog.hpp"
#include "tests/support/catalog_on_disk.hpp"
#include "tests/unit/master/cli/captured.hpp"

using namespace prove;
using namespace prove::test;
using Catch::Matchers::Contains;

namespace {

const char* found_on_web1 = R"({
  "packages": ["nginx"],
  "groups": [{"name": "deploy", "gid": 1000}],
  "users": [{"name": "deploy", "uid": 1000, "group": "deploy", "groups": ["www-data"], "home": "/home/deploy", "shell": "/bin/bash"}],
  "services": [{"name": "nginx", "enabled": true, "running": true}, {"name": "once", "enabled": true, "running": false},
               {"name": "off", "enabled": false, "running": false}, {"name": "static", "enabled": null, "running": true}],
  "files": [{"path": "/etc/nginx/a.mako", "type": "file", "user": "root", "group": "root", "mode": "0640", "base64": "JHt4fQo="},
            {"path": "/etc/nginx/on", "type": "symlink", "target": "../${off}"},
            {"path": "/srv", "type": "directory", "user": "root", "group": "root", "mode": "0755"}],
  "notes": ["something"]})";

}  // namespace

TEST_CASE("adopted states: packages, accounts, files, services, in an order in which they can be made", "[adopt]") {
    const CatalogFiles files = adopted_catalog("web1", read_json(found_on_web1));
    CHECK(files.at("states/adopted/web1.plain.yml").content == R"(# What web1 has, as it was found. Take what you care for, give it names of your own, delete the rest.
packages:
  - fn: package.installed
    package:
      - nginx
group deploy:
  - fn: group.present
    name: deploy
    gid: 1000
user deploy:
  - fn: user.present
    name: deploy
    uid: 1000
    group: deploy
    groups:
      - www-data
    home: /home/deploy
    shell: /bin/bash
    requires:
      - group deploy
/etc/nginx/a.mako:
  - fn: file.managed
    path: /etc/nginx/a.mako
    source: prove://adopted/web1/etc/nginx/a.mako.text
    user: root
    group: root
    mode: "0640"
/etc/nginx/on:
  - fn: file.symlink
    path: /etc/nginx/on
    target: "../${off}"
/srv:
  - fn: file.directory
    path: /srv
    user: root
    group: root
    mode: "0755"
service nginx:
  - fn: service.enabled
    service: nginx
  - fn: service.running
    service: nginx
service once:
  - fn: service.enabled
    service: once
service off:
  - fn: service.disabled
    service: "off"
  - fn: service.stopped
    service: "off"
service static:
  - fn: service.running
    service: static
)");
    CHECK(files.at("files/adopted/web1/etc/nginx/a.mako.text").content == "${x}\n");
    CHECK(files.at("files/adopted/web1/etc/nginx/a.mako.text").mode == 0600);
}

TEST_CASE("adopted states are a catalog that checks, beside what the target has already", "[adopt]") {
    CatalogOnDisk disk{{"targets.yml", "targets: [{name: web1, states: [own]}]\n"}, {"states/own.yml", "own: [{fn: meta.noop}]\n"}};
    write_catalog_files(disk.path(), adopted_catalog("web1", read_json(found_on_web1)));
    const Ran compiled = run({"--catalog", disk.path(), "--output", "json", "compile", "web1"});
    CHECK(compiled.code == 0);
    CHECK(compiled.err.empty());
    CHECK_THAT(compiled.out, Contains("../${off}") && Contains("own") && Contains("service static"));
}

TEST_CASE("where a survey found nothing, nothing is written", "[adopt]") {
    CHECK(adopted_catalog("web1", Value::object()).empty());
}

TEST_CASE("S46 a survey that no target of ours would send writes nothing", "[adopt]") {
    for (const char* body : {R"({"files": [{"path": "../../etc/passwd", "type": "file", "user": "a", "group": "a", "mode": "0644", "base64": ""}]})",
                             R"({"files": [{"path": "/a/../../b", "type": "symlink", "target": "x"}]})",
                             R"({"files": [{"path": "/a", "type": "socket"}]})", R"({"users": [{"name": "a"}]})",
                             R"({"extra": 1})", R"({"packages": 5})", "[]"}) {
        INFO(body);
        CHECK_THROWS_AS(adopted_catalog("web1", read_json(body)), Error);
    }
}

TEST_CASE("files of a catalog are written all or none, and none is overwritten", "[adopt]") {
    TemporaryFolder folder("prove-cli");
    write_file_durably(folder.path() + "/b.yml", "mine", 0644);
    try {
        write_catalog_files(folder.path(), {{"a.yml", {"a"}}, {"b.yml", {"b"}}});
        FAIL("written");
    } catch (const Error& error) {
        CHECK_THAT(error.text(), Contains("there is already 'b.yml'; nothing is overwritten"));
    }
    CHECK_FALSE(exists(folder.path() + "/a.yml"));
    CHECK(read_whole_file(folder.path() + "/b.yml") == "mine");
    // A folder where a file should be: what was written before it goes again.
    CHECK_THROWS_AS(write_catalog_files(folder.path(), {{"a.yml", {"a"}}, {"b.yml/c.yml", {"c"}}}), Error);
    CHECK_FALSE(exists(folder.path() + "/a.yml"));
    write_catalog_files(folder.path(), {{"files/key", {"k", 0600}}});
    struct stat status {};
    REQUIRE(::stat((folder.path() + "/files/key").c_str(), &status) == 0);
    CHECK((status.st_mode & 0777U) == 0600);
}

TEST_CASE("init starts a catalog that checks without an error or a lint", "[init]") {
    TemporaryFolder folder("prove-cli");
    const std::string catalog = folder.path() + "/catalog";
    const Ran started = run({"init", catalog});
    CHECK(started.code == 0);
    CHECK_THAT(started.out, Contains(catalog + "/targets.yml") && Contains("prove-cli --catalog " + catalog + " check"));
    const Ran checked = run({"--catalog", catalog, "check"});
    CHECK(checked.code == 0);
    CHECK_THAT(checked.out + checked.err, Contains("0 errors, 0 warnings"));
    const Ran planned = run({"--catalog", catalog, "--output", "json", "states", "plan", "*"});
    CHECK(planned.code == 0);
    CHECK_THAT(planned.out, Contains("/etc/motd"));

    const Ran again = run({"init", catalog});
    CHECK(again.code == 2);
    CHECK_THAT(again.err, Contains("'prove.yml'") && Contains("nothing is overwritten"));
}

TEST_CASE("adopt says where it would write, before it asks any host", "[adopt]") {
    const Ran nowhere = run({"adopt", "web1"});
    CHECK(nowhere.code == 2);
    CHECK_THAT(nowhere.err, Contains("--into DIR"));
}
