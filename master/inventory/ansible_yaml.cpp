// Ansible's YAML inventories: groups with hosts, vars and children.
#include "common/text/text.hpp"
#include "master/catalog/shape.hpp"
#include "master/inventory/ansible_forms.hpp"

namespace prove {

namespace {

class AnsibleYamlReader {
  public:
    AnsibleYamlReader(const InventoryText& text, AnsibleModel& model, Diagnostics& problems)
        : text_(text), model_(model), problems_(problems) {}

    void read() {
        if (refuse_vault()) return;
        const auto value = read_yaml_inventory(text_, problems_);
        if (!value || value->is_null()) return;
        if (!value->is_mapping()) {
            problems_.error(
                value->position(), "",
                "an inventory is a mapping of groups such as 'all: {hosts: {web1: {}}}', found " + value->described());
            return;
        }
        if (const auto* const plugin = value->mapping().member("plugin")) {
            problems_.error(plugin->key_position, "",
                            "this asks a plugin of Ansible for its hosts, and none is run; let 'ansible-inventory -i " +
                                shell_quoted(*text_.name) +
                                " --list --yaml' write out what it says, and name that file");
            return;
        }
        for (const auto& member : value->mapping()) group(member);
    }

  private:
    // The tag is one that YAML readers may know; ours do not, and would speak of secrets.
    bool refuse_vault() {
        std::size_t number = 0;
        bool found = false;
        for (const auto& line : split_lines(text_.text)) {
            ++number;
            const auto at = line.find("!vault");
            if (at == std::string::npos || trim(line).starts_with("#")) continue;
            problems_.error(
                place_in_line(text_.name, number, line, at), "",
                "is encrypted by ansible-vault, which Prove does not read; 'prove-cli secret encrypt' makes a "
                "secret of a catalog");
            found = true;
        }
        return found;
    }

    AnsibleModel::Index group(const Mapping::Member& member) {
        const auto index = model_.group(member.key, member.key_position);
        Shape shape(member.value, "group " + member.key, problems_);
        const auto members = section(shape, "hosts"), variables = section(shape, "vars"),
                   children = section(shape, "children");
        for (const auto& host : members.mapping()) {
            const auto hosts = model_.hosts(host.key, host.key_position, index);
            if (!host.value.is_mapping() && !host.value.is_null())
                shape.error(host.value.position(),
                            "a host's value is a mapping of variables, found " + host.value.described());
            else if (host.value.is_mapping())
                for (const auto& variable : host.value.mapping())
                    for (const auto one : hosts)
                        model_.host_variable(one, variable.key, variable.key_position, variable.value);
        }
        for (const auto& variable : variables.mapping())
            model_.group_variable(index, variable.key, variable.key_position, variable.value);
        for (const auto& child : children.mapping()) model_.child(index, group(child), child.key_position);
        shape.end();
        return index;
    }

    // A mapping, or the one name of it.
    Value section(Shape& shape, const std::string& key) {
        const auto* const value = shape.find(key);
        if (value == nullptr || !value->is_text()) return shape.mapping(key);
        auto one = placed(Value::object(), value->position());
        one.mapping().set(value->text(), value->position(), Value());
        return one;
    }

    const InventoryText& text_;
    AnsibleModel& model_;
    Diagnostics& problems_;
};

}  // namespace

void read_ansible_yaml(const InventoryText& text, AnsibleModel& model, Diagnostics& problems) {
    AnsibleYamlReader(text, model, problems).read();
}

}  // namespace prove
