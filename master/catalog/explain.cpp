// The same walk as merge_variables(), over a tree that forgets nothing.
#include "master/catalog/explain.hpp"

#include <algorithm>
#include <memory>

#include "common/text/text.hpp"
#include "master/catalog/variable_rule.hpp"

namespace prove {

namespace {

using Effect = VariableSetting::Effect;

// One key of one mapping, with all that was ever set there.
struct Spot {
    enum class Kind { absent, plain, mapping };

    explicit Spot(std::string key) : name(std::move(key)) {}

    Spot& child(const std::string& key) {
        const auto found =
            std::find_if(children.begin(), children.end(), [&](const auto& spot) { return spot->name == key; });
        if (found != children.end()) return **found;
        return *children.emplace_back(std::make_unique<Spot>(key));
    }

    // A higher layer takes the place of all that stands here and below.
    void supersede() {
        kind = Kind::absent;
        for (auto& setting : settings) setting.effect = Effect::replaced;
        for (auto& below : children) below->supersede();
    }

    std::string name;
    Kind kind = Kind::absent;
    std::vector<VariableSetting> settings;  // lowest first
    std::vector<std::unique_ptr<Spot>> children;
};

void lay(Spot& base, const Value& over, const std::string& rule);

void set(Spot& spot, const Mapping::Member& member, const std::string& rule) {
    spot.supersede();
    spot.kind = is_plain_variable(member.value) ? Spot::Kind::plain : Spot::Kind::mapping;
    if (spot.kind == Spot::Kind::plain || member.value.mapping().empty())
        spot.settings.push_back({Effect::wins, rule, member.value, member.key_position});
    if (spot.kind == Spot::Kind::mapping) lay(spot, member.value, rule);
}

void append(Spot& spot, const Mapping::Member& member, const std::string& rule) {
    if (spot.kind == Spot::Kind::absent) return set(spot, member, rule);
    for (auto& setting : spot.settings)
        if (setting.effect == Effect::wins) setting.effect = Effect::adds;
    spot.settings.push_back({Effect::adds, rule, member.value, member.key_position});
}

void lay(Spot& base, const Value& over, const std::string& rule) {
    for (const auto& member : over.mapping()) {
        Spot& spot = base.child(name_of_key(member.key));
        const auto how = rule_of(member.key);
        if (how == VariableRule::append)
            append(spot, member, rule);
        else if (how == VariableRule::merge && spot.kind == Spot::Kind::mapping && !is_plain_variable(member.value))
            lay(spot, member.value, rule);
        else
            set(spot, member, rule);
    }
}

bool has_live_children(const Spot& spot) {
    return std::any_of(spot.children.begin(), spot.children.end(),
                       [](const auto& below) { return below->kind != Spot::Kind::absent; });
}

void gather(const Spot& spot, std::vector<std::string>& path, std::vector<ExplainedVariable>& result) {
    for (const auto& below : spot.children) {
        path.push_back(below->name);
        if (!below->settings.empty() && !has_live_children(*below)) {
            ExplainedVariable variable{path, below->settings};
            std::reverse(variable.settings.begin(), variable.settings.end());
            result.push_back(std::move(variable));
        }
        gather(*below, path, result);
        path.pop_back();
    }
}

}  // namespace

const char* name_of(VariableSetting::Effect effect) {
    switch (effect) {
        case Effect::wins: return "wins";
        case Effect::adds: return "adds";
        case Effect::replaced: return "replaced";
    }
    return "";
}

std::vector<ExplainedVariable> explain_variables(const std::vector<NamedLayer>& layers) {
    Spot root("");
    for (const auto& layer : layers) lay(root, layer.variables, layer.rule);
    std::vector<ExplainedVariable> result;
    std::vector<std::string> path;
    gather(root, path, result);
    return result;
}

Value to_value(const ExplainedVariable& variable) {
    auto settings = Value::array();
    for (const auto& setting : variable.settings) {
        auto one = Value::object();
        one.set("effect", name_of(setting.effect));
        one.set("rule", setting.rule);
        one.set("place", setting.position.text());
        one.set("value", setting.value);
        settings.push(std::move(one));
    }
    auto result = Value::object();
    result.set("key", join(variable.path, "."));
    result.set("settings", std::move(settings));
    return result;
}

}  // namespace prove
