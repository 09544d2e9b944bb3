// What a plan can know and what it cannot.
#include <catch2/catch.hpp>

#include "agent/host/null_reader.hpp"
#include "agent/host/overlay_host.hpp"
#include "tests/support/host_tests.hpp"

using namespace prove;
using namespace prove::testing;

namespace {

struct Plan {
    NullReader nothing;
    OverlayHost host{nothing};
    MemoryContent contents;

    void file(const std::string& path, const std::string& text) {
        FileWish wish;
        wish.content = contents.add(text);
        wish.make_dirs = true;
        host.write_file(Path(path), wish);
    }
    void begin(const std::string& state) {
        PartContext part;
        part.state = state;
        host.begin_part(part);
    }
};

std::string depends_on(const std::function<void()>& work) {
    try {
        work();
    } catch (const Unknown& unknown) {
        return unknown.depends_on();
    }
    return "known";
}

}  // namespace

TEST_CASE("later states of a plan see what earlier ones would have done") {
    Plan plan;
    plan.file("/etc/app/a.conf", "one");
    CHECK(plan.host.read_file(Path("/etc/app/a.conf")) == "one");
    CHECK(plan.host.hash_file(Path("/etc/app/a.conf")) == hash_of("one"));
    CHECK(plan.host.list_directory(Path("/etc")) == std::vector<std::string>{"app"});
    CHECK(plan.host.stat(Path("/etc/app"))->type == FileInfo::Type::directory);
    plan.host.remove(Path("/etc/app"), true);
    CHECK_FALSE(plan.host.stat(Path("/etc/app/a.conf")));
    CHECK(plan.host.list_directory(Path("/etc")).empty());
    plan.file("/etc/app/b.conf", "two");
    CHECK(plan.host.list_directory(Path("/etc/app")) == std::vector<std::string>{"b.conf"});
}

TEST_CASE("a plan finds a file through a link that it predicted") {
    Plan plan;
    plan.file("/usr/lib/x", "x");
    plan.host.link(Path("/lib"), {"usr/lib", false, false});
    CHECK(plan.host.read_file(Path("/lib/x")) == "x");
    CHECK(plan.host.first_link(Path("/lib/deep")) == Path("/lib"));
    FileWish wish;
    wish.content = plan.contents.add("y");
    CHECK_THROWS_WITH(plan.host.write_file(Path("/lib/x"), wish),
                      "the folder '/lib' is a symbolic link; write '/usr/lib/x', or say symlink: follow");
    wish.symlink = SymlinkPolicy::follow;
    plan.host.write_file(Path("/lib/x"), wish);
    CHECK(plan.host.read_file(Path("/usr/lib/x")) == "y");
}

TEST_CASE("what a package would bring is unknown, and named") {
    Plan plan;
    CHECK_FALSE(plan.host.unpredictable());
    CHECK_FALSE(plan.host.stat(Path("/etc/nginx.conf")));
    plan.host.install({{.name = "nginx"}});
    CHECK(plan.host.unpredictable() == "package nginx, not installed yet");
    for (const std::function<void()>& look : std::vector<std::function<void()>>{
             [&] { (void)plan.host.stat(Path("/etc/nginx.conf")); },
             [&] { (void)plan.host.read_file(Path("/etc/nginx.conf")); },
             [&] { (void)plan.host.hash_file(Path("/etc/nginx.conf")); },
             [&] { (void)plan.host.user("www-data"); },
             [&] { (void)plan.host.group(33u); },
             [&] { (void)plan.host.unit("nginx"); },
             [&] { plan.host.start("nginx"); },
             [&] { plan.host.enable("nginx"); },
         })
        CHECK(depends_on(look) == "package nginx, not installed yet");
    CHECK(plan.host.stat(Path("/"))->type == FileInfo::Type::directory);
    CHECK(plan.host.user("root")->uid == 0);
}

TEST_CASE("what a command would do is unknown, and named by its state; what it creates is there") {
    Plan plan;
    plan.begin("certificate");
    plan.host.run(Command::shell("request"), Path("/cert.pem"));
    CHECK(plan.host.unpredictable() == "the command of state 'certificate'");
    CHECK(plan.host.stat(Path("/cert.pem")));
    CHECK(depends_on([&] { (void)plan.host.read_file(Path("/cert.pem")); }) == "the command of state 'certificate'");
    CHECK(depends_on([&] { (void)plan.host.stat(Path("/other")); }) == "the command of state 'certificate'");
}

TEST_CASE("verbs still predict where absence is unknown: a superset of what will happen") {
    Plan plan;
    plan.host.install({{.name = "nginx"}});
    plan.begin("vhost");
    plan.file("/etc/nginx/site.conf", "x");
    plan.host.reload("nginx");
    plan.host.restart("nginx");
    plan.host.install({{.name = "curl"}});
    const auto changes = plan.host.end_part();
    CHECK(changes.back().resource == "package curl");
    CHECK(shown(changes)[changes.size() - 2] == "unit nginx.service restart");
    CHECK(plan.host.read_file(Path("/etc/nginx/site.conf")) == "x");
}

TEST_CASE("what a plan itself removed is known to be absent, whatever came before") {
    Plan plan;
    plan.file("/etc/old/x", "x");
    plan.host.install({{.name = "nginx"}});
    plan.host.remove(Path("/etc/old"), true);
    CHECK_FALSE(plan.host.stat(Path("/etc/old")));
    CHECK_FALSE(plan.host.stat(Path("/etc/old/x")));
}

TEST_CASE("several things that cannot be known are named together") {
    Plan plan;
    plan.host.install({{.name = "pa"}, {.name = "pb"}, {.name = "pc"}, {.name = "pd"}});
    CHECK(plan.host.unpredictable() ==
          "package pa, not installed yet, package pb, not installed yet, package pc, not installed yet and 1 more");
}

TEST_CASE("a command that only looks runs in a plan until something would change") {
    Plan plan;
    CHECK(plan.host.look(Command::shell("true")).exit_code == 127);
    plan.begin("motd");
    plan.file("/motd", "x");
    CHECK(depends_on([&] { (void)plan.host.look(Command::shell("true")); }) == "what state 'motd' would change");
}

TEST_CASE("a plan fetches no content that it does not show") {
    Plan plan;
    plan.file("/motd", "x");
    plan.contents.fetches = 0;
    plan.file("/motd", "x");
    CHECK(plan.contents.fetches == 0);
    PartContext part;
    part.sensitive = true;
    plan.host.begin_part(part);
    plan.file("/motd", "y");
    CHECK(plan.contents.fetches == 0);
    CHECK(plan.host.end_part().front().diff.empty());
}

TEST_CASE("a plan never calls what writes down debts") {
    Plan plan;
    int calls = 0;
    PartContext part;
    part.before_first_change = [&] { ++calls; };
    plan.host.begin_part(part);
    plan.file("/motd", "x");
    CHECK(calls == 0);
}

TEST_CASE("the number of an account that is still to be made is nobody's") {
    Plan plan;
    plan.host.set_user({.name = "ann"});
    const auto ann = plan.host.user("ann");
    REQUIRE(ann);
    CHECK(ann->uid > 4'000'000'000U);
    CHECK(plan.host.user(ann->uid)->name == "ann");
    CHECK(plan.host.group("ann")->gid == ann->gid);
    plan.file("/motd", "x");
    plan.begin("own");
    plan.host.set_attributes(Path("/motd"), {"ann", "ann", std::nullopt});
    CHECK(aspects(plan.host.end_part()) == std::vector<std::string>{"owner: root -> ann", "group: root -> ann"});
}
