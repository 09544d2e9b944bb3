// The section `roles`: what a target is for, as components, states and variables under one name.
#include "common/text/text.hpp"
#include "master/catalog/file_kind.hpp"
#include "master/catalog/parts.hpp"

namespace prove {

void read_role(const std::string& name, const SourcePosition& position, const Value& value, CatalogParts& parts,
               Diagnostics& diagnostics) {
    Shape shape(value, "role " + name, diagnostics);
    if (!is_plain_name(name))
        return shape.error(position, "a role's name has letters, digits, '.', '_' and '-', found " + quoted(name));
    RoleDefinition role;
    role.position = position;
    shape.text("description");
    role.components = shape.names("components");
    role.states = shape.names("states");
    role.variable_files = shape.names("variable_files");
    role.variables = shape.mapping("variables");
    check_variables(role.variables, shape.where(), SecretRule::allowed, diagnostics);
    shape.end();
    const auto [other, is_new] = parts.roles.emplace(name, std::move(role));
    if (!is_new) shape.error(position, "there is a role of this name already, at " + other->second.position.text());
}

void read_roles(const Value& value, CatalogParts& parts, Diagnostics& diagnostics) {
    if (value.is_null()) return;
    if (!value.is_mapping()) {
        diagnostics.error(value.position(), "roles",
                          "expected a mapping such as 'webserver: {states: [nginx]}', found " + value.described());
        return;
    }
    for (const auto& member : value.mapping())
        read_role(member.key, member.key_position, member.value, parts, diagnostics);
}

}  // namespace prove
