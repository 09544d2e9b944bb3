// `variables --explain` over whole random catalogs: every layer that there is (components, the catalog, groups of all
// four kinds, roles, files, the target, --var), and what a template of the target really sees.
#include <catch2/catch.hpp>

#include <algorithm>

#include "common/text/text.hpp"
#include "tests/support/random_layers.hpp"
#include "tests/unit/master/compile/compiling.hpp"

using namespace prove;
using namespace prove::test;

namespace {

// What the target's template sees, told by a state of its.
const char* const tell = R"(import json

def plain(value):
    if hasattr(value, 'items'):
        return {name: plain(member) for name, member in value.items()}
    return [plain(member) for member in value] if isinstance(value, (list, tuple)) else value

def states(ctx):
    return {'tell': {'fn': 'cmd.run', 'cmd': ['echo', json.dumps(plain(ctx.vars))]}}
)";

class RandomCatalog {
  public:
    explicit RandomCatalog(std::uint64_t seed) : random_(seed) {
        files["components/c/variables.json"] = write_json(random_.mapping({"a", "b", "l"}, 1, true));
        order.push_back("defaults of component c");
        files["prove.yml"] = "variables: " + write_json(layer());
        order.push_back("catalog");
        std::string groups = "groups:\n", roles = "roles:\n";
        for (const char* how : {"glob: 'web*'", "regex: '^web[0-9]$'", "list: [web1]", "match: 'fact:os=debian'"}) {
            const std::string name = "g" + std::to_string(order.size());
            const std::string role = "r" + std::to_string(random_.below(2));
            groups += "  - {name: " + name + ", " + how + ", roles: [" + role + "], " + settings(name) + "}\n";
            order.push_back("group " + name);
            add_role(role);
        }
        for (const char* name : {"r0", "r1"})
            roles +=
                "  " + std::string(name) + ": {" + (name[1] == '0' ? "components: [c], " : "") + settings(name) + "}\n";
        for (const char* role : {"r0", "r1"}) add_role(role);  // the target's own
        for (const std::string& role : roles_) order.push_back("role " + role);
        order.push_back("target web1");
        order.push_back("command line");
        files["groups.yml"] = groups;
        files["roles.yml"] = roles;
        files["targets.yml"] = "targets: [{name: web1, states: [site], roles: [r0, r1], " + settings("web1") + "}]\n";
        files["states/site.py"] = tell;
        command_line = random_.mapping({"a", "b", "l"}, 1, true);
    }

    std::map<std::string, std::string> files;
    std::vector<std::string> order;  // of rules, lowest first
    Value command_line;

  private:
    void add_role(const std::string& role) {
        if (std::find(roles_.begin(), roles_.end(), role) == roles_.end()) roles_.push_back(role);
    }
    Value layer() { return random_.mapping({"a", "b", "l", "c"}, 2, true); }
    // The variables of one, half of the time in a file as well.
    std::string settings(const std::string& name) {
        std::string result = "variables: " + write_json(layer());
        if (random_.below(2) == 0) return result;
        files["variables/" + name + ".json"] = write_json(layer());
        return result + ", variable_files: [" + name + "]";
    }

    RandomLayers random_;
    std::vector<std::string> roles_;  // that groups bring, then the target's own
};

// How high a setting stands: files of a group, role or target stand below its own variables.
std::size_t rank_of(const VariableSetting& setting, const std::vector<std::string>& order) {
    const auto at = std::find(order.begin(), order.end(), setting.rule);
    REQUIRE(at != order.end());
    const bool from_file = setting.position.known() && setting.position.file_name().rfind("variables/", 0) == 0;
    return static_cast<std::size_t>(at - order.begin()) * 2 + (from_file ? 0 : 1);
}

}  // namespace

TEST_CASE("what is said to win is what a template sees, and layers stand in their order, over random catalogs",
          "[variables]") {
    std::size_t compared = 0, settings = 0;
    for (std::uint64_t seed = 1; seed <= 60; ++seed) {
        INFO("seed " << seed);
        RandomCatalog random(seed);
        std::unique_ptr<Compiling> catalog;
        std::map<std::string, std::string> seen, said;
        try {
            catalog = std::make_unique<Compiling>(random.files);
            catalog->request().facts.set("os", "debian");
            catalog->request().variables = random.command_line;
            const Compiled compiled = catalog->compile();
            const Value& words = node(compiled, "tell").variants[0].parts[0].arguments.at("cmd");
            leaves_of(read_json(words.list().at(1).text()), "", seen);
        } catch (const CatalogError& error) {
            FAIL(error.full_text());
        }
        ++compared;
        for (const ExplainedVariable& variable : catalog->compiler().seen_variables(catalog->request()).explained) {
            if (has_value(variable)) said["." + join(variable.path, ".")] = write_json(amount_of(variable));
            for (std::size_t i = 0; i + 1 < variable.settings.size(); ++i)
                REQUIRE(rank_of(variable.settings[i], random.order) > rank_of(variable.settings[i + 1], random.order));
            settings += variable.settings.size();
        }
        if (said.count(".c") == 0 && seen.count(".c") != 0 && seen[".c"] == "{}") seen.erase(".c");  // no defaults
        REQUIRE(said == seen);
    }
    CHECK(compared == 60);
    CHECK(settings > 300);
}
