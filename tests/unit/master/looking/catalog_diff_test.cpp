// prove-cli diff over all targets: what happens to many of them is told once.
#include <catch2/catch.hpp>

#include "master/looking/catalog_diff.hpp"
#include "tests/unit/master/looking/looking.hpp"

using namespace prove;
using namespace prove::test;
using Catch::Matchers::Contains;

namespace {

std::string targets(const std::vector<std::string>& names) {
    std::string result = "targets:\n";
    for (const auto& name : names) result += "  - {name: " + name + ", states: [" + (name[0] == 'd' ? "db" : "site") + "]}\n";
    return result;
}

Version version(const std::vector<std::string>& names, const std::string& site, const std::string& db = "d: {fn: cmd.run, cmd: db}\n") {
    return Version({{"targets.yml", targets(names)}, {"states/site.yml", site}, {"states/db.yml", db}});
}

CatalogDiff compared(const Version& before, const Version& after) {
    const CatalogComparison comparison({before.catalog(), before.compiler()}, {after.catalog(), after.compiler()});
    DiffGroups groups;
    for (const auto& target : targets_of_both(before.catalog(), after.catalog())) {
        auto group = comparison.compare(target, Value::object());
        if (!group) {
            groups.add_same();
            continue;
        }
        CHECK(to_value(diff_group_from(to_value(*group))) == to_value(*group));  // as it goes through the API
        groups.add(std::move(*group));
    }
    return groups.take();
}

const char* const one = "a: {fn: cmd.run, cmd: one}\n";
const char* const two = "a: {fn: cmd.run, cmd: two}\n";

}  // namespace

TEST_CASE("targets to which the same happens are told together, the largest group first", "[diff]") {
    const auto diff = compared(version({"db1", "web1", "web2"}, one), version({"db1", "web1", "web2"}, two, "d: {fn: cmd.run, cmd: other}\n"));
    CHECK(diff_text(diff) ==
          "web1, web2\n  ~ a  states/site.yml:1:1  cmd.run two\n      cmd.run: cmd: one -> two\n"
          "\n"
          "db1\n  ~ d  states/db.yml:1:1  cmd.run other\n      cmd.run: cmd: db -> other\n");
    CHECK(diff.same == 0);
}

TEST_CASE("of many targets a few are named, and all of them are in the data", "[diff]") {
    std::vector<std::string> names;
    for (int i = 1; i <= 20; ++i) names.push_back("web" + std::to_string(i));
    const auto diff = compared(version(names, one), version(names, two));
    CHECK_THAT(diff_text(diff), Contains("same for 20 targets: web1, web2, web3, web4, web5, web6 and 14 more\n"));
    CHECK(to_value(diff.groups.at(0)).at("targets").list().size() == 20);
}

TEST_CASE("a target for which nothing differs is counted and not listed", "[diff]") {
    const auto diff = compared(version({"db1", "web1"}, one), version({"db1", "web1"}, two));
    CHECK(diff.same == 1);
    CHECK(diff.groups.size() == 1);
    CHECK_THAT(diff_text(diff), !Contains("db1"));
}

TEST_CASE("the same change with other values is another group", "[diff]") {
    const auto diff = compared(version({"web1", "web2"}, one), version({"web1", "web2"}, "a: {fn: cmd.run, cmd: \"${target.name}\"}\n"));
    CHECK(diff.groups.size() == 2);
}

TEST_CASE("targets that only one version has are told so", "[diff]") {
    const auto diff = compared(version({"web1", "old"}, one), version({"web1", "new"}, one));
    CHECK(diff_text(diff) == "new: only in the newer version\n\nold: only in the older version\n");
    CHECK(diff.same == 1);
}

TEST_CASE("a version that breaks targets tells its errors once for all of them", "[diff]") {
    const std::string broken = "a: {fn: cmd.rum, cmd: x}\n";
    const auto diff = compared(version({"web1", "web2", "db1"}, one), version({"web1", "web2", "db1"}, broken));
    REQUIRE(diff.groups.size() == 1);
    CHECK_THAT(diff_text(diff), Contains("web1, web2: no longer compiled, because of\n") &&
                                    Contains("  states/site.yml:1:9: a: unknown function 'cmd.rum'; did you mean 'cmd.run'?\n"));
    CHECK(to_value(diff.groups[0]).at("problems").list().size() == 1);
    CHECK_THAT(diff_text(compared(version({"web1"}, broken), version({"web1"}, one))),
               Contains("web1: compiled again; the older version has errors"));
    CHECK_THAT(diff_text(compared(version({"web1"}, broken), version({"web1"}, broken))),
               Contains("web1: not compiled from either version"));
    CHECK_THAT(diff_text(compared(version({"web1"}, one), version({"web1", "web2"}, broken))), Contains("web1, web2: no longer"));
}

TEST_CASE("nothing differs between a catalog and itself", "[diff]") {
    const Version same = version({"db1", "web1"}, one);
    const auto diff = compared(same, same);
    CHECK(diff.groups.empty());
    CHECK(diff.same == 2);
    CHECK(diff_text(diff).empty());
}

TEST_CASE("data that is no group of targets is refused", "[diff]") {
    for (const char* json : {"[]", "{}", R"({"change": "odd"})", R"({"change": "changed", "diff": {}})",
                             R"({"change": "changed", "diff": {"states": [{"state": "a"}]}})", R"({"change": "added", "more": 1})"})
        CHECK_THROWS_AS(diff_group_from(read_json(json)), Error);
}
