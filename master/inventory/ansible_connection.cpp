// See the header.
#include "master/inventory/ansible_connection.hpp"

#include <algorithm>
#include <charconv>
#include <vector>

#include "common/text/text.hpp"
#include "master/inventory/inventory_text.hpp"

namespace prove {

namespace {

// One meaning has several names, the newest first.
const std::vector<std::string> host_names{"ansible_host", "ansible_ssh_host"};
const std::vector<std::string> user_names{"ansible_user", "ansible_ssh_user"};
const std::vector<std::string> port_names{"ansible_port", "ansible_ssh_port"};
const std::vector<std::string> key_names{"ansible_private_key_file", "ansible_ssh_private_key_file"};
const std::vector<std::string> other_names{"ansible_connection", "ansible_become", "ansible_become_method",
                                           "ansible_become_user", "ansible_group_priority"};

// Where the target has neither Python nor modules there is nothing to say about them.
const std::vector<std::string> needless{"ansible_python_interpreter", "ansible_pipelining", "ansible_ssh_pipelining"};

bool is_one_of(const std::string& name, const std::vector<std::string>& names) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

const char* why_refused(const std::string& name) {
    if (is_one_of(name, {"ansible_password", "ansible_ssh_pass", "ansible_ssh_password"}))
        return "ssh is never given a password; let it have a key";
    if (is_one_of(name, {"ansible_ssh_common_args", "ansible_ssh_extra_args", "ansible_ssh_args"}))
        return "options of ssh stand in ~/.ssh/config";
    if (is_one_of(name, {"ansible_become_flags", "ansible_become_exe"}))
        return "sudo, su and doas are started in one way only";
    return nullptr;
}

const Value* find_any(const std::map<std::string, Value>& variables, const std::vector<std::string>& names) {
    for (const auto& name : names)
        if (const auto found = variables.find(name); found != variables.end()) return &found->second;
    return nullptr;
}

// As Ansible takes a boolean for itself: 1, yes, true, on.
std::optional<bool> loose_boolean(const Value& value) {
    if (value.is_boolean()) return value.boolean();
    const auto text = value.is_integer() ? std::to_string(value.integer()) : value.is_text() ? lower(value.text()) : "";
    if (is_one_of(text, {"1", "yes", "true", "on", "y", "t"})) return true;
    if (is_one_of(text, {"0", "no", "false", "off", "n", "f"})) return false;
    return std::nullopt;
}

class Connection {
  public:
    Connection(Value& target, const std::map<std::string, Value>& variables, const std::string& where,
               Diagnostics& problems)
        : target_(target), variables_(variables), where_(where), problems_(problems) {}

    void apply() {
        if (const auto* const host = find_any(variables_, host_names); host != nullptr && is_text(*host, host_names[0]))
            set_placed(target_, "host", *host, host->position());
        if (is_local()) return local();
        if (const auto* const user = find_any(variables_, user_names); user != nullptr && is_text(*user, user_names[0]))
            set_ssh(target_, "user", *user, user->position());
        if (const auto* const value = find_any(variables_, port_names)) port(*value);
        if (const auto* const key = find_any(variables_, key_names); key != nullptr && is_text(*key, key_names[1]))
            set_ssh(target_, "identity_file", *key, key->position());
        become();
    }

  private:
    void wrong(const Value& value, const std::string& name, const std::string& what) {
        problems_.error(value.position(), where_, quoted(name) + " is " + what + ", found " + value.described());
    }

    bool is_text(const Value& value, const std::string& name) {
        if (value.is_text()) return true;
        wrong(value, name, "a text");
        return false;
    }

    bool is_local() {
        const auto* const value = find_any(variables_, {"ansible_connection"});
        if (value == nullptr || !is_text(*value, "ansible_connection")) return false;
        const auto short_name = value->text().substr(value->text().rfind('.') + 1);
        if (short_name == "local") return true;
        if (!is_one_of(short_name, {"ssh", "smart", "paramiko", "paramiko_ssh"}))
            wrong(*value, "ansible_connection", "ssh or local: others cannot be used");
        return false;
    }

    void local() {
        const auto& position = find_any(variables_, {"ansible_connection"})->position();
        set_placed(target_, "executor", "local", position);
        const auto* const become = find_any(variables_, {"ansible_become"});
        if (become != nullptr && loose_boolean(*become).value_or(false))
            problems_.warning(
                become->position(), where_,
                "'ansible_become' is left out for this machine: what needs root there is started as root");
    }

    void port(const Value& value) {
        std::int64_t number = 0;
        if (value.is_integer()) number = value.integer();
        if (value.is_text()) {
            const auto& text = value.text();
            const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
            if (error != std::errc() || end != text.data() + text.size()) number = 0;
        }
        if (number < 1 || number > 65'535) return wrong(value, "ansible_port", "a number from 1 to 65535");
        set_ssh(target_, "port", number, value.position());
    }

    void become() {
        const auto* const wanted = find_any(variables_, {"ansible_become"});
        if (wanted == nullptr) return;
        const auto on = loose_boolean(*wanted);
        if (!on) return wrong(*wanted, "ansible_become", "true or false");
        if (!*on) return;
        const auto* const method = find_any(variables_, {"ansible_become_method"});
        if (method != nullptr && !is_text(*method, "ansible_become_method")) return;
        const auto name = method == nullptr ? "sudo" : method->text().substr(method->text().rfind('.') + 1);
        if (!is_one_of(name, {"sudo", "su", "doas"}))
            return wrong(*method, "ansible_become_method", "sudo, su or doas");
        if (const auto* const user = find_any(variables_, {"ansible_become_user"}))
            if (!user->is_text() || user->text() != "root")
                return wrong(*user, "ansible_become_user", "root or is left out");
        set_ssh(target_, "become", name, (method == nullptr ? wanted : method)->position());
    }

    Value& target_;
    const std::map<std::string, Value>& variables_;
    const std::string& where_;
    Diagnostics& problems_;
};

}  // namespace

bool is_ansible_own(const std::string& name) {
    return name.starts_with("ansible_");
}

void check_ansible_own(const std::string& name, const SourcePosition& position, const std::string& where,
                       Diagnostics& problems) {
    for (const auto& known : {host_names, user_names, port_names, key_names, other_names, needless})
        if (is_one_of(name, known)) return;
    if (const char* const why = why_refused(name)) {
        problems.error(position, where, quoted(name) + " is not read: " + why);
    } else if (is_one_of(name, {"ansible_become_password", "ansible_become_pass"})) {
        problems.warning(position, where,
                         quoted(name) + " is left out: a password is asked for where a host wants one");
    } else {
        problems.warning(position, where, quoted(name) + " is Ansible's own affair and is left out");
    }
}

void apply_connection(Value& target, const std::map<std::string, Value>& variables, const std::string& where,
                      Diagnostics& problems) {
    Connection(target, variables, where, problems).apply();
}

}  // namespace prove
