// The section `targets`: a list of hosts.
#include "common/text/ssh_rules.hpp"
#include "common/text/text.hpp"
#include "master/catalog/file_kind.hpp"
#include "master/catalog/parts.hpp"

namespace prove {

namespace {

constexpr std::int64_t highest_port = 65535;

std::vector<std::string> names_of(const std::vector<NamedRef>& refs) {
    std::vector<std::string> result;
    result.reserve(refs.size());
    for (const auto& ref : refs) result.push_back(ref.name);
    return result;
}

Value read_ssh(Shape& target) {
    const auto* const value = target.find("ssh");
    if (value == nullptr) return {};
    Shape shape(*value, target.where() + ": ssh", target.diagnostics());
    const auto user = shape.text("user");
    if (user && !is_ssh_name(*user))
        shape.error(shape.find("user")->position(),
                    "a user has letters, digits, '.', '_', ':' and '-' and does not begin with '-', found " + quoted(*user));
    shape.integer("port", 1, highest_port);
    const auto key = shape.text("identity_file");
    if (key && !is_ssh_key_path(*key))
        shape.error(shape.find("identity_file")->position(),
                    "'identity_file' is a path such as ~/.ssh/id_ed25519, found " + quoted(*key));
    shape.choice("become", {"sudo", "su", "doas"});
    shape.end();
    return *value;
}

std::string read_host(Shape& shape, const std::string& name) {
    const auto host = shape.text("host").value_or(name);
    // S87: it goes to other programs.
    if (is_ssh_name(host)) return host;
    shape.error(shape.find("host")->position(),
                "a host has letters, digits, '.', '_', ':' and '-' and does not begin with '-', found " + quoted(host));
    return name;
}

// "" with an error where the target has no name that can be used.
std::string read_name(const Value& value, Diagnostics& diagnostics) {
    const auto* const name = value.is_mapping() ? value.find("name") : nullptr;
    if (name != nullptr && name->is_text() && is_target_name(name->text())) return name->text();
    if (!value.is_mapping())
        diagnostics.error(value.position(), "targets",
                          "a target is a mapping such as {name: web1}, found " + value.described());
    else if (name == nullptr)
        diagnostics.error(value.position(), "targets", "this target has no 'name'");
    else
        diagnostics.error(name->position(), "targets",
                          "a target's name has small letters, digits, '.', '_' and '-', begins and ends with a letter "
                          "or digit and has no '..', found " +
                              name->described());
    return {};
}

void read_target(const Value& value, CatalogParts& parts, Diagnostics& diagnostics) {
    const auto name = read_name(value, diagnostics);
    if (name.empty()) return;
    Target target;
    target.id = TargetId(name);
    target.position = value.find("name")->position();
    Shape shape(value, "target " + name, diagnostics);
    shape.find("name");
    shape.text("description");
    target.host = read_host(shape, name);
    TargetRefs refs{shape.names("roles"), shape.names("states"), shape.names("variable_files")};
    target.roles = names_of(refs.roles);
    target.states = names_of(refs.states);
    target.variable_files = names_of(refs.variable_files);
    target.variables = shape.mapping("variables");
    check_variables(target.variables, shape.where(), SecretRule::allowed, diagnostics);
    target.ssh = read_ssh(shape);
    target.options = read_option_keys(shape, OptionScope::target);
    shape.end();
    const auto [other, is_new] = parts.target_index.emplace(name, parts.targets.size());
    if (!is_new) {
        const auto& first = parts.targets[other->second].position;
        return shape.error(target.position, "there is a target of this name already, at " + first.text());
    }
    parts.targets.push_back(std::move(target));
    parts.target_refs.push_back(std::move(refs));
}

}  // namespace

void read_targets(const Value& value, CatalogParts& parts, Diagnostics& diagnostics) {
    if (value.is_null()) return;
    if (!value.is_list()) {
        diagnostics.error(value.position(), "targets",
                          "expected a list of targets such as '- name: web1', found " + value.described());
        return;
    }
    for (const auto& target : value.list()) read_target(target, parts, diagnostics);
}

}  // namespace prove
