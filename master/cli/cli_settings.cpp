// ~/.config/prove/cli.yml, and values written on the command line.
#include <cstdlib>

#include "common/config/settings.hpp"
#include "common/files/files.hpp"
#include "common/text/text.hpp"
#include "common/yaml/yaml.hpp"
#include "master/cli/command_line.hpp"

namespace prove {

std::string configured_socket(const std::string& config) {
    const auto read = [](Settings& settings) { return settings.path("master", ""); };
    if (!config.empty()) return read_settings(config, TrustCheck::none, read);
    const char* home = std::getenv("HOME");
    const char* folder = std::getenv("XDG_CONFIG_HOME");
    if (home == nullptr && folder == nullptr) return "";
    const std::string file = (folder != nullptr ? std::string(folder) : std::string(home) + "/.config") + "/prove/cli.yml";
    try {
        return read_settings(file, TrustCheck::owner, read);
    } catch (const Error& error) {
        if (error.kind() == ErrorKind::missing) return "";
        throw;
    }
}

std::string default_secret_key() {
    if (const char* named = std::getenv("PROVE_SECRET_KEY"); named != nullptr && *named != '\0') return named;
    const char* home = std::getenv("HOME");
    const char* folder = std::getenv("XDG_CONFIG_HOME");
    const std::string masters = "/var/lib/prove-master/keys/secret.key";
    if (home == nullptr && folder == nullptr) return masters;
    const std::string own =
        (folder != nullptr ? std::string(folder) : std::string(home) + "/.config") + "/prove/keys/secret.key";
    return !exists(own) && exists(masters) ? masters : own;
}

Value read_command_line_value(const std::string& text) {
    static const FileName name = std::make_shared<const std::string>("--var");
    return text.empty() ? Value("") : read_yaml(text, name);
}

Value read_variables(const std::vector<std::string>& pairs) {
    Value variables = Value::object();
    for (const auto& pair : pairs) {
        const std::size_t equals = pair.find('=');
        if (equals == std::string::npos || equals == 0) throw Error(ErrorKind::usage, "--var wants NAME=VALUE, found " + prove::quoted(pair));
        Value* place = &variables;
        const auto names = split(pair.substr(0, equals), '.');
        for (std::size_t i = 0; i + 1 < names.size(); ++i) {
            Value* next = place->mapping().find(names[i]);
            place = next != nullptr && next->is_mapping() ? next : &place->set(names[i], Value::object());
        }
        place->set(names.back(), read_command_line_value(pair.substr(equals + 1)));
    }
    return variables;
}

}  // namespace prove
