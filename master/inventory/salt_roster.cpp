// A Salt roster in plain YAML: hosts with their address, user, port, sudo and key. What it says of Salt's own workings
// is left out with a warning; what would make Prove do something else than Salt is an error.
#include "common/text/text.hpp"
#include "master/catalog/shape.hpp"
#include "master/inventory/formats.hpp"
#include "master/inventory/inventory_text.hpp"

namespace prove {

namespace {

constexpr std::int64_t highest_port = 65'535;

class SaltRosterReader {
  public:
    Inventory read(const std::string& path) {
        const auto text = read_inventory_text(path, inventory_);
        if (problems_.has_errors() || is_program(text)) return std::move(inventory_);
        const auto value = read_yaml_inventory(text, problems_);
        if (!value || value->is_null()) return std::move(inventory_);
        if (!value->is_mapping()) {
            problems_.error(value->position(), "",
                            "a roster is a mapping such as 'web1: {host: 192.0.2.1}', found " + value->described());
            return std::move(inventory_);
        }
        for (const auto& member : value->mapping()) host(member);
        return std::move(inventory_);
    }

  private:
    // Rosters go through Jinja in Salt, or are what a program prints.
    bool is_program(const InventoryText& text) {
        const auto begin = text.text.starts_with("#!") ? 0 : std::min(text.text.find("{{"), text.text.find("{%"));
        if (begin == std::string::npos) return false;
        std::size_t line = 1, at = 0;
        for (auto end = text.text.find('\n'); end < begin; end = text.text.find('\n', at)) ++line, at = end + 1;
        problems_.error(
            place_in_line(text.name, line, std::string_view(text.text).substr(at), begin - at), "",
            "Salt would render or run this roster, and here it is read as it stands; write the result as plain "
            "YAML, and name that");
        return true;
    }

    void host(const Mapping::Member& member) {
        const auto name = target_name_of(member.key, member.key_position, problems_);
        if (!name) return;
        if (inventory_.targets.list().size() >= most_inventory_hosts) {
            if (inventory_.targets.list().size() == most_inventory_hosts && !full_)
                problems_.error(member.key_position, "",
                                "there are more than " + std::to_string(most_inventory_hosts) + " hosts");
            full_ = true;
            return;
        }
        if (member.value.is_text()) return short_form(*name, member);
        Shape shape(member.value, "host " + member.key, problems_);
        const auto address = shape.required_text("host");
        auto target = ssh_target_value(*name, address, member.key_position);
        if (!address.empty()) set_placed(target, "host", address, shape.find("host")->position());
        // Salt's own default; ssh's configuration would name somebody else.
        set_ssh(target, "user", shape.text("user").value_or("root"),
                shape.find("user") == nullptr ? member.key_position : shape.find("user")->position());
        if (const auto port = shape.integer("port", 1, highest_port))
            set_ssh(target, "port", *port, shape.find("port")->position());
        if (const auto sudo = shape.boolean("sudo"); sudo && *sudo)
            set_ssh(target, "become", "sudo", shape.find("sudo")->position());
        key(shape, target);
        refuse(shape);
        ignore(shape);
        shape.end();
        if (!address.empty()) inventory_.targets.push(std::move(target));
    }

    // "web1: 192.0.2.1"
    void short_form(const std::string& name, const Mapping::Member& member) {
        auto target = ssh_target_value(name, member.value.text(), member.key_position);
        set_placed(target, "host", member.value, member.value.position());
        set_ssh(target, "user", "root", member.key_position);
        inventory_.targets.push(std::move(target));
    }

    void key(Shape& shape, Value& target) {
        const auto path = shape.text("priv");
        if (!path || *path == "agent-forwarding") return;  // the agent is asked in any case
        set_ssh(target, "identity_file", *path, shape.find("priv")->position());
    }

    void refuse(Shape& shape) {
        const std::pair<const char*, const char*> refused[] = {
            {"passwd", "ssh is never given a password; let it have a key"},
            {"priv_passwd", "a key's password is for the agent: ssh-add asks for it once"},
            {"ssh_options", "options of ssh stand in ~/.ssh/config"},
            {"ssh_pre_flight", "nothing is run on a host before its states; let it be a state"},
        };
        for (const auto& [name, why] : refused) shape.refuse(name, quoted(name) + " is not read: " + why);
        const auto user = shape.text("sudo_user");
        if (user && *user != "root")
            shape.error(shape.find("sudo_user")->position(),
                        "'sudo_user' is root or is left out, found " + quoted(*user));
    }

    void ignore(Shape& shape) {
        for (const auto* const name : {"minion_opts", "thin_dir", "timeout", "tty", "set_path", "cmd_umask",
                                       "remote_port_forwards", "ssh_pre_flight_args"})
            if (shape.find(name) != nullptr)
                problems_.warning(shape.position_of_key(name), shape.where(),
                                  quoted(name) + " is Salt's own affair and is left out");
    }

    Inventory inventory_;
    Diagnostics& problems_ = inventory_.problems;
    bool full_ = false;
};

}  // namespace

Inventory read_salt_roster(const std::string& path) {
    return SaltRosterReader().read(with_home(path));
}

}  // namespace prove
