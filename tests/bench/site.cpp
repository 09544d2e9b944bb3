// Writing the site.
#include "tests/bench/site.hpp"

#include "common/files/files.hpp"

namespace prove::bench {

namespace {

constexpr int plain_states = 50;
constexpr int templated_states = 50;  // every tenth with a template for its content

void write(const std::string& path, const std::string& text) {
    make_folders(parent_of(path));
    write_file_durably(path, text, 0644);
}

std::string role_name(int role) {
    return "role" + std::to_string(role);
}

std::string plain_file(const std::string& role) {
    std::string text;
    for (int i = 0; i < plain_states; ++i) {
        const std::string name = role + "-plain" + std::to_string(i);
        if (i % 5 == 4) {
            text += name + ":\n  lazy: true\n  parts:\n    - {fn: service.restarted, service: " + name + "}\n";
            continue;
        }
        text += name + ":\n  - fn: file.managed\n    path: /etc/" + role + "/plain" + std::to_string(i) +
                ".conf\n    mode: \"0644\"\n    content: |\n      # of " + role +
                "\n      setting = " + std::to_string(i) + "\n    notify: " + role + "-plain" +
                std::to_string(i / 5 * 5 + 4) + "\n";
    }
    return text;
}

std::string templated_file(const std::string& role, int change) {
    std::string text = "# change " + std::to_string(change) + "\n";
    for (int i = 0; i < templated_states; ++i) {
        const std::string number = std::to_string(i);
        text += role + "-made" + number + ":\n  - fn: file.managed\n    path: /etc/" + role + "/${vars.owner}/made" +
                number + ".conf\n    mode: \"0640\"\n";
        if (i % 10 == 9) {
            text += "    source: prove://" + role + "/made" + number + ".conf.mako\n";
            continue;
        }
        text += "    content: |\n      name = ${target.name}\n      listen = ${vars.address}:${vars.base_port + " +
                number + "}\n% if vars.get('option" + number + "'):\n      option = ${vars.option" + number +
                "}\n% endif\n      memory = ${facts.memory.total_mb // " + std::to_string(i + 1) + "}\n";
    }
    return text;
}

std::string content_template(const std::string& role, int number) {
    std::string text = "# " + role + " ${target.name}\n% for one in vars.upstreams:\nserver ${one};\n% endfor\n";
    for (int i = 0; i < 20; ++i)
        text += "key" + std::to_string(i) + " = ${vars.number + " + std::to_string(i * number) + "}\n";
    return text;
}

}  // namespace

void write_site(const std::string& folder, int targets) {
    std::string roles_text = "roles:\n";
    for (int i = 0; i < roles; ++i) {
        const std::string role = role_name(i);
        write(folder + "/states/" + role + "/plain.yml", plain_file(role));
        write(folder + "/states/" + role + "/made.yml", templated_file(role, 0));
        for (int number = 9; number < templated_states; number += 10)
            write(folder + "/files/" + role + "/made" + std::to_string(number) + ".conf.mako",
                  content_template(role, number));
        roles_text += "  " + role + ":\n    states: [" + role + "/plain, " + role +
                      "/made]\n    variables: {base_port: " + std::to_string(8000 + i) +
                      ", option3: true, upstreams: [a, b, c]}\n";
    }
    write(folder + "/roles.yml", roles_text);
    write(folder + "/prove.yml", "options: {}\nvariables: {dns: [10.0.0.1, 10.0.0.2], ntp: ntp.example.com}\n");
    std::string targets_text = "targets:\n";
    for (int i = 0; i < targets; ++i) {
        const std::string number = std::to_string(i);
        targets_text += "  - {name: host" + number + ", roles: [" + role_name(i % roles) +
                        "], variables: {number: " + number + ", address: 10." + std::to_string(i / 62500) + "." +
                        std::to_string(i / 250 % 250) + "." + std::to_string(i % 250) + ", owner: team" +
                        std::to_string(i % 7) + "}}\n";
    }
    write(folder + "/targets.yml", targets_text);
}

void change_one_role(const std::string& folder, int change) {
    write(folder + "/states/role7/made.yml", templated_file("role7", change));
}

Value SiteFacts::facts_of(const TargetId& target) const {
    Value facts = read_json(
        R"({"os": {"family": "debian", "name": "Debian", "release": "12"}, "kernel": {"name": "Linux", "release": "6.1"},
            "cpu": {"count": 8, "model": "x"}, "init": "systemd", "packages": {"manager": "apt"}})");
    Value memory = Value::object();
    memory.set("total_mb", static_cast<std::int64_t>(1024 * (1 + target.text().size())));
    facts.set("memory", std::move(memory));
    Value network = Value::object();
    for (int i = 0; i < 8; ++i) {
        Value one = Value::object();
        one.set("mac", "02:00:" + target.text());
        one.set("addresses", Value::List{"10.1.2." + std::to_string(i), "fe80::" + std::to_string(i)});
        network.set("eth" + std::to_string(i), std::move(one));
    }
    facts.set("interfaces", std::move(network));
    Value disks = Value::array();
    for (int i = 0; i < 12; ++i) {
        Value disk = Value::object();
        disk.set("name", "sd" + std::to_string(i));
        disk.set("size_mb", 1000 * i);
        disk.set("mount", "/srv/" + std::to_string(i));
        disks.push(std::move(disk));
    }
    facts.set("disks", std::move(disks));
    return facts;
}

}  // namespace prove::bench
