// What a compile remembers for the next target and the next catalog, and that it gives what a fresh one gives.
#include <catch2/catch.hpp>
#include <random>

#include "common/text/text.hpp"
#include "master/render/render_memory.hpp"
#include "tests/unit/master/compile/compiling.hpp"

using namespace prove;
using namespace prove::test;

namespace {

using Files = std::map<std::string, std::string>;

// One catalog, compiled with a memory that others fill too.
class WithMemory {
  public:
    WithMemory(const Files& files, std::shared_ptr<CompileMemory> memory)
        : folder_(files),
          catalog_(folder_.load()),
          functions_(all_functions()),
          memory_(std::move(memory)),
          renderer_(make_renderer(catalog_, 1, {}, memory_->renderings())),
          compiler_(catalog_, functions_, *renderer_, known_, memory_) {}

    KnownTargets& known() { return known_; }
    // All that compiling gave, written down; the diagnostics where it failed.
    std::string outcome(const std::string& target) const {
        try {
            const Compiled compiled =
                compiler_.compile({.target = TargetId(target), .facts = known_.facts_of(TargetId(target))});
            std::string result = write_json_pretty(to_value(*compiled.run));
            for (const auto& [hash, blob] : compiled.blobs) result += hash.hex() + " " + *blob + "\n";
            return result;
        } catch (const CatalogError& error) {
            std::string result;
            for (const Diagnostic& one : error.diagnostics().sorted())
                result += one.position.text() + ": " + one.where + ": " + one.text + "\n" + one.excerpt + "\n" +
                          join(one.contexts, "\n");
            return result;
        }
    }
    // How many texts a worker rendered for this.
    std::size_t rendered(const std::string& target) const {
        const auto before = memory_->renderings()->counts().rendered;
        outcome(target);
        return memory_->renderings()->counts().rendered - before;
    }

  private:
    CatalogFolder folder_;
    std::shared_ptr<const Catalog> catalog_;
    FunctionRegistry functions_;
    KnownTargets known_;
    std::shared_ptr<CompileMemory> memory_;
    std::unique_ptr<Renderer> renderer_;
    Compiler compiler_;
};

const Files small_site = {{"targets.yml",
                           "targets:\n  - {name: a1, roles: [a]}\n  - {name: a2, roles: [a], variables: {x: 2}}\n"
                           "  - {name: b1, roles: [b]}\n"},
                          {"roles.yml", "roles:\n  a: {states: [a], variable_files: [va]}\n  b: {states: [b]}\n"},
                          {"prove.yml", "variables: {x: 1, unread: 1}\n"},
                          {"variables/va.yml", "y: ${vars.x + 1}\n"},
                          {"states/a.yml",
                           "a: {fn: cmd.run, cmd: 'echo ${vars.x} ${vars.y}'}\n"
                           "b: {fn: file.managed, path: /b, source: 'prove://b.mako'}\n"},
                          {"states/b.yml", "c: {fn: cmd.run, cmd: 'echo ${vars.x} ${facts.os}'}\n"},
                          {"files/b.mako", "${vars.x}\n"}};

Value facts(const std::string& os) {
    Value result = Value::object();
    result.set("os", os);
    return result;
}

}  // namespace

TEST_CASE("after a change to one role, only what read it is rendered again, also under the new catalog",
          "[compile][memory]") {
    const auto memory = std::make_shared<CompileMemory>();
    Files files = small_site;
    const auto rendered = [&] {
        WithMemory site(files, memory);
        for (const char* target : {"a1", "a2", "b1"}) site.known().facts[target] = facts("debian");
        std::string result;
        for (const char* target : {"a1", "a2", "b1"}) result += std::to_string(site.rendered(target)) + " ";
        return result;
    };
    CHECK(rendered() == "3 2 1 ");  // the variable file of a2 reads what that of a1 read
    CHECK(rendered() == "0 0 0 ");
    files["states/a.yml"] += "# a comment\n";
    CHECK(rendered() == "1 1 0 ");
    files["files/b.mako"] += "more\n";
    CHECK(rendered() == "1 1 0 ");
    files["prove.yml"] = "variables: {x: 1, unread: 2}\n";
    CHECK(rendered() == "0 0 0 ");
    files["prove.yml"] = "variables: {x: 3, unread: 2}\n";
    CHECK(rendered() == "3 1 1 ");  // y of a2 was made from x of the layer below
    files["targets.yml"] += "  - {name: b2, roles: [b]}\n";
    CHECK(rendered() == "0 0 0 ");
}

TEST_CASE("a fact that nothing read renders nothing, one that something read renders that", "[compile][memory]") {
    WithMemory site(small_site, std::make_shared<CompileMemory>());
    Value first = facts("debian");
    first.set("uptime", 1);
    site.known().facts["b1"] = first;
    CHECK(site.rendered("b1") == 1);
    first.set("uptime", 2);
    site.known().facts["b1"] = first;
    CHECK(site.rendered("b1") == 0);
    first.set("os", "fedora");
    site.known().facts["b1"] = first;
    CHECK(site.rendered("b1") == 1);
}

TEST_CASE("targets with equal text share it, and each has its own run", "[compile][memory]") {
    Files files = small_site;
    files["targets.yml"] = "targets:\n  - {name: b1, roles: [b]}\n  - {name: b2, roles: [b]}\n";
    WithMemory site(files, std::make_shared<CompileMemory>());
    site.known().facts["b1"] = site.known().facts["b2"] = facts("debian");
    CHECK(site.rendered("b1") == 1);
    CHECK(site.rendered("b2") == 0);
    CHECK_THAT(site.outcome("b2"), Catch::Contains("\"b2\""));
}

namespace {

template <class List>
auto one_of(std::mt19937& random, const List& list) {
    return list[random() % list.size()];
}

// What a site may look like today: some of it the same as yesterday, some wrong.
Files random_site(std::mt19937& random) {
    const std::vector<std::string> expressions = {"${vars.x}",
                                                  "${facts.os}",
                                                  "${vars.get('y', 0)}",
                                                  "${len(vars)}",
                                                  "${target.name}",
                                                  "${vars.m.a}",
                                                  "${sorted(vars.m)}",
                                                  "${vars.m}",
                                                  "${[t.name for t in targets('*')]}",
                                                  "${file('f.txt')}",
                                                  "${'odd' if vars.x % 2 else vars.m.b}",
                                                  "${facts.get('n', {}).get('ip', '-')}"};
    const auto state = [&](const std::string& id) {
        return id + ":\n  - fn: cmd.run\n    cmd: 'echo " + one_of(random, expressions) + one_of(random, expressions) +
               "'\n";
    };
    Files files;
    std::string targets = "targets:\n";
    for (int i = 0; i < 4; ++i)
        targets += "  - {name: t" + std::to_string(i) + ", states: [s" + std::to_string(i % 2) +
                   ", s2], variable_files: [v], variables: {x: " + std::to_string(random() % 3) + "}}\n";
    files["targets.yml"] = targets;
    files["prove.yml"] = "variables: {m: {a: " + std::to_string(random() % 2) + ", b: 2}}\n";
    files["variables/v.yml"] = one_of(random, std::vector<std::string>{"y: ${vars.x}\n", "y: 5\n", "z: ${facts.os}\n"});
    for (int i = 0; i < 3; ++i)
        files["states/s" + std::to_string(i) + ".yml"] =
            state("a" + std::to_string(i)) + state("b" + std::to_string(i)) + "<%include file='common.mako'/>";
    files["templates/common.mako"] = one_of(random, std::vector<std::string>{"# one\n", "# ${vars.x}\n"});
    files["files/f.txt"] = one_of(random, std::vector<std::string>{"f", "g"});
    files["states/s2.yml"] +=
        "c:\n  - {fn: file.managed, path: /c, source: 'prove://c.mako', context: {k: " + std::to_string(random() % 2) +
        "}}\n";
    files["files/c.mako"] = "${k}" + one_of(random, expressions) + "\n";
    if (random() % 4 == 0) files["states/s0.yml"] += "d: {fn: cmd.rnu, cmd: x}\n";
    return files;
}

}  // namespace

TEST_CASE("over random catalogs, variables and facts, what is compiled with a memory is what is compiled without one",
          "[compile][memory]") {
    std::mt19937 random(22112026);
    const auto memory = std::make_shared<CompileMemory>();
    int failed = 0;
    for (int day = 0; day < 12; ++day) {
        const Files files = random_site(random);
        WithMemory remembering(files, memory);
        WithMemory fresh(files, std::make_shared<CompileMemory>());
        for (int i = 0; i < 4; ++i) {
            Value known = facts(one_of(random, std::vector<std::string>{"debian", "fedora"}));
            Value net = Value::object();
            net.set("ip", static_cast<int>(random() % 2));
            if (random() % 2 == 0) known.set("n", std::move(net));
            const std::string target = "t" + std::to_string(i);
            remembering.known().facts[target] = known;
            fresh.known().facts[target] = known;
        }
        for (const char* target : {"t0", "t1", "t2", "t3", "t0"}) {
            INFO("day " << day << " " << target);
            const std::string expected = fresh.outcome(target);
            failed += expected.front() == '{' ? 0 : 1;
            REQUIRE(remembering.outcome(target) == expected);
        }
    }
    CHECK(failed > 0);
    CHECK(failed < 50);
    CHECK(memory->renderings()->counts().found > 50);
}
