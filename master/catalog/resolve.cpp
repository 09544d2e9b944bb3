// What a target is made of. Costs that target's groups and roles only, whatever else is in the catalog (B3).
#include <algorithm>
#include <set>

#include "common/text/text.hpp"
#include "master/catalog/parts.hpp"

namespace prove {

namespace {

class Resolver {
  public:
    Resolver(const CatalogParts& parts, std::size_t index, const Value& facts)
        : parts_(parts),
          target_(parts.targets[index]),
          refs_(parts.target_refs[index]),
          groups_(groups_of(parts, target_, facts.is_mapping() ? &facts : nullptr)) {}

    ResolvedTarget resolve() {
        result_.target = &target_;
        for (const auto* const group : groups_) result_.groups.push_back(group->name);
        collect_roles();
        collect_states();
        collect_required();
        collect_layers();
        std::vector<const Value*> options{&parts_.options};
        for (const auto* const group : groups_) options.push_back(&group->options);
        options.push_back(&target_.options);
        result_.options = run_options(options);
        return std::move(result_);
    }

  private:
    static void add_once(std::vector<std::string>& names, const std::string& name) {
        if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
    }

    void collect_roles() {
        for (const auto* const group : groups_)
            for (const auto& role : group->roles) {
                add_once(result_.roles, role.name);
                if (!group->by_facts) own_roles_.insert(role.name);
            }
        for (const auto& role : refs_.roles) {
            add_once(result_.roles, role.name);
            own_roles_.insert(role.name);
        }
        for (const auto& name : result_.roles)
            for (const auto& component : parts_.roles.at(name).components) add_once(result_.components, component.name);
    }

    void add_state(const NamedRef& state) {
        if (!seen_states_.insert(state.name).second) return;
        result_.states.emplace_back(state.name, state.position);
        const auto& component = parts_.states.at(state.name)->component;
        if (!component.empty()) add_once(result_.components, component);
    }

    void collect_states() {
        for (const auto* const group : groups_)
            for (const auto& state : group->states) add_state(state);
        for (const auto& name : result_.roles) {
            const auto& role = parts_.roles.at(name);
            for (const auto& component : role.components)
                if (parts_.components.at(component.name).has_main_state) add_state(component);
            for (const auto& state : role.states) add_state(state);
        }
        for (const auto& state : refs_.states) add_state(state);
    }

    // The defaults of what a component requires are there for its templates.
    void collect_required() {
        for (std::size_t i = 0; i < result_.components.size(); ++i)
            for (const auto& required : parts_.components.at(result_.components[i]).required)
                add_once(result_.components, required.name);
    }

    void add_values(const std::string& rule, const Value& variables, SecretRule secrets = SecretRule::allowed) {
        if (variables.mapping().empty()) return;
        VariableLayer layer;
        layer.rule = rule;
        layer.secrets = secrets;
        layer.variables = variables;
        result_.layers.push_back(std::move(layer));
    }

    void add_file(const std::string& rule, const SourceFile* file, SecretRule secrets) {
        VariableLayer layer;
        layer.rule = rule;
        layer.secrets = secrets;
        layer.file = file;
        result_.layers.push_back(std::move(layer));
    }

    void add_files(const std::string& rule, const std::vector<NamedRef>& files,
                   SecretRule secrets = SecretRule::allowed) {
        for (const auto& file : files) add_file(rule, parts_.variable_files.at(file.name), secrets);
    }

    void add_defaults(const Component& component) {
        for (auto& layer : default_layers(component)) result_.layers.push_back(std::move(layer));
    }

    void collect_layers() {
        for (const auto& name : result_.components) add_defaults(parts_.components.at(name));
        add_values("catalog", parts_.variables);
        for (const auto* const group : groups_) {
            const auto secrets = group->by_facts ? SecretRule::by_facts : SecretRule::allowed;
            add_files("group " + group->name, group->variable_files, secrets);
            add_values("group " + group->name, group->variables, secrets);
        }
        for (const auto& name : result_.roles) {
            // A role that comes by facts alone comes with what a host says of itself.
            const auto secrets = own_roles_.count(name) == 0 ? SecretRule::by_facts : SecretRule::allowed;
            add_files("role " + name, parts_.roles.at(name).variable_files, secrets);
            add_values("role " + name, parts_.roles.at(name).variables, secrets);
        }
        add_files("target " + target_.id.text(), refs_.variable_files);
        add_values("target " + target_.id.text(), target_.variables);
    }

    const CatalogParts& parts_;
    const Target& target_;
    const TargetRefs& refs_;
    const std::vector<const Group*> groups_;
    ResolvedTarget result_;
    std::set<std::string> seen_states_;
    std::set<std::string> own_roles_;  // those that do not depend on facts
};

}  // namespace

std::vector<const Group*> groups_of(const CatalogParts& parts, const Target& target, const Value* facts,
                                    bool by_name_only) {
    TargetView view;
    view.name = target.id.text();
    view.host = target.host;
    view.facts = facts;
    std::vector<const Group*> result;
    for (const auto& group : parts.groups) {
        if (by_name_only && group.by_facts) continue;
        if (group.expression ? !group.expression->matches(view) : group.list.count(view.name) == 0) continue;
        result.push_back(&group);
        view.groups.push_back(group.name);
    }
    return result;
}

std::vector<VariableLayer> default_layers(const Component& component) {
    std::vector<VariableLayer> layers;
    VariableLayer layer;
    layer.component = component.name;
    layer.secrets = SecretRule::of_defaults;
    layer.rule = "parameters of component " + component.name;
    layer.variables = component.parameter_defaults();
    if (!layer.variables.mapping().empty()) layers.push_back(layer);
    layer.rule = "defaults of component " + component.name;
    layer.variables = Value();
    layer.file = component.defaults;
    if (component.defaults != nullptr) layers.push_back(layer);
    return layers;
}

void settle_executors(CatalogParts& parts) {
    const auto* const of_catalog = parts.options.find("executor");
    const bool by_groups = std::any_of(parts.groups.begin(), parts.groups.end(),
                                       [](const Group& group) { return group.options.find("executor") != nullptr; });
    for (auto& target : parts.targets) {
        if (of_catalog != nullptr) target.executor = of_catalog->text();
        if (by_groups)
            for (const auto* const group : groups_of(parts, target, nullptr, true))
                if (const auto* const executor = group->options.find("executor")) target.executor = executor->text();
        if (const auto* const executor = target.options.find("executor")) target.executor = executor->text();
    }
}

ResolvedTarget resolve_target(const CatalogParts& parts, std::size_t index, const Value& facts) {
    return Resolver(parts, index, facts).resolve();
}

}  // namespace prove
