// ~/.config/prove/cli.yml, and values written on the command line.
#include <cstdlib>

#include "common/config/settings.hpp"
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

Value read_command_line_value(const std::string& text) {
    static const FileName name = std::make_shared<const std::string>("--var");
    return text.empty() ? Value("") : read_yaml(text, name);
}

}  // namespace prove
