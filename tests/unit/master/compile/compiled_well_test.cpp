// When a target's states are looked at again after an edit, and when nothing can have become wrong.
#include <catch2/catch.hpp>

#include "tests/unit/master/compile/with_memory.hpp"

using namespace prove;
using namespace prove::test;

namespace {

const Files two_roles = {
    {"targets.yml", "targets:\n  - {name: a1, roles: [a]}\n  - {name: b1, roles: [b]}\n"},
    {"roles.yml", "roles:\n  a: {states: [a], variable_files: [va]}\n  b: {states: [b], components: [c]}\n"},
    {"prove.yml", "variables: {x: 1}\n"},
    {"variables/va.yml", "y: ${vars.x + 1}\n"},
    {"states/a.yml",
     "_include: [more]\na: {fn: cmd.run, cmd: 'echo ${vars.y}'}\n"
     "b: {fn: file.managed, path: /b, source: 'prove://b.mako'}\n"},
    {"states/more.yml", "m: {fn: cmd.run, cmd: 'echo ${vars.x}'}\n"},
    {"states/b.yml", "c: {fn: cmd.run, cmd: 'echo ${facts.os}'}\n<%include file='d.mako'/>\n"},
    {"states/nobody.yml", "n: {fn: cmd.run, cmd: 'echo ${vars.x}'}\n"},
    {"templates/d.mako", "d: {fn: cmd.run, cmd: 'echo ${vars.c.p}'}\n"},
    {"components/c/component.yml", "name: c\nparameters:\n  p: {type: text, default: one}\n"},
    {"components/c/states.yml", "e: {fn: cmd.run, cmd: e}\n"},
    {"files/b.mako", "${vars.x}\n"}};

// Which of the targets are compiled anew by the check of these files, after that of others with the same memory.
class Checks {
  public:
    std::string compiled(const Files& files) {
        WithMemory site(files, memory_);
        site.known().facts = facts;
        std::string result;
        for (const char* target : {"a1", "b1"})
            if (site.compiles(target)) result += std::string(target) + " ";
        return result;
    }
    std::map<std::string, Value> facts = {{"a1", facts_with("debian")}, {"b1", facts_with("debian")}};

  private:
    std::shared_ptr<CompileMemory> memory_ = std::make_shared<CompileMemory>();
};

}  // namespace

TEST_CASE("after an edit only those targets are compiled again that the edited file is part of", "[compile][memory]") {
    Checks checks;
    Files files = two_roles;
    CHECK(checks.compiled(files) == "a1 b1 ");
    CHECK(checks.compiled(files) == "");
    const auto edited = [&](const std::string& file, const std::string& more) {
        files[file] += more;
        return checks.compiled(files);
    };
    CHECK(edited("states/a.yml", "# more\n") == "a1 ");
    CHECK(edited("states/more.yml", "# more\n") == "a1 ");
    CHECK(edited("variables/va.yml", "# more\n") == "a1 ");
    CHECK(edited("files/b.mako", "more\n") == "a1 ");
    CHECK(edited("states/b.yml", "# more\n") == "b1 ");
    CHECK(edited("templates/d.mako", "# more\n") == "b1 ");
    CHECK(edited("components/c/component.yml", "# more\n") == "b1 ");
    CHECK(edited("components/c/states.yml", "# more\n") == "b1 ");
    CHECK(edited("states/nobody.yml", "# more\n") == "");
    CHECK(edited("files/unused", "# more\n") == "");
    CHECK(edited("targets.yml", "  - {name: c1}\n") == "");
    // A nearer file of the name takes the place of the template.
    CHECK(edited("states/d.mako", "# nearer\n") == "b1 ");
    files["roles.yml"] = "# lines move\n" + files["roles.yml"];
    CHECK(checks.compiled(files) == "");
    files["prove.yml"] = "variables: {x: 2}\n";
    CHECK(checks.compiled(files) == "a1 b1 ");
    files = two_roles;
    checks.facts["b1"] = facts_with("fedora");
    CHECK(checks.compiled(files) == "a1 b1 ");
    checks.facts["b1"].set("more", 1);
    CHECK(checks.compiled(files) == "b1 ");
}

TEST_CASE("a target with an error is compiled at each check, until it has none", "[compile][memory]") {
    Checks checks;
    Files files = two_roles;
    files["states/a.yml"] += "z: {fn: cmd.rnu, cmd: x}\n";
    CHECK(checks.compiled(files) == "a1 b1 ");
    CHECK(checks.compiled(files) == "a1 ");
    files["states/a.yml"] = two_roles.at("states/a.yml");
    CHECK(checks.compiled(files) == "a1 ");
    CHECK(checks.compiled(files) == "");
}

TEST_CASE("a template that reads what nobody can compare, such as the clock, is compiled at each check",
          "[compile][memory]") {
    Checks checks;
    Files files = two_roles;
    files["states/a.yml"] += "<%! import time %>\nt: {fn: cmd.run, cmd: 'echo ${time.time()}'}\n";
    CHECK(checks.compiled(files) == "a1 b1 ");
    CHECK(checks.compiled(files) == "a1 ");
}

TEST_CASE("a target whose template asked for one that is not there, and went on, is compiled at each check",
          "[compile][memory]") {
    Checks checks;
    Files files = two_roles;
    files["states/a.yml"] +=
        "<%\n    try:\n        found = targets('c1')\n    except Exception:\n        found = []\n%>\n"
        "t: {fn: ${'cmd.rnu' if found else 'cmd.run'}, cmd: x}\n";
    CHECK(checks.compiled(files) == "a1 b1 ");
    CHECK(checks.compiled(files) == "a1 ");
    files["targets.yml"] += "  - {name: c1}\n";
    CHECK(checks.compiled(files) == "a1 ");
}

TEST_CASE("what targets() gives is part of what a target is compiled from", "[compile][memory]") {
    Checks checks;
    Files files = two_roles;
    files["states/a.yml"] += "t: {fn: cmd.run, cmd: 'echo ${len(targets(\"role:b\"))}'}\n";
    CHECK(checks.compiled(files) == "a1 b1 ");
    CHECK(checks.compiled(files) == "");
    checks.facts["b1"] = facts_with("fedora");
    CHECK(checks.compiled(files) == "a1 b1 ");
    files["targets.yml"] += "  - {name: b2, roles: [b]}\n";
    CHECK(checks.compiled(files) == "a1 ");
}

namespace {

// Facts with an account of their changes, and how often they were looked at.
struct CountedTargets final : TargetDirectory {
    std::uint64_t facts_version = 1, status_version = 1;
    mutable int looked = 0;
    std::string os = "debian";
    Value facts_of(const TargetId&) const override {
        ++looked;
        return facts_with(os);
    }
    std::string status_of(const TargetId&) const override { return "connected"; }
    std::uint64_t version(bool with_status) const override {
        return facts_version + (with_status ? status_version << 32 : 0);
    }
};

}  // namespace

TEST_CASE("what targets() is asked is worked out once, until anything is said anew of any target", "[compile]") {
    const CatalogFolder folder({{"targets.yml", "targets:\n  - {name: a1, states: [a]}\n  - {name: a2, states: [a]}\n"},
                                {"states/a.yml",
                                 "a: {fn: cmd.run, cmd: 'echo ${targets(\"fact:os=debian\")[0].name}'}\n"
                                 "b: {fn: cmd.run, cmd: 'echo ${len(targets(\"status:connected\"))}'}\n"}});
    const auto catalog = folder.load();
    const FunctionRegistry functions = all_functions();
    const auto renderer = make_renderer(catalog, 1);
    CountedTargets known;
    const Compiler compiler(catalog, functions, *renderer, known);
    const auto looked = [&](const char* target) {
        const int before = known.looked;
        compiler.compile({.target = TargetId(target), .facts = facts_with("debian")});
        return known.looked - before;
    };
    CHECK(looked("a1") == 4);
    CHECK(looked("a2") == 0);
    ++known.status_version;
    CHECK(looked("a1") == 2);
    ++known.facts_version;
    CHECK(looked("a1") == 4);
    known.os = "fedora";
    ++known.facts_version;
    CHECK_THROWS_AS(looked("a1"), CatalogError);
}
