// See the header.
#include "master/compile/components.hpp"

#include <set>

#include "agent/functions/argument_forms.hpp"
#include "common/text/text.hpp"

namespace prove {

namespace {

std::string family_of(const std::string& function) {
    return function.substr(0, function.find('.'));
}

// "function vhost: argument port" before what is wrong with its default.
void check_defaults(const std::vector<Argument>& arguments, const std::string& what, Diagnostics& diagnostics) {
    for (const Argument& argument : arguments) {
        if (argument.fallback.is_null()) continue;
        const std::string problem = argument_problem(argument, argument.fallback);
        if (!problem.empty())
            diagnostics.error(argument.fallback.position(), what + argument.name, "its default: " + problem);
    }
}

Function function_of(const ComponentFunction& own) {
    Function function;
    function.schema.name = own.name;
    function.schema.summary = own.help;
    function.schema.changed = "it says so itself";
    function.schema.needs_agent = own.needs_agent;
    function.schema.open = !own.declared;
    function.schema.arguments = own.arguments;
    function.program = own.name;
    return function;
}

class ParameterCheck {
  public:
    ParameterCheck(const Component& component, const SourcePosition& target, Diagnostics& diagnostics)
        : component_(component), target_(target), diagnostics_(diagnostics) {}

    void check(const Value* variables) {
        if (variables != nullptr && !variables->is_mapping()) {
            error(variables->position(), "its variables are a mapping, found " + variables->described());
            return;
        }
        if (variables != nullptr)
            for (const Mapping::Member& member : variables->mapping()) check(member);
        for (const Argument& parameter : component_.parameters)
            if (parameter.required && meant_.count(parameter.name) == 0 &&
                (variables == nullptr || variables->find(parameter.name) == nullptr))
                error(target_, "its parameter " + quoted(parameter.name) + " is missing" +
                                   (parameter.help.empty() ? "" : " (" + parameter.help + ")") +
                                   "; a variable gives it: " + component_.name + ": {" + parameter.name + ": ...}");
    }

  private:
    void error(const SourcePosition& position, std::string text) {
        diagnostics_.error(position.known() ? position : target_, "component " + component_.name, std::move(text));
    }

    void check(const Mapping::Member& member) {
        std::vector<std::string> names;
        for (const Argument& parameter : component_.parameters) {
            names.push_back(parameter.name);
            if (parameter.name != member.key) continue;
            const std::string problem = argument_problem(parameter, member.value);
            if (!problem.empty())
                error(member.value.position(), "its parameter " + quoted(member.key) + ": " + problem);
            return;
        }
        const std::string near = nearest(member.key, names);
        if (!near.empty()) meant_.insert(near);
        error(member.key_position, "it has no parameter " + quoted(member.key) +
                                       (near.empty() ? names.empty() ? "" : "; it has " + join_words(names)
                                                     : "; did you mean " + quoted(near) + "?"));
    }

    const Component& component_;
    const SourcePosition& target_;
    Diagnostics& diagnostics_;
    std::set<std::string> meant_;
};

}  // namespace

FunctionRegistry functions_of(const Catalog& catalog, const FunctionRegistry& functions, Diagnostics& diagnostics) {
    FunctionRegistry result;
    std::set<std::string> families = {"meta"};
    for (const std::string& name : functions.names()) {
        if (name == component_function) continue;  // what the compiler writes, and nobody else
        families.insert(family_of(name));
        result.add(*functions.find(name));
    }
    for (const std::string& name : catalog.component_names()) {
        const Component& component = *catalog.component(name);
        const std::string where = "component " + name + ": ";
        check_defaults(component.parameters, where + "parameter ", diagnostics);
        for (const auto& [file, own] : component.functions) {
            check_defaults(own.arguments, where + "function " + file + ": argument ", diagnostics);
            if (families.count(name) == 0) {
                result.add(function_of(own));
                continue;
            }
            diagnostics.error(own.position, "component " + name,
                              "its functions would be called " + quoted(name + ".*") + ", as Prove's own are; a component with functions needs another name");
            break;
        }
    }
    return result;
}

const ComponentFunction* own_function(const Catalog& catalog, const Function& function) {
    if (function.program.empty()) return nullptr;
    const Component* component = catalog.component(family_of(function.program));
    if (component == nullptr) return nullptr;
    const auto found = component->functions.find(function.program.substr(component->name.size() + 1));
    return found == component->functions.end() ? nullptr : &found->second;
}

void check_parameters(const Catalog& catalog, const TargetScope& scope, Diagnostics& diagnostics) {
    if (!scope.whole()) return;
    for (const std::string& name : scope.components()) {
        const Component* component = catalog.component(name);
        if (component == nullptr || !component->has_parameters) continue;
        ParameterCheck(*component, scope.target().target->position, diagnostics).check(scope.variables().find(name));
    }
}

}  // namespace prove
