// prove-cli graph, diff, schema, variables and check, as typed: what they print and how they end.
#include <catch2/catch.hpp>

#include "common/process/run.hpp"
#include "common/text/text.hpp"
#include "master/cli/command_line.hpp"
#include "tests/support/catalog_on_disk.hpp"
#include "tests/support/in_sources.hpp"
#include "tests/unit/master/cli/captured.hpp"

using namespace prove;
using namespace prove::test;
using Catch::Matchers::Contains;

namespace {

const CatalogOnDisk::File targets{"targets.yml", "targets:\n  - {name: web1, states: [site]}\n  - {name: web2, states: [site]}\n"};

CatalogOnDisk catalog(const std::string& site) {
    return CatalogOnDisk{targets, {"states/site.yml", site}};
}

void git(const CatalogOnDisk& disk, const std::string& line) {
    Command command = Command::shell("cd '" + disk.path() + "' && export HOME=/nowhere GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@b "
                                     "GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@b && " + line);
    const CommandResult result = run_command(command);
    INFO(result.err);
    REQUIRE(result.succeeded());
}

const char* const one = "a: {fn: cmd.run, cmd: one}\n";
const char* const two = "a: {fn: cmd.run, cmd: two}\n";

}  // namespace

TEST_CASE("graph shows a target's states as text, DOT or data", "[cli]") {
    const auto disk = catalog("a: {fn: cmd.run, cmd: x, notify: [b]}\nb: {fn: cmd.run, cmd: y, lazy: true}\n");
    const Ran text = run({"--catalog", disk.path(), "graph", "web1"});
    CHECK(text.code == 0);
    CHECK(text.out == "states/site.yml\n  a  cmd.run\n      notifies b\n  b  cmd.run  (lazy)\n");
    CHECK_THAT(run({"--catalog", disk.path(), "graph", "web1", "--format", "dot"}).out, Contains("digraph \"web1\""));
    const Value data = read_json(trim_end(run({"--catalog", disk.path(), "--output", "json", "graph", "web1"}).out));
    CHECK(data.at("edges").list().size() == 1);
    CHECK(run({"--catalog", disk.path(), "graph", "web1", "--format", "png"}).code == 2);
    CHECK(run({"--catalog", disk.path(), "--output", "json", "graph", "web1", "--format", "dot"}).code == 2);
}

TEST_CASE("what looks at one target says so where several are meant", "[cli]") {
    const auto disk = catalog(one);
    for (const char* command : {"graph", "compile", "variables"}) {
        const Ran ran = run({"--catalog", disk.path(), command, "web*"});
        CHECK(ran.code == 2);
        CHECK_THAT(ran.err, Contains("this looks at one target, and 'web*' means 2 targets: web1, web2"));
    }
}

TEST_CASE("diff compares two directories for all targets", "[cli]") {
    const auto before = catalog(one), after = catalog(two);
    const Ran ran = run({"--catalog", after.path(), "diff", "--against", before.path()});
    CHECK(ran.code == 0);
    CHECK(ran.out ==
          "web1, web2\n  ~ a  states/site.yml:1:1  cmd.run two\n      cmd.run: cmd: one -> two\n\n2 targets: 2 changed, 0 the same\n");
    CHECK(run({"diff", before.path(), after.path()}).out == ran.out);
    CHECK(run({"diff", before.path(), after.path(), "--detailed-exit-code"}).code == 6);
    CHECK(run({"diff", before.path(), before.path(), "--detailed-exit-code"}).code == 0);
    CHECK(run({"diff", before.path(), before.path()}).out == "2 targets: 2 the same\n");
    CHECK_THAT(run({"--catalog", after.path(), "diff", "web1", "--against", before.path()}).out, Contains("1 target: 1 changed"));
    CHECK_THAT(run({"diff", before.path(), after.path(), "--targets", "web2"}).out, Contains("web2\n") && !Contains("web1"));
    const Value line = read_json(trim_end(run({"--output", "json", "diff", before.path(), after.path()}).out));
    CHECK(line.at("targets").list().size() == 2);
    CHECK(line.at("change").text() == "changed");
}

TEST_CASE("diff compares with a revision of the Git work tree, and leaves tree and index alone", "[cli][git]") {
    const auto disk = catalog(one);
    git(disk, "git init -q -b main && git add -A && git commit -qm one && git tag first");
    write_file_durably(disk.path_of("states/site.yml"), two, 0644);
    const Ran edited = run({"--catalog", disk.path(), "diff", "--against", "HEAD"});
    CHECK(edited.code == 0);
    CHECK_THAT(edited.out, Contains("cmd.run: cmd: one -> two"));
    git(disk, "test \"$(git status --porcelain)\" = ' M states/site.yml' && git commit -qam two");
    CHECK_THAT(run({"--catalog", disk.path(), "diff", "first", "HEAD"}).out, Contains("one -> two"));
    CHECK_THAT(run({"--catalog", disk.path(), "diff", "HEAD", "first"}).out, Contains("two -> one"));
    CHECK(run({"--catalog", disk.path(), "diff", "--against", "HEAD"}).out == "2 targets: 2 the same\n");
}

TEST_CASE("a catalog in a folder of a work tree is compared with that folder of the revision", "[cli][git]") {
    const CatalogOnDisk disk{{"site/targets.yml", targets.content}, {"site/states/site.yml", one}, {"README", "x"}};
    git(disk, "git init -q -b main && git add -A && git commit -qm one && mkdir new && cp -r site/* new/");
    write_file_durably(disk.path_of("site/states/site.yml"), two, 0644);
    CHECK_THAT(run({"--catalog", disk.path_of("site"), "diff", "--against", "HEAD"}).out, Contains("one -> two"));
    const Ran fresh = run({"--catalog", disk.path_of("new"), "diff", "--against", "HEAD"});
    CHECK(fresh.code == 2);
    CHECK_THAT(fresh.err, Contains("revision 'HEAD' has no directory 'new'"));
}

TEST_CASE("a version that is neither a directory nor a revision is told why", "[cli][git]") {
    const auto disk = catalog(one);
    const Ran outside = run({"--catalog", disk.path(), "diff", "--against", "HEAD"});
    CHECK(outside.code == 2);
    CHECK_THAT(outside.err, Contains("'HEAD' is neither a directory nor a revision") && Contains("is in no Git work tree"));
    git(disk, "git init -q -b main && git add -A && git commit -qm one");
    const Ran unknown = run({"--catalog", disk.path(), "diff", "--against", "v9"});
    CHECK(unknown.code == 2);
    CHECK_THAT(unknown.err, Contains("'v9' is neither a directory nor a revision: Git does not know it"));
    CHECK(run({"--catalog", disk.path(), "diff", "--against", "--output=/tmp/x"}).code == 2);
    CHECK(run({"--catalog", disk.path(), "diff", "--against", ""}).code == 2);
    CHECK(run({"--catalog", disk.path(), "diff", "web1"}).code == 2);
    CHECK(run({"--catalog", disk.path(), "diff", "a", "b", "c"}).code == 2);
    CHECK(run({"--catalog", disk.path(), "diff", "HEAD", "HEAD", "--against", "HEAD"}).code == 2);
    CHECK(run({"--catalog", disk.path(), "diff", "nobody", "--against", "HEAD"}).code == 2);
}

TEST_CASE("a version that breaks targets is an error in the catalog; one that cannot be loaded too", "[cli]") {
    const auto before = catalog(one), after = catalog("a: {fn: cmd.rum, cmd: x}\n");
    const Ran broken = run({"diff", before.path(), after.path()});
    CHECK(broken.code == 3);
    CHECK_THAT(broken.out, Contains("web1, web2: no longer compiled") && Contains("2 targets: 2 broken, 0 the same"));
    const CatalogOnDisk unloadable{{"targets.yml", "targets: {web1: x}\n"}};
    CHECK(run({"diff", before.path(), unloadable.path()}).code == 3);
    CHECK(run({"diff", unloadable.path(), before.path()}).code == 3);
}

TEST_CASE("schema prints a JSON Schema; a name that has none is told", "[cli]") {
    CHECK(read_json(trim_end(run({"schema"}).out), JsonLimits::state_run()).at("title").text() == "Prove: a state file");
    CHECK(read_json(trim_end(run({"schema", "roles"}).out)).at("required") == read_json("[\"roles\"]"));
    const Ran wrong = run({"schema", "sates"});
    CHECK(wrong.code == 2);
    CHECK_THAT(wrong.err, Contains("did you mean 'states'?"));
}

TEST_CASE("variables has --var above all, and the defaults of components that only _include brings", "[cli]") {
    const CatalogOnDisk disk{{"targets.yml", "targets: [{name: web1, states: [site], variables: {port: 80}}]\n"},
                             {"states/site.yml", "_include: [nginx]\n"},
                             {"components/nginx/states.yml", "a: {fn: cmd.run, cmd: x}\n"},
                             {"components/nginx/variables.yml", "workers: 4\n"}};
    const Ran all = run({"--catalog", disk.path(), "variables", "web1", "--var", "port=8080"});
    CHECK_THAT(all.out, Contains("port: 8080") && Contains("workers: 4"));
    const Ran why = run({"--catalog", disk.path(), "variables", "web1", "--explain", "--var", "port=8080"});
    CHECK_THAT(why.out, Contains("wins      8080  command line") && Contains("replaced  80  target web1  targets.yml:1:"));
    CHECK_THAT(why.out, Contains("nginx.workers\n  wins      4  defaults of component nginx  components/nginx/variables.yml:1:1"));
    CHECK(run({"--catalog", disk.path(), "variables", "web1", "--var", "port"}).code == 2);
}

TEST_CASE("a variable that is not there is told with the nearest one, at the level at which it is missing", "[cli]") {
    const CatalogOnDisk disk({{"targets.yml", "targets: [{name: web1, variables: {site: {port: 80}}}]\n"}});
    const Ran inside = run({"--catalog", disk.path(), "variables", "web1", "site.prot"});
    CHECK(inside.code == 2);
    CHECK_THAT(inside.err, Contains("target 'web1' has no variable 'site.prot'; did you mean 'site.port'?"));
    CHECK_THAT(run({"--catalog", disk.path(), "variables", "web1", "siet.port"}).err,
               Contains("has no variable 'siet.port'; did you mean 'site'?"));
    CHECK_THAT(run({"--catalog", disk.path(), "variables", "web1", "site.port.x"}).err,
               Contains("has no variable 'site.port.x'\n"));
}

TEST_CASE("check warns of what nobody asks for, reads or names, where it looks at all targets; warnings leave the code 0", "[cli]") {
    CatalogOnDisk disk = catalog("a: {fn: cmd.run, cmd: x, lazy: true}\n");
    disk.write("prove.yml", "variables: {port: 80}\n");
    disk.write("files/old.conf", "x");
    const Ran all = run({"--catalog", disk.path(), "check"});
    CHECK(all.code == 0);
    CHECK_THAT(all.out, Contains("this lazy state") && Contains("the variable 'port'") && Contains("prove://old.conf") &&
                            Contains("0 errors, 3 warnings; compiled for 2 targets"));
    CHECK_THAT(run({"--catalog", disk.path(), "check", "web1"}).out, Contains("0 errors, 0 warnings; compiled for 1 target"));
    disk.write("states/site.yml", "a: {fn: cmd.rum}\n");
    CHECK_THAT(run({"--catalog", disk.path(), "check"}).out, !Contains("the variable 'port'"));
}

TEST_CASE("check has nothing to say of the catalogs that come with Prove", "[cli]") {
    for (const char* name : {"/packaging/demo/catalog", "/tests/system/catalogs/site"}) {
        const TemporaryFolder folder;
        const std::string catalog = folder.path() + "/catalog";
        // The demo's root is written into it where it is run.
        const CommandResult copied = run_command(Command::shell("cp -r '" + test::in_sources(name) + "' '" + catalog +
                                                                "' && find '" + catalog + "' -type f -exec sed -i s,@ROOT@,/srv, {} +"));
        REQUIRE(copied.succeeded());
        const Ran ran = run({"--catalog", catalog, "check"});
        INFO(name << "\n" << ran.out);
        CHECK_THAT(ran.out, Contains("0 errors, 0 warnings"));
    }
}

TEST_CASE("an expression that is wrong is told with a caret at the character, wherever one is taken", "[cli]") {
    const auto disk = catalog(one);
    const std::vector<std::vector<std::string>> commands = {
        {"targets"}, {"check"}, {"compile"}, {"graph"}, {"variables"}, {"diff", "--against", disk.path()}, {"ping"}, {"states", "plan"}};
    for (std::vector<std::string> words : commands) {
        words.insert(words.begin(), {"--catalog", disk.path()});
        words.push_back("web1 andd role:x");
        const Ran ran = run(words);
        INFO(words[2] << ": " << ran.err);
        CHECK(ran.code == 2);
        CHECK_THAT(ran.err, Contains("\n    web1 andd role:x\n         ^\n"));
    }
}
