// What a component says of itself in its component.yml, and what it brings: the interface that those who use it rely on.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "master/catalog/catalog.hpp"
#include "master/catalog/versions.hpp"
#include "proto/schema.hpp"

namespace prove {

// A function of a component's own: an executable that is sent to the targets that call it.
struct ComponentFunction {
    std::string name;  // as a state calls it: "webserver.vhost"
    SourcePosition position;
    ServedFile program;
    std::string help;
    bool needs_agent = false;  // it counts on an agent that stays on the host
    bool declared = false;  // component.yml lists its arguments; else it takes any
    std::vector<Argument> arguments;
};

// A component that this one cannot do without.
struct RequiredComponent {
    std::string name;
    SourcePosition position;
    VersionRange versions;
};

struct Component {
    std::string name;
    SourcePosition position;  // of component.yml; of nothing where there is none
    Hash definition;          // of the text of component.yml; zero where there is none
    std::optional<Version> version;
    bool says_version = false;  // though it may be no version
    std::vector<RequiredComponent> required;
    bool has_parameters = false;  // it lists them; then `vars.<name>` holds nothing else
    std::vector<Argument> parameters;
    std::map<std::string, ComponentFunction> functions;  // by the name of their file
    const SourceFile* defaults = nullptr;
    bool has_main_state = false;  // states.yml, which a role that lists the component brings

    // What its parameters are where nobody says: a mapping.
    Value parameter_defaults() const;
};

// What a component says its variables are where nobody else does, lowest first: its parameters' defaults, then its
// variables file.
std::vector<VariableLayer> default_layers(const Component& component);

}  // namespace prove
