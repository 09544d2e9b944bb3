// Reading agent.yml.
#include "agent/daemon/agent_settings.hpp"

#include <unistd.h>

#include <charconv>

#include "common/config/settings.hpp"
#include "common/log/sinks.hpp"

namespace prove {

namespace {

AgentSettings read(Settings& settings) {
    AgentSettings read;
    read.data = settings.text("data", read.data);
    read.runtime = settings.text("runtime", read.runtime);
    read.facts = settings.text("facts", read.facts);
    read.machine_id = settings.text("machine_id", read.machine_id);
    read.master = settings.text("master", "");
    read.pin = settings.text("pin", "");
    read.token = settings.text("token", "");
    read.token_file = settings.text("token_file", "");
    read.name = settings.text("name", "");
    if (!read.token.empty() && !read.token_file.empty()) throw settings.wrong("token_file", "a token is given already");
    // A CURVE client needs the master's key before its first word, so there is nothing that could be trusted on first
    // use; what can be copied beforehand is the pin.
    if (settings.boolean("trust_on_first_use", false))
        throw settings.wrong("trust_on_first_use", "is not built yet; give the master's pin (`prove-master pin`) "
                                                   "as `pin:`, or a join token");
    settings.section("log", [&](Settings& log) {
        read.log_level = log_level_from(log.choice("level", "info", {"debug", "info", "warning", "error"}));
        read.log_file = log.text("file", "");
        return true;
    });
    const std::int64_t mib = 1 << 20;
    read.cache_bytes = static_cast<std::uint64_t>(settings.integer("cache_mib", 512, {1, 1 << 20}) * mib);
    return read;
}

}  // namespace

AgentSettings load_agent_settings(const std::string& path, bool must_exist) {
    if (!must_exist && !exists(path)) return {};
    const auto check = ::geteuid() == 0 ? TrustCheck::owner : TrustCheck::none;
    return read_settings(path, check, [](Settings& settings) { return read(settings); });
}

AgentSettings agent_settings_from_text(const std::string& text, const std::string& name) {
    return Settings::from_text(text, name).read_to_end([](Settings& settings) { return read(settings); });
}

MasterPin at_address(MasterPin pin, const std::string& master) {
    if (master.empty()) return pin;
    const auto colon = master.rfind(':');
    const bool has_port = colon != std::string::npos && master.find(':') == colon;
    pin.host = has_port ? master.substr(0, colon) : master;
    if (!has_port) return pin;
    unsigned port = 0;
    const char* begin = master.data() + colon + 1;
    const char* end = master.data() + master.size();
    const auto [stop, error] = std::from_chars(begin, end, port);
    if (error != std::errc() || stop != end || port < 2 || port > 65'534 || pin.host.empty())
        throw Error(ErrorKind::invalid, "'" + master + "' is not an address; expected host or host:port");
    pin.router_port = static_cast<std::uint16_t>(port);
    pin.publish_port = static_cast<std::uint16_t>(port - 1);
    pin.enrol_port = static_cast<std::uint16_t>(port + 1);
    return pin;
}

}  // namespace prove
