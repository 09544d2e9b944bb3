// Every state function, run twice: what the first run would change, and that the second wants nothing. On an
// OverlayHost over nothing, which is a plan of a machine with an empty root folder.
#include <catch2/catch.hpp>

#include "agent/host/null_reader.hpp"
#include "agent/host/overlay_host.hpp"
#include "tests/support/host_tests.hpp"

using namespace prove;
using namespace prove::testing;
using Lines = std::vector<std::string>;

namespace {

class Machine {
  public:
    Lines run(const std::string& function, const std::string& yaml) {
        return aspects(converge(*registry_.find(function), arguments_of(yaml, contents_), contents_, host_));
    }
    std::string failure(const std::string& function, const std::string& yaml) {
        try {
            (void)run(function, yaml);
        } catch (const Error& error) {
            return error.text();
        }
        return "no failure";
    }
    OverlayHost& host() { return host_; }
    std::string content(const std::string& path) { return host_.read_file(Path(path)); }
    void file(const std::string& path, const std::string& text) {
        FileWish wish;
        wish.content = contents_.add(text);
        wish.make_dirs = true;
        host_.write_file(Path(path), wish);
    }

  private:
    NullReader nothing_;
    OverlayHost host_{nothing_};
    MemoryContent contents_;
    FunctionRegistry registry_ = all_functions();
};

}  // namespace

TEST_CASE("file.managed writes a file once") {
    Machine machine;
    const std::string part = "{path: /etc/motd, content: \"hello\\n\", make_dirs: true, mode: \"0640\", user: root}";
    CHECK(machine.run("file.managed", part) == Lines{"existence: absent -> directory", "existence: absent -> file",
                                                     "content", "owner: absent -> root", "mode: absent -> 0640"});
    CHECK(machine.content("/etc/motd") == "hello\n");
    CHECK(machine.run("file.managed", part).empty());
}

TEST_CASE("file.managed changes what differs and keeps what it does not speak of") {
    Machine machine;
    machine.run("file.managed", "{path: /motd, content: one, mode: \"0600\"}");
    CHECK(machine.run("file.managed", "{path: /motd, content: two}") == Lines{"content"});
    CHECK(machine.host().stat(Path("/motd"))->mode == 0600);
    CHECK(machine.run("file.managed", "{path: /motd, content: two, mode: \"0644\"}") == Lines{"mode: 0600 -> 0644"});
}

TEST_CASE("file.managed with create_only leaves the content of an existing file") {
    Machine machine;
    machine.file("/motd", "old");
    CHECK(machine.run("file.managed", "{path: /motd, content: new, create_only: true}").empty());
    CHECK(machine.content("/motd") == "old");
}

TEST_CASE("file.managed fails in a folder that does not exist, and says what to do") {
    Machine machine;
    CHECK(machine.failure("file.managed", "{path: /a/b/motd, content: x}") ==
          "the folder '/a/b' does not exist; make it first with file.directory, or say make_dirs: true");
}

TEST_CASE("file.managed has the content's hash as an output") {
    NullReader nothing;
    OverlayHost host(nothing);
    MemoryContent contents;
    const auto registry = all_functions();
    const Function& function = *registry.find("file.managed");
    const Value values = arguments_of("{path: /motd, content: x}", contents);
    converge(function, values, contents, host);
    const Value outputs = function.read_outputs(Arguments(function.schema, values, &contents), host);
    CHECK(outputs.at("hash").text() == hash_of("x").hex());
}

TEST_CASE("file.attributes sets owner and mode of what exists, and of nothing else") {
    Machine machine;
    machine.file("/motd", "x");
    CHECK(machine.run("file.attributes", "{path: /motd, mode: \"0600\", group: \"12\"}") ==
          Lines{"group: root -> 12", "mode: 0644 -> 0600"});
    CHECK(machine.run("file.attributes", "{path: /motd, mode: \"0600\", group: \"12\"}").empty());
    CHECK(machine.failure("file.attributes", "{path: /gone, mode: \"0600\"}") ==
          "there is nothing at '/gone' whose owner or mode could be set");
    CHECK(machine.failure("file.attributes", "{path: /motd, user: nobody-here}") ==
          "there is no user 'nobody-here' on this host");
}

TEST_CASE("file.directory makes a directory, and its parents only when asked") {
    Machine machine;
    CHECK(machine.failure("file.directory", "{path: /srv/www}").find("the folder '/srv' does not exist") == 0);
    CHECK(machine.run("file.directory", "{path: /srv/www, make_dirs: true, mode: \"0750\"}") ==
          Lines{"existence: absent -> directory", "existence: absent -> directory", "mode: absent -> 0750"});
    CHECK(machine.run("file.directory", "{path: /srv/www, make_dirs: true, mode: \"0750\"}").empty());
    CHECK(machine.host().stat(Path("/srv"))->mode == 0755);
}

TEST_CASE("file.directory does not replace a file") {
    Machine machine;
    machine.file("/srv", "x");
    CHECK(machine.failure("file.directory", "{path: /srv}") ==
          "'/srv' is a file, not a directory; remove it first with file.absent if it is not needed");
}

TEST_CASE("file.symlink makes and changes links, and replaces other things only with force") {
    Machine machine;
    CHECK(machine.run("file.symlink", "{path: /link, target: /a}") ==
          Lines{"existence: absent -> link", "target: absent -> /a"});
    CHECK(machine.run("file.symlink", "{path: /link, target: /a}").empty());
    CHECK(machine.run("file.symlink", "{path: /link, target: ../b}") == Lines{"target: /a -> ../b"});
    machine.file("/file", "x");
    CHECK(machine.failure("file.symlink", "{path: /file, target: /a}") ==
          "'/file' is a file, not a symbolic link; say force: true to replace it");
    CHECK(machine.run("file.symlink", "{path: /file, target: /a, force: true}").size() == 2);
    machine.file("/full/x", "x");
    CHECK(machine.failure("file.symlink", "{path: /full, target: /a, force: true}").find("not empty") !=
          std::string::npos);
}

TEST_CASE("file.absent removes once, and what is full only with recurse") {
    Machine machine;
    machine.file("/srv/www/index.html", "x");
    CHECK(machine.failure("file.absent", "{path: /srv/www}") ==
          "'/srv/www' is a directory with 1 name in it; say recurse: true to remove it with all of them");
    CHECK(machine.run("file.absent", "{path: /srv/www, recurse: true}") == Lines{"existence: directory -> absent"});
    CHECK_FALSE(machine.host().stat(Path("/srv/www/index.html")));
    CHECK(machine.run("file.absent", "{path: /srv/www, recurse: true}").empty());
    CHECK(machine.run("file.absent", "{path: /never/was/there}").empty());
}

TEST_CASE("cmd.run with creates runs until that path is there") {
    Machine machine;
    const std::string part = "{cmd: make-it, creates: /made}";
    CHECK(machine.run("cmd.run", part).size() == 1);
    CHECK(machine.run("cmd.run", part).empty());
    CHECK(machine.run("cmd.run", "{cmd: always}").size() == 1);
    CHECK(machine.run("cmd.run", "{cmd: always}").size() == 1);
}

TEST_CASE("cmd.read changes nothing") {
    Machine machine;
    CHECK(machine.run("cmd.read", "{cmd: [hostname]}").empty());
}

TEST_CASE("package.installed and package.removed want nothing twice") {
    Machine machine;
    CHECK(machine.run("package.installed", "{package: [nginx, curl]}") ==
          Lines{"version: absent -> installed", "version: absent -> installed"});
    CHECK(machine.run("package.installed", "{package: [nginx, curl]}").empty());
    CHECK(machine.run("package.removed", "{package: curl}") == Lines{"version: installed -> absent"});
    CHECK(machine.run("package.removed", "{package: curl}").empty());
    CHECK(machine.run("package.removed", "{package: curl, purge: true}") == Lines{"version: config files -> absent"});
    CHECK(machine.run("package.removed", "{package: never-was}").empty());
}

TEST_CASE("package.installed with a version changes another version") {
    Machine machine;
    machine.run("package.installed", "{package: curl, version: \"7.1\"}");
    CHECK(machine.run("package.installed", "{package: curl}").empty());
    CHECK(machine.run("package.installed", "{package: curl, version: \"7.2\"}") == Lines{"version: 7.1 -> 7.2"});
}

TEST_CASE("service.* follow a unit whose file the run has written") {
    Machine machine;
    machine.file("/etc/systemd/system/blog.service",
                 "[Service]\nExecStart=/bin/blog\n[Install]\nWantedBy=multi-user.target\n");
    CHECK(machine.run("service.running", "{service: blog}") == Lines{"running: inactive -> active"});
    CHECK(machine.run("service.running", "{service: blog}").empty());
    CHECK(machine.run("service.enabled", "{service: [blog]}") == Lines{"enabled: disabled -> enabled"});
    CHECK(machine.run("service.enabled", "{service: blog.service}").empty());
    CHECK(machine.run("service.stopped", "{service: blog}") == Lines{"running: active -> inactive"});
    CHECK(machine.run("service.stopped", "{service: blog}").empty());
    CHECK(machine.run("service.disabled", "{service: blog}") == Lines{"enabled: enabled -> disabled"});
    CHECK(machine.run("service.disabled", "{service: blog}").empty());
}

TEST_CASE("service.* of a unit that is not there fail, but for stopped and disabled, which it is") {
    Machine machine;
    const std::string missing = "there is no unit 'gone.service' on this host; is its package installed?";
    for (const char* function : {"service.running", "service.enabled", "service.reloaded", "service.restarted"})
        CHECK(machine.failure(function, "{service: gone}") == missing);
    CHECK(machine.run("service.stopped", "{service: gone}").empty());
    CHECK(machine.run("service.disabled", "{service: gone}").empty());
}

TEST_CASE("service.reloaded and service.restarted are events: they happen each time") {
    Machine machine;
    machine.file("/etc/systemd/system/blog.service", "x");
    CHECK(machine.failure("service.reloaded", "{service: blog}").find("does not run") != std::string::npos);
    machine.run("service.running", "{service: blog}");
    for (int i = 0; i < 2; ++i) {
        CHECK(machine.run("service.reloaded", "{service: blog}").size() == 1);
        CHECK(machine.run("service.restarted", "{service: blog}").size() == 1);
    }
}

TEST_CASE("group.present and user.present want nothing twice") {
    Machine machine;
    CHECK(machine.run("group.present", "{name: deploy, gid: 2000}") ==
          Lines{"existence: absent -> present", "gid: absent -> 2000"});
    CHECK(machine.run("group.present", "{name: deploy, gid: 2000}").empty());
    const std::string user = "{name: ann, uid: 2001, group: deploy, shell: /bin/bash, comment: Ann, groups: [root]}";
    CHECK(machine.run("user.present", user) == Lines{"existence: absent -> present", "uid: absent -> 2001",
                                                     "group: absent -> deploy", "comment: absent -> Ann",
                                                     "shell: absent -> /bin/bash", "groups: absent -> root"});
    CHECK(machine.run("user.present", user).empty());
    CHECK(machine.run("user.present", "{name: ann, shell: /bin/sh}") == Lines{"shell: /bin/bash -> /bin/sh"});
}

TEST_CASE("user.present adds to groups, and takes out of them only when they are exclusive") {
    Machine machine;
    for (const char* name : {"a", "b"}) machine.run("group.present", std::string("{name: ") + name + "}");
    machine.run("user.present", "{name: ann, groups: [a]}");
    CHECK(machine.run("user.present", "{name: ann, groups: [b]}") == Lines{"groups: a -> a,b"});
    CHECK(machine.run("user.present", "{name: ann, groups: [a]}").empty());
    CHECK(machine.run("user.present", "{name: ann, groups: [b], exclusive_groups: true}") == Lines{"groups: a,b -> b"});
    CHECK(machine.run("user.present", "{name: ann, groups: [b, ann], exclusive_groups: true}").empty());
    CHECK(machine.failure("user.present", "{name: ann, groups: [gone]}") ==
          "there is no group 'gone' on this host; have group.present make it first");
}

TEST_CASE("S91 user.present never shows a password's hash") {
    Machine machine;
    const auto lines = machine.run("user.present", "{name: ann, password_hash: \"$6$salt$secret\"}");
    REQUIRE(lines.size() == 2);
    CHECK(lines[1].find("secret") == std::string::npos);
    CHECK(machine.run("user.present", "{name: ann, password_hash: \"$6$salt$secret\"}").empty());
    CHECK(machine.run("user.present", "{name: ann, password_hash: \"$6$salt$other\"}").size() == 1);
}
