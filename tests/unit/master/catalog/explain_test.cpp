// What `variables --explain` says of layers, and that it is what merging them gives.
#include <catch2/catch.hpp>

#include <map>

#include "common/text/text.hpp"
#include "master/catalog/catalog.hpp"
#include "master/catalog/explain.hpp"
#include "tests/support/random_layers.hpp"

using namespace prove;
using namespace prove::test;

namespace {

Value json(const std::string& text, const std::string& file = "x.json") {
    return read_json(text, {}, std::make_shared<const std::string>(file));
}

// "site.port: wins 8080 of role web at role.json:1; replaced 80 of catalog at x.json:1"
std::vector<std::string> explained(const std::vector<NamedLayer>& layers) {
    std::vector<std::string> result;
    for (const auto& variable : explain_variables(layers)) {
        std::vector<std::string> settings;
        for (const auto& setting : variable.settings)
            settings.push_back(std::string(name_of(setting.effect)) + " " + write_json(setting.value) + " of " +
                               setting.rule + " at " + setting.position.file_name() + ":" +
                               std::to_string(setting.position.line));
        result.push_back(join(variable.path, ".") + ": " + join(settings, "; "));
    }
    return result;
}

}  // namespace

TEST_CASE("the highest layer that set a key wins, and every other one is told with its place", "[explain]") {
    CHECK(explained({{"catalog", json(R"({"site":{"port":80,"name":"blog"}})", "prove.yml")},
                     {"role web", json("{\n\"site\":{\"port\":8080}}", "roles.yml")}}) ==
          std::vector<std::string>{
              "site.port: wins 8080 of role web at roles.yml:2; replaced 80 of catalog at prove.yml:1",
              "site.name: wins \"blog\" of catalog at prove.yml:1"});
}

TEST_CASE("what key+ appended and what it was appended to both add to the value", "[explain]") {
    CHECK(explained({{"a", json(R"({"l":[0]})")},
                     {"b", json(R"({"l":[1]})")},
                     {"c", json(R"({"l+":[2]})")},
                     {"d", json(R"({"l+":[3]})")}}) ==
          std::vector<std::string>{"l: adds [3] of d at x.json:1; adds [2] of c at x.json:1; adds [1] of b at x.json:1; "
                                   "replaced [0] of a at x.json:1"});
}

TEST_CASE("a key that went with a mapping which was replaced has no winner", "[explain]") {
    CHECK(explained({{"a", json(R"({"m":{"x":1,"y":1}})")}, {"b", json(R"({"m!":{"y":2}})")}}) ==
          std::vector<std::string>{"m.x: replaced 1 of a at x.json:1",
                                   "m.y: wins 2 of b at x.json:1; replaced 1 of a at x.json:1"});
    CHECK(explained({{"a", json(R"({"m":{"x":1}})")}, {"b", json(R"({"m":"text"})")}}) ==
          std::vector<std::string>{"m: wins \"text\" of b at x.json:1", "m.x: replaced 1 of a at x.json:1"});
}

TEST_CASE("an empty mapping is a value until something is put into it", "[explain]") {
    CHECK(explained({{"a", json(R"({"m":{}})")}}) == std::vector<std::string>{"m: wins {} of a at x.json:1"});
    CHECK(explained({{"a", json(R"({"m":{}})")}, {"b", json(R"({"m":{"x":1}})")}}) ==
          std::vector<std::string>{"m.x: wins 1 of b at x.json:1"});
}

TEST_CASE("what is said to win is what templates see, over random layers", "[explain]") {
    std::size_t merged_sets = 0;
    for (std::uint64_t seed = 1; seed <= 3000; ++seed) {
        RandomLayers random(seed);
        std::vector<NamedLayer> layers;
        auto merged = Value::object();
        try {
            for (int i = 0; i < 4; ++i) {
                layers.push_back({"layer " + std::to_string(i), random.mapping({"a", "b", "l"}, 2)});
                merge_variables(merged, layers.back().variables);
            }
        } catch (const Error&) {
            continue;  // appends to what is no list; such layers are refused
        }
        ++merged_sets;
        std::map<std::string, std::string> seen, said;
        leaves_of(merged, "", seen);
        for (const auto& variable : explain_variables(layers))
            if (has_value(variable)) said["." + join(variable.path, ".")] = write_json(amount_of(variable));
        INFO("seed " << seed << ": " << write_json(merged));
        REQUIRE(said == seen);
    }
    CHECK(merged_sets > 500);
}
