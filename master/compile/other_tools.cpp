// The names that other tools give to what Prove has under another.
#include "master/compile/other_tools.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include "common/text/text.hpp"
#include "proto/error.hpp"
#include "proto/output_ref.hpp"

namespace prove {

namespace {

struct OtherName {
    std::string_view other, here;
};

// Salt's first, then Ansible's short names.
constexpr std::array<OtherName, 31> other_names{{
    {"pkg.installed", "package.installed"},
    {"pkg.latest", "package.installed"},
    {"pkg.removed", "package.removed"},
    {"pkg.purged", "package.removed"},
    {"service.dead", "service.stopped"},
    {"file.append", "file.line"},
    {"file.replace", "file.line"},
    {"file.recurse", "file.managed"},
    {"file.copy", "file.managed"},
    {"cmd.wait", "cmd.run"},
    {"cmd.script", "cmd.run"},
    {"apt", "package.installed"},
    {"yum", "package.installed"},
    {"dnf", "package.installed"},
    {"package", "package.installed"},
    {"copy", "file.managed"},
    {"template", "file.managed"},
    {"lineinfile", "file.line"},
    {"service", "service.running"},
    {"systemd", "service.running"},
    {"systemd_service", "service.running"},
    {"command", "cmd.run"},
    {"shell", "cmd.run"},
    {"user", "user.present"},
    {"group", "group.present"},
    {"assert", "meta.assert"},
    {"fail", "meta.fail"},
    {"block", "meta.block"},
    {"include_tasks", "meta.include"},
    {"import_tasks", "meta.include"},
    {"test.nop", "meta.noop"},
}};

std::string name_here(const std::string& key) {
    // "ansible.builtin.apt" is "apt".
    const std::string_view name = key.starts_with("ansible.") ? std::string_view(key).substr(key.rfind('.') + 1) : key;
    const auto found =
        std::find_if(other_names.begin(), other_names.end(), [&](const OtherName& one) { return one.other == name; });
    return found == other_names.end() ? "" : std::string(found->here);
}

// A slip of the hand, in a module that Prove has: "mysql_user.present" is not meant to be "user.present".
std::string mistyped(const FunctionRegistry& functions, const std::string& key) {
    const auto module_of = [](const std::string& name) { return name.substr(0, name.find('.')); };
    const std::string near = nearest(key, functions.names());
    const bool same = module_of(near) == module_of(key) || !nearest(module_of(key), {module_of(near)}).empty();
    return same ? near : "";
}

// Whether a key is a function, here or in Salt or Ansible.
bool is_function_key(const FunctionRegistry& functions, const Mapping::Member& member) {
    const std::string& key = member.key;
    if (key.find('.') == std::string::npos) return member.value.is_mapping() && !name_here(key).empty();
    return functions.find(key) != nullptr || !name_here(key).empty() || key.find_first_of(" /") == std::string::npos;
}

std::string advice_for_function_key(const FunctionRegistry& functions, const std::string& key) {
    std::string name = functions.find(key) != nullptr ? key : name_here(key);
    if (name.empty()) name = mistyped(functions, key);
    if (name.empty())
        return "a function is no key: write 'fn: NAME' and its arguments beside it; " + quoted(key) +
               " is none of Prove's, which 'prove-cli functions' lists";
    return "a function is no key: write 'fn: " + name + "' and its arguments beside it, in place of " + quoted(key + ":");
}

}  // namespace

Advice advice_without_function(const FunctionRegistry& functions, const Value& arguments) {
    for (const auto& member : arguments.mapping())
        if (nearest(member.key, {"fn"}) == "fn" || member.key == "function")
            return {member.key_position, "unknown key " + quoted(member.key) + "; did you mean 'fn'?"};
    for (const auto& member : arguments.mapping())
        if (member.key.rfind("fn:", 0) == 0) return {member.key_position, "there is no blank after the ':' of 'fn:'"};
    for (const auto& member : arguments.mapping())
        if (is_function_key(functions, member))
            return {member.key_position, advice_for_function_key(functions, member.key)};
    const std::string missing = "this part has no 'fn', the function to call";
    if (is_output(arguments)) return {arguments.position(), missing + "; an output (!out) is no part"};
    return {arguments.mapping().empty() ? arguments.position() : arguments.mapping().begin()->key_position, missing};
}

}  // namespace prove
