// An Ansible inventory: which of the two forms it is, and what Prove cannot read of it.
#include <sys/stat.h>

#include "common/files/files.hpp"
#include "common/text/text.hpp"
#include "master/inventory/ansible_forms.hpp"
#include "master/inventory/formats.hpp"
#include "master/inventory/inventory_text.hpp"

namespace prove {

namespace {

bool ends_with_any(const std::string& path, std::initializer_list<const char*> suffixes) {
    for (const auto* const suffix : suffixes)
        if (path.ends_with(suffix)) return true;
    return false;
}

// "all:", "---", "{": what no line of INI looks like.
bool looks_like_yaml(const std::string& text) {
    for (const auto& line : split_lines(text)) {
        const auto words = trim(line);
        if (words.empty() || words[0] == '#') continue;
        return words == "---" || words[0] == '{' || (line[0] != '[' && words.ends_with(":"));
    }
    return false;
}

std::string written_out(const std::string& path) {
    return "let 'ansible-inventory -i " + shell_quoted(path) +
           " --list --yaml' write out what it says, and name that file";
}

// True where there is nothing to be read.
bool refuse_programs(const InventoryText& text, Diagnostics& problems) {
    const SourcePosition begin{text.name, 1, 1};
    if (text.text.starts_with("#!"))
        problems.error(begin, "", "is a program, and none is run for an inventory; " + written_out(*text.name));
    else if (text.text.starts_with("$ANSIBLE_VAULT"))
        problems.error(begin, "",
                       "is encrypted by ansible-vault, which Prove does not read; " + written_out(*text.name));
    else
        return false;
    return true;
}

// Ansible reads variables of folders beside the inventory, too.
void warn_of_folders(const InventoryText& text, Diagnostics& problems) {
    for (const auto* const folder : {"group_vars", "host_vars"})
        if (const auto path = parent_of(*text.name) + "/" + folder; is_folder(path))
            problems.warning(
                {text.name, 1, 1}, "",
                "the variables of " + quoted(path) + " beside it are not read; " + written_out(*text.name));
}

}  // namespace

Inventory read_ansible_inventory(const std::string& path) {
    Inventory inventory;
    const auto text = read_inventory_text(with_home(path), inventory);
    if (inventory.problems.has_errors() || refuse_programs(text, inventory.problems)) return inventory;
    warn_of_folders(text, inventory.problems);
    AnsibleModel model(inventory, text.name);
    try {
        const bool yaml = ends_with_any(path, {".yml", ".yaml", ".json"}) ||
                          (!ends_with_any(path, {".ini", ".cfg"}) && looks_like_yaml(text.text));
        if (yaml)
            read_ansible_yaml(text, model, inventory.problems);
        else
            read_ansible_ini(text, model, inventory.problems);
        model.finish();
    } catch (const Error& error) {
        inventory.problems.error(error.position(), "", error.text());
    }
    return inventory;
}

}  // namespace prove
