// The run as a whole: a selection of its states, its options, its files, and what is shared between compiles.
#include <catch2/catch.hpp>

#include "tests/unit/master/compile/compiling.hpp"

using namespace prove;
using namespace prove::test;
using Catch::Matchers::Contains;

namespace {

const char* const chain = R"(
base: {fn: file.managed, path: /base, content: base}
app: {fn: file.managed, path: /app, content: app, requires: [base], notify: [reload], tags: [web]}
reload: {fn: service.reloaded, service: app, lazy: true, requires: [ready]}
ready: {fn: cmd.run, cmd: "true"}
other: {fn: file.managed, path: /other, content: other, tags: [db]}
watch: {fn: cmd.run, cmd: "true", onlyif: {changed: other}}
rare: {fn: cmd.run, cmd: "true", lazy: true}
)";

std::vector<std::string> ids(const Compiled& compiled) {
    std::vector<std::string> result;
    for (const Node& state : compiled.run->nodes) result.push_back(state.id.text());
    return result;
}
using Ids = std::vector<std::string>;

}  // namespace

TEST_CASE("a chosen state brings what it requires and what it notifies, and what those require", "[compile]") {
    auto compiling = site(chain);
    compiling.request().states = {"app"};
    const auto compiled = compiling.compile();
    CHECK(ids(compiled) == Ids{"base", "app", "reload", "ready"});
    CHECK(compiled.run->partial);
    CHECK(node(compiled, "app").variants[0].parts[0].notify == std::vector<NodeIndex>{2});
    CHECK(node(compiled, "reload").requirements == std::vector<NodeIndex>{3});
    CHECK(node(compiled, "reload").lazy);
}

TEST_CASE("a partial run names only the files of its own states", "[compile]") {
    auto compiling = site(chain);
    CHECK(compiling.compile().run->files.size() == 3);
    compiling.request().states = {"app"};
    const auto compiled = compiling.compile();
    CHECK(compiled.run->files.size() == 2);
    CHECK(compiled.blobs.size() == 2);
}

TEST_CASE("states are chosen by globs and tags too", "[compile]") {
    auto compiling = site(chain);
    compiling.request().states = {"o*"};
    CHECK(ids(compiling.compile()) == Ids{"other"});
    compiling.request().states = {};
    compiling.request().tags = {"db"};
    CHECK(ids(compiling.compile()) == Ids{"other"});
    compiling.request().tags = {};
    compiling.request().skip_tags = {"web"};
    CHECK(ids(compiling.compile()) == Ids{"base", "reload", "ready", "other", "watch", "rare"});
}

TEST_CASE("a state that looks at another's changes brings it along", "[compile]") {
    auto compiling = site(chain);
    compiling.request().states = {"watch"};
    CHECK(ids(compiling.compile()) == Ids{"other", "watch"});
}

TEST_CASE("a lazy state that is named on the command line runs", "[compile]") {
    auto compiling = site(chain);
    compiling.request().states = {"rare"};
    CHECK_FALSE(node(compiling.compile(), "rare").lazy);
}

TEST_CASE("a selection that matches nothing is an error, never everything", "[compile]") {
    auto compiling = site(chain);
    for (const char* const name : {"bas", "x*", ""}) {
        compiling.request().states = {name};
        CHECK_THROWS_WITH(compiling.compile(), Contains("has no state"));
    }
    compiling.request().states = {"bas"};
    CHECK_THROWS_WITH(compiling.compile(), Contains("did you mean 'base'?"));
    compiling.request().states = {};
    compiling.request().tags = {"none"};
    CHECK_THROWS_WITH(compiling.compile(), Contains("has these tags"));
}

TEST_CASE("a target that is not there is an error with the nearest name", "[compile]") {
    auto compiling = site(chain);
    compiling.request().target = TargetId("web2");
    CHECK_THROWS_WITH(compiling.compile(), "the catalog has no target 'web2'; did you mean 'web1'?");
}

TEST_CASE("the options of a target are the run's", "[compile]") {
    const auto compiled =
        Compiling({{"prove.yml", "options: {on_failure: stop, verify: false, parallelism: 4}\n"}, {"states/site.yml", ""}}).compile();
    CHECK(compiled.run->options.on_failure == RunOptions::OnFailure::stop);
    CHECK_FALSE(compiled.run->options.verify);
    CHECK(compiled.run->options.parallelism == 4);
    CHECK(compiled.run->target.text() == "web1");
    CHECK(compiled.run->catalog.size() == 64);
}

TEST_CASE("equal contents are one file, shared by every compile that names it", "[compile]") {
    auto compiling = site(
        "a: {fn: file.managed, path: /a, source: prove://x}\n"
        "b: {fn: file.managed, path: /b, source: prove://x}\n"
        "c: {fn: file.managed, path: /c, content: \"x\\n\"}\n",
        {{"files/x", "x\n"}});
    const auto first = compiling.compile();
    const auto second = compiling.compile();
    REQUIRE(first.blobs.size() == 1);
    CHECK(first.run->files[0].size == 2);
    CHECK(first.blobs.begin()->second == second.blobs.begin()->second);
}

TEST_CASE("compiling twice gives the same run, whether the drafts were remembered or not", "[compile]") {
    const std::string text =
        "% for n in range(3):\na${n}: {fn: cmd.run, cmd: \"${target.name} ${n}\"}\n% endfor\n" + std::string(chain);
    const auto compiling = site(text);
    CHECK(*compiling.compile().run == *compiling.compile().run);
    CHECK(*compiling.compile().run == *site(text).compile().run);
}

TEST_CASE("what is remembered of one target's text is never another target's", "[compile]") {
    auto compiling =
        Compiling({{"targets.yml", "targets: [{name: web1, states: [site]}, {name: web2, states: [site]}]\n"},
                   {"states/site.yml", "a: {fn: cmd.run, cmd: \"${target.name}\"}\n"}});
    CHECK(node(compiling.compile(), "a").variants[0].parts[0].arguments.at("cmd").text() == "web1");
    compiling.request().target = TargetId("web2");
    CHECK(node(compiling.compile(), "a").variants[0].parts[0].arguments.at("cmd").text() == "web2");
}

TEST_CASE("more than 10000 states in one run are refused", "[compile]") {
    std::string text;
    for (int i = 0; i < 10'001; ++i) text += "s" + std::to_string(i) + ": {fn: cmd.run, cmd: x}\n";
    CHECK_THAT(site(text).errors(), Contains("10001 states; 10000 are the most"));
}

TEST_CASE("no broken catalog gets past the compiler half-made", "[compile]") {
    const auto compiling = site("a: {fn: cmd.run, cmd: \"true\"}\nb: {fn: cmd.run}\n");
    CHECK_THROWS_AS(compiling.compile(), CatalogError);
}

TEST_CASE("errors carry the line, a caret and the target", "[compile]") {
    try {
        site("a:\n  - fn: cmd.run\n    cmd: \"true\"\n    create: /x\n").compile();
        FAIL("no error");
    } catch (const CatalogError& error) {
        CHECK(error.diagnostics().all().at(0).full_text() ==
              "states/site.yml:4:5: a: unknown argument 'create' of cmd.run; did you mean 'creates'?\n"
              "      4 |     create: /x\n"
              "        |     ^~~~~~\n"
              "  while compiling for target 'web1'");
    }
}

TEST_CASE("a chain of ten thousand requirements is followed without trouble", "[compile]") {
    std::string text = "s0: {fn: cmd.run, cmd: x}\n";
    for (int i = 1; i < 10'000; ++i)
        text += "s" + std::to_string(i) + ": {fn: cmd.run, cmd: x, requires: s" + std::to_string(i - 1) + "}\n";
    CHECK(site(text).compile().run->nodes.size() == 10'000);
}
