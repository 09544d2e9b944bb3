// What a compile remembers for the next target and the next catalog, and that it gives what a fresh one gives.
#include <catch2/catch.hpp>

#include "master/compile/state_files.hpp"
#include "tests/unit/master/compile/random_site.hpp"
#include "tests/unit/master/compile/with_memory.hpp"

using namespace prove;
using namespace prove::test;

namespace {

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

}  // namespace

TEST_CASE("after a change to one role, only what read it is rendered again, also under the new catalog",
          "[compile][memory]") {
    const auto memory = std::make_shared<CompileMemory>();
    Files files = small_site;
    const auto rendered = [&] {
        WithMemory site(files, memory);
        for (const char* target : {"a1", "a2", "b1"}) site.known().facts[target] = facts_with("debian");
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
    Value first = facts_with("debian");
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
    site.known().facts["b1"] = site.known().facts["b2"] = facts_with("debian");
    CHECK(site.rendered("b1") == 1);
    CHECK(site.rendered("b2") == 0);
    CHECK_THAT(site.outcome("b2"), Catch::Contains("\"b2\""));
}

TEST_CASE("over random catalogs, variables and facts, what is compiled with a memory is what is compiled without one",
          "[compile][memory]") {
    std::mt19937 random(22112026);
    const auto memory = std::make_shared<CompileMemory>();
    int failed = 0;
    Files files = random_site(random);
    std::map<std::string, Value> known_facts;
    for (int day = 0; day < 28; ++day) {
        // Some days all is new; on most of them one file is another, and the rest must be found again.
        Files others = random_site(random);
        if (day % 7 == 6) files = others;
        auto edited = others.begin();
        std::advance(edited, random() % others.size());
        // The files of which most is read without a rendering are edited more often.
        if (random() % 2 == 0) edited = others.find(random() % 2 == 0 ? "prove.yml" : "targets.yml");
        files[edited->first] = edited->second;
        WithMemory remembering(files, memory);
        WithMemory fresh(files, std::make_shared<CompileMemory>());
        for (int i = 0; i < 4; ++i) {
            const std::string target = "t" + std::to_string(i);
            if (day > 0 && random() % 8 != 0) {
                remembering.known().facts[target] = fresh.known().facts[target] = known_facts[target];
                continue;
            }
            Value known = facts_with(one_of(random, std::vector<std::string>{"debian", "fedora"}));
            Value net = Value::object();
            net.set("ip", static_cast<int>(random() % 2));
            if (random() % 2 == 0) known.set("n", std::move(net));
            known_facts[target] = known;
            remembering.known().facts[target] = known;
            fresh.known().facts[target] = known;
        }
        for (const char* target : {"t0", "t1", "t2", "t3", "t0"}) {
            INFO("day " << day << " " << target);
            const std::string expected = fresh.outcome(target);
            failed += expected.front() == '{' ? 0 : 1;
            // Asked first, so that what is remembered comes from other days; and once more, from today.
            for (int again = 0; again < 2; ++again)
                REQUIRE(remembering.errors(target) == (expected.front() == '{' ? "" : expected));
            REQUIRE(remembering.outcome(target) == expected);
        }
    }
    CHECK(failed > 5);
    CHECK(failed < 100);
    CHECK(memory->renderings()->counts().found > 50);
}

TEST_CASE("of more texts than fit, asked for in turn, a part is found again; what was not used for longest goes",
          "[compile][memory]") {
    DraftCache cache(40'000);  // well over a hundred without a draft
    const auto round = [&](int from, int to) {
        int found = 0;
        for (int i = from; i < to; ++i) {
            const Hash key = hash_of(std::to_string(i));
            if (cache.find(key) != nullptr)
                ++found;
            else
                cache.add(key, std::make_shared<const DraftCache::Entry>());
        }
        return found;
    };
    CHECK(round(0, 100) == 0);
    CHECK(round(0, 100) == 100);
    CHECK(round(0, 400) == 100);
    CHECK(round(0, 400) > 50);
    for (int i = 0; i < 20; ++i) round(1'000, 1'100);
    CHECK(round(1'000, 1'100) > 50);
    CHECK(round(0, 100) < 50);
}
